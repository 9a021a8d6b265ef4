"""Puts the page together: static files with relative addresses, for any host of such files.

What the page runs is the Python of this repository, the modules that ``cli.explain.page`` imports
and no other, and Pyodide's interpreter with the standard library.
"""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from html import escape
from pathlib import Path
from string import Template

from engine.errors import KINDS, Kind
from engine.errors.bilingual import Both
from scripts.failure_table import repeats_in_words
from scripts.npm import PYODIDE, read_file, read_package
from scripts.site.words import EXAMPLES, TEXTS

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "dist" / "site"
_HERE = Path(__file__).resolve().parent

ENTRY = "cli.explain.page"
"""The module that the page imports."""

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy: no connection but to the page's own files."""

HEADERS = f"/*\n  Content-Security-Policy: {POLICY}; frame-ancestors 'none'\n"
"""The same for hosts that read a ``_headers`` file; a page itself cannot forbid frames."""

_COPIED = ("style.css", "explain.js")
_PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
_LOCK = "pyodide-lock.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SAID_BY_SCRIPT = ("found", "found_none", "reading", "copied", "not_copied")


def build(output: Path) -> dict[str, int]:
    """Build the site; returns the size of each file by its name.

    Args:
        output: a folder, replaced as a whole.

    Raises:
        NpmError: Pyodide cannot be had.
    """
    files = {name: (_HERE / name).read_bytes() for name in _COPIED}
    files |= {f"pyodide/{name}": content for name, content in _pyodide().items()}
    files["explain.zip"] = sources()
    files["icon.svg"] = (ROOT / "_assets" / "icon.svg").read_bytes()
    files["_headers"] = HEADERS.encode()
    files[".nojekyll"] = b""
    loaded = sum(len(files[f"pyodide/{name}"]) for name in _PYODIDE_FILES if "mjs" not in name)
    files["index.html"] = page(loaded + len(files["explain.zip"])).encode()
    if output.exists():
        shutil.rmtree(output)
    for name, content in files.items():
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {name: len(content) for name, content in files.items()}


def modules() -> list[Path]:
    """The files of the modules that the page imports, at once or late, and of their sentences.

    Raises:
        subprocess.CalledProcessError: they import something that Python does not bring.
    """
    command = (sys.executable, "-I", "-S", str(_HERE / "modules.py"), str(ROOT), ENTRY)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    texts = (ROOT / "engine" / "errors" / "locales").glob("*.json")
    return [*(Path(name) for name in json.loads(done.stdout)), *sorted(texts)]


def sources() -> bytes:
    """Those modules as a zip; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for path in modules():
            entry = zipfile.ZipInfo(path.relative_to(ROOT).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def page(loaded: int) -> str:
    """The HTML of the page.

    Args:
        loaded: bytes that the worker fetches before it can read a text.
    """
    template = Template((_HERE / "index.html").read_text(encoding="utf-8"))
    texts = {name: both(text) for name, text in TEXTS.items()}
    return template.substitute(
        texts,
        policy=escape(POLICY),
        description=escape(TEXTS["lead"].en),
        title_en=escape(TEXTS["title"].en),
        title_zh=escape(TEXTS["title"].zh),
        bytes=loaded,
        buttons="".join(map(_button, EXAMPLES)),
        rows="\n".join(map(_row, KINDS)),
        rows_total=len(KINDS),
        words="".join(f'<p id="w-{name}">{texts[name]}</p>' for name in _SAID_BY_SCRIPT),
    )


def both(text: Both) -> str:
    """A text in both languages, of which the style sheet shows one."""
    return f'<span lang="en">{escape(text.en)}</span><span lang="zh-Hans">{escape(text.zh)}</span>'


def _button(example: tuple[Both, str]) -> str:
    title, text = example
    attribute = escape(text).replace("\n", "&#10;")
    return f'<button type="button" data-text="{attribute}">{both(title)}</button>'


def _row(kind: Kind) -> str:
    texts = (kind.texts("en"), kind.texts("zh"))
    headline = both(Both(*(text.headline for text in texts)))
    repeats = both(Both(repeats_in_words(kind, "en"), repeats_in_words(kind, "zh")))
    remedy = both(Both(*(text.remedy for text in texts)))
    return (
        f'<tr id="{kind.name}"><th scope="row">{headline}</th><td><code>{kind.outcome.value}</code>'
        f"</td><td>{repeats}</td><td>{remedy}</td></tr>"
    )


def _pyodide() -> dict[str, bytes]:
    """Pyodide's files, the list of packages emptied: the page loads none."""
    with read_package(PYODIDE) as archive:
        files = {name: read_file(archive, name) for name in _PYODIDE_FILES}
        lock = json.loads(read_file(archive, _LOCK))
    files[_LOCK] = json.dumps({"info": lock["info"], "packages": {}}).encode()
    return files
