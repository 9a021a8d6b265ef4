"""One call: its attempts, its keys and models, until it succeeds or is given up."""
