"""What is asked of a model that answers in text, at whichever of the three APIs it is found."""

from collections.abc import Mapping
from typing import Literal

from gateway.answer import AnswerReader, Finish
from gateway.request import Request

type Mode = Literal["chat", "completion", "responses"]

PATHS: dict[Mode, str] = {"chat": "chat/completions", "completion": "completions"}


def chat_request(payload: Mapping[str, object], mode: Mode = "chat") -> Request[Finish]:
    """Ask a model for an answer in text.

    Args:
        payload: a chat or completion request.
        mode: where it is asked; for ``responses`` the payload is a chat request too.
    """
    if mode == "responses":
        # Imported when it is first needed: few models need it, and start-up is outage time.
        from gateway.responses import responses_request  # noqa: PLC0415

        return responses_request(payload)
    return Request(PATHS[mode], payload, AnswerReader)
