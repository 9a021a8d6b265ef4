"""The command as pipx and uv install it: from this repository, into an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from cli.build.archive import pack, plugin_files
from cli.build.package import package_files
from cli.build.plan import read_plan
from cli.exits import Exit
from scripts.package import collect
from simulator import Simulator
from tests.cli.test_explain_parts import EXAMPLE

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PLUGIN = "cli/build/plugin/"
PLAN = """
plugin:
  name: acme
  author: acme
  version: 0.0.1
  label: {en_US: Acme, zh_Hans: Acme}
  description: {en_US: Models of Acme., zh_Hans: Acme 的模型。}
gateway: {url: 'https://api.acme.example/v1'}
choice: {}
models:
  - {model: m, type: llm, context: 1000, output: 100}
"""
INSTALLED = pytest.mark.xdist_group("installed-command")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv = shutil.which("uv")
    python = ("--python", sys.executable)
    build = (uv, "build", "--quiet", "--wheel", *python, "--out-dir") if uv else _pip("wheel", "-w")
    _run(*build, str(folder), *(() if uv else ("--no-deps",)), str(ROOT))
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command, with what its wheel asks for and nothing else."""
    place = tmp_path_factory.mktemp("command")
    python = place / "bin/python"
    uv = shutil.which("uv")
    if uv:
        _run(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(place))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), str(wheel))
    else:
        _run(sys.executable, "-m", "venv", "--without-pip", str(place))
        _run(*_pip("--python", str(python), "install", "--no-compile"), str(wheel))
    return place / "bin/resilient-gateway"


def _pip(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _said(command: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "NO_PROXY": "*", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    return subprocess.run(
        (str(command), *arguments), cwd=cwd, env=env, check=False, capture_output=True, text=True
    )


@INSTALLED
def test_the_wheel_holds_the_command_and_what_it_needs(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    ours = [name for name in names if not name.startswith(PLUGIN)]
    assert {name.partition("/")[0] for name in ours} == {"cli", "engine", "models", "provider"}
    assert [name for name in ours if not name.endswith(".py")] == [
        "engine/errors/locales/en_US.json",
        "engine/errors/locales/zh_Hans.json",
        "provider/resilient_gateway.yaml",
    ]
    assert [name for name in ours if name.startswith("models/")] == ["models/likeness.py"]


@INSTALLED
def test_the_wheel_holds_all_of_the_plugin(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    assert plugin_files(tmp_path / PLUGIN) == collect(ROOT)


@INSTALLED
def test_build_makes_the_same_package_as_the_repository(command: Path, tmp_path: Path) -> None:
    """In an environment that has neither the SDK nor the repository."""
    (tmp_path / "gateway.yaml").write_text(PLAN, "utf-8")
    done = _said(command, "build", "--offline", "--output", "built.difypkg", cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    files = package_files(read_plan(PLAN), plugin_files(ROOT), None)
    assert (tmp_path / "built.difypkg").read_bytes() == pack(files)


@INSTALLED
def test_explain_in_an_empty_environment(command: Path, tmp_path: Path) -> None:
    (tmp_path / "error.txt").write_text(EXAMPLE, "utf-8")
    done = _said(command, "explain", "--json", "error.txt", cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    assert json.loads(done.stdout)["errors"][0]["kind"] == "saturated"


@INSTALLED
def test_check_needs_no_sdk_of_dify(command: Path, tmp_path: Path) -> None:
    with Simulator(seed=1) as simulator:
        done = _said(
            command,
            "check",
            "--json",
            "--url",
            f"{simulator.origin}/new-api/v1",
            "--key",
            "sk-good-7f3a9c21",
            "--model",
            "gpt-4o-mini",
            cwd=tmp_path,
        )
    assert done.returncode == Exit.OK, done.stderr + done.stdout
    assert json.loads(done.stdout)["exit"] == "ok"
    packages = {path.name for path in command.parent.parent.glob("lib/python*/site-packages/*")}
    assert "rich" in packages
    assert not any(name.startswith("dify") for name in packages)


def test_the_project_file_is_never_in_the_plugins_package() -> None:
    """Dify's daemon would install from it, and leave requirements.txt alone."""
    assert (ROOT / "pyproject.toml").is_file()
    assert "pyproject.toml" not in collect(ROOT)


def test_the_command_has_the_plugins_version_and_its_bounds() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
    assert PROJECT["version"] == manifest["version"]
    bounds: dict[str, Requirement] = {}
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            if line and not line.startswith(("#", "-")):
                asked = Requirement(line)
                bounds[asked.name] = asked
    for line in PROJECT["dependencies"]:
        asked = Requirement(line)
        if asked.name in bounds:
            assert asked.specifier == bounds[asked.name].specifier
