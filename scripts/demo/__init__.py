"""`make demo`: watch calls get through a full gateway, or read why they cannot."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The harness that plays Dify's daemon belongs to the tests; pytest.ini puts it on their path.
if (_tests := str(ROOT / "tests")) not in sys.path:
    sys.path.insert(0, _tests)
