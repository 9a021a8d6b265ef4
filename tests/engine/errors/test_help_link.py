"""The link to the page that explains errors: only if the operator has named its address."""

import pytest

from engine.errors import Failure, kinds
from engine.errors.explanation import (
    HELP_URL,
    MAX_TEXT_CHARACTERS,
    RefusedKey,
    explain,
    explain_keys,
)

URL = "https://help.example.com/?lang=zh"
WORDS = ("Try later", "当前分组上游负载已饱和，请稍后再试")


def told(words: str) -> list[str]:
    failure = Failure(kinds.SATURATED, 429, words)
    keys = [RefusedKey(1, "wxyz", Failure(kinds.KEY_REFUSED, 401, words))]
    return [explain(failure, ("en",)), explain(failure, ("zh",)), explain_keys(keys, 2)]


@pytest.mark.parametrize("words", WORDS)
def test_messages_end_with_the_link_once(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.delenv(HELP_URL, raising=False)
    plain = told(words)
    monkeypatch.setenv(HELP_URL, URL)
    for text, without in zip(told(words), plain, strict=True):
        assert text.startswith(without)
        assert text.endswith((f" {URL}", f"：{URL}"))
        assert text.count(URL) == 1


@pytest.mark.parametrize("url", ["", "  ", "no address", "javascript:alert(1)", "https://x/" * 40])
def test_there_is_none_by_default_nor_of_what_is_no_address(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.delenv(HELP_URL, raising=False)
    plain = told(WORDS[0])
    assert "http" not in "".join(plain)
    monkeypatch.setenv(HELP_URL, url)
    assert told(WORDS[0]) == plain


def test_a_long_message_leaves_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HELP_URL, URL)
    failure = Failure(kinds.SATURATED, 429, "word " * 1_000)
    text = explain(failure)
    assert text.endswith(URL)
    assert len(text.encode()) <= MAX_TEXT_CHARACTERS
