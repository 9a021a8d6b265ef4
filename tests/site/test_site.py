"""The page's parts: what it may load, what it shows, and the Python that it brings."""

import json
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from io import BytesIO
from typing import override

import pytest

from engine.errors import KINDS
from scripts.site.build import POLICY, ROOT, modules, page, sources
from scripts.site.modules import imported_by
from scripts.site.words import EXAMPLES, TEXTS

SITE = ROOT / "scripts" / "site"
SCRIPT = (SITE / "explain.js").read_text("utf-8")
PASTED = [
    json.loads(line)["text"]
    for line in (ROOT / "tests/wild/pasted.jsonl").read_text("utf-8").splitlines()
]
_CHINESE = re.compile("[\u4e00-\u9fff]")

_EXPLAIN_ALL = """
import importlib.abc, json, sys

class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in sys.stdlib_module_names and root not in ("cli", "engine"):
            raise ImportError(f"{name} is no part of Python")

sys.path.insert(0, sys.argv[1])
sys.meta_path.insert(0, Block())
from cli.explain.page import explain
print(json.dumps([explain(text, "zh") for text in json.load(sys.stdin)]))
"""


class _Page(HTMLParser):
    """What a page links, loads and names."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.policy = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "id" in found:
            self.ids.append(str(found["id"]))
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(found["content"])
        source = found.get("src") or (found.get("href") if tag == "link" else None)
        if source:
            self.loaded.append(source)


@pytest.fixture(scope="module")
def parsed() -> _Page:
    parser = _Page()
    parser.feed(page(loaded=1))
    return parser


def test_what_the_page_runs_needs_nothing_but_python_itself() -> None:
    """In a process without site-packages, every text of people who asked for help."""
    command = (sys.executable, "-I", "-S", "-c", _EXPLAIN_ALL, str(ROOT))
    done = subprocess.run(
        command, input=json.dumps(PASTED), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(answer) for answer in json.loads(done.stdout)]
    assert sum(bool(answer["errors"]) for answer in answers) > len(PASTED) / 2


def test_the_archive_holds_those_modules_and_what_they_import_late() -> None:
    names = set(zipfile.ZipFile(BytesIO(sources())).namelist())
    assert {"cli/explain/page.py", "engine/errors/kinds.py"} <= names
    assert not any("screen" in name or "transport" in name for name in names)
    for path in modules():
        for name in imported_by(path.read_text("utf-8")):
            root = name.partition(".")[0]
            assert root in {*sys.stdlib_module_names, "cli", "engine"}, path
            if root not in sys.stdlib_module_names:
                file = name.replace(".", "/")
                assert {f"{file}.py", f"{file}/__init__.py"} & names, path
    assert sources() == sources()


def test_one_script_one_style_sheet_and_relative_addresses(parsed: _Page) -> None:
    assert sorted(parsed.loaded) == ["explain.js", "icon.svg", "style.css"]
    assert len(SCRIPT.splitlines()) < 300
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", SCRIPT)
    assert not re.search(r"https?://", SCRIPT + (SITE / "style.css").read_text("utf-8"))


def test_the_policy_allows_the_pages_own_files_and_nothing_else(parsed: _Page) -> None:
    assert parsed.policy == POLICY
    allowed = set(POLICY.replace(";", "").split())
    assert {word for word in allowed if word.startswith("'")} == {
        "'none'",
        "'self'",
        "'wasm-unsafe-eval'",
    }
    assert not any("." in word or "*" in word or "http" in word for word in allowed)


def test_every_name_in_the_page_is_there_once(parsed: _Page) -> None:
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {kind.name for kind in KINDS} <= set(parsed.ids)
    used = set(re.findall(r'find\("([\w-]+)"\)', SCRIPT))
    said = {f"w-{name}" for name in re.findall(r'words\("(\w+)"\)', SCRIPT)}
    assert used | said <= set(parsed.ids)


def test_every_sentence_is_there_in_both_languages() -> None:
    texts = [*TEXTS.values(), *(title for title, _ in EXAMPLES)]
    for text in texts:
        assert _CHINESE.search(text.zh), text
        assert not _CHINESE.search(text.en), text
    html = page(loaded=1)
    assert all(text.en in html or "'" in text.en for text in TEXTS.values())
    assert all(text.zh in html for text in TEXTS.values())


def test_the_workflow_publishes_what_make_builds() -> None:
    workflow = (ROOT / ".github/workflows/pages.yml").read_text("utf-8")
    assert "run: make site" in workflow
    assert "path: dist/site" in workflow
