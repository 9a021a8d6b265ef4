"""The environment of the other clients and of the plots: `.venv-bench`, made when it is missing."""

import hashlib
import subprocess
import sys
from pathlib import Path

from .. import ROOT

FOLDER = ROOT / ".venv-bench"
REQUIREMENTS = ROOT / "requirements-bench.txt"
PACKAGES = ("openai", "litellm", "tenacity", "botocore", "matplotlib")


def bench_python() -> Path:
    """Its interpreter. Made anew whenever the requirements change; takes a minute then."""
    python = FOLDER / "bin/python"
    stamp = FOLDER / f".ready-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        (FOLDER / ".gitignore").write_text("*\n")  # for git, and for linters that ask it
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
        stamp.touch()
    return python


def versions() -> dict[str, str]:
    """What is installed there."""
    code = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
    command = [str(bench_python()), "-c", code, *PACKAGES]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(zip(PACKAGES, said.split(), strict=True))
