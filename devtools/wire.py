"""What Dify's daemon writes to a plugin: envelopes, prompt messages, credentials.

Shapes as the daemon 0.6.9 sends them, defaults included (`null` tools, empty `name`).
"""

import json
from typing import Any

type Json = dict[str, Any]
"""A JSON object as it travels on the wire."""

LINE_LIMIT = 5_242_880
"""Bytes at which the daemon's line scanner gives up and kills the plugin."""


def envelope(session_id: str, data: Json) -> bytes:
    """One line for the plugin's stdin: a request in its session."""
    request = {
        "session_id": session_id,
        "conversation_id": None,
        "message_id": None,
        "app_id": None,
        "endpoint_id": None,
        "context": None,
        "event": "request",
        "data": data,
    }
    return json.dumps(request, ensure_ascii=False).encode() + b"\n"


def message(role: str, content: str | list[Json] | None, **extra: Any) -> Json:
    """One prompt message; `content` is text or a list of parts such as an image's."""
    return {
        "role": role,
        "content": content,
        "name": "",
        "tool_calls": None,
        "tool_call_id": "",
        **extra,
    }


def user(content: str | list[Json]) -> Json:
    """A message of the person who asks."""
    return message("user", content)


def system(content: str) -> Json:
    """Instructions of the application."""
    return message("system", content)


def assistant(content: str, tool_calls: list[Json] | None = None) -> Json:
    """An earlier answer, with the tool calls it made (Dify's shape: id, type, function)."""
    return message("assistant", content, tool_calls=tool_calls or [])


def tool(content: str, tool_call_id: str, name: str = "") -> Json:
    """The result of the tool call `tool_call_id`."""
    return message("tool", content, tool_call_id=tool_call_id, name=name)


def predefined(endpoint_url: str, api_key: str = "sk-test", **extra: str) -> Json:
    """What the provider's form sends: base URL, key, and any further field as text."""
    return {"endpoint_url": endpoint_url, "api_key": api_key, **extra}


def credentials(endpoint_url: str, api_key: str = "sk-test", **extra: str) -> Json:
    """What a customizable model's form sends for a chat model; `extra` overrides or adds.

    Dify stores every field as text, so numbers are text here too.
    """
    return {
        "endpoint_url": endpoint_url,
        "api_key": api_key,
        "mode": "chat",
        "context_size": "8192",
        "max_tokens_to_sample": "4096",
        "function_calling_type": "tool_call",
        "stream_function_calling": "supported",
        "vision_support": "support",
        **extra,
    }
