"""The streams of LiteLLM's proxy: chunks that are written anew, and an end that it invents.

Checked against tests/fixtures/litellm.
"""

import json
import time
from typing import Any

from simulator.answer import Answer, End, Framing, Headers, Pause, Step, dump
from simulator.anthropic import words_of
from simulator.call import Call
from simulator.litellm_errors import JSON, LOST, THROTTLED, provider_headers, told
from simulator.oneapi import data_of, read_json
from simulator.streams import DONE

_STREAM: Headers = (
    ("cache-control", "no-cache"),
    ("x-accel-buffering", "no"),
    ("content-type", "text/event-stream; charset=utf-8"),
)
NAMELESS = "chatcmpl-00000000-0000-4000-8000-000000000000"
"""An id of its own, where upstream told none."""

_CUT = (
    "Response payload is not completed: <TransferEncodingError: 400, message='Not enough data to"
    " satisfy transfer length header.'>"
)


def stream(call: Call, up: Answer) -> Answer:
    """What a client gets of a stream."""
    steps: list[Step] = []
    ended = failed = False
    name = NAMELESS
    usage: Any = None
    said = 0
    for step in up.steps if up.is_event_stream else ():
        value = read_json(data_of(step)) if isinstance(step, bytes) else None
        if isinstance(step, Pause):
            steps.append(step)
            continue
        if not isinstance(value, dict):
            continue
        error = value.get("error")
        if error is not None:
            if not any(isinstance(one, bytes) for one in steps):
                return _first_error(call, error)
            steps.append(_failed(_words_of(error)))
            failed = True
            break
        name = value.get("id") or name
        usage = value.get("usage") or usage
        said += len([one for one in value.get("choices") or [] if _speaks(one)])
        ended = ended or any(one.get("finish_reason") for one in value.get("choices") or [])
        began = any(isinstance(one, bytes) and b'"role"' in one for one in steps)
        if (chunk := _chunk(call, value)) and not (began and _says_nothing(value)):
            steps.append(chunk)
    cut = up.end in {End.CUT, End.RESET} or up.framing is Framing.SHORT
    if cut and not steps:
        return told(
            call,
            500,
            "litellm.APIConnectionError: APIConnectionError: OpenAIException - Connection error.",
            "internal_server_error",
        )
    if cut and not ended and not failed:
        steps.append(_failed("Connection error."))
        failed = True
    if up.end is not End.HANG and not failed:
        steps += _ending(call, name, _counted(call, usage, said), ended)
    end = End.HANG if up.end is End.HANG else End.CLEAN
    headers = (*_STREAM, *provider_headers(up))
    return Answer(200, headers, tuple(steps), end, Framing.CHUNKED, up.delay)


def _first_error(call: Call, error: Any) -> Answer:
    """An error before anything else comes with a status, of its code or of a server error."""
    words = _words_of(error)
    code = error.get("code") if isinstance(error, dict) else None
    named = THROTTLED if code in (429, "429", "rate_limit_exceeded") else LOST
    status = 429 if named is THROTTLED else 500
    message = f"litellm.{named.exception}: {named.says}OpenAIException - {words}"
    return told(call, status, message, named.kind)


def _words_of(error: Any) -> str:
    return str(error.get("message")) if isinstance(error, dict) else str(error)


def _failed(words: str, vendor: str = "OpenAI") -> bytes:
    says = "" if vendor == "Anthropic" else "APIConnectionError: "
    message = f"litellm.APIConnectionError: {says}{vendor}Exception - {words}"
    error = {"message": message, "type": None, "param": None, "code": "500"}
    return b"data: " + json.dumps({"error": error}, ensure_ascii=False).encode() + b"\n\n"


def _head(call: Call, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": call.model,
    }


def _chunk(call: Call, value: dict[str, Any]) -> bytes:
    """The chunk that LiteLLM makes of one, or nothing: what is empty is left out."""
    choices = []
    for one in value.get("choices") or []:
        delta = {key: part for key, part in (one.get("delta") or {}).items() if part is not None}
        shaped: dict[str, Any] = {"index": one.get("index", 0), "delta": delta}
        if one.get("finish_reason"):
            shaped["finish_reason"] = one["finish_reason"]
        choices.append(shaped)
    if not choices and value.get("usage"):
        return b""
    return b"data: " + dump(_head(call, value["id"]) | {"choices": choices}) + b"\n\n"


def _says_nothing(value: dict[str, Any]) -> bool:
    """Whether a chunk has neither words nor calls nor an end: of those only the first is kept."""
    choices = value.get("choices") or []
    return bool(choices) and not any(
        one.get("finish_reason")
        or any(part for name, part in (one.get("delta") or {}).items() if name != "role")
        for one in choices
    )


def _speaks(choice: dict[str, Any]) -> bool:
    delta = choice.get("delta") or {}
    return bool(delta.get("content") or delta.get("reasoning_content"))


def _counted(call: Call, usage: Any, said: int) -> dict[str, Any]:
    """Usage as it was told, or counted by the proxy; nothing if nothing was said."""
    if not usage and not said:
        return {}
    count = said + 1 if not usage else usage["completion_tokens"]
    prompt = 8 if not usage else usage["prompt_tokens"]
    thoughts = 3 if call.behaviour == "ok-reasoning" else 0
    details = {"reasoning_tokens": thoughts, "text_tokens": count - thoughts}
    return {
        "completion_tokens": count,
        "prompt_tokens": prompt,
        "total_tokens": count + prompt,
        "completion_tokens_details": details,
    }


def _ending(call: Call, name: str, usage: dict[str, Any], ended: bool) -> list[Step]:
    """The `stop` that nobody said, usage where it was asked for, and `[DONE]`."""
    out: list[Step] = []
    if not ended:
        stop = {"index": 0, "delta": {}, "finish_reason": "stop"}
        out.append(b"data: " + dump(_head(call, name) | {"choices": [stop]}) + b"\n\n")
    if call.wants_usage:
        last = _head(call, name) | {"choices": [{"index": 0, "delta": {}}]}
        told = {"usage": usage} if usage else {}
        out.append(b"data: " + dump(last | told) + b"\n\n")
    return [*out, DONE]


def claude(call: Call) -> Answer:
    """What a client gets of Anthropic's answer."""
    if call.behaviour == "claude-error-first" and call.stream:
        message = "litellm.InternalServerError: AnthropicError - Overloaded"
        return told(call, 500, message, "internal_server_error")
    if not call.stream:
        return Answer(200, JSON, (dump(_claude_document(call)),))
    steps: list[Step] = []
    for at, word in enumerate(words_of(call)):
        role = {} if at else {"role": "assistant"}
        choice = {"index": 0, "delta": role | {"content": word}}
        steps.append(b"data: " + dump(_head(call, NAMELESS) | {"choices": [choice]}) + b"\n\n")
    if call.behaviour == "claude-ok":
        steps += _ending(call, NAMELESS, {}, ended=False)
    else:
        steps.append(_failed(_CUT if call.behaviour == "claude-cut" else "Overloaded", "Anthropic"))
    return Answer(200, _STREAM, tuple(steps), framing=Framing.CHUNKED)


def _claude_document(call: Call) -> dict[str, Any]:
    message = {
        "content": "".join(words_of(call)),
        "role": "assistant",
        "provider_specific_fields": {"citations": None, "thinking_blocks": None},
    }
    return {
        "id": NAMELESS,
        "created": int(time.time()),
        "model": call.model,
        "object": "chat.completion",
        "choices": [{"finish_reason": "stop", "index": 0, "message": message}],
        "usage": {
            "completion_tokens": 7,
            "prompt_tokens": 11,
            "total_tokens": 18,
            "completion_tokens_details": {"reasoning_tokens": 0, "text_tokens": 7},
            "prompt_tokens_details": {
                "cache_write_tokens": 0,
                "cached_tokens": 0,
                "text_tokens": 11,
                "cache_creation_tokens": 0,
            },
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }
