"""Characters that nobody sees: they come along with what is copied from a page or a chat."""

import re
from collections.abc import Mapping

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff\ufffe"
)
"""Soft hyphens, joiners, marks of direction and byte order (Unicode 15, 23.2 and 23.8), as the
inside of a regular expression's brackets."""

_INVISIBLES = re.compile(f"[{INVISIBLE}]+")
_AROUND = re.compile(rf"^[\s{INVISIBLE}]+|[\s{INVISIBLE}]+$")


def without_invisible(text: str) -> str:
    """The text without any of them, for what can hold none: an address, a key."""
    return _INVISIBLES.sub("", text)


def trimmed(text: str) -> str:
    """The text without blanks and invisible characters around it."""
    return _AROUND.sub("", text)


STAND_IN = "."
"""Sent for a text of nothing but blanks: servers refuse such a one and its whole batch with it, or
answer with zeros, which Dify passes over, so that all vectors behind go to wrong texts."""


def not_blank[Part: str | Mapping[str, str]](part: Part) -> Part | str | dict[str, str]:
    """The text or the image as it is; ``STAND_IN`` for a text of which nothing is to be seen."""
    if isinstance(part, str):
        return part if trimmed(part) else STAND_IN
    text = part.get("text")
    return part if text is None or trimmed(text) else {**part, "text": STAND_IN}
