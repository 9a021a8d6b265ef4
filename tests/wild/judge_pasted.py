"""Whether a pasted text is explained as its label says: the cause, and words of the report."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from cli.explain.read import read_errors
from cli.explain.report import report_on
from tests.wild.cases import Case, Judge

NONE = "none"
"""The kind of what is no gateway's error."""


def judge(case: Case) -> str:
    """What is wrong with what is said of this text; empty if nothing is."""
    found = read_errors(case["text"])
    report = asdict(report_on(found[0], None)) if found else {}
    kind = report.get("kind", NONE)
    if kind not in (case["kind"], *case.get("also", ())):
        return f"{kind}, not {case['kind']}"
    said = json.dumps(report, ensure_ascii=False).lower()
    words = case.get("says", "")
    return "" if words.lower() in said else f"{words!r} is not said: {said}"


@contextmanager
def judging() -> Iterator[Judge]:
    """The judge; it needs nothing."""
    yield judge
