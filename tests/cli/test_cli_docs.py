"""The pages about the commands name every field that is printed for machines, and every exit."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from cli.check.outcome import Outcome, Verdict
from cli.exits import Exit
from cli.explain.report import Question, Report

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = pytest.mark.parametrize("page", ["cli.md", "zh/cli.md"])


@PAGES
def test_every_field_is_documented(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert {field.name for field in fields(Report)} <= rows
    assert {"recognised", "errors", "host"} <= rows
    named = set(re.findall(r"`(\w+)`", text))
    assert {field.name for each in (Outcome, Question) for field in fields(each)} <= named
    assert {verdict.value for verdict in Verdict} <= named


@PAGES
def test_every_exit_code_is_documented(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert codes == {code.value for code in Exit}
