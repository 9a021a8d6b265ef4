"""How LiteLLM's proxy (1.108.7) passes an upstream's answer on.

Checked against tests/fixtures/litellm. What matters to a client: an error is named after an
exception, keeps upstream's words and, in most cases, its status; upstream's headers come as
`llm_provider-…`; a stream that just ends gets a `stop` that nobody said.
"""

import json
import re
from dataclasses import replace
from typing import Any

from simulator import litellm_streams
from simulator.answer import Answer, End, Framing, dump, no_answer
from simulator.call import Call
from simulator.litellm_errors import BAD, JSON, NAMED, OTHER, provider_headers, told
from simulator.oneapi import buffered_pauses, message_of, read_json

_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")


_SILENT = frozenset({"transcriptions", "speech"})
"""Endpoints whose errors do not carry upstream's headers; moderation's do not, either."""

_TIMEOUT = "\n\nDeployment Info: request_timeout: None\ntimeout: None"
_CONTEXT = (
    "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError:"
    " OpenAIException - {words}\nmodel={model}. context_window_fallbacks=None."
    " fallbacks=None.\n\nSet 'context_window_fallback' -"
    " https://docs.litellm.ai/docs/routing#fallbacks"
)
_NO_COMPARISON = "'>=' not supported between instances of 'str' and 'int'"
"""What Python says of a textual code that is taken for a status."""

_UNSUPPORTED = (
    "litellm.APIConnectionError: APIConnectionError: OpenAIException - Unsupported provider: openai"
)


def _missing(name: str, kind: str, code: str) -> str:
    return (
        f"{name}\n  Input should be a valid {kind} [type={code}, input_value=None,"
        f" input_type=NoneType]\n    For further information visit"
        f" https://errors.pydantic.dev/2.14/v/{code}"
    )


_NOT_VALID = "\n".join(
    (
        "3 validation errors for OpenAIModerationResponse",
        _missing("id", "string", "string_type"),
        _missing("model", "string", "string_type"),
        _missing("results", "list", "list_type"),
    )
)
"""What Python's validation says of an error in place of verdicts."""


def translate(call: Call, up: Answer) -> Answer:
    """What a client of LiteLLM receives."""
    return marked(call, _translate(call, buffered_pauses(call, up)))


def marked(call: Call, answer: Answer) -> Answer:
    """The answer with the id of the call, which all have that got as far as a model."""
    if not answer.status:
        return answer
    return replace(answer, headers=(*answer.headers, ("x-litellm-call-id", call.rid)))


def claude(call: Call) -> Answer:
    """What a client gets of Anthropic's answer."""
    return marked(call, litellm_streams.claude(call))


def _translate(call: Call, up: Answer) -> Answer:
    if call.endpoint == "rerank":
        return told(call, 500, _UNSUPPORTED, "internal_server_error")
    if up.end is End.HANG and not (up.status and call.stream):
        return no_answer(End.HANG)
    if up.status == 0:
        return _disconnected(call, up)
    if up.status != 200:
        return _named(call, up)
    if call.endpoint == "speech":
        return replace(up, headers=(("content-type", "audio/mpeg"),), framing=Framing.CHUNKED)
    return litellm_streams.stream(call, up) if call.stream else _whole(call, up)


def _disconnected(call: Call, up: Answer) -> Answer:
    chat = call.endpoint in {"chat", "embeddings", "completions"}
    name = "InternalServerError" if chat else "APIConnectionError"
    kind = "internal_server_error" if chat else None
    message = f"litellm.{name}: {name}: OpenAIException - Connection error."
    if call.endpoint == "moderations":
        message = "Connection error."
    return replace(told(call, 500, message, kind), delay=up.delay)


def _named(call: Call, up: Answer) -> Answer:
    """An error of upstream's with a status of its own."""
    if call.behaviour in _ANTHROPIC:
        return _anthropic_error(call, up)
    value = read_json(up.body)
    error = value.get("error") if isinstance(value, dict) else None
    words = f"Error code: {up.status}"
    if isinstance(error, dict) and error.get("message"):
        words = str(error["message"])
    elif isinstance(value, dict) and message_of(value):
        words = message_of(value)
    words = _ADDRESS.sub("REDACTED", words)
    named = NAMED.get(up.status, OTHER)
    if call.endpoint == "moderations":
        return _moderation_error(up, error, words)
    headers = () if call.endpoint in _SILENT else provider_headers(up)
    if call.endpoint == "embeddings" and isinstance(error, dict):
        words = f"Error code: {up.status} - {words}"
    if call.endpoint == "responses" and isinstance(value, dict):
        words = json.dumps(value, separators=(",", ":"))
    if "maximum context length" in words:
        message = _CONTEXT.format(words=words, model=call.model)
    else:
        message = f"litellm.{named.exception}: {named.says}OpenAIException - {words}"
    if up.status in {408, 504}:
        message += _TIMEOUT
    param = None
    if isinstance(error, dict) and up.status == 400 and "context" not in message:
        param = None if call.endpoint == "embeddings" else error.get("param")
    kind: str | None = named.kind
    if call.endpoint in {"transcriptions", "speech"} and up.status in {401, 404, 503}:
        kind = None
    return replace(told(call, up.status, message, kind, headers, param), delay=up.delay)


_ANTHROPIC = {"claude-429": ("RateLimitError", 429), "claude-529": ("InternalServerError", 500)}
"""Anthropic's errors: the exception, and the status that they get."""


def _anthropic_error(call: Call, up: Answer) -> Answer:
    """Anthropic's JSON as it is, in a stream as Python prints bytes."""
    name, status = _ANTHROPIC[call.behaviour]
    words = f"b'{up.body.decode()}'" if call.stream else up.body.decode()
    vendor = "AnthropicException" if status == 429 else "AnthropicError"
    message = f"litellm.{name}: {vendor} - {words}"
    headers = provider_headers(up) if status == up.status else ()
    return told(call, status, message, NAMED[status].kind, headers)


def _moderation_error(up: Answer, error: Any, words: str) -> Answer:
    """The OpenAI library's own words; nothing else is added."""
    known = error if isinstance(error, dict) else {}
    message = f"Error code: {up.status} - {words}" if known else words
    fields = {
        "message": message,
        "type": known.get("type"),
        "param": known.get("param"),
        "code": str(up.status),
    }
    return Answer(up.status, JSON, (dump({"error": fields}),), delay=up.delay)


def _whole(call: Call, up: Answer) -> Answer:
    if up.end is not End.CLEAN or up.framing is Framing.SHORT:
        return _disconnected(replace(call, endpoint="chat"), up)
    value = read_json(up.body)
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, dict):
        return _error_in_200(call, error, up)
    if not isinstance(value, dict) or isinstance(error, str):
        return _no_document(call, up, error)
    headers = (*JSON, *provider_headers(up))
    shaped = _shaped(call, value)
    return Answer(200, headers, (dump(shaped),), delay=up.delay)


def _error_in_200(call: Call, error: dict[str, Any], up: Answer) -> Answer:
    """Its code is taken for a status, and a word cannot be compared with a number."""
    if isinstance(error.get("code"), int):
        words = "" if call.endpoint == "embeddings" else error["message"]
        message = f"litellm.RateLimitError: RateLimitError: OpenAIException - {words}"
        return replace(told(call, 429, message, "throttling_error"), delay=up.delay)
    plain = call.endpoint in {"transcriptions", "moderations"}
    none: str | None = "None" if plain else None
    kind = none or "internal_server_error"
    said = _NOT_VALID if call.endpoint == "moderations" else _NO_COMPARISON
    fields = {"message": said, "type": kind, "param": none, "code": "500"}
    return Answer(500, JSON, (dump({"error": fields}),), delay=up.delay)


def _no_document(call: Call, up: Answer, error: Any) -> Answer:
    page = bool(up.body)
    if call.endpoint == "transcriptions" and page and error is None:
        value = {"text": up.body.decode(), "usage": None}
        return Answer(200, (*JSON, *provider_headers(up)), (dump(value),), delay=up.delay)
    if isinstance(error, str):
        message = "litellm.BadRequestError: OpenAIException - Error in response object"
        return replace(told(call, 422, message, BAD), delay=up.delay)
    said = (
        "'str' object has no attribute 'model_dump'"
        if page
        else ("Expecting value: line 1 column 1 (char 0)")
    )
    if call.endpoint == "moderations":
        fields = {"message": said, "type": "None", "param": "None", "code": "500"}
        return Answer(500, JSON, (dump({"error": fields}),), delay=up.delay)
    message = f"litellm.InternalServerError: InternalServerError: OpenAIException - {said}"
    if call.endpoint == "chat" and page:
        said = (
            f"Empty or invalid response from LLM endpoint. Received: '{up.body.decode()}'. Check"
            " the reverse proxy or model server configuration."
        )
        message = f"litellm.InternalServerError: InternalServerError: OpenAIException - {said}"
    if call.endpoint == "embeddings" and page:
        return told(call, 400, f"Invalid request format: {message}", BAD)
    return replace(told(call, 500, message, "internal_server_error"), delay=up.delay)


_ADDED: dict[str, dict[str, Any]] = {
    "transcriptions": {"language": None, "duration": None, "words": None, "segments": None},
}
"""Fields that are put into a document, without anything in them."""


def _shaped(call: Call, value: dict[str, Any]) -> dict[str, Any]:
    """A document with the fields that LiteLLM gives it, in its order."""
    if call.endpoint in _ADDED:
        return value | _ADDED[call.endpoint]
    if call.endpoint == "embeddings":
        return value | {"usage": {"completion_tokens": 0} | value.get("usage", {})}
    if call.endpoint not in {"chat", "completions"}:
        return value
    choices = [_choice(one) for one in value.get("choices") or []]
    usage = value.get("usage") or {}
    return {
        "id": value.get("id"),
        "created": value.get("created"),
        "model": call.model,
        "object": value.get("object"),
        "choices": choices,
        "usage": {
            name: usage.get(name, 0)
            for name in ("completion_tokens", "prompt_tokens", "total_tokens")
        },
    }


def _choice(one: dict[str, Any]) -> dict[str, Any]:
    message = one.get("message") or {}
    shaped = {"content": message.get("content"), "role": message.get("role")}
    rest = {name: message[name] for name in message if name not in shaped}
    return {
        "finish_reason": one.get("finish_reason"),
        "index": one.get("index", 0),
        "message": shaped | rest,
        "provider_specific_fields": {},
    }
