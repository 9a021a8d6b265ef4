"""A thousand calls through a full gateway: this plugin and other clients beside the physical limit.

`python -m bench.saturation` measures and judges; `--draw` redraws the committed tables and plots.
"""
