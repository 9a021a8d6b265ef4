"""Environments beside the one for development, each made when it is missing or out of date."""

import hashlib
import subprocess
import sys
from pathlib import Path

from . import ROOT


def python_with(requirements: str, folder: str) -> Path:
    """The interpreter of an environment that holds what a requirements file names, and no more.

    Args:
        requirements: a file in the project's root. A change of it makes the environment anew,
            which takes a minute.
        folder: where it is, in the project's root.
    """
    wanted, place = ROOT / requirements, ROOT / folder
    python = place / "bin/python"
    stamp = place / f".ready-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]}"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        (place / ".gitignore").write_text("*\n")  # for git, and for linters that ask it
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(wanted)], check=True)
        stamp.touch()
    return python


def runtime_python() -> Path:
    """The environment that Dify's daemon makes: what plugins are measured in.

    Tools of development change the figures: the SDK's HTTP client imports a terminal library
    where it finds one, for 2 MiB.
    """
    return python_with("requirements.txt", ".venv-runtime")
