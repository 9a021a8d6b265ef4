"""Finish reasons: each row of the table, however it is spelt, and words that nobody documented."""

import pytest

from engine.apis.finish_reasons import (
    FAULT,
    FILTERED,
    LENGTH,
    REASONS,
    STOP,
    TOOL_CALLS,
    read_reason,
)


@pytest.mark.parametrize(("meaning", "word", "source"), REASONS, ids=[row[1] for row in REASONS])
def test_every_row_in_every_spelling(meaning: str, word: str, source: str) -> None:
    assert source
    camel = "".join(part.title() for part in word.split("_"))
    for spelt in (word, word.upper(), word.replace("_", "-"), f" {word} ", camel):
        assert read_reason(spelt) == meaning, spelt
    assert read_reason(f"FinishReason.{word.upper()}") == meaning


def test_no_word_has_two_meanings() -> None:
    words = [row[1] for row in REASONS]
    assert len(set(words)) == len(words)


UNKNOWN = {
    "upstream_error": FAULT,
    "server_error": FAULT,
    "request_timeout": FAULT,
    "cancelled": FAULT,
    "failed": FAULT,
    "service_unavailable": FAULT,
    "insufficient_balance": FAULT,
    "interrupted": FAULT,
    "content_filter_error": FILTERED,
    "IMAGE_SAFETY_BLOCKED": FILTERED,
    "moderation": FILTERED,
    "input_sensitive": FILTERED,
    "max_completion_tokens": LENGTH,
    "max_context_length": LENGTH,
    "FINISH_REASON_MAX_TOKENS": LENGTH,
    "tool_calls_requested": TOOL_CALLS,
    "": "",
    "  ": "",
}


@pytest.mark.parametrize(("reason", "meaning"), UNKNOWN.items(), ids=UNKNOWN)
def test_words_that_nobody_documented(reason: str, meaning: str) -> None:
    assert read_reason(reason) == meaning


def test_a_reason_without_a_hint_stays_what_it_is() -> None:
    assert read_reason("OTHER") == "OTHER"
    assert read_reason("pause_turn") == "pause_turn"


def test_the_words_that_dify_knows_stay() -> None:
    for reason in (STOP, LENGTH, TOOL_CALLS, FILTERED, "function_call"):
        assert read_reason(reason) == reason
