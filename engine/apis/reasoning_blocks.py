"""Blocks of reasoning that only their provider can read, put together from their deltas.

OpenRouter sends them as ``reasoning_details``, LiteLLM as ``thinking_blocks``; both want them back
as they were, signatures and all.
"""

from collections.abc import Mapping
from typing import Any

from engine.text.characters import whole_value

REASONING_ITEMS = "reasoning_items"
"""What the Responses API gives instead: whole items, encrypted."""

FIELDS = ("reasoning_details", "thinking_blocks")
"""A message's fields that hold them, in chat's API."""

_TEXTS = frozenset({"text", "thinking", "summary", "data"})


class _Text(list[str]):
    """A text in the pieces that it came in: joining it at every delta would copy it each time."""


class ReasoningBlocks:
    """Collects the blocks of one answer."""

    def __init__(self) -> None:
        self._found: dict[str, list[dict[str, Any]]] = {}

    def add(self, delta: Mapping[str, object]) -> None:
        """Take the blocks of a message or a delta."""
        for field in FIELDS:
            pieces = delta.get(field)
            if isinstance(pieces, list):
                for piece in pieces:
                    if isinstance(piece, dict):
                        self._add_one(self._found.setdefault(field, []), piece)

    def blocks(self) -> dict[str, list[dict[str, Any]]]:
        """All of them, by field; empty if there were none."""
        return {
            field: [{name: _whole(value) for name, value in block.items()} for block in blocks]
            for field, blocks in self._found.items()
        }

    def _add_one(self, blocks: list[dict[str, Any]], piece: dict[str, Any]) -> None:
        block = next((one for one in reversed(blocks) if _continues(one, piece)), None)
        if block is None:
            block = dict.fromkeys(piece)
            blocks.append(block)
        for name, value in piece.items():
            if name in _TEXTS and isinstance(value, str):
                known = block.get(name)
                if not isinstance(known, _Text):
                    known = block[name] = _Text()
                known.append(value)
            elif value is not None:
                block[name] = value


def _whole(value: object) -> object:
    return whole_value("".join(value) if isinstance(value, _Text) else value)


def _continues(block: Mapping[str, Any], piece: Mapping[str, Any]) -> bool:
    """Whether a piece is more of this block: by its index, or else until that one is signed."""
    if block.get("type") != piece.get("type"):
        return False
    if "index" in piece:
        return bool(block.get("index") == piece["index"])
    return not block.get("signature")
