"""The pages say what is so: links, anchors, commands, fields, parameters, models and figures."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from engine.call.attempt import MAX_CALL_SECONDS
from engine.operations.validate import SAVE_SECONDS
from engine.settings.fields import (
    DEFAULT_MAX_RETRY_SECONDS,
    MAX_MAX_RETRY_SECONDS,
    MAX_TTL_SECONDS,
)
from models.llm.beside import MAX_WAIT_SECONDS
from models.llm.capabilities import PARAMETERS
from models.llm.schema import UNKNOWN_CONTEXT, UNKNOWN_OUTPUT
from models.text_embedding.form import MAX_BATCH_INPUTS
from models.text_embedding.schema import UNKNOWN_BATCH
from models.text_embedding.text_embedding import PATIENCE
from scripts.catalogue.__main__ import supported_rows
from scripts.catalogue.page import PAGES as MODEL_PAGES
from scripts.catalogue.page import redrawn
from tests.docs.markdown import BLOB, DOCS, PAGES, ROOT, anchors, broken_lines, links, read, tables

FORMS = yaml.safe_load((ROOT / "provider/resilient_gateway.yaml").read_text(encoding="utf-8"))
FOLDER = {"en_US": ROOT / "docs", "zh_Hans": ROOT / "docs" / "zh"}
LANGUAGES = pytest.mark.parametrize("language", FOLDER)
FIRST_FIVE = {"configuration", "models", "troubleshooting", "migrating", "capabilities"}
EVERY_PAGE = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def test_the_first_five_are_in_chinese_too() -> None:
    """And no page is in Chinese only."""
    chinese = {path.stem for path in FOLDER["zh_Hans"].glob("*.md")}
    assert {path.stem for path in FOLDER["en_US"].glob("*.md")} > chinese
    assert chinese >= FIRST_FIVE


@EVERY_PAGE
def test_every_link_and_anchor_leads_somewhere(page: Path) -> None:
    text = read(page)
    found = [*links(text), *links(text, pictures=True)]
    assert found
    for address in found:
        if address.startswith("https://") and not address.startswith(BLOB):
            continue
        path, _, anchor = address.removeprefix(BLOB).partition("#")
        folder = ROOT if address.startswith(BLOB) else page.parent
        target = (folder / path).resolve() if path else page
        assert target.is_file(), address
        assert not anchor or anchor in anchors(read(target)), address


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_page_can_be_reached_from_its_neighbours(page: Path) -> None:
    others = [other for other in DOCS if other.parent == page.parent and other != page]
    for other in others:
        assert page.name in {address.partition("#")[0] for address in links(read(other))}


@EVERY_PAGE
def test_no_paragraph_is_wrapped(page: Path) -> None:
    assert broken_lines(read(page)) == []


@EVERY_PAGE
def test_rows_of_a_table_have_its_columns(page: Path) -> None:
    for table in tables(read(page)):
        assert {len(row) for row in table} == {len(table[0])}, table[0]


@EVERY_PAGE
def test_every_command_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = read(page)
    # In code only: English makes, too.
    commands = re.findall(r"`make ([a-z]+)|^(?:\S+=\S+ )*make ([a-z]+)", text, re.MULTILINE)
    assert {quoted or plain for quoted, plain in commands} <= targets
    for module in re.findall(r"python -m ([\w.]+)", text):
        assert importlib.util.find_spec(module) is not None, module


def test_every_defence_is_shown_by_a_test_that_exists() -> None:
    rows = [row for table in tables(read(ROOT / "docs/security.md")) for row in table[1:]]
    assert len(rows) > 10
    assert [row[-1] for row in rows if not (ROOT / row[-1].strip("`")).is_file()] == []


@LANGUAGES
def test_every_field_is_explained_by_its_label_in_the_order_of_the_form(language: str) -> None:
    rows = [
        row[0] for table in tables(read(FOLDER[language] / "configuration.md")) for row in table
    ]
    for form in ("provider_credential_schema", "model_credential_schema"):
        fields = FORMS[form]["credential_form_schemas"]
        labels = list(dict.fromkeys(_head(field["label"][language]) for field in fields))
        assert [told for told in map(_head, rows) if told in labels] == labels


def _head(label: str) -> str:
    """A label without what stands in parentheses behind it."""
    return re.split(r" ?[(（]", label)[0].strip()


@LANGUAGES
def test_every_parameter_of_chat_models_is_explained(language: str) -> None:
    text = read(FOLDER[language] / "capabilities.md")
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told >= PARAMETERS.keys()


@LANGUAGES
def test_the_predefined_models_are_listed(language: str) -> None:
    text = read(MODEL_PAGES[language])
    assert text == redrawn(text, language, supported_rows()), "run `make catalogue`"


FIGURES = (
    # What English and Chinese say of a figure, and the figure that the code has.
    (
        "configuration",
        r"(\d+) seconds fit a chat",
        r"聊天用 (\d+) 秒即可",
        DEFAULT_MAX_RETRY_SECONDS,
    ),
    (
        "configuration",
        r"0 \(never\) to (\d+)",
        r"0（不等待）到 (\d+)",
        MAX_MAX_RETRY_SECONDS,
    ),
    (
        "configuration",
        r"; (\d+) when documents are indexed",
        r"索引文档时 (\d+)",
        max(PATIENCE.values()),
    ),
    (
        "configuration",
        r"0 \(off\) to (\d+)",
        r"0（关闭）到 (\d+)",
        MAX_TTL_SECONDS,
    ),
    (
        "configuration",
        r"in one request, at most (\d+)",
        r"最大 (\d+)；因过大",
        MAX_BATCH_INPUTS,
    ),
    (
        "configuration",
        r"by the name, else (\d+)",
        r"否则为 (\d+)",
        UNKNOWN_BATCH,
    ),
    (
        "configuration",
        r"wait (\d+) seconds at most",
        r"最多等待 (\d+) 秒",
        MAX_WAIT_SECONDS,
    ),
    (
        "configuration",
        r"for (\d+) seconds at most",
        r"最多 (\d+) 秒。",
        SAVE_SECONDS + 1,
    ),
    (
        "configuration",
        r"([\d,]+) tokens \(or as many",
        r"上下文 ([\d,]+) token",
        UNKNOWN_CONTEXT,
    ),
    (
        "configuration",
        r"answers of ([\d,]+)",
        r"回答 ([\d,]+) token",
        UNKNOWN_OUTPUT,
    ),
    (
        "configuration",
        r"ends after (\d+) seconds",
        r"最迟在 (\d+) 秒时结束",
        MAX_CALL_SECONDS,
    ),
    (
        "troubleshooting",
        r"ends after (\d+) seconds",
        r"最迟在 (\d+) 秒时结束",
        MAX_CALL_SECONDS,
    ),
)


@pytest.mark.parametrize(("page", "english", "chinese", "figure"), FIGURES)
def test_figures_are_those_of_the_code(
    page: str, english: str, chinese: str, figure: float
) -> None:
    for language, pattern in (("en_US", english), ("zh_Hans", chinese)):
        found = re.search(pattern, read(FOLDER[language] / f"{page}.md"))
        assert found is not None, f"{page}, {language}: {pattern}"
        assert float(found[1].replace(",", "")) == figure
