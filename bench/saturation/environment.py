"""The environment of the other clients and of the plots: `.venv-bench`."""

import subprocess
from pathlib import Path

from bench.environments import python_with

PACKAGES = ("openai", "litellm", "tenacity", "botocore", "matplotlib")


def bench_python() -> Path:
    """Its interpreter."""
    return python_with("requirements-bench.txt", ".venv-bench")


def versions() -> dict[str, str]:
    """What is installed there."""
    code = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
    command = [str(bench_python()), "-c", code, *PACKAGES]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(zip(PACKAGES, said.split(), strict=True))
