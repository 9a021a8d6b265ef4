"""Titles and suggested questions are told from other calls, which wait as long as they may."""

from typing import Any

import pytest
from dify_plugin.entities.model.message import (
    PromptMessage,
    SystemPromptMessage,
    UserPromptMessage,
)

from models.llm.beside import is_beside_an_answer

TITLE = {"max_tokens": 500, "temperature": 1}
PROMPT = "You are asked to generate a concise chat title …\nHow do I install it?\n"
SUGGEST = "Human: hi\nAI: hello\nPlease predict three questions.\nquestions:\n"


def user(text: str) -> list[PromptMessage]:
    return [UserPromptMessage(content=text)]


@pytest.mark.parametrize("who", [None, "", "unknown"])
@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        (PROMPT, TITLE),
        (PROMPT, {"temperature": 1.0, "max_tokens": 500}),
        (SUGGEST, {"max_tokens": 256, "temperature": 0}),
        (SUGGEST, {"max_tokens": 2560, "temperature": 0.0}),
        (SUGGEST, {"max_tokens": 512, "temperature": 0.4}),
    ],
)
def test_what_dify_asks_beside_an_answer(
    text: str, parameters: dict[str, Any], who: str | None
) -> None:
    assert is_beside_an_answer(user(text), parameters, who)


@pytest.mark.parametrize(
    ("messages", "parameters", "who"),
    [
        (user(PROMPT), TITLE, "abc-123"),
        (user(PROMPT), {"max_tokens": 512, "temperature": 1}, ""),
        (user(PROMPT), {"temperature": 1}, ""),
        (user(SUGGEST), {"max_tokens": 256}, ""),
        (user("Three questions: one, two, three."), {"max_tokens": 256, "temperature": 0}, ""),
        # Questions and answers for an index, and what writes prompts and code.
        (
            [SystemPromptMessage(content="…"), *user("a text")],
            {"temperature": 0.01, "max_tokens": 2000},
            "",
        ),
        ([SystemPromptMessage(content="…"), *user(PROMPT)], TITLE, ""),
        (user(PROMPT), {}, ""),
    ],
)
def test_everything_else(
    messages: list[PromptMessage], parameters: dict[str, Any], who: str
) -> None:
    assert not is_beside_an_answer(messages, parameters, who)
