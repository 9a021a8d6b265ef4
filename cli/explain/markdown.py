"""A report as Markdown, for forums and group chats."""

import re
from collections.abc import Iterable

from cli.explain.outline import Outline, Section

_SIGNS = re.compile(r"([\\`*_\[\]<>|#~])")
"""What Markdown, or HTML within it, would take for markup."""

_MENTION = re.compile(r"@(?=\w)")
_JOINER = "\u200b"
"""Between an at sign and a name: what was pasted notifies nobody."""


def markdown_of(outlines: Iterable[Outline]) -> str:
    """Write reports one below the other."""
    return "\n".join(map(_report, outlines))


def _report(outline: Outline) -> str:
    facts = [f"- **{_plain(fact.label)}**: {_plain(fact.text)}" for fact in outline.facts]
    sections = map(_section, outline.sections)
    return "\n\n".join([f"### {_plain(outline.title)}", "\n".join(facts), *sections]) + "\n"


def _section(section: Section) -> str:
    lines = [f"**{_plain(section.title)}**", ""]
    if section.lead:
        lines += [_plain(section.lead), ""]
    for number, item in enumerate(section.items, start=1):
        lines.append(f"{number}. {_plain(item)}" if section.is_ordered else f"- {_plain(item)}")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """The text on one line, read as text and as nothing else; our own code spans stay."""
    parts = re.split(r"(`[\w ./-]+`)", " ".join(text.split()))
    return "".join(
        part if number % 2 else _MENTION.sub(f"@{_JOINER}", _SIGNS.sub(r"\\\1", part))
        for number, part in enumerate(parts)
    )
