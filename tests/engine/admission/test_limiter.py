"""The waiting, for real: under plain threads here, under gevent in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.admission.scenes import SCENES

HERE = Path(__file__).parent


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_under_threads(scene: Callable[[], None]) -> None:
    scene()


def test_under_gevent() -> None:
    program = HERE / "under_gevent.py"
    result = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    passed = [line for line in result.stdout.splitlines() if line.startswith("passed ")]
    assert len(passed) == len(SCENES) + 4
    assert "Traceback" not in result.stderr
