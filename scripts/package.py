"""Build the package that Dify installs: `python -m scripts.package [--output FILE]`.

The package is a flat zip. Same sources, same bytes: names are sorted, times and permissions fixed,
the compression level pinned. What goes in is what `.difyignore` leaves, as with Dify's own
`dify plugin package`; `package_rules` then refuses whatever the plugin does not need.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import pathspec
import yaml

from cli.build.archive import pack, plugin_id
from scripts import package_rules

ROOT = Path(__file__).resolve().parent.parent


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
