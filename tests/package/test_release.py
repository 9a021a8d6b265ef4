"""What is published: package, checksum, notes; and a signature that the daemon accepts."""

import hashlib
import io
import re
import stat
import zipfile
from pathlib import Path

import pytest
import yaml

from scripts.package import PackageError, build, collect
from scripts.release import notes_of, release
from scripts.sign import CATEGORY, VERIFICATION, SignatureError, generate, sign, verify

ROOT = Path(__file__).resolve().parents[2]

# Its keys are long in the making: once is enough.
pytestmark = pytest.mark.xdist_group("release")

CHANGELOG = """# Changelog

## 0.2.0 - 2026-12-01

### Added

- One.

## 0.1.0 - unreleased

- Two.
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return generate(tmp_path_factory.mktemp("keys") / "ours")


@pytest.fixture(scope="module")
def package() -> bytes:
    return build(ROOT)[1]


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """The sources, with a day at the newest version of the changelog."""
    ignore = {".difyignore": (ROOT / ".difyignore").read_bytes()}
    for name, content in {**collect(ROOT), **ignore}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    (tmp_path / "CHANGELOG.md").write_text(changelog.replace("- unreleased", "- 2026-11-30"))
    return tmp_path


def test_notes_are_the_changelogs_section() -> None:
    assert notes_of(CHANGELOG, "0.2.0") == "### Added\n\n- One.\n"


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("0.3.0", "says nothing of 0.3.0"), ("0.1.0", "put the day there")],
)
def test_a_version_without_notes_is_not_published(version: str, sentence: str) -> None:
    with pytest.raises(PackageError, match=sentence):
        notes_of(CHANGELOG, version)


def test_this_version_has_notes() -> None:
    version = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    dated = re.sub(r"^(## [\d.]+) - \S+$", r"\1 - 2026-11-30", changelog, flags=re.MULTILINE)
    assert "### Added" in notes_of(dated, version)


def test_a_signature_is_accepted(package: bytes, keys: tuple[Path, Path]) -> None:
    private, public = keys
    signed = sign(package, private.read_bytes(), 1_790_000_000)
    verify(signed, public.read_bytes())
    with zipfile.ZipFile(io.BytesIO(signed)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[-1] == VERIFICATION
        assert archive.read(VERIFICATION) == CATEGORY
        assert re.fullmatch(
            rb'\{"signature":"[A-Za-z0-9+/]{683}=","time":1790000000\}', archive.comment
        )


def test_keys_are_those_that_the_daemon_reads(keys: tuple[Path, Path]) -> None:
    private, public = keys
    assert private.read_bytes().startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    assert public.read_bytes().startswith(b"-----BEGIN RSA PUBLIC KEY-----")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    with pytest.raises(SignatureError, match="there already"):
        generate(private.with_name("ours"))


def test_what_was_changed_is_refused(package: bytes, keys: tuple[Path, Path]) -> None:
    private, public = keys
    signed = sign(package, private.read_bytes(), 1_790_000_000)
    with zipfile.ZipFile(io.BytesIO(signed)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
        comment = archive.comment
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content + b" " if name == "main.py" else content)
        archive.comment = comment
    with pytest.raises(SignatureError, match="changed since"):
        verify(changed.getvalue(), public.read_bytes())


def test_what_is_not_signed_or_signed_twice_is_refused(
    package: bytes, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    private, public = keys
    with pytest.raises(SignatureError, match="not signed"):
        verify(package, public.read_bytes())
    signed = sign(package, private.read_bytes(), 1)
    with pytest.raises(SignatureError, match="signed already"):
        sign(signed, private.read_bytes(), 2)
    with pytest.raises(SignatureError, match="not signed with this key"):
        verify(signed, generate(tmp_path / "other")[1].read_bytes())


def test_a_release_is_complete(
    ready: Path, tmp_path_factory: pytest.TempPathFactory, keys: tuple[Path, Path]
) -> None:
    out = tmp_path_factory.mktemp("dist")
    written = release(ready, out, keys[0])
    assert sorted(out.iterdir()) == sorted(written)
    package, signed = (path for path in written if path.suffix == ".difypkg")
    verify(signed.read_bytes(), keys[1].read_bytes())
    for path in (package, signed):
        digest, name = path.with_name(f"{path.name}.sha256").read_text("utf-8").split()
        assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
    (notes,) = (path for path in written if path.name.endswith(".notes.md"))
    assert "Id in Dify: `resilient-gateway/resilient_gateway:" in notes.read_text("utf-8")
