"""Benchmarks: this plugin against the SDK's own OpenAI-compatible class, on the same server.

`python -m bench` measures and judges; `python -m bench --table` redraws the committed table.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
