"""Admission alone, in virtual time: the real scheduler, simulated gateways, no waiting.

`python -m bench.algorithm` prints a table over all shapes in about a minute, those of
`bench.saturation` first.
"""
