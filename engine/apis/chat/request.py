"""What is asked of a model that answers in text, at whichever of the three APIs it is found."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from operator import attrgetter
from typing import Literal

from engine.apis.chat.reader import AnswerReader
from engine.apis.stop import stop_words
from engine.apis.text_answer import Finish
from engine.apis.usage import Usage
from engine.request import Request, Reuse

type Mode = Literal["chat", "completion", "responses"]

PATHS: dict[Mode, str] = {"chat": "chat/completions", "completion": "completions"}
"""Where each is asked, below the endpoint."""


def _dump(finish: Finish) -> object:
    """What is left of an answer beside its text; only of one that came to its own end."""
    if finish.reason != "stop" or finish.tool_calls:
        return None
    usage = asdict(finish.usage) if finish.usage else None
    return {"usage": usage, "fingerprint": finish.fingerprint, "opaque": finish.reasoning_blocks}


def _load(kept: object) -> Finish:
    if not isinstance(kept, dict):
        raise TypeError
    usage = Usage(**kept["usage"]) if kept["usage"] else None
    return Finish("stop", (), usage, str(kept["fingerprint"]), dict(kept["opaque"]))


def _offers_tools(payload: Mapping[str, object]) -> bool:
    return bool(payload.get("tools") or payload.get("functions"))


CHAT_REUSE = Reuse(
    "llm",
    dump=_dump,
    load=_load,
    allowed=lambda payload: not _offers_tools(payload),
    certain=lambda payload: payload.get("temperature") == 0,
)


def chat_request(payload: Mapping[str, object], mode: Mode = "chat") -> Request[Finish]:
    """Ask a model for an answer in text.

    Args:
        payload: a chat or completion request.
        mode: where it is asked; for ``responses`` the payload is a chat request too.
    """
    stop = stop_words(payload)
    if mode == "responses":
        # Imported when it is first needed: few models need it, and start-up is outage time.
        from engine.apis.responses.chat import responses_request  # noqa: PLC0415

        request = responses_request(payload)
        return replace(request, reuse=CHAT_REUSE, applied=stop, waits_for_recovery=False)
    reader = partial(AnswerReader, stop=stop)
    return Request(
        PATHS[mode],
        payload,
        reader,
        reuse=CHAT_REUSE,
        applied=stop,
        waits_for_recovery=False,
        used=attrgetter("usage"),
    )
