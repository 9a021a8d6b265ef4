"""Benchmarks: this plugin against the SDK's own OpenAI-compatible class, on the same server.

`python -m bench` measures and judges; `python -m bench --table` redraws the committed table.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The harness belongs to the tests, where pytest.ini makes it importable; here we do.
if (_tests := str(ROOT / "tests")) not in sys.path:
    sys.path.insert(0, _tests)
