"""Claude channels: what the gateways make of Anthropic's events in OpenAI's shape.

Checked against the `chat-claude-*` fixtures. One API writes a role and `finish_reason: ""` into
every chunk; New API writes its own chunk shape with `usage: null`.
"""

import time
from collections.abc import Callable
from typing import Any

from simulator import anthropic, gptload, hubs, litellm
from simulator.answer import Answer, Framing, dump, json_answer
from simulator.call import Call
from simulator.newapi import NEW_APIS, claude_chunk, token_count, usage_of
from simulator.oneapi import STREAM_HEADERS, error_answer
from simulator.streams import DONE, UPSTREAM_HEADERS, USAGE, WORDS, event

_BUSY = "Number of request tokens has exceeded your per-minute rate limit"
_ERRORS = {
    "claude-429": (429, _BUSY, "rate_limit_error"),
    "claude-529": (529, "Overloaded", "overloaded_error"),
}


_RETOLD: dict[str, Callable[[Call], Answer]] = {
    "one-hub": lambda call: hubs.claude(call, wraps=False),
    "done-hub": lambda call: hubs.claude(call, wraps=True),
    "litellm": litellm.claude,
    "gpt-load": lambda call: gptload.translate(call, anthropic.played(call)),
}
"""What the newer gateways make of Anthropic's answers."""


def played(call: Call, translate: Callable[[Call, Answer], Answer]) -> Answer:
    """The answer of a `claude-…` behaviour through this gateway."""
    if call.behaviour in _ERRORS:
        status, message, kind = _ERRORS[call.behaviour]
        body = {"type": "error", "error": {"type": kind, "message": message}}
        return translate(call, json_answer(status, body, (("Retry-After", "9"),)))
    if call.family in _RETOLD:
        return _RETOLD[call.family](call)
    if not call.stream:
        return _whole(call)
    return _new_api(call) if call.family in NEW_APIS else _one_api(call)


def _whole(call: Call) -> Answer:
    new = call.family in NEW_APIS
    value = {
        "id": "msg_up1" if new else "chatcmpl-msg_up1",
        "model": call.model,
        "object": "chat.completion",
        "created": int(time.time()),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "".join(WORDS)},
                "finish_reason": "stop",
            }
        ],
        "usage": _usage(call, 7, 7) if new else USAGE,
    }
    headers = (("Content-Type", "application/json"), *(UPSTREAM_HEADERS if new else ()))
    return Answer(200, headers, (dump(value),))


def _usage(call: Call, said: int, told: int) -> dict[str, Any]:
    """Usage as New API counts it; of late, what Anthropic told is there as well."""
    usage = usage_of(call, 11, said)
    if call.family == "new-api":
        return usage
    claude = {
        "input_tokens": 11,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": told,
        "claude_cache_creation_5_m_tokens": 0,
        "claude_cache_creation_1_h_tokens": 0,
    }
    billed = {"source": "claude_messages", "semantic": "anthropic", "claude_usage": claude}
    return usage | {
        "usage_semantic": "openai",
        "usage_source": "anthropic",
        "billing_usage": billed,
        "input_tokens": 11,
    }


def _words(call: Call) -> tuple[str, ...]:
    """The words that come before the end or the failure."""
    return WORDS[:4] if call.behaviour in {"claude-cut", "claude-error-after-content"} else WORDS


def _stream(*steps: bytes) -> Answer:
    return Answer(200, STREAM_HEADERS, steps, framing=Framing.CHUNKED)


def _one_api(call: Call) -> Answer:
    head = {"id": "chatcmpl-msg_up1", "model": call.model}

    def chunk(text: str, finish: str = "") -> bytes:
        delta = {"role": "assistant", "content": text}
        return event(
            {
                "id": head["id"],
                "object": "chat.completion.chunk",
                "created": int(time.time()),
                "model": head["model"],
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            }
        )

    if call.behaviour == "claude-error-first":
        head = {"id": "", "model": ""}
        return _stream(chunk(""), DONE)
    pieces = [chunk(""), chunk(""), *(chunk(word) for word in _words(call))]
    if call.behaviour == "claude-ok":
        pieces += [chunk(""), chunk("", "stop"), chunk("")]
    return _stream(*pieces, DONE)


def _new_api(call: Call) -> Answer:
    def chunk(delta: dict[str, Any] | None, finish: str | None, usage: Any = None) -> bytes:
        return claude_chunk(call, "msg_up1", delta, finish, usage)

    error = {
        "message": f"Overloaded (request id: {call.rid})",
        "type": "overloaded_error",
        "param": "",
        "code": "overloaded_error",
    }
    if call.behaviour == "claude-error-first":
        refused = error_answer(500, error)
        return Answer(500, STREAM_HEADERS, refused.steps, framing=Framing.CHUNKED)
    words = _words(call)
    start = [chunk({"content": "", "role": "assistant"}, None), chunk({"content": ""}, None)]
    pieces = [*start, *(chunk({"content": word}, None) for word in words)]
    if call.behaviour == "claude-error-after-content":
        return _stream(*pieces, dump({"error": error}) + b"\n\n")
    if call.behaviour == "claude-restart":
        again = [*start, *(chunk({"content": word}, None) for word in WORDS[:4])]
        return _stream(*(again * 4), dump({"error": error}) + b"\n\n")
    if call.behaviour == "claude-ok":
        pieces.append(chunk({}, "stop"))
    said = 7 if call.behaviour == "claude-ok" else 1 + token_count("".join(words))
    return _stream(
        *pieces,
        chunk(None, None, _usage(call, said, 7 if call.behaviour == "claude-ok" else 1)),
        DONE,
    )
