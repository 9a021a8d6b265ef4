"""Tokens as the gateway counted them."""

from dataclasses import dataclass

MOST_TOKENS = 1_000_000_000
"""A count beyond it is no count."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer took.

    Attributes:
        prompt_tokens: all of the prompt, cached ones included.
        completion_tokens: all that was made, reasoning included.
    """

    prompt_tokens: int
    completion_tokens: int


def read_usage(value: object) -> Usage | None:
    """Token counts of a ``usage`` object; ``None`` if it is absent or counts nothing.

    Most count cached tokens within the prompt and reasoning within the completion. Anthropic's
    own fields count them beside it, and so does Gemini for thoughts: there the total tells.
    """
    if not isinstance(value, dict):
        return None
    prompt = _count(value.get("prompt_tokens"))
    completion = _count(value.get("completion_tokens"))
    total = _count(value.get("total_tokens"))
    read = _count(value.get("cache_read_input_tokens"))
    written = _count(value.get("cache_creation_input_tokens"))
    cached = (
        _detail(value, "prompt_tokens_details", "cached_tokens")
        or _count(value.get("prompt_cache_hit_tokens"))
        or read
    )
    reasoning = _detail(value, "completion_tokens_details", "reasoning_tokens")
    if prompt + completion < total == prompt + completion + reasoning:
        completion += reasoning
    elif prompt + completion < total == prompt + completion + read + written:
        prompt += read + written
    elif prompt < cached:
        prompt += cached + written
    if not prompt and not completion:
        return None
    return Usage(prompt, completion)


def _detail(value: dict[str, object], group: str, name: str) -> int:
    details = value.get(group)
    return _count(details.get(name)) if isinstance(details, dict) else 0


def _count(value: object) -> int:
    if isinstance(value, int | float) and 0 < value < MOST_TOKENS:
        return int(value)
    return 0
