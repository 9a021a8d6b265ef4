"""Prompt caching: marks that say up to where a prompt is worth keeping.

OpenAI, DeepSeek, Gemini and others cache by themselves. Claude (and Qwen's explicit cache) keeps
only what is marked with ``cache_control``; OpenRouter, LiteLLM and New API pass that on. One switch
sets the marks where an app's prompt stays the same: after the tools, after the instructions, and
after the conversation so far, which is the beginning of the next turn's prompt.
"""

from typing import Any

type Payload = dict[str, Any]

LIFETIMES = ("5m", "1h")
"""How long a prompt is kept; the longer one costs more to write."""


def write_prompt_caching(payload: Payload, value: Any) -> None:
    """Set the marks: three of the four that a request may have."""
    mark = {"type": "ephemeral"} if value == "5m" else {"type": "ephemeral", "ttl": value}
    if payload.get("tools"):
        *tools, last = payload["tools"]
        payload["tools"] = [*tools, {**last, "cache_control": mark}]
    messages = list(payload.get("messages", ()))
    instructions = [i for i, one in enumerate(messages) if one["role"] in ("system", "developer")]
    asked = [i for i, one in enumerate(messages) if one["role"] == "user"]
    for position in {*instructions[-1:], *asked[-1:]}:
        messages[position] = _marked(messages[position], mark)
    if messages:
        payload["messages"] = messages


def _marked(message: Payload, mark: dict[str, str]) -> Payload:
    content = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    if not parts or parts[-1].get("text") == "":
        return message
    return {**message, "content": [*parts[:-1], {**parts[-1], "cache_control": mark}]}
