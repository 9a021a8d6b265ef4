"""Texts of nothing but blanks, which Dify sends like any other."""

from collections.abc import Mapping

from engine.text.invisible import trimmed

STAND_IN = "."
"""Sent for a text of nothing but blanks: servers refuse such a one and its whole batch with it, or
answer with zeros, which Dify passes over, so that all vectors behind go to wrong texts."""


def not_blank[Part: str | Mapping[str, str]](part: Part) -> Part | str | dict[str, str]:
    """The text or the image as it is; ``STAND_IN`` for a text of which nothing is to be seen."""
    if isinstance(part, str):
        return part if trimmed(part) else STAND_IN
    text = part.get("text")
    return part if text is None or trimmed(text) else {**part, "text": STAND_IN}
