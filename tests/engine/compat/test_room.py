"""Whether a prompt fits without its answer, by the figures of the refusal."""

import pytest

from engine.compat.room import fits_without_answer
from engine.errors import Failure, kinds

OPENAI = (
    "This model's maximum context length is {0} tokens. However, you requested {1} tokens ({2} in "
    "the messages, {3} in the completion)."
)


@pytest.mark.parametrize(
    ("words", "answer", "fits"),
    [
        (OPENAI.format(8192, 8800, 1000, 7800), 7800, True),
        # What was sent is not always what the gateway passed on.
        (OPENAI.format(8192, 8800, 1000, 7800), 100, True),
        (OPENAI.format(6048, 6616, 568, 6048), 6048, True),
        (OPENAI.format(16384, 122946, 112946, 10000), 10000, False),
        (
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
            20000,
            True,
        ),
        ("'max_tokens' is too large: 32,000 > 32,768 - 1,200 of the context length.", 32000, True),
        ("Your request exceeded model token limit: 8192 (requested: 9000)", 4096, True),
        ("Your request exceeded model token limit: 8192 (requested: 29000)", 4096, False),
        ("Please reduce the length of the messages or completion.", 500, True),
        ("prompt is too long: 210000 tokens > 200000 maximum", 20000, False),
        ("Prompt contains 40000 tokens, maximum context length 32768", 10000, False),
    ],
)
def test_figures(words: str, answer: int, fits: bool) -> None:
    failure = Failure(kinds.CONTEXT_TOO_LONG, 400, words=words)
    assert fits_without_answer(failure, {"max_tokens": answer}, "max_tokens") is fits


def test_what_was_not_sent_cannot_be_left_out() -> None:
    failure = Failure(kinds.CONTEXT_TOO_LONG, 400, words=OPENAI.format(8192, 8800, 1000, 7800))
    assert not fits_without_answer(failure, {}, "max_tokens")
    assert not fits_without_answer(failure, {"max_tokens": "7800"}, "max_tokens")


@pytest.mark.parametrize(
    "failure",
    [
        Failure(kinds.BAD_REQUEST, 400, words=OPENAI.format(8192, 8800, 1000, 7800)),
        Failure(
            kinds.CONTEXT_TOO_LONG,
            200,
            words=OPENAI.format(8192, 8800, 1000, 7800),
            after_content=True,
        ),
    ],
)
def test_only_a_prompt_that_is_too_long_and_unanswered(failure: Failure) -> None:
    assert not fits_without_answer(failure, {"max_tokens": 7800}, "max_tokens")
