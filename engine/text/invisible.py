"""Characters that nobody sees: they come along with what is copied from a page or a chat."""

import re

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
