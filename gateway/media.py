"""Audio as Qwen's servers want it: a data URL, where OpenAI has the base64 alone.

Both stand behind the same gateways, and only the answer tells which of them it is.
"""

import re
from collections.abc import Mapping
from typing import Any

from gateway.failure import Failure
from gateway.request import Payload

_NO_URL = re.compile(r"\burl\b.{0,40}valid|invalid.{0,20}\burl\b", re.IGNORECASE)


def wants_data_urls(failure: Failure, payload: Mapping[str, object]) -> bool:
    """Whether audio was refused as it is no address."""
    return (
        failure.status in (400, 422)
        and not failure.after_content
        and _NO_URL.search(failure.words) is not None
        and with_data_urls(payload) != payload
    )


def with_data_urls(payload: Mapping[str, object]) -> Payload:
    """The request with all audio as data URLs; a copy as far as it is changed."""
    messages = payload.get("messages")
    if not isinstance(messages, list):
        return dict(payload)
    return {**payload, "messages": [_message(message) for message in messages]}


def _message(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_part(part) for part in content]}


def _part(part: dict[str, Any]) -> dict[str, Any]:
    audio = part.get("input_audio")
    if not isinstance(audio, dict) or str(audio.get("data")).startswith("data:"):
        return part
    return {**part, "input_audio": {**audio, "data": f"data:;base64,{audio.get('data')}"}}
