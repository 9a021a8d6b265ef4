"""Several plugin processes before one gateway, and what becomes of calls when Redis stops.

`python -m bench.instances` measures, judges, saves and writes the table of the documentation.
"""
