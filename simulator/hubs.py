"""How one-hub (2026-02) and its fork done-hub (v1.23.18) pass an upstream's answer on.

Checked against tests/fixtures/one-hub and done-hub. What matters to a client: a 429 gets the words
of saturation; one-hub keeps every other status and puts a prefix before the words, done-hub makes
one 503 of all that is neither a 429 nor a 400; an error inside a 200 becomes a 400; a cut stream
says so in a data line that is no JSON.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator import anthropic
from simulator.answer import Answer, End, Framing, Headers, Pause, Step, dump, no_answer
from simulator.call import Call
from simulator.masking import masked
from simulator.newapi import token_count
from simulator.oneapi import (
    JSON_HEADERS,
    STREAM_HEADERS,
    buffered_pauses,
    data_of,
    error_answer,
    read_json,
)
from simulator.own import SATURATED
from simulator.streams import DONE

_PREFIX = "Provider API error: "
_CUT = b"data: unexpected EOF\n\n"
_CLAUDE_FAILED = b'data: {"error":{"code":"overloaded_error","message":""}}\n\n'
_NOT_IMPLEMENTED = "channel not implemented"


@dataclass(frozen=True, slots=True)
class Hub:
    """Where the two differ: whether all but 429 and 400 is the one 503, with addresses masked."""

    wraps: bool


def translate_one(call: Call, up: Answer) -> Answer:
    """What a client of one-hub receives."""
    return _translate(call, up, Hub(wraps=False))


def translate_done(call: Call, up: Answer) -> Answer:
    """What a client of done-hub receives."""
    return _translate(call, up, Hub(wraps=True))


def _translate(call: Call, up: Answer, hub: Hub) -> Answer:
    up = buffered_pauses(call, up)
    if call.endpoint == "rerank":
        return _detail(call, _NOT_IMPLEMENTED)
    if up.end is End.HANG and not (up.status and call.stream):
        return no_answer(End.HANG)
    if up.status == 0:
        return _failed(call, hub, 500, "请求上游地址失败", "http_request_failed", up)
    if up.status != 200:
        return _refused(call, hub, up)
    if call.endpoint == "speech":
        return _spoken(call, hub, up)
    return _stream(call, hub, up) if call.stream else _whole(call, hub, up)


def claude(call: Call, *, wraps: bool) -> Answer:
    """What a client gets of Anthropic's answer: chunks with ids of their own each."""
    hub = Hub(wraps)
    told = _upstreams_id(anthropic.played(call), hub)
    if not call.stream:
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "".join(anthropic.words_of(call))},
            "finish_reason": "stop",
        }
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        value = {"id": "msg_up1", "object": "chat.completion", "created": int(time.time())}
        value |= {"model": call.model, "choices": [choice], "usage": _usage(call, usage, {})}
        return Answer(200, (*anthropic.JSON, *told), (dump(value),))
    deltas: list[dict[str, Any]] = [{"role": "assistant"}, {}]
    deltas += [{"content": word} for word in anthropic.words_of(call)]
    steps: list[Step] = [_claude_chunk(call, delta) for delta in deltas]
    failures = {
        "claude-cut": _CUT,
        "claude-error-first": _CLAUDE_FAILED,
        "claude-error-after-content": _CLAUDE_FAILED,
    }
    if call.behaviour in failures:
        steps = [] if call.behaviour == "claude-error-first" else steps
        steps.append(failures[call.behaviour])
        steps += [_saturated_503(call, Answer(200)).body] if hub.wraps else []
    else:
        steps += [_claude_chunk(call, {}, "stop"), DONE]
    return Answer(200, (*STREAM_HEADERS, *told), tuple(steps), framing=Framing.CHUNKED)


def _claude_chunk(call: Call, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    value = {
        "id": "chatcmpl-00000000000040008000000000000000",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": call.model,
        "choices": [choice],
    }
    return b"data: " + dump(value) + b"\n\n"


def detail_answer(status: int, words: str) -> Answer:
    """The envelope of the rerank endpoint."""
    return Answer(status, JSON_HEADERS, (dump({"detail": words}),))


def _detail(call: Call, words: str) -> Answer:
    return detail_answer(503, f"{words} (request id: {call.rid})")


def error_fields(**fields: Any) -> dict[str, Any]:
    """An error as Go writes a map: in order, and without what is empty."""
    return {name: fields[name] for name in sorted(fields) if fields[name] not in (None, "")}


def _error(call: Call, status: int, message: str, up: Answer, **fields: Any) -> Answer:
    shaped = error_fields(message=f"{message} (request id: {call.rid})", **fields)
    return error_answer(status, shaped, up.delay)


def _failed(call: Call, hub: Hub, status: int, message: str, code: str, up: Answer) -> Answer:
    if hub.wraps:
        return _saturated_503(call, up)
    return _error(call, status, message, up, code=code, type="system_error")


def _saturated_503(call: Call, up: Answer) -> Answer:
    kind = "system_error"
    return _error(call, 503, SATURATED, up, code="service_unavailable", type=kind)


def _refused(call: Call, hub: Hub, up: Answer) -> Answer:
    """An error of upstream's with a status of its own."""
    if hub.wraps and up.status not in {400, 429}:
        return _saturated_503(call, up)
    value = read_json(up.body)
    error = value.get("error") if isinstance(value, dict) else None
    if up.status == 429 and hub.wraps:
        kind = "system_error"
        return _error(call, 429, SATURATED, up, code="rate_limit_exceeded", type=kind)
    if not isinstance(error, dict):
        bad = f"{_PREFIX}bad response status code {up.status}"
        code, param = "bad_response_status_code", str(up.status)
        if up.status == 429:  # Its text is not replaced, and the id is not added.
            fields = error_fields(message=bad, code=code, param=param, type="upstream_error")
            return error_answer(429, fields, up.delay)
        return _error(call, up.status, bad, up, code=code, param=param, type="upstream_error")
    words = SATURATED if up.status == 429 else _PREFIX + str(error.get("message"))
    if hub.wraps:
        words = masked(words, countries=False)
    rest = {name: error.get(name) for name in ("code", "param", "type")}
    if call.behaviour.startswith("claude-"):
        rest["code"] = "error"
    return _error(call, up.status, words, up, **rest)


def _spoken(call: Call, hub: Hub, up: Answer) -> Answer:
    """Sound passes; JSON and nothing in its place are errors under the status that came."""
    value = read_json(up.body)
    error = value.get("error") if isinstance(value, dict) else None
    if up.body and not isinstance(error, dict):
        return up
    if hub.wraps:
        return _saturated_503(call, up)
    if isinstance(error, dict):
        rest = {name: error.get(name) for name in ("code", "param", "type")}
        return _error(call, 200, _PREFIX + str(error["message"]), up, **rest)
    bad = f"{_PREFIX}bad response status code 200"
    code = "bad_response_status_code"
    return _error(call, 200, bad, up, code=code, param="200", type="upstream_error")


_GO = {
    "string": (
        "json: cannot unmarshal string into Go struct field"
        " OpenAIProviderChatResponse.OpenAIErrorResponse.error of type types.OpenAIError"
    ),
    "page": "invalid character '<' looking for beginning of value",
    "empty": "EOF",
    "cut": "unexpected EOF",
}
"""What Go says of a body that is no answer."""


def _complaint(up: Answer) -> str:
    if up.end is not End.CLEAN or up.framing is Framing.SHORT:
        return _GO["cut"]
    if not up.body:
        return _GO["empty"]
    value = read_json(up.body)
    if not isinstance(value, dict):
        return _GO["page"]
    return _GO["string"] if isinstance(value.get("error"), str) else ""


def _whole(call: Call, hub: Hub, up: Answer) -> Answer:
    if complaint := _complaint(up):
        return _failed(call, hub, 500, complaint, "decode_response_failed", up)
    value = read_json(up.body)
    if call.endpoint == "transcriptions":
        return replace(up, headers=(("Content-Type", "application/json"),))
    error = value.get("error")
    if isinstance(error, dict):
        rest = {name: error.get(name) for name in ("code", "param", "type")}
        return _error(call, 400, str(error["message"]), up, **rest)
    if call.endpoint in {"chat", "completions", "embeddings"}:
        value = value | {"usage": _usage(call, value.get("usage"), value)}
    if hub.wraps and not value.get("choices", True):
        value = value | {"model": call.model}
    return replace(up, headers=_kept(up, hub), steps=(dump(value),))


def _kept(up: Answer, hub: Hub) -> Headers:
    """The headers of a success: its type, and of late some that tell of upstream."""
    kept = {"content-type", *(("x-ratelimit-remaining-requests",) if hub.wraps else ())}
    headers = tuple(pair for pair in up.headers if pair[0].lower() in kept)
    return (*headers, *_upstreams_id(up, hub))


def _upstreams_id(up: Answer, hub: Hub) -> Headers:
    """done-hub tells upstream's id of the request, if there is one."""
    upstreams = up.header("X-Request-Id") if hub.wraps else ""
    return (("X-Upstream-Request-Id", upstreams),) if upstreams else ()


def _usage(call: Call, told: Any, value: dict[str, Any]) -> dict[str, Any]:
    """Usage with the fields of the hubs; counted by themselves where upstream sent none."""
    if not told or not told.get("total_tokens") or not value.get("choices", True):
        texts = [(one.get("message") or {}).get("content") or "" for one in value["choices"]]
        prompt = token_count(call.prompt) + 7
        said = sum(len(text.encode()) // 3 + 1 for text in texts if text)
        told = {"prompt_tokens": prompt, "completion_tokens": said}
    prompt, completion = told.get("prompt_tokens", 0), told.get("completion_tokens", 0)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _stream(call: Call, hub: Hub, up: Answer) -> Answer:
    steps: list[Step] = []
    usage: Any = None
    failed = False
    for step in up.steps if up.is_event_stream else ():
        if isinstance(step, Pause):
            steps.append(step)
            continue
        data = data_of(step) if isinstance(step, bytes) else b""
        value = read_json(data)
        if not isinstance(value, dict):
            continue
        error = value.get("error")
        if error is not None:
            steps.append(_event_error(error))
            failed = True
            break
        usage = value.get("usage") or usage
        if value.get("choices") or "prompt_filter_results" in value:
            kept = {name: part for name, part in value.items() if name != "usage"}
            steps.append(b"data: " + dump(kept) + b"\n\n")
    cut = up.end in {End.CUT, End.RESET} or up.framing is Framing.SHORT
    if cut and not failed and not _is_ended(steps):
        steps.append(_CUT)
        failed = True
    if failed and hub.wraps:
        steps.append(_saturated_503(call, up).body)
    if up.end is not End.HANG and not failed:
        said = any(isinstance(step, bytes) for step in steps)
        steps += _ending(call, usage, said=said)
    end = End.HANG if up.end is End.HANG else End.CLEAN
    headers = (*STREAM_HEADERS, *_upstreams_id(up, hub))
    return Answer(200, headers, tuple(steps), end, Framing.CHUNKED, up.delay)


def _event_error(error: Any) -> bytes:
    known = error if isinstance(error, dict) else {"message": str(error)}
    fields = error_fields(
        **{name: known.get(name) for name in ("code", "message", "param", "type")}
    )
    return b"data: " + dump({"error": fields}) + b"\n\n"


def _is_ended(steps: Sequence[Step]) -> bool:
    last = next((step for step in reversed(steps) if isinstance(step, bytes)), b"")
    return b'"finish_reason":"' in last


def _ending(call: Call, usage: Any, *, said: bool) -> list[Step]:
    """Usage where it was asked for, and `[DONE]`; what was never said adds up to nothing."""
    if not call.wants_usage:
        return [DONE]
    prompt = token_count(call.prompt) + 7
    shaped = _usage(call, usage or {"prompt_tokens": prompt, "total_tokens": prompt}, {})
    value = {
        "id": "chatcmpl-00000000000040008000000000000000",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": call.model,
        "choices": [],
        "usage": shaped if said else shaped | {"total_tokens": 0},
    }
    return [b"data: " + dump(value) + b"\n\n", DONE]
