"""The READMEs' failure tables are the engine's catalogue, in English and in Chinese."""

import pytest

from engine.errors import KINDS, Language
from scripts.failure_table import PAGES, redrawn

LANGUAGES = pytest.mark.parametrize("language", PAGES)


@LANGUAGES
def test_readme_shows_the_catalogue(language: Language) -> None:
    text = PAGES[language].read_text(encoding="utf-8")
    assert redrawn(text, language) == text, "run `python -m scripts.failure_table`"


@LANGUAGES
def test_readme_has_a_row_for_every_kind_and_no_other(language: Language) -> None:
    text = PAGES[language].read_text(encoding="utf-8")
    inside = text.split("<!-- failures:begin -->")[1].split("<!-- failures:end -->")[0]
    rows = [line for line in inside.strip().splitlines() if line.startswith("|")]
    headlines = [line.split(" | ")[0].removeprefix("| ") for line in rows]
    assert headlines[2:] == [kind.texts(language).headline for kind in KINDS]
