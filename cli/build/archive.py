"""What a plugin's package is: which files, in which order, as which bytes.

The general plugin's package (`scripts.package`) and those for one gateway are written here, so both
keep the same rules. Same files, same bytes: names are sorted, times and permissions fixed, the
compression level pinned.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip entry can carry; any fixed one would do."""

FILE_MODE = 0o100644
COMPRESSION_LEVEL = 9

SHIPPED = re.compile(
    r"(main|postponed)\.py|manifest\.yaml|requirements\.txt|README\.md|PRIVACY\.md|LICENSE"
    r"|_assets/[\w.-]+\.(svg|png)"
    r"|readme/README_[a-z]{2}_[A-Za-z]{2,}\.md"
    r"|provider/[\w.-]+\.(py|yaml)"
    r"|models/(\w+/)*[\w.-]+\.(py|yaml)"
    r"|engine/(?!__main__)(\w+/)*\w+\.(py|json|yaml)"
)
"""All that the plugin needs. Anything else in its package is a mistake."""

type Files = Mapping[str, bytes]
"""What a package holds: content by path, with `/` between folders."""


def source_root() -> Path:
    """Where the plugin's own files are: in the installed command's wheel, or in the repository."""
    installed = Path(__file__).with_name("plugin")
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2]


def plugin_files(root: Path) -> dict[str, bytes]:
    """The files below `root` that the plugin needs, in sorted order."""
    tops = {path.name for path in root.iterdir()}
    wanted = {name for name in tops if SHIPPED.fullmatch(name)} | (tops & _FOLDERS)
    paths = (path for name in wanted for path in _below(root / name))
    entries = {path.relative_to(root).as_posix(): path for path in paths}
    return {name: entries[name].read_bytes() for name in sorted(entries) if SHIPPED.fullmatch(name)}


_FOLDERS = frozenset({"_assets", "readme", "provider", "models", "engine"})


def _below(path: Path) -> list[Path]:
    return [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]


def pack(files: Files, last: Files = MappingProxyType({})) -> bytes:
    """Zip `files` in sorted order, then those of `last`; equal content gives equal bytes.

    The daemon fails on directory entries: there are none.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as out:
        for name, content in (*sorted(files.items()), *last.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, whatever this machine is
            entry.external_attr = FILE_MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, content)
    return buffer.getvalue()


def plugin_id(files: Files) -> str:
    """The identity by which Dify knows this package: `author/name:version@checksum`.

    The checksum is the daemon's (0.6.10, `plugin_packager/decoder/checksum.go`): SHA-256 over the
    digests of each path and its content, in the order of paths. Compression does not enter.
    """
    digests = b"".join(
        hashlib.sha256(name.encode()).digest() + hashlib.sha256(files[name]).digest()
        for name in sorted(files)
    )
    manifest = yaml.safe_load(files["manifest.yaml"])
    identity = "{author}/{name}:{version}".format_map(manifest)
    return f"{identity}@{hashlib.sha256(digests).hexdigest()}"
