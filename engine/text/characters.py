"""Characters that arrive in halves, and what becomes of a half that stays alone.

JSON writes what lies beyond U+FFFF as two escapes (RFC 8259, 7), and servers that cut text by
UTF-16 units or by bytes put the halves into two chunks. A half cannot be encoded: a text that
holds one would not leave the plugin at all. Bytes that were no UTF-8 come as Python's
``surrogateescape`` writes them, so that their rest can be waited for, too.
"""

import re
from collections.abc import Mapping

_HALF = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_BYTES = re.compile("[\udc80-\udcff]+")
_OPEN_END = re.compile("(?:[\ud800-\udbff]|[\udcc2-\udcf4][\udc80-\udcbf]{0,2})\\Z")
"""What the next piece may complete: a high half, or the first bytes of a character."""


def whole_characters(text: str) -> str:
    """Join the halves that belong together, and replace every other one by U+FFFD."""
    if text.isascii() or _HALF.search(text) is None:
        return text
    return _HALF.sub("\ufffd", _BYTES.sub(_decoded, _PAIR.sub(_joined, text)))


def whole_value(value: object) -> object:
    """A JSON value of which every text holds whole characters; the same object if it did."""
    if isinstance(value, str):
        return whole_characters(value)
    if isinstance(value, list):
        return [whole_value(item) for item in value]
    if isinstance(value, Mapping):
        return {whole_characters(name): whole_value(item) for name, item in value.items()}
    return value


class CharacterJoiner:
    """Takes a text in pieces, and gives it back without a character being cut between two.

    Attributes:
        held: what is held back, as the next piece may complete it.
    """

    def __init__(self) -> None:
        self.held = ""

    def take(self, text: str) -> str:
        """Add a piece; returns what is whole of it and of what was held back."""
        if not self.held and (text.isascii() or _HALF.search(text) is None):
            return text
        text = self.held + text
        end = _OPEN_END.search(text)
        self.held = end[0] if end and not _completes(text, end.start()) else ""
        return whole_characters(text[: len(text) - len(self.held)])

    def rest(self) -> str:
        """The text has ended: what was held back will stay half a character."""
        held, self.held = self.held, ""
        return whole_characters(held)


def _completes(text: str, at: int) -> bool:
    """Whether what stands at the end is the second half of a pair that is complete."""
    return at > 0 and _PAIR.fullmatch(text, at - 1, at + 1) is not None


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _decoded(run: re.Match[str]) -> str:
    return run[0].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
