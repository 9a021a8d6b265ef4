"""Markdown as Dify and GitHub read it, as far as a page can break there."""

import itertools
import re
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/resilient-gateway/resilient-gateway"
BLOB = f"{REPOSITORY}/blob/main/"
RAW = "https://raw.githubusercontent.com/resilient-gateway/resilient-gateway/main/"

READMES = {"en_US": ROOT / "README.md", "zh_Hans": ROOT / "readme" / "README_zh_Hans.md"}
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*READMES.values(), ROOT / "CONTRIBUTING.md", *DOCS]

_FENCE = re.compile(r"^ *```.*?^ *```$\n?", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)|<(https?://[^>]+)>")


def read(page: Path) -> str:
    """A page's text."""
    return page.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """The text without blocks of code."""
    return _FENCE.sub("", text)


def links(text: str, *, pictures: bool = False) -> list[str]:
    """Where the links lead, or the pictures are."""
    found = _LINK.finditer(prose(text))
    return [one[2] or one[3] for one in found if bool(one[1]) is pictures]


def anchors(text: str) -> set[str]:
    """What a link into this page may name: GitHub's anchors of its headings."""
    headings = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    bare = (re.sub(r"[^\w -]", "", heading).strip().lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in bare}


def tables(text: str) -> list[list[list[str]]]:
    """The tables: rows of cells, without the rule below the heading."""
    found: list[list[list[str]]] = []
    inside = False
    for line in prose(text).splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        if not inside:
            found.append([])
        inside = True
        if not re.fullmatch(r"[|\s:-]+", line):
            cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
            found[-1].append([cell.strip() for cell in cells])
    return found


def broken_lines(text: str) -> list[str]:
    """Lines that go on in the next one: Dify breaks the line there."""
    lines = prose(text).splitlines()
    return [
        line
        for line, following in itertools.pairwise(lines)
        if _is_prose(line) and re.match(r" *[^\s|#<!>*-]", following) and not _starts(following)
    ]


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("|", "#", "<!--"))


def _starts(line: str) -> bool:
    return bool(re.match(r" *(\d+\. |[-*] |\*\*|\||#|<|!\[)", line))


CHARACTER = 7.0
"""Pixels of a Latin character in a cell of Dify's table; a Chinese one takes twice as many."""
PADDING = 28.0
CODE = 10.0
"""Pixels around a cell's text, and around a piece of code in it."""


def width(table: list[list[str]]) -> float:
    """Pixels of a table in Dify, whose cells do not wrap."""
    return sum(max(_cell(row[at]) for row in table) for at in range(len(table[0])))


def _cell(text: str) -> float:
    shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    pieces = shown.count("`") // 2
    bare = shown.replace("`", "").replace("**", "")
    columns = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in bare)
    return columns * CHARACTER + pieces * CODE + PADDING
