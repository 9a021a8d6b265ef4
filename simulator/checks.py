"""What the gateways check in a request before they call anybody: body, model, fields."""

from typing import Any

from simulator import own_newer
from simulator.answer import Answer, End, no_answer
from simulator.call import Call
from simulator.families import Family
from simulator.form import is_form
from simulator.http11 import Request, is_oversized
from simulator.masking import masked
from simulator.own import Refusal

MAX_SPEECH_CHARACTERS = 4096
"""Bytes."""


def fault_of(call: Call, request: Request, body: Any, family: Family) -> Answer | None:
    """The refusal of a malformed request, or None if nothing is wrong with it."""
    if family.name == "litellm":
        name = _fault_at_litellm(call, request, body)
        return _named(name, call, family) if name else None
    if family.name in _HUBS:
        complaint = _fault_at_hub(call, request, body, family)
        refusal = Refusal(400, code=family.kind)
        return family.error(refusal, complaint, call.rid) if complaint else None
    return _fault_at_one_api(call, request, body, family) if family.checks else None


def _fault_at_one_api(call: Call, request: Request, body: Any, family: Family) -> Answer | None:
    """What One API, New API and their kin refuse."""
    if is_oversized(request.headers) and family.name == "one-api":
        return no_answer(End.HANG)  # it has no limit, and reads on
    newer = family.name == "new-api-2026-08"
    middleware = _body_fault(request, body, family)
    if middleware and newer and not isinstance(body, list):
        name = "too-large" if is_oversized(request.headers) else "invalid-json"
        return _named(name, call, family)
    if middleware and not newer:
        return family.error(Refusal(400), middleware, call.rid)
    if not call.model or not (_is_json(request) or is_form(request)):
        return _named("model-missing", call, family)
    if _is_too_long(call):
        return _named("text-too-long", call, family)
    return _fault_of_fields(call, family)


def _fault_of_fields(call: Call, family: Family) -> Answer | None:
    complaint = _field_fault(call, family)
    if not complaint:
        return None
    old = family.name == "one-api"
    code = "invalid_text_request" if old else "invalid_request"
    text = complaint if old else masked(complaint)
    return family.error(Refusal(400 if old else 500, code=code, relay=True), text, call.rid)


_HUBS = frozenset({"one-hub", "done-hub"})


def _fault_at_litellm(call: Call, request: Request, body: Any) -> str:
    """The refusal's name; empty if there is none."""
    if not _is_json(request):
        return ""
    if isinstance(body, list):
        return "crashed"
    if not isinstance(body, dict):
        return "invalid-json"
    missing = call.endpoint == "chat" and call.body.get("messages") is None
    return "messages-required" if missing else ""


def _fault_at_hub(call: Call, request: Request, body: Any, family: Family) -> str:
    """What a hub says of a request that it cannot read; rerank is refused before."""
    if call.endpoint == "rerank" or not _is_json(request):
        return ""
    if isinstance(body, list):
        kind = "types.ChatCompletionRequest"
        return f"json: cannot unmarshal array into Go value of type {kind}"
    if not isinstance(body, dict):
        return "unexpected EOF" if family.name == "one-hub" else "unexpected end of JSON input"
    if not call.model:
        return "field Model is required"
    return _hub_field_fault(call)


def _hub_field_fault(call: Call) -> str:
    limit, messages = call.body.get("max_tokens"), call.body.get("messages")
    field = "json: cannot unmarshal string into Go struct field ChatCompletionRequest.{} of type {}"
    if isinstance(messages, str):
        return masked(field.format("messages", "[]types.ChatCompletionMessage"))
    if isinstance(limit, str):
        return field.format("max_tokens", "int")
    if isinstance(limit, int) and limit < 0:
        return "max_tokens is invalid"
    return "field Messages is required" if call.endpoint == "chat" and messages is None else ""


def _named(name: str, call: Call, family: Family) -> Answer:
    refusal = own_newer.refusal(name, family.name)
    return family.error(refusal, refusal.message.replace("{group}", "default"), call.rid)


def _is_too_long(call: Call) -> bool:
    """One API measures a text to be spoken in bytes, and calls them characters."""
    is_measured = call.family == "one-api" and call.endpoint == "speech"
    return is_measured and len(call.prompt.encode()) > MAX_SPEECH_CHARACTERS


def _body_fault(request: Request, body: Any, family: Family) -> str:
    """Why the request cannot be read; empty if it can, or if One API would not notice."""
    prefix = (
        "common.UnmarshalBodyReusable failed: "
        if family.name == "one-api"
        else "Invalid request, 无效的请求, "
    )
    if is_oversized(request.headers):
        return "Invalid request, 无效的请求, request body exceeds 128 MB: request body too large"
    if not _is_json(request):
        return ""
    if isinstance(body, list):
        kind = "middleware.ModelRequest"
        return f"{prefix}json: cannot unmarshal array into Go value of type {kind}"
    return "" if isinstance(body, dict) else f"{prefix}unexpected end of JSON input"


_NEEDED = {
    "embeddings": ("input",),
    "rerank": ("query", "documents"),
    "responses": ("input",),
}
"""Fields that New API asks for."""


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


def _field_fault(call: Call, family: Family) -> str:
    """What Go says about the first field that it cannot read, or the relay about its value."""
    field = "json: cannot unmarshal {} into Go struct field GeneralOpenAIRequest.{} of type {}"
    new = family.name != "one-api"
    limit = call.body.get("max_tokens")
    temperature = call.body.get("temperature")
    messages = call.body.get("messages")
    if isinstance(limit, str):
        return field.format("string", "max_tokens", "uint" if new else "int")
    if isinstance(limit, int) and (limit > 2**30 or (limit < 0 and new)):
        negative = field.format(f"number {limit}", "max_tokens", "uint")
        return negative if limit < 0 else "max_tokens is invalid"
    if isinstance(temperature, str):
        return field.format("string", "temperature", "float64")
    if call.endpoint == "chat" and isinstance(messages, str):
        kind = "[]dto.Message" if new else "[]model.Message"
        return field.format("string", "messages", kind)
    if call.endpoint == "chat" and not messages:
        return "field messages is required"
    missing = [name for name in _NEEDED.get(call.endpoint, ()) if new and not _given(call, name)]
    return f"{missing[0]} is empty" if missing else ""


def _given(call: Call, name: str) -> bool:
    """Whether a field is there; New API takes an empty list of inputs, but none of documents."""
    value = call.body.get(name)
    return value is not None if name == "input" else bool(value)
