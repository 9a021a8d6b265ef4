"""The package's bytes, contents and identity."""

import hashlib
import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cli.build.archive import pack, plugin_id
from scripts.package import PackageError, build, collect

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources to break, without the history and the environment."""
    unwanted = shutil.ignore_patterns(
        ".git", ".venv", ".*_cache", "__pycache__", "dist", "fixtures"
    )
    return Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=unwanted))


def test_same_sources_give_the_same_bytes(copy: Path) -> None:
    """Neither time stamps nor permissions nor the place or order of the files enter."""
    for path in copy.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.touch()
    files, data = build(ROOT)
    again, data_again = build(copy)
    assert files == again
    assert data == data_again
    assert pack(dict(reversed(files.items()))) == data


def test_unpacked_it_is_what_was_collected() -> None:
    files, data = build(ROOT)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        assert package.namelist() == sorted(files)
        assert {name: package.read(name) for name in package.namelist()} == files
        assert not any(entry.is_dir() for entry in package.infolist())


def test_everything_the_plugin_needs_is_inside() -> None:
    files, _ = build(ROOT)
    needed = {"main.py", "manifest.yaml", "requirements.txt", "README.md", "PRIVACY.md", "LICENSE"}
    assert needed <= set(files)
    folders = {name.split("/")[0] for name in files if "/" in name}
    assert folders == {"_assets", "engine", "models", "provider", "readme"}


@pytest.mark.parametrize(
    "left_behind",
    [
        ".env",
        ".venv/lib/site.py",
        ".git/config",
        "tests/test_x.py",
        "cli/main.py",
        "cli/__main__.py",
        "simulator/x.py",
        "bench/x.py",
        "scripts/x.py",
        "engine/__pycache__/retry.cpython-312.pyc",
        "models/llm/.llm.py.swp",
        "dist/resilient_gateway-0.1.0.difypkg",
        "our.private.pem",
        "requirements-dev.txt",
    ],
)
def test_development_secrets_and_caches_stay_out(copy: Path, left_behind: str) -> None:
    before = set(collect(copy))
    path = copy / left_behind
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("anything", encoding="utf-8")
    assert set(collect(copy)) == before


def test_a_file_that_nobody_decided_about_is_refused(copy: Path) -> None:
    """`dify plugin package` would ship it too, so silently leaving it out would hide it."""
    (copy / "notes.txt").write_text("to be sorted", encoding="utf-8")
    with pytest.raises(PackageError, match=r"notes\.txt: the plugin does not need it"):
        build(copy)


@pytest.mark.parametrize(
    ("text", "why"), [(None, "is missing"), ("*.md\n!README.md\n", "negation")]
)
def test_an_ignore_file_that_the_daemon_reads_otherwise_is_refused(
    copy: Path, text: str | None, why: str
) -> None:
    ignore = copy / ".difyignore"
    ignore.unlink()
    if text is not None:
        ignore.write_text(text, encoding="utf-8")
    with pytest.raises(PackageError, match=why):
        build(copy)


def test_the_id_is_over_paths_and_contents() -> None:
    files = {"manifest.yaml": b"author: a\nname: n\nversion: 0.1.0\n", "z/b.txt": b"B"}
    parts = b"".join(
        hashlib.sha256(part).digest()
        for part in (b"manifest.yaml", files["manifest.yaml"], b"z/b.txt", b"B")
    )
    assert plugin_id(files) == f"a/n:0.1.0@{hashlib.sha256(parts).hexdigest()}"
    assert plugin_id({**files, "z/b.txt": b"C"}) != plugin_id(files)


def test_the_command_says_what_it_built(tmp_path: Path) -> None:
    output = tmp_path / "out" / "plugin.difypkg"
    command = [sys.executable, "-m", "scripts.package", "--output", str(output)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    data = output.read_bytes()
    assert f"size     {len(data):,} bytes" in told
    assert f"sha256   {hashlib.sha256(data).hexdigest()}" in told
    assert f"id       {plugin_id(collect(ROOT))}" in told
