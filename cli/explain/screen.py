"""Prints reports for people."""

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from cli.explain import words
from cli.explain.outline import Outline, Section, outline_of
from cli.explain.report import Report
from cli.terminal import plain
from engine.errors import Language

_COLOURS = {"certain": "green", "likely": "yellow", "possible": "red"}


def show_reports(console: Console, reports: list[Report], *, whole: bool = True) -> None:
    """Print every report, one after the other.

    Args:
        console: where to print.
        reports: at least one.
        whole: all of the text was read.
    """
    for number, report in enumerate(reports, start=1):
        outline = outline_of(report, number, len(reports))
        console.print(Rule(f"[bold]{plain(outline.title)}[/]", align="left", style="dim"))
        _show(console, outline, _COLOURS[report.sure])
        console.print()
    if not whole:
        console.print(words.LONG_TEXT.say(reports[-1].language))


def show_not_recognised(console: Console, language: Language, *, ours: bool) -> None:
    """Say that the text is no error that is known, and what it may be.

    Args:
        console: where to print.
        language: of what is said.
        ours: it is a message of this plugin.
    """
    if ours:
        console.print(f"[bold]{words.OWN_MESSAGE.say(language)}[/]")
        return
    console.print(f"[bold]{words.NOT_RECOGNISED.say(language)}[/]")
    console.print(words.NOT_RECOGNISED_HINT.say(language))


def show_host_error(console: Console, told: Mapping[str, str]) -> None:
    """Print what is known of an error of Dify's own.

    Args:
        console: where to print.
        told: its cause and what to do, in the language of the report.
    """
    console.print(f"[bold]{plain(told['cause'])}[/]")
    console.print(plain(told["remedy"]))


def _show(console: Console, outline: Outline, colour: str) -> None:
    styles = {"cause": "bold", "sure": colour}
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="cyan", no_wrap=True)
    facts.add_column(overflow="fold")
    for fact in outline.facts:
        style = styles.get(fact.name)
        facts.add_row(fact.label, f"[{style}]{plain(fact.text)}[/]" if style else plain(fact.text))
    console.print(facts)
    for section in outline.sections:
        _list(console, section)


def _list(console: Console, section: Section) -> None:
    console.print(f"\n[cyan]{section.title}[/]")
    if section.lead:
        console.print(Padding(f"[bold]{plain(section.lead)}[/]", (0, 0, 0, 2)))
    for number, item in enumerate(section.items, start=1):
        row = Table.grid(padding=(0, 1))
        row.add_column(no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(f"  {number}." if section.is_ordered else "  -", plain(item))
        console.print(row)
