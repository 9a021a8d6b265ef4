"""What stands inside messages and tools, and a request makes sense without."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.request import Payload

OPTIONAL_FIELDS = (
    "cache_control",
    "strict",
    "reasoning_content",
    "reasoning_details",
    "thinking_blocks",
    "extra_content",
)
"""Marks for caches, the strictness of tools, and reasoning that was to be replayed."""

_PLACES = ("messages", "tools")


def has_optional_field(payload: Mapping[str, object], name: str) -> bool:
    """Whether any message or tool has it."""
    return any(_has(payload.get(place), name) for place in _PLACES)


def without_optional_field(name: str) -> Callable[[Mapping[str, object]], Payload]:
    """Makes the request without it, a copy as far as it is changed."""

    def apply(payload: Mapping[str, object]) -> Payload:
        return {
            key: _without(value, name) if key in _PLACES else value
            for key, value in payload.items()
        }

    return apply


def _has(node: object, name: str) -> bool:
    if isinstance(node, list):
        return any(_has(item, name) for item in node)
    if not isinstance(node, dict):
        return False
    return name in node or any(_has(value, name) for value in _children(node))


def _without(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_without(item, name) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value if key in _OPAQUE else _without(value, name)
        for key, value in node.items()
        if key != name
    }


def _children(node: Mapping[str, object]) -> list[object]:
    return [value for key, value in node.items() if key not in _OPAQUE]


_OPAQUE = frozenset({"parameters", "arguments"})
"""A tool's own words: a property of its schema may have the same name."""
