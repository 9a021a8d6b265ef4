"""The behaviour `strict`: answers if the model's vendor takes the request, else a 400 says why not.

A scenario names the models: `{"gpt-5.6-sol": {"behaviour": "strict"}}`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.answer import Answer, json_answer
from simulator.call import Call
from simulator.errors import INVALID, error
from simulator.streams import WORDS, answer_with, said
from simulator.vendor_limits import LIMITS
from simulator.vendors import LONGEST, VENDORS, Vendor


def strict(call: Call) -> Answer:
    """An answer, or the first reason that the vendor has against the request."""
    is_chat = call.endpoint in {"chat", "completions", "responses"}
    found = complaints(call.model, call.body) if is_chat else limits(call.model, call.body)
    reason = next(found, None)
    if reason is None:
        return answer_with(call, said(*WORDS))
    return json_answer(400, error(reason, INVALID, "invalid_parameter"))


def complaints(model: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Everything that the vendor of a model refuses in a request.

    Args:
        model: a name as a gateway spells it; of an unknown vendor nothing is refused.
        body: the request, as the gateway passes it on.
    """
    name = model.lower().rsplit("/", 1)[-1]
    rows = [row for row in VENDORS if re.fullmatch(row.models, name)]
    for row in rows:
        yield from _fields(row, body)
        yield from _together(row, body)
    yield from _values(rows, body)
    yield from _length(name, body)
    yield from _response_format(rows, body)


def limits(model: str, body: Mapping[str, Any]) -> Iterator[str]:
    """The same at the endpoints that take texts and give back no words."""
    name = model.lower().rsplit("/", 1)[-1]
    sent = body.get("documents", body.get("input", []))
    texts = sent if isinstance(sent, list) else [sent]
    for row in LIMITS:
        if not re.fullmatch(row.models, name):
            continue
        yield from (f"{field} is not supported with this model." for field in row.refused & {*body})
        yield from (f"{field} is required." for field in row.needed - {*body})
        if row.texts and len(texts) > row.texts:
            yield f"batch size is invalid, it should not be larger than {row.texts}."
        if row.characters and any(len(str(text)) > row.characters for text in texts):
            yield f"String should have at most {row.characters} characters"
        if row.voices and body.get("voice") not in row.voices:
            yield f"voice: {body.get('voice')!r} is not one of {sorted(row.voices)}"


def _fields(row: Vendor, body: Mapping[str, Any]) -> Iterator[str]:
    for name in body:
        if name in row.refused:
            yield f"Unsupported parameter: '{name}' is not supported with this model."
        if row.known and name not in row.known:
            yield f"Unrecognized request argument supplied: {name}"
    for name, bounds in row.bounds.items():
        if name in body and not bounds.hold(body[name]):
            yield f"{name}: {body[name]!r} is out of range"
    kind = body.get("thinking")
    if row.thinking and kind is not None and kind.get("type") not in row.thinking:
        yield f"thinking.type: {kind.get('type')!r} is not one of {sorted(row.thinking)}"


def _together(row: Vendor, body: Mapping[str, Any]) -> Iterator[str]:
    for group in row.together:
        if all(_said(clause, body) for clause in group):
            yield f"{' and '.join(sorted(group))} cannot both be specified for this model."


def _said(clause: str, body: Mapping[str, Any]) -> bool:
    name, equals, value = clause.partition("=")
    found = body.get(name)
    if isinstance(found, dict):
        found = found.get("type")
    return found is not None and (not equals or str(found) == value)


def _values(rows: list[Vendor], body: Mapping[str, Any]) -> Iterator[str]:
    allowed = {name: values for row in rows for name, values in row.values.items()}
    for name, values in allowed.items():
        if name in body and body[name] not in values:
            yield f"{name}: {body[name]!r} is not one of {', '.join(values)}"


def _length(name: str, body: Mapping[str, Any]) -> Iterator[str]:
    limits = {key: body[key] for key in ("max_tokens", "max_completion_tokens") if key in body}
    if len(limits) > 1:
        yield "max_tokens and max_completion_tokens cannot both be specified"
    longest = next((most for pattern, most in LONGEST if re.fullmatch(pattern, name)), None)
    for field, value in limits.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"{field}: {value!r} is no positive integer"
        elif longest is not None and value > longest:
            yield f"{field} is too large: {value}. This model supports at most {longest} tokens."
    budget = (body.get("thinking") or {}).get("budget_tokens")
    if budget is not None and not 1024 <= budget < limits.get("max_tokens", budget + 1):
        yield "thinking.budget_tokens: must be at least 1024 and less than max_tokens"


def _response_format(rows: list[Vendor], body: Mapping[str, Any]) -> Iterator[str]:
    asked = body.get("response_format")
    if asked is None:
        return
    kind = asked.get("type") if isinstance(asked, dict) else None
    allowed = {"text", "json_object", "json_schema"}
    for row in rows:
        allowed &= row.formats or allowed
    if kind not in allowed:
        yield f"response_format.type: {kind!r} is not one of {sorted(allowed)}"
    schema = asked.get("json_schema") if isinstance(asked, dict) else None
    if kind == "json_schema" and not (
        isinstance(schema, dict)
        and isinstance(schema.get("schema"), dict)
        and re.fullmatch(r"[\w-]{1,64}", str(schema.get("name")))
    ):
        yield "response_format.json_schema: name and schema are required"
    if kind == "json_object" and "json" not in str(body.get("messages")).lower():
        yield "'messages' must contain the word 'json' in some form, to use 'response_format'"
