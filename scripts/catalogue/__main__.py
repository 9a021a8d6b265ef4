"""Write the predefined models' files, and the list in the docs: `python -m scripts.catalogue`."""

import sys
from pathlib import Path

import yaml

from scripts.catalogue.files import files_of
from scripts.catalogue.page import PAGES, redrawn
from scripts.catalogue.table import Row, read_table

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = ROOT / "provider" / "resilient_gateway.yaml"


def supported_rows() -> list[Row]:
    """The rows of the model types that the provider has an adapter for."""
    provider = yaml.safe_load(PROVIDER.read_text(encoding="utf-8"))
    kinds = frozenset(provider["supported_model_types"])
    return [row for row in read_table() if row.kind in kinds]


def expected_files() -> dict[str, str]:
    """The files as they should be."""
    return files_of(supported_rows())


def present_files() -> dict[str, str]:
    """The files as they are."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "models").glob("*/*.yaml"))
    }


def main() -> int:
    """Write what has changed, remove what the table no longer has."""
    expected, present = expected_files(), present_files()
    for name in present.keys() - expected.keys():
        (ROOT / name).unlink()
    changed = [name for name, text in expected.items() if present.get(name) != text]
    for name in changed:
        (ROOT / name).write_text(expected[name], encoding="utf-8")
    for language, page in PAGES.items():
        text = page.read_text(encoding="utf-8")
        page.write_text(redrawn(text, language, supported_rows()), encoding="utf-8")
    models = sum(not name.endswith("_position.yaml") for name in expected)
    removed = len(present.keys() - expected.keys())
    sys.stdout.write(f"{models} models; {len(changed)} files written, {removed} removed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
