"""How New API (v0.9.16, 2026-02) passes an upstream's answer on.

Checked against tests/fixtures/new-api. What matters to a client: errors keep their text, but
addresses in it are masked; a failed stream is announced as an event stream whatever its status;
events come one late; every stream ends in usage (made up if need be) and `[DONE]`.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from simulator.answer import (
    Answer,
    End,
    Framing,
    Pause,
    Step,
    dump,
    json_answer,
    no_answer,
)
from simulator.call import Call
from simulator.masking import masked
from simulator.oneapi import (
    STREAM_HEADERS,
    buffered_pauses,
    data_of,
    error_answer,
    escaped,
    go_complaint,
    is_copied,
    message_of,
    read_json,
)
from simulator.streams import CREATED, DONE, event

NEW_APIS = frozenset({"new-api", "new-api-2026-08"})
"""Both versions that are played; what differs is told by the family."""

PING = b": PING\n\n"
_FOR_EVER = 600.0
"""Seconds that nobody waits for."""


def translate(call: Call, up: Answer) -> Answer:
    """What a client of New API receives."""
    if is_copied(call, up):
        return up
    answer = _translate(call, buffered_pauses(call, up))
    if call.stream and answer.status >= 400:
        return replace(answer, headers=STREAM_HEADERS, framing=Framing.CHUNKED)
    if call.stream and call.behaviour == "think-to-content":
        return replace(answer, steps=_thinking_in_content(call, answer.steps))
    return answer


def asked(call: Call) -> Call:
    """The call as New API sends it upstream: it asks for usage unless the client said no."""
    if not call.stream or call.endpoint != "chat" or call.wants_usage is False:
        return call
    return replace(call, body=call.body | {"stream_options": {"include_usage": True}})


def _thinking_in_content(call: Call, steps: Iterable[Step]) -> tuple[Step, ...]:
    """The channel option that turns reasoning into text between `<think>` tags."""
    out: list[Step] = []
    thinking = False
    for step in steps:
        value = read_json(data_of(step)) if isinstance(step, bytes) else None
        if not isinstance(value, dict):
            out.append(step)
            continue
        if not value["choices"]:
            out.append(claude_chunk(call, value["id"], None, None, usage_of(call, 11, 7)))
            continue
        choice = value["choices"][0]
        delta, finish = choice["delta"], choice["finish_reason"]
        thought = delta.get("reasoning_content")
        texts = [thought or delta.get("content")]
        if thought and not thinking:
            texts, thinking = [f"<think>\n{thought}"], True
        elif thinking and not thought and delta.get("content"):
            texts, thinking = ["\n</think>\n", delta["content"]], False
        for text in texts:
            part = {} if text is None else {"content": text}
            role = {"role": delta["role"]} if "role" in delta else {}
            out.append(claude_chunk(call, value["id"], part | role, finish))
    return tuple(out)


def claude_chunk(
    call: Call, name: str, delta: dict[str, Any] | None, finish: str | None, usage: Any = None
) -> bytes:
    """A chunk that New API wrote itself, as for Claude channels; its delta None has no choices."""
    choice = {"delta": delta, "logprobs": None, "finish_reason": finish, "index": 0}
    value = {
        "id": name,
        "object": "chat.completion.chunk",
        "created": int(time.time()) if name == "msg_up1" else CREATED,
        "model": call.model,
        "system_fingerprint": None,
        "choices": [] if delta is None else [choice],
        "usage": usage,
    }
    return escaped(event(value))


def _translate(call: Call, up: Answer) -> Answer:
    if up.end is End.HANG and not (up.status and call.stream):
        return no_answer(End.HANG)
    if up.status == 0:
        message = f"upstream error: do request failed (request id: {call.rid})"
        return _error(500, message, "new_api_error", "do_request_failed", up.delay)
    if up.status != 200:
        return _relay_error(call, up)
    if call.stream:
        return _stream(call, up)
    if up.end is not End.CLEAN or up.framing is Framing.SHORT:
        failed = "read_response_body_failed"
        return _error(500, "unexpected EOF", failed, failed, up.delay)
    return _whole(call, up)


def _error(
    status: int, message: str, kind: str, code: Any, delay: float, param: str = ""
) -> Answer:
    fields = {"message": message, "type": kind, "param": param, "code": code}
    return error_answer(status, fields, delay)


def _relay_error(call: Call, up: Answer) -> Answer:
    status = {"remap-429": 503, "sat-param-404": 429}.get(call.behaviour, up.status)
    bad = "bad_response_status_code"
    value = read_json(up.body)
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, str):
        return _error(status, masked(error), "error", None, up.delay)
    if isinstance(error, dict) and error.get("message"):
        kind = error.get("type") or "upstream_error"
        message = masked(str(error["message"]))
        param = error.get("param") or ""
        return _error(status, message, kind, error.get("code"), up.delay, param)
    message = message_of(value) if isinstance(value, dict) else ""
    return _error(status, masked(message) or "openai_error", bad, bad, up.delay)


def _whole(call: Call, up: Answer) -> Answer:
    if call.endpoint == "transcriptions":
        return up
    value = read_json(up.body)
    if not isinstance(value, dict):
        complaint = go_complaint(up.body)
        return _error(500, complaint, "bad_response_body", "bad_response_body", up.delay)
    if call.endpoint == "rerank":
        return _reranked(call, up, value)
    error = value.get("error")
    if isinstance(error, str) or (isinstance(error, dict) and error.get("type")):
        return _relay_error(call, up)
    if not value.get("usage") and call.endpoint not in {"embeddings", "responses"}:
        text = _text_of(value.get("choices") or [])
        value = _sorted(value) | {"usage": made_up_usage(call, text)}
        return replace(up, steps=(dump(value),))
    return up


def _reranked(call: Call, up: Answer, value: dict[str, Any]) -> Answer:
    """Only results and usage are passed on: an error inside a 200 becomes `results: null`."""
    results = value.get("results")
    usage = usage_of(call, 9 if results else 0, 0)
    answer = json_answer(200, {"results": _sorted(results), "usage": usage})
    return replace(answer, delay=up.delay)


def _text_of(choices: Iterable[Any]) -> str:
    return "".join(str((one.get("message") or {}).get("content") or "") for one in choices)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def token_count(text: str) -> int:
    """Roughly the tokens of a text: Chinese characters, words, and signs count one each."""
    return len(
        re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]|[^\W\u4e00-\u9fff]+|[^\w\s]", text)
    )


def usage_of(call: Call, prompt: int, completion: int) -> dict[str, Any]:
    """Usage with all the fields that New API writes."""
    is_newer = call.family == "new-api-2026-08"
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {
            "cached_tokens": 0,
            "text_tokens": 0,
            "audio_tokens": 0,
            "image_tokens": 0,
        },
        "completion_tokens_details": {
            "text_tokens": 0,
            "audio_tokens": 0,
            **({"image_tokens": 0} if is_newer else {}),
            "reasoning_tokens": 0,
        },
        "input_tokens": 0,
        "output_tokens": 0,
        "input_tokens_details": None,
        "claude_cache_creation_5_m_tokens": 0,
        "claude_cache_creation_1_h_tokens": 0,
    }


def made_up_usage(call: Call, text: str) -> dict[str, Any]:
    """Usage counted by the gateway, because the upstream sent none."""
    frame = 7 if call.endpoint == "chat" else 0
    return usage_of(call, token_count(call.prompt) + frame, token_count(text))


def _responses_stream(up: Answer) -> Answer:
    """Events of the Responses API pass at once and as they are; nothing is added at the end."""
    steps: list[Step] = []
    for step in up.steps if up.is_event_stream else ():
        if isinstance(step, Pause):
            steps.append(step)
        elif isinstance(step, bytes) and (data := data_of(step)) and data != b"[DONE]":
            value = read_json(data)
            kind = value.get("type") if isinstance(value, dict) else None
            steps.append(f"event: {kind or ''}\ndata: ".encode() + data + b"\n\n")
    end = End.HANG if up.end is End.HANG else End.CLEAN
    return Answer(200, STREAM_HEADERS, tuple(steps), end, Framing.CHUNKED, up.delay)


def _stream(call: Call, up: Answer) -> Answer:
    if call.endpoint == "responses":
        return buffered_pauses(call, _responses_stream(up))
    steps, held, seen = _one_late(up)
    hangs = up.end is End.HANG
    if not hangs and held is not None:
        steps.append(held)
    if not hangs and not (held is not None and _is_bare(held)):
        if not any(value.get("usage") for value in seen) and call.wants_usage is not False:
            steps.append(_usage_event(call, seen))
        steps.append(DONE)
    end = End.HANG if hangs else End.CLEAN
    answer = Answer(200, STREAM_HEADERS, tuple(steps), end, Framing.CHUNKED, up.delay)
    return buffered_pauses(call, answer)


def _one_late(up: Answer) -> tuple[list[Step], bytes | None, list[dict[str, Any]]]:
    """The stream without its newest event, that event, and what all events held."""
    steps: list[Step] = []
    seen: list[dict[str, Any]] = []
    held: bytes | None = None
    for step in up.steps if up.is_event_stream else ():
        if isinstance(step, Pause):
            steps.append(step)
        elif isinstance(step, bytes) and step != DONE and (data_of(step) or _is_bare(step)):
            if held is not None:
                steps.append(held)
            data = data_of(step)
            held = b"data: " + data + b"\n\n" if data else step
            value = read_json(data)
            seen.append(value if isinstance(value, dict) else {})
    return steps, held, seen


def _is_bare(piece: bytes) -> bool:
    return piece.startswith(b"{")


def _usage_event(call: Call, seen: list[dict[str, Any]]) -> bytes:
    last = seen[-1] if seen else {"model": call.model}
    text = "".join(_delta_text(value) for value in seen)
    head: dict[str, Any] = {
        "id": last.get("id", ""),
        "object": "chat.completion.chunk",
        "created": last.get("created", 0),
        "model": last.get("model", ""),
        "system_fingerprint": "",
        "choices": [],
    }
    return event(head | {"usage": made_up_usage(call, text)})


def _delta_text(value: dict[str, Any]) -> str:
    """The text that one event adds, in either endpoint's form."""
    choices = value.get("choices") or []
    parts = [one.get("text") or (one.get("delta") or {}).get("content") for one in choices]
    return "".join(part for part in parts if isinstance(part, str))


def pinged(answer: Answer, every: float) -> Answer:
    """A stream with a ping in every silence; they go out before a late status is known."""
    if not answer.delay and not answer.is_event_stream and answer.status:
        return answer
    steps: list[Step] = []
    until_ping = every
    silence = _FOR_EVER if answer.status == 0 else answer.delay
    for step in (Pause(silence), *answer.steps):
        if not isinstance(step, Pause):
            steps.append(step)
            continue
        rest = step.seconds
        while rest > until_ping - 1e-9:
            steps += [Pause(until_ping), PING]
            rest, until_ping = rest - until_ping, every
        steps.append(Pause(max(0.0, rest)))
        until_ping -= rest
    answered_at_once = answer.status and answer.delay < every
    status = answer.status if answered_at_once else 200
    return Answer(status, STREAM_HEADERS, tuple(steps), answer.end, Framing.CHUNKED)
