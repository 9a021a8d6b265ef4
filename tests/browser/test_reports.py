"""What is pasted into the page is explained, and whatever is pasted, nothing else happens."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.explain import words
from engine.errors.kinds import SATURATED
from scripts.site.words import EXAMPLES
from tests.browser.reader import Reader

ROOT = Path(__file__).resolve().parents[2]
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests/wild/pasted.jsonl").read_text("utf-8").splitlines()
]
HTML = (
    "<!doctype html><html><head><title>Shop</title></head><body><h1>Sale</h1>"
    "<img src=x onerror=alert(1)></body></html>"
)
BAD = {
    "2 MB": "lorem ipsum dolor " * 120_000,
    "2 MB of braces": "{" * 2_000_000,
    "binary": bytes(range(1, 256)).decode("latin-1") * 100,
    "half a character": "\ud83d oops",
    "a page": HTML * 3,
    "script tags": "<script>alert(1)</script>\n</textarea><script>document.title='x'</script>",
}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_what_people_paste(reader: Reader, case: dict[str, Any]) -> None:
    reader.paste(case["text"])
    kind = (reader.kinds() or ["none"])[0]
    assert kind in (case["kind"], *case.get("also", ()))
    assert case.get("says", "").lower() in reader.shown().lower()
    assert reader.faults == []


@pytest.mark.parametrize("name", BAD)
def test_bad_input_changes_nothing_but_says_so(reader: Reader, name: str) -> None:
    title = reader.page.title()
    reader.paste(BAD[name])
    assert words.NOT_RECOGNISED.en in reader.shown()
    assert reader.kinds() == []
    assert reader.page.locator("#copying").is_hidden()
    assert reader.page.title() == title
    assert reader.page.locator("#errors *:not(p)").count() == 0
    assert reader.faults == []


def test_markup_in_an_error_is_shown_as_text(reader: Reader) -> None:
    reader.paste(
        '{"error":{"message":"Overloaded <img src=x onerror=alert(1)> **now**","code":529}} '
        "status code 529"
    )
    assert reader.kinds() == ["overloaded"]
    assert reader.page.locator("#errors img").count() == 0
    assert reader.faults == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples(reader: Reader, number: int) -> None:
    reader.page.click("#clear")
    reader.page.locator("[data-text]").nth(number).click()
    reader.answered()
    assert reader.page.input_value("#box") == EXAMPLES[number][1]
    assert len(reader.kinds()) == 1


def test_the_error_of_the_documentation_in_chinese(open_page: Any) -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    (error,) = [line for line in text.splitlines() if line.startswith("PluginInvokeError: ")]
    reader = open_page("?lang=zh")
    reader.paste(error)
    shown = reader.shown()
    for sentence in (
        SATURATED.texts("zh").headline,
        SATURATED.texts("zh").meaning,
        SATURATED.texts("zh").remedy,
        "怎么办",
    ):
        assert sentence in shown


def test_what_is_typed_while_a_text_is_read_is_read_next(reader: Reader) -> None:
    reader.paste("status code 401: 无效的令牌")
    reader.page.evaluate(
        """texts => {
            const box = document.getElementById("box");
            const input = (text) => { box.value = text; box.dispatchEvent(new Event("input")); };
            input(texts[0]);
            setTimeout(() => input(texts[1]), 160);
        }""",
        ["lorem " * 50_000, "status code 403: 用户已被封禁"],
    )
    reader.page.wait_for_selector("article[data-kind=access_denied]")
    assert reader.kinds() == ["access_denied"]
