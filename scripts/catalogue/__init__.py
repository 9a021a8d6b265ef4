"""The predefined models, generated from one table: `python -m scripts.catalogue`."""
