"""Prints reports for people."""

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from cli.explain import words
from cli.explain.report import Report
from cli.terminal import plain
from gateway.failure import Language

_COLOURS = {"certain": "green", "likely": "yellow", "possible": "red"}


def show_reports(console: Console, reports: list[Report], *, whole: bool = True) -> None:
    """Print every report, one after the other.

    Args:
        console: where to print.
        reports: at least one.
        whole: all of the text was read.
    """
    for number, report in enumerate(reports, start=1):
        title = plain(report.cause)
        if len(reports) > 1:
            label, of = _label("error", report), _label("of", report)
            title = f"{label} {number} {of} {len(reports)}: {title}"
        console.print(Rule(f"[bold]{title}[/]", align="left", style="dim"))
        _show(console, report)
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


def _show(console: Console, report: Report) -> None:
    colour = _COLOURS[report.sure]
    status = f"HTTP {report.status}" if report.status else ""
    rows = (
        ("words", plain(report.original)),
        ("translation", plain(report.translation)),
        ("cause", f"[bold]{plain(report.cause)}[/]"),
        ("means", plain(report.meaning)),
        ("code", plain(", ".join(filter(None, (status, report.code))))),
        ("sure", f"[{colour}]{plain(report.because)}[/]"),
        ("gateway", plain(report.gateway)),
        ("class", report.error_class),
        ("affected", plain(report.affected)),
        ("ids", plain(", ".join(report.request_ids))),
    )
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="cyan", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in rows:
        if value:
            facts.add_row(_label(name, report), value)
    console.print(facts)
    _list(console, _label("do", report), (report.remedy, *report.steps), numbered=True)
    _list(console, _label("prevent", report), (report.prevention,))
    _list(
        console,
        _label("checklist", report),
        tuple(
            f"{one.ask}{f' ({_label("first", report)})' if one.first else ''} {one.where}"
            for one in report.checklist
        ),
    )
    _list(console, _label("unknown", report), report.unknown)


def _list(console: Console, title: str, items: tuple[str, ...], *, numbered: bool = False) -> None:
    """A titled list; of a numbered one the first item is the summary."""
    console.print(f"\n[cyan]{title}[/]")
    first = 0 if numbered else 1
    for number, item in enumerate(items, start=first):
        if numbered and number == 0:
            console.print(Padding(f"[bold]{plain(item)}[/]", (0, 0, 0, 2)))
            continue
        row = Table.grid(padding=(0, 1))
        row.add_column(no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(f"  {number}." if numbered else "  -", plain(item))
        console.print(row)


def _label(name: str, report: Report) -> str:
    return words.LABELS[name].say(report.language)
