"""The READMEs inside Dify 1.12 to 1.14 (Plugins, "Check the README"), where Markdown breaks.

Every line break of the source is a forced one, tables wider than 564 pixels are cut, relative
pictures do not load, and relative links are dead.
"""

import re

import pytest
import yaml

from bench.saturation import report
from bench.saturation.shapes import JOB
from tests.docs.markdown import (
    BLOB,
    RAW,
    READMES,
    ROOT,
    anchors,
    broken_lines,
    links,
    prose,
    read,
    tables,
    width,
)

LANGUAGES = pytest.mark.parametrize("language", READMES)
MOST_LINES = 150
MOST_COLUMNS = 3
DIFYS_WIDTH = 564


@LANGUAGES
def test_it_is_short(language: str) -> None:
    assert len(read(READMES[language]).splitlines()) <= MOST_LINES


@LANGUAGES
def test_no_paragraph_is_wrapped(language: str) -> None:
    assert broken_lines(read(READMES[language])) == []


@LANGUAGES
def test_no_table_is_cut(language: str) -> None:
    found = tables(read(READMES[language]))
    assert found
    for table in found:
        assert {len(row) for row in table} == {len(table[0])}
        assert len(table[0]) <= MOST_COLUMNS
        assert width(table) <= DIFYS_WIDTH, table[0]


@LANGUAGES
def test_pictures_load(language: str) -> None:
    found = links(read(READMES[language]), pictures=True)
    assert len(found) == 3
    for address in found:
        assert address.startswith(RAW)
        assert (ROOT / address.removeprefix(RAW).removesuffix("?sanitize=true")).is_file()
        # GitHub serves an SVG as plain text without that.
        assert address.endswith((".svg?sanitize=true", ".png"))


@LANGUAGES
def test_links_are_absolute_and_lead_somewhere(language: str) -> None:
    found = links(read(READMES[language]))
    assert found
    for address in found:
        assert address.startswith("https://")
        if address.startswith(BLOB):
            path, _, anchor = address.removeprefix(BLOB).partition("#")
            assert (ROOT / path).is_file()
            assert not anchor or anchor in anchors(read(ROOT / path))
            assert anchor.isascii()


@LANGUAGES
def test_it_links_to_every_page_of_its_language(language: str) -> None:
    linked = {
        address.removeprefix(BLOB).partition("#")[0] for address in links(read(READMES[language]))
    }
    chinese = {path.name for path in (ROOT / "docs" / "zh").glob("*.md")}
    for path in (ROOT / "docs").glob("*.md"):
        own = language == "zh_Hans" and path.name in chinese
        assert f"docs/{'zh/' if own else ''}{path.name}" in linked


@LANGUAGES
def test_both_have_the_same_parts(language: str) -> None:
    """Eight features, three steps, eight symptoms, one plot."""
    sections = re.split(r"^## .*$", prose(read(READMES[language])), flags=re.MULTILINE)[1:]
    counted = [len(re.findall(r"^- \*\*", one, re.MULTILINE)) for one in sections]
    steps = [len(re.findall(r"^\d\. \*\*", one, re.MULTILINE)) for one in sections]
    assert counted == [0, 8, 0, 0, 8, 0, 0, 0, 0]
    assert steps == [0, 0, 3, 0, 0, 0, 0, 0, 0]


@LANGUAGES
def test_fields_are_named_as_the_form_names_them(language: str) -> None:
    form = yaml.safe_load((ROOT / "provider/resilient_gateway.yaml").read_text("utf-8"))
    fields = form["provider_credential_schema"]["credential_form_schemas"]
    labels = [re.split(r" ?[(（]", field["label"][language])[0] for field in fields]
    (table,) = tables(read(READMES[language]))
    named = [row[0] for row in table[1:]]
    assert named == [label for label in labels if label in named]
    custom = next(field for field in fields if field["variable"] == "settings")
    text = read(READMES[language])
    assert custom["label"][language] in text
    assert re.split(r" ?[(（]", custom["options"][1]["label"][language])[0] in text


@LANGUAGES
def test_the_line_of_proof_is_what_was_measured(language: str) -> None:
    runs = report.runs_of(report.load(report.RESULTS), JOB.name)
    figures = (
        f"{JOB.calls:,}",
        f"{report.median(runs, lambda run: run.makespan):.0f}",
        f"{report.median(runs, lambda run: run.limit):.0f}",
        f"{report.median(runs, lambda run: run.attempts):.2f}",
    )
    (line,) = (one for one in read(READMES[language]).splitlines() if one.startswith(figures[0]))
    found = re.findall(r"\d[\d,.]*\d", line)
    assert [figure for figure in found if figure != "20"] == list(figures)


@LANGUAGES
def test_the_page_says_the_version_that_it_belongs_to(language: str) -> None:
    version = yaml.safe_load((ROOT / "manifest.yaml").read_text(encoding="utf-8"))["version"]
    text = read(READMES[language])
    assert set(re.findall(r"resilient_gateway-(\d[\d.]*\d)", text)) == {version}
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(version)}\b", changelog, re.MULTILINE)
