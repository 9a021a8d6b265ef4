"""Build what is published: `python -m scripts.release [--key NAME.private.pem]`.

Into `dist/` go the package, checked by all rules; its checksum, as `sha256sum -c` reads it; the
notes, which are the changelog's section of this version; and, with a key, the signed package and
its checksum.
"""

import argparse
import hashlib
import re
import sys
from pathlib import Path

import yaml

from cli.build.archive import plugin_id
from scripts.package import ROOT, PackageError, build
from scripts.sign import SignatureError, sign_file


def notes_of(changelog: str, version: str) -> str:
    """The changelog's section of a version, without its heading.

    Raises:
        PackageError: there is none, it is empty, or it has no day yet.
    """
    section = re.search(
        rf"^## {re.escape(version)} - (\S+)\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    if section is None or not section[2].strip():
        raise PackageError(f"CHANGELOG.md says nothing of {version} (## {version} - DAY)")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", section[1]):
        raise PackageError(
            f"CHANGELOG.md: {version} is {section[1]!r}; put the day there, as in 2026-11-30"
        )
    return f"{section[2].strip()}\n"


def release(root: Path, out: Path, key: Path | None) -> list[Path]:
    """Write the files of a release; returns them.

    Raises:
        PackageError: a rule is broken, or the changelog is not ready.
        SignatureError: the key cannot be used.
    """
    files, data = build(root)
    manifest = yaml.safe_load(files["manifest.yaml"])
    notes = notes_of((root / "CHANGELOG.md").read_text(encoding="utf-8"), manifest["version"])
    out.mkdir(parents=True, exist_ok=True)
    package = out / "{name}-{version}.difypkg".format_map(manifest)
    package.write_bytes(data)
    packages = [package] if key is None else [package, sign_file(package, key)]
    told = out / "{name}-{version}.notes.md".format_map(manifest)
    told.write_text(f"{notes}\nId in Dify: `{plugin_id(files)}`\n", encoding="utf-8")
    return [*packages, *map(_checksum, packages), told]


def _checksum(package: Path) -> Path:
    written = package.with_name(f"{package.name}.sha256")
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    written.write_text(f"{digest}  {package.name}\n", encoding="utf-8")
    return written


def main() -> int:
    """Write the release into `dist/`; 1 if it cannot be published."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--key", type=Path, help="sign with it: NAME.private.pem")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    try:
        written = release(ROOT, options.output, options.key)
    except (PackageError, SignatureError, OSError) as error:
        print(f"Nothing to publish:\n{error}", file=sys.stderr)
        return 1
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
