"""What Anthropic's API itself sends, for gateways that pass it on or turn it into their own."""

import json
from typing import Any

from simulator.answer import Answer, End, Framing, Headers, dump
from simulator.call import Call
from simulator.streams import EVENT_STREAM, UPSTREAM_HEADERS, WORDS

BEFORE_CUT = 4
"""Words that come before the end or the failure of a stream that breaks off."""

JSON: Headers = (("Content-Type", "application/json"),)


def played(call: Call) -> Answer:
    """The answer of a `claude-…` behaviour that is no refusal, as it leaves the API."""
    return _stream(call) if call.stream else _whole(call)


def words_of(call: Call) -> tuple[str, ...]:
    """The words that come at all."""
    if call.behaviour == "claude-error-first":
        return () if call.stream else WORDS
    broken = call.behaviour in {"claude-cut", "claude-error-after-content"}
    return WORDS[:BEFORE_CUT] if broken and call.stream else WORDS


def _whole(call: Call) -> Answer:
    value = {
        "id": "msg_up1",
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": [{"type": "text", "text": "".join(WORDS)}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 7},
    }
    return Answer(200, (*JSON, *UPSTREAM_HEADERS), (dump(value),))


def _event(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    return f"event: {value['type']}\ndata: {text}\n\n".encode()


def _error() -> bytes:
    return _event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})


def _stream(call: Call) -> Answer:
    headers = (*EVENT_STREAM, *UPSTREAM_HEADERS)
    if call.behaviour == "claude-error-first":
        return Answer(200, headers, (_error(),), framing=Framing.CHUNKED)
    message: dict[str, Any] = {
        "id": "msg_up1",
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 1},
    }
    steps = [
        _event({"type": "message_start", "message": message}),
        _event(
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "text", "text": ""},
            }
        ),
        _event({"type": "ping"}),
    ]
    for word in words_of(call):
        delta = {"type": "text_delta", "text": word}
        steps.append(_event({"type": "content_block_delta", "index": 0, "delta": delta}))
    if call.behaviour == "claude-cut":
        return Answer(200, headers, tuple(steps), End.CUT, Framing.CHUNKED)
    if call.behaviour == "claude-error-after-content":
        return Answer(200, headers, (*steps, _error()), framing=Framing.CHUNKED)
    ended: dict[str, Any] = {"stop_reason": "end_turn", "stop_sequence": None}
    steps += [
        _event({"type": "content_block_stop", "index": 0}),
        _event({"type": "message_delta", "delta": ended, "usage": {"output_tokens": 7}}),
        _event({"type": "message_stop"}),
    ]
    return Answer(200, headers, tuple(steps), framing=Framing.CHUNKED)
