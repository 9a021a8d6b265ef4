"""The README says what is so: links, fields, models and commands exist."""

import re
from pathlib import Path

import pytest
import yaml

from models.llm.capabilities import PARAMETERS
from scripts.catalogue.__main__ import supported_rows
from scripts.catalogue.readme import redrawn
from scripts.package import collect

ROOT = Path(__file__).resolve().parents[2]
README = {"en_US": ROOT / "README.md", "zh_Hans": ROOT / "readme" / "README_zh_Hans.md"}
LANGUAGES = pytest.mark.parametrize("language", README)
FORMS = yaml.safe_load((ROOT / "provider/resilient_gateway.yaml").read_text(encoding="utf-8"))


@LANGUAGES
def test_links_lead_into_the_package(language: str) -> None:
    """Dify shows the README without the repository around it."""
    page = README[language]
    shipped = set(collect(ROOT))
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (page.parent / link).resolve().relative_to(ROOT).as_posix() in shipped


@LANGUAGES
def test_every_field_is_explained_by_its_label_in_the_order_of_the_form(language: str) -> None:
    rows = re.findall(r"^\| ([^|]+) \|", README[language].read_text(encoding="utf-8"), re.MULTILINE)
    for form in ("provider_credential_schema", "model_credential_schema"):
        fields = FORMS[form]["credential_form_schemas"]
        labels = list(dict.fromkeys(_head(field["label"][language]) for field in fields))
        assert [told for told in map(_head, rows) if told in labels] == labels


def _head(label: str) -> str:
    """A label without what stands in parentheses behind it."""
    return re.split(r" ?[(（]", label)[0].strip()


@LANGUAGES
def test_every_parameter_of_chat_models_is_explained(language: str) -> None:
    text = README[language].read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told >= PARAMETERS.keys()


@LANGUAGES
def test_the_predefined_models_are_listed(language: str) -> None:
    text = README[language].read_text(encoding="utf-8")
    assert text == redrawn(text, language, supported_rows()), "run `make catalogue`"


@LANGUAGES
def test_every_command_exists(language: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b", README[language].read_text(encoding="utf-8")))
    assert named >= {"demo", "test", "package"}
    assert named <= targets


@LANGUAGES
def test_the_page_says_the_version_that_it_belongs_to(language: str) -> None:
    version = yaml.safe_load((ROOT / "manifest.yaml").read_text(encoding="utf-8"))["version"]
    text = README[language].read_text(encoding="utf-8")
    assert set(re.findall(r"resilient_gateway-(\d[\d.]*\d)", text)) == {version}
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(version)}\b", changelog, re.MULTILINE)


@LANGUAGES
def test_the_failure_table_has_its_place(language: str) -> None:
    text = README[language].read_text(encoding="utf-8")
    assert text.count("<!-- failures:begin -->") == text.count("<!-- failures:end -->") == 1
    assert text.index("<!-- failures:begin -->") < text.index("<!-- failures:end -->")
