"""Calls that Dify makes beside an answer: titles of conversations, and suggested questions.

They go to the workspace's default model, and the first answer of a conversation reaches the page
only when its title is there. Nobody misses either, so they do not wait at a full gateway: without a
title Dify takes the question, without suggestions it shows none.

Dify marks them in no way. What tells them (``llm_generator.py`` of 1.6 to 1.14): they do not
stream, have one message, no tools, no stop words, exactly two parameters, and nobody who asks. A
title has 500 tokens at temperature 1; suggested questions, whose figures an operator may change,
have a prompt that ends in ``questions:``. What generates questions and answers for an index looks
alike but for its system message, and waits as it should.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dify_plugin.entities.model.message import PromptMessage, UserPromptMessage

MAX_WAIT_SECONDS = 3.0
"""A title may keep the first answer waiting for so long, and no longer."""

_NOBODY = frozenset({"", "unknown"})
"""As whom Dify asks where no user is known; since 1.13 it says nothing."""

_TITLE = {"max_tokens": 500, "temperature": 1}
_PARAMETERS = _TITLE.keys()
_QUESTIONS = "questions:"


def is_beside_an_answer(
    messages: Sequence[PromptMessage],
    parameters: Mapping[str, Any],
    user: str | None,
) -> bool:
    """Return whether Dify asks for a title or for suggested questions.

    Args:
        messages: the prompt of a call without tools and stop words that does not stream.
        parameters: as Dify sent them, or under the names that the model has for them.
        user: who asks.
    """
    # Models that call the limit by its other name have got it under that (``parameters``).
    meant = {name.replace("_completion_", "_"): value for name, value in parameters.items()}
    if (user or "") not in _NOBODY or meant.keys() != _PARAMETERS or len(messages) != 1:
        return False
    (message,) = messages
    if not isinstance(message, UserPromptMessage) or not isinstance(message.content, str):
        return False
    return meant == _TITLE or message.content.rstrip().endswith(_QUESTIONS)
