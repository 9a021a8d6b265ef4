"""The built package, installed as Dify's daemon installs it, answers a chat."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from devtools import PluginProcess, SimulatorProcess, predefined
from scripts.package import build

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked package with its own environment: nothing of this repository, no dev tools."""
    place = tmp_path_factory.mktemp("plugin")
    package = place.with_suffix(".difypkg")
    package.write_bytes(build(ROOT)[1])
    with zipfile.ZipFile(package) as archive:
        archive.extractall(place)
    python = place / ".venv/bin/python"
    uv = shutil.which("uv")
    if uv:  # what the daemon runs; pip does the same, slower
        _run(uv, "venv", "--quiet", "--python", sys.executable, ".venv", cwd=place)
        _run(uv, "pip", "install", "--quiet", "-r", "requirements.txt", cwd=place)
    else:  # as uv: with no pip inside, and nothing compiled that is not imported
        _run(sys.executable, "-m", "venv", "--without-pip", ".venv", cwd=place)
        pip = (sys.executable, "-m", "pip", "--python", str(python))
        _run(*pip, "install", "--quiet", "--no-compile", "-r", "requirements.txt", cwd=place)
    return place


def _run(*command: str, cwd: Path) -> None:
    env = {**os.environ, "VIRTUAL_ENV": str(cwd / ".venv"), "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.xdist_group("installed")
@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "blocking"])
def test_the_installed_package_answers_a_chat(installed: Path, stream: bool) -> None:
    plugin = PluginProcess(installed, python=installed / ".venv/bin/python", env={"PYTHONPATH": ""})
    with SimulatorProcess() as simulator, plugin:
        assert plugin.manifest is not None
        assert plugin.manifest["name"] == "resilient_gateway"
        form = predefined(simulator.base_url)
        session = plugin.chat("rix/ok", "hello", credentials=form, stream=stream).wait()
        assert session.error is None
        assert session.text
        assert session.finish_reason == "stop"
        assert simulator.stats()["posts"]["rix/ok"] == 1
    assert plugin.violations == []


@pytest.mark.xdist_group("installed")
def test_the_installed_package_brings_no_development_tools(installed: Path) -> None:
    names = {path.name for path in (installed / ".venv").glob("lib/python3.12/site-packages/*")}
    assert {"dify_plugin", "requests", "backoff"} <= names
    assert not {"pytest", "mypy", "ruff", "simulator"} & names
