"""A document of 2,000 chunks indexed through a gateway with five slots, as Dify does it.

`python -m bench.indexing` measures this plugin beside the SDK's class, judges and saves; `--table`
redraws the committed table.
"""
