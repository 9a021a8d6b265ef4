"""Lists the files of the modules that the page imports, at once or late, with Python alone.

Run as a script by an interpreter without site packages, so that it fails where the page would.
"""

import ast
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path


def imported_by(code: str) -> Iterator[str]:
    """Yield the modules that a file imports names from, but for those of the type checker."""
    waiting: list[ast.AST] = [ast.parse(code)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        waiting += ast.iter_child_nodes(node)


def files_of(root: str, entry: str) -> list[str]:
    """Return the paths of all modules below ``root`` that importing ``entry`` may need.

    Raises:
        ImportError: one of them needs more than Python.
    """
    importlib.import_module(entry)
    read: set[str] = set()
    while new := _loaded_from(root) - read:
        for path in new:
            for name in imported_by(Path(path).read_text(encoding="utf-8")):
                importlib.import_module(name)
        read |= new
    return sorted(read)


def _loaded_from(root: str) -> set[str]:
    files = (str(getattr(module, "__file__", "")) for module in list(sys.modules.values()))
    return {path for path in files if path.startswith(root) and path != __file__}


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    sys.stdout.write(json.dumps(files_of(*sys.argv[1:])))
