"""Where gateways put what a model thought, in the messages and deltas of chat's API."""

from collections.abc import Mapping

_ELSEWHERE = ("thinking", "thoughts", "reasoning_details", "thinking_blocks")
"""Besides ``reasoning_content`` (DeepSeek, vLLM) and ``reasoning`` (OpenRouter, Groq, vLLM):

Ollama; relays of Gemini; OpenRouter's and LiteLLM's blocks, which mostly say the same again.
"""

_WORDS = ("text", "thinking", "summary", "content", "reasoning", "reasoning_content")
"""Fields of an object that hold the words."""


def plain_thought(delta: Mapping[str, object]) -> str:
    """What a message or a delta adds to the thoughts; said in both fields, it counts once."""
    found = delta.get("reasoning_content") or delta.get("reasoning")
    return words_of(found) if found else ""


def thought_in_blocks(delta: Mapping[str, object]) -> str:
    """The same, where the two usual fields are empty in the whole answer."""
    for name in _ELSEWHERE:
        if name in delta and (words := words_of(delta[name])):
            return words
    return ""


def words_of(value: object) -> str:
    """A text, or the texts of an object or of several."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(words_of(part) for part in value)
    if isinstance(value, dict):
        return next((words for name in _WORDS if (words := words_of(value.get(name)))), "")
    return ""
