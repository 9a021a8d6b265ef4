"""Waiting for a condition with a bounded poll, instead of sleeping and hoping."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Whether the condition came true within a minute."""
    deadline = time.monotonic() + 60.0
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def under_gevent(code: str) -> str:
    """Run code in a process whose standard library is patched, as the plugin's is.

    Returns what it printed; the process's errors are the assertion's text.
    """
    script = "from gevent import monkey\nmonkey.patch_all()\n" + textwrap.dedent(code)
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()
