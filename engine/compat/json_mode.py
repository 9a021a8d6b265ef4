"""Saying in words what ``response_format`` says, for a gateway that refuses it."""

import json
from collections.abc import Mapping

from engine.request import Payload

_JSON_ALONE = (
    "Answer with one JSON object and nothing else: no text before or after it, no code fence."
)
_AFTER_SCHEMA = "It must be valid against this JSON schema:"


def mentioning_json(payload: Payload) -> Payload:
    """The request with the word JSON in its prompt: OpenAI and Qwen demand it for that format."""
    if format_of(payload) != "json_object" or "json" in _prompt(payload).lower():
        return payload
    return instructed(payload, _JSON_ALONE)


def format_of(payload: Mapping[str, object]) -> str:
    """The type of ``response_format``; empty if there is none."""
    wanted = payload.get("response_format")
    return str(wanted.get("type", "")) if isinstance(wanted, dict) else ""


def as_json_object(payload: Mapping[str, object]) -> Payload:
    """The schema in the prompt, and only that JSON is wanted as ``response_format``.

    What asks for no schema stays as it is: the model may have been found out by another app.
    """
    if format_of(payload) != "json_schema":
        return dict(payload)
    return {**in_words(payload), "response_format": {"type": "json_object"}}


def in_words(payload: Mapping[str, object]) -> Payload:
    """All that ``response_format`` says in the prompt."""
    wanted = payload.get("response_format")
    rest = {name: value for name, value in payload.items() if name != "response_format"}
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_object", "json_schema"):
        return rest
    named = wanted.get("json_schema")
    schema = named.get("schema") if isinstance(named, dict) else None
    if schema is None:
        return rest if _JSON_ALONE in _prompt(rest) else instructed(rest, _JSON_ALONE)
    written = json.dumps(schema, ensure_ascii=False)
    return instructed(rest, f"{_JSON_ALONE} {_AFTER_SCHEMA}\n{written}")


def instructed(payload: Mapping[str, object], instruction: str) -> Payload:
    """The request with a further instruction; a copy.

    It stands behind the app's own instructions, so that these stay the prompt's cached beginning.
    """
    messages = payload.get("messages")
    if not isinstance(messages, list):
        return {**payload, "prompt": f"{payload.get('prompt', '')}\n\n{instruction}"}
    for position, message in enumerate(messages):
        if message.get("role") in ("system", "developer"):
            content = message.get("content")
            if isinstance(content, list):
                content = [*content, {"type": "text", "text": instruction}]
            else:
                content = f"{content}\n\n{instruction}" if content else instruction
            told = {**message, "content": content}
            return {**payload, "messages": [*messages[:position], told, *messages[position + 1 :]]}
    return {**payload, "messages": [{"role": "system", "content": instruction}, *messages]}


def _prompt(payload: Mapping[str, object]) -> str:
    """All text of the prompt."""
    messages = payload.get("messages")
    if not isinstance(messages, list):
        return str(payload.get("prompt", ""))
    texts = []
    for message in messages:
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        texts += [str(part.get("text") or "") for part in parts]
    return "\n".join(texts)
