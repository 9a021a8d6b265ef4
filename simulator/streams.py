"""Answers that succeed, as an OpenAI-compatible upstream sends them: one body, or events.

A `Reply` says what is answered; `whole` and `stream` render it for each endpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator import responses
from simulator.answer import Answer, End, Framing, Headers, Pause, Step, dump, json_answer
from simulator.call import Call
from simulator.results import RESULTS
from simulator.sound import frames, sound_of

CREATED = 1760000000
"""When the recorded upstream created everything (seconds since 1970)."""

WORDS = ("你好", "，", "this", " is", " the", " upstream", ".")
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
UPSTREAM_HEADERS: Headers = (
    ("Openai-Processing-Ms", "12"),
    ("Server", "bad-upstream"),
    ("Set-Cookie", "__cf_bm=upstreamcookie; path=/"),
    ("X-Ratelimit-Remaining-Requests", "99"),
    ("X-Request-Id", "req_upstream_1"),
)
EVENT_STREAM: Headers = (("Content-Type", "text/event-stream"),)
DONE = b"data: [DONE]\n\n"

type Delta = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says, apart from how it is sent.

    `usage` is `asked` (whole answers always, streams on `include_usage`), `always` or `never`.
    """

    deltas: Sequence[Delta]
    finish: str | None = "stop"
    usage: str = "asked"
    first: Delta | None = None
    """The first delta, if it is not the usual role with empty content."""


def said(*words: str, finish: str | None = "stop", usage: str = "asked") -> Reply:
    """A reply of plain text in these pieces."""
    return Reply([{"content": word} for word in words], finish, usage)


def event(value: Any) -> bytes:
    """One server-sent event holding that value as JSON."""
    return b"data: " + dump(value) + b"\n\n"


def chunk(call: Call, delta: Delta, finish: str | None = None) -> bytes:
    """One event of a stream, for the endpoint of the call."""
    if call.endpoint == "completions":
        choice = {"index": 0, "text": delta.get("content") or "", "finish_reason": finish}
        return event(_envelope(call, "text_completion", [choice]))
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event(_envelope(call, "chat.completion.chunk", [choice]))


def usage_chunk(call: Call) -> bytes:
    """The last event of a stream whose usage was asked for: no choices, only usage."""
    kind = "text_completion" if call.endpoint == "completions" else "chat.completion.chunk"
    return event(_envelope(call, kind, []) | {"usage": USAGE})


def _envelope(call: Call, kind: str, choices: list[Any]) -> dict[str, Any]:
    name = "cmpl-up1" if call.endpoint == "completions" else "chatcmpl-up1"
    return {
        "id": name,
        "object": kind,
        "created": CREATED,
        "model": call.model,
        "choices": choices,
    }


def events(call: Call, reply: Reply) -> list[bytes]:
    """Every event of a reply up to its finish reason and usage, without `[DONE]`."""
    if call.endpoint == "responses":
        return responses.events(call, reply.deltas, reply.finish)
    out = []
    if call.endpoint == "chat":
        out.append(chunk(call, reply.first or {"role": "assistant", "content": ""}))
    out += [chunk(call, delta) for delta in reply.deltas]
    if reply.finish is not None:
        out.append(chunk(call, {}, reply.finish))
    if reply.usage == "always" or (reply.usage == "asked" and call.wants_usage):
        out.append(usage_chunk(call))
    return out


def spaced(pieces: Sequence[Step], seconds: float) -> list[Step]:
    """The pieces with a pause after each."""
    return [step for piece in pieces for step in (piece, Pause(seconds))] if seconds else [*pieces]


def sse(
    steps: Sequence[Step], end: End = End.CLEAN, *, done: bool = True, delay: float = 0.0
) -> Answer:
    """An event stream of these steps; `[DONE]` is added unless told otherwise."""
    script = [*steps, DONE] if done and end is End.CLEAN else [*steps]
    headers = (*EVENT_STREAM, *UPSTREAM_HEADERS)
    return Answer(200, headers, tuple(script), end, Framing.CHUNKED, delay)


def whole(call: Call, reply: Reply) -> Answer:
    """The reply as one body; some endpoints have a result or sound instead of words."""
    if call.endpoint == "speech":
        headers = (("Content-Type", "audio/mpeg"), *UPSTREAM_HEADERS)
        return Answer(200, headers, (sound_of(call.prompt),))
    if call.endpoint == "responses":
        value = responses.whole(call, reply.deltas, reply.finish)
        return json_answer(200, value, UPSTREAM_HEADERS)
    if call.endpoint in RESULTS:
        value = RESULTS[call.endpoint](call, usage=reply.usage != "never")
        return json_answer(200, value, UPSTREAM_HEADERS)
    message = _merge(reply)
    if call.endpoint == "completions":
        choice = {"index": 0, "text": message["content"] or "", "finish_reason": reply.finish}
        value = _envelope(call, "text_completion", [choice | {"logprobs": None}])
    else:
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        value = _envelope(call, "chat.completion", [choice])
    if reply.usage != "never":
        value["usage"] = USAGE
    return json_answer(200, value, UPSTREAM_HEADERS)


def answer_with(call: Call, reply: Reply, every: float = 0.0) -> Answer:
    """The reply in the form that was asked for; `every` is the pause after each event (seconds)."""
    if call.stream:
        # The Responses API ends without [DONE].
        return sse(spaced(events(call, reply), every), done=call.endpoint != "responses")
    answer = whole(call, reply)
    if call.endpoint == "speech" and every:
        steps = tuple(spaced(frames(answer.body), every))
        return replace(answer, steps=steps, framing=Framing.CHUNKED)
    pause = every * len(reply.deltas)
    return Answer(answer.status, answer.headers, (Pause(pause), *answer.steps))


def _merge(reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant"}
    calls: dict[Any, dict[str, Any]] = {}
    for delta in (reply.first or {}, *reply.deltas):
        for name, value in delta.items():
            if name == "tool_calls":
                _merge_tool_calls(calls, value)
            elif name == "function_call":
                call = message.setdefault(name, {"name": "", "arguments": ""})
                message[name] = {key: call[key] + value.get(key, "") for key in call}
            elif isinstance(value, str) and name != "role":
                message[name] = message.get(name, "") + value
            elif isinstance(value, list):
                message[name] = [*message.get(name, []), *value]
    message.setdefault("content", None)
    if calls:
        message["tool_calls"] = list(calls.values())
    return {"role": message.pop("role"), "content": message.pop("content"), **message}


def _merge_tool_calls(calls: dict[Any, dict[str, Any]], pieces: list[dict[str, Any]]) -> None:
    """Put pieces of tool calls together: by index, or by id where all claim index 0."""
    for piece in pieces:
        place: Any = piece.get("index", 0)
        known = calls.get(place)
        if known is not None and piece.get("id") and known.get("id") not in {None, piece["id"]}:
            place = piece["id"]
        function = piece.get("function", {})
        call = calls.setdefault(
            place, {"type": "function", "function": {"name": "", "arguments": ""}}
        )
        if piece.get("id"):
            call["id"] = piece["id"]
        call["function"]["name"] += function.get("name") or ""
        call["function"]["arguments"] += function.get("arguments") or ""
