"""Chat and completion requests."""

from collections.abc import Mapping
from typing import Literal

from gateway.answer import AnswerReader, Finish
from gateway.request import Request

type Mode = Literal["chat", "completion"]

PATHS: dict[Mode, str] = {"chat": "chat/completions", "completion": "completions"}


def chat_request(payload: Mapping[str, object], mode: Mode = "chat") -> Request[Finish]:
    """Ask a model for an answer in text.

    Args:
        payload: a chat or completion request.
        mode: which of the two.
    """
    return Request(PATHS[mode], payload, AnswerReader)
