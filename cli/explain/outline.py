"""A report in the order and under the headings in which every screen shows it."""

from typing import NamedTuple

from cli.explain import words
from cli.explain.report import Report


class Fact(NamedTuple):
    """One line of the table at the top: a stable name, its label, and what is so."""

    name: str
    label: str
    text: str


class Section(NamedTuple):
    """A list under a heading.

    Attributes:
        name: stable.
        title: the heading.
        lead: all of it in one sentence; empty if the items need none.
        items: in order.
        is_ordered: the items are steps, to be taken one after the other.
    """

    name: str
    title: str
    lead: str
    items: tuple[str, ...]
    is_ordered: bool = False


class Outline(NamedTuple):
    """A whole report."""

    title: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]


def outline_of(report: Report, number: int = 1, total: int = 1) -> Outline:
    """Put a report in order.

    Args:
        report: of one error.
        number: which error of the text it is, from 1.
        total: errors in the text; of a single one the number is not shown.
    """
    title = report.cause
    if total > 1:
        error, of = _label("error", report), _label("of", report)
        title = f"{error} {number} {of} {total}: {title}"
    status = f"HTTP {report.status}" if report.status else ""
    facts = (
        ("words", report.original),
        ("translation", report.translation),
        ("cause", report.cause),
        ("means", report.meaning),
        ("code", ", ".join(filter(None, (status, report.code)))),
        ("sure", report.because),
        ("gateway", report.gateway),
        ("class", report.error_class),
        ("affected", report.affected),
        ("ids", ", ".join(report.request_ids)),
    )
    return Outline(
        title,
        tuple(Fact(name, _label(name, report), text) for name, text in facts if text),
        _sections(report),
    )


def _sections(report: Report) -> tuple[Section, ...]:
    first = _label("first", report)
    questions = tuple(
        f"{one.ask}{f' ({first})' if one.first else ''} {one.where}" for one in report.checklist
    )
    return (
        Section("do", _label("do", report), report.remedy, report.steps, is_ordered=True),
        Section("prevent", _label("prevent", report), "", (report.prevention,)),
        Section("checklist", _label("checklist", report), "", questions),
        Section("unknown", _label("unknown", report), "", report.unknown),
    )


def _label(name: str, report: Report) -> str:
    return words.LABELS[name].say(report.language)
