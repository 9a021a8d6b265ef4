"""Build the page that explains errors: `python -m scripts.site [--output FOLDER]`."""

import argparse
import sys
from pathlib import Path

from scripts.npm import NpmError
from scripts.site.build import OUTPUT, build


def main() -> int:
    """Build the site and say what it is; 1 if a part cannot be had."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: dist/site")
    options = parser.parse_args()
    try:
        files = build(options.output)
    except NpmError as error:
        print(f"The site cannot be built: {error}", file=sys.stderr)
        return 1
    print(f"site     {options.output}")
    print(f"files    {len(files)}, {sum(files.values()):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
