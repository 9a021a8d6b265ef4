"""Build the package that Dify installs: `python -m scripts.package [--output FILE]`.

The package is a flat zip. Same sources, same bytes: names are sorted, times and permissions fixed,
the compression level pinned. What goes in is what `.difyignore` leaves, as with Dify's own
`dify plugin package`; `package_rules` then refuses whatever the plugin does not need.
"""

import argparse
import hashlib
import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pathspec
import yaml

from scripts import package_rules

ROOT = Path(__file__).resolve().parent.parent

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip entry can carry; any fixed one would do."""

FILE_MODE = 0o100644
COMPRESSION_LEVEL = 9

type Files = Mapping[str, bytes]
"""What a package holds: content by path, with `/` between folders."""


class PackageError(Exception):
    """The package cannot be built; the text lists why, one reason a line."""


def collect(root: Path) -> dict[str, bytes]:
    """Read all files below `root` that `.difyignore` leaves, in sorted order.

    Raises:
        PackageError: the ignore file is missing or uses a negation, which the daemon ignores.
    """
    ignore = root / ".difyignore"
    if not ignore.is_file():
        raise PackageError(".difyignore is missing: everything, secrets included, would be packed")
    lines = ignore.read_text(encoding="utf-8").splitlines()
    if any(line.startswith("!") for line in lines):
        raise PackageError(".difyignore: the daemon does not know negation (a line with !)")
    spec = pathspec.GitIgnoreSpec.from_lines(lines)
    files: dict[str, bytes] = {}
    for folder, folders, names in root.walk():
        folders[:] = [
            name for name in folders if not spec.match_file(_entry(root, folder, name, "/"))
        ]
        for name in names:
            entry = _entry(root, folder, name)
            if not spec.match_file(entry):
                files[entry] = (folder / name).read_bytes()
    return dict(sorted(files.items()))


def _entry(root: Path, folder: Path, name: str, end: str = "") -> str:
    return (folder / name).relative_to(root).as_posix() + end


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


def build(root: Path) -> tuple[dict[str, bytes], bytes]:
    """Collect, check and pack; returns the files and the package.

    Raises:
        PackageError: a rule is broken.
    """
    files = collect(root)
    problems = package_rules.check(files, _git_ignored(root))
    data = pack(files)
    if len(data) > package_rules.MAX_BYTES:
        problems.append(f"the package has {len(data)} bytes, over {package_rules.MAX_BYTES}")
    if problems:
        raise PackageError("\n".join(problems))
    return files, data


def _git_ignored(root: Path) -> pathspec.GitIgnoreSpec:
    ignore = root / ".gitignore"
    lines = ignore.read_text(encoding="utf-8").splitlines() if ignore.is_file() else []
    return pathspec.GitIgnoreSpec.from_lines(lines)


def main() -> int:
    """Build the package and say what it is; 1 if a rule is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, help="default: dist/NAME-VERSION.difypkg")
    options = parser.parse_args()
    try:
        files, data = build(ROOT)
    except PackageError as error:
        print(f"The package would not work:\n{error}", file=sys.stderr)
        return 1
    identity = plugin_id(files)
    manifest = yaml.safe_load(files["manifest.yaml"])
    default = ROOT / "dist" / "{name}-{version}.difypkg".format_map(manifest)
    output: Path = options.output or default
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(data)
    print(f"package  {output}")
    print(f"files    {len(files)}, {sum(map(len, files.values())):,} bytes unpacked")
    print(f"size     {len(data):,} bytes")
    print(f"sha256   {hashlib.sha256(data).hexdigest()}")
    print(f"id       {identity}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
