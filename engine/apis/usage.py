"""Tokens as the gateway counted them."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from engine.text.json_document import parse_document

MAX_TOKENS = 1_000_000_000
"""A count beyond it is no count."""

# OpenAI's chat, Anthropic and the Responses API, Gemini.
_PROMPT = ("prompt_tokens", "input_tokens", "promptTokenCount")
_COMPLETION = ("completion_tokens", "output_tokens", "candidatesTokenCount")
_TOTAL = ("total_tokens", "totalTokenCount")
_PROMPT_DETAILS = ("prompt_tokens_details", "input_tokens_details")
_COMPLETION_DETAILS = ("completion_tokens_details", "output_tokens_details")


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
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        with contextlib.suppress(ValueError):
            value = parse_document(value)
    if not isinstance(value, dict):
        return None
    prompt = _first(value, _PROMPT)
    completion = _first(value, _COMPLETION)
    total = _first(value, _TOTAL)
    read = _count(value.get("cache_read_input_tokens"))
    written = _count(value.get("cache_creation_input_tokens"))
    cached = (
        _detail(value, _PROMPT_DETAILS, "cached_tokens")
        or _count(value.get("prompt_cache_hit_tokens"))
        or read
    )
    reasoning = _detail(value, _COMPLETION_DETAILS, "reasoning_tokens") or _count(
        value.get("thoughtsTokenCount")
    )
    if prompt + completion < total == prompt + completion + reasoning:
        completion += reasoning
    elif prompt + completion < total == prompt + completion + read + written:
        prompt += read + written
    elif prompt < cached or (not total and _counts_cache_beside(value)):
        prompt += cached + written
    if not prompt and not completion:
        return None
    return Usage(prompt, completion)


def usage_of(document: Mapping[str, object]) -> Usage | None:
    """The usage of a chat's document, wherever it stands in it."""
    places: list[object] = [document.get("usage")]
    choices = document.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            inner = choice.get("delta") or choice.get("message")
            places.append(choice.get("usage"))
            places.append(inner.get("usage") if isinstance(inner, dict) else None)
    # Groq; relays of Claude; Gemini's own words.
    for name in ("x_groq", "message"):
        inner = document.get(name)
        places.append(inner.get("usage") if isinstance(inner, dict) else None)
    places += [document.get("usageMetadata"), document.get("usage_metadata")]
    return next((found for place in places if (found := read_usage(place))), None)


def _counts_cache_beside(value: Mapping[str, object]) -> bool:
    """Anthropic's own names: what was read from its cache is no part of ``input_tokens``."""
    return not _count(value.get("prompt_tokens")) and not any(
        value.get(group) for group in _PROMPT_DETAILS
    )


def _first(value: Mapping[str, object], names: tuple[str, ...]) -> int:
    return next((count for name in names if (count := _count(value.get(name)))), 0)


def _detail(value: Mapping[str, object], groups: tuple[str, ...], name: str) -> int:
    for group in groups:
        details = value.get(group)
        if isinstance(details, dict) and (count := _count(details.get(name))):
            return count
    return 0


def _count(value: object) -> int:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = float(value)
    if isinstance(value, int | float) and 0 < value < MAX_TOKENS:
        return int(value)
    return 0
