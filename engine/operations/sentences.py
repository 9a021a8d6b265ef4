"""Cuts a long text where a speaker would pause."""

import functools
import re
from collections.abc import Iterator

MAX_INPUT_CHARACTERS = 4096
"""Bytes of UTF-8: One API refuses more, and calls them characters (``text_too_long``)."""

_PAUSES = (
    # The end of a sentence with the quotation marks and brackets behind it, or of a paragraph; a
    # full stop only before white space, as it also stands in numbers and addresses.
    r"(?:[。！？!?…｡]+|\.+(?=[\s”’\"')\]）」』])|\n)[”’\"')\]）」』》\s]*",
    r"[，、；：,;:—]+[”’\"')\]）」』》\s]*",
    r"\s+",
)
"""From the best place for a cut to the worst."""


@functools.cache
def _pauses() -> tuple[re.Pattern[str], ...]:
    # Compiled when the first text is cut: start-up is outage time.
    return tuple(map(re.compile, _PAUSES))


def split_text(text: str, longest: int) -> Iterator[str]:
    """Yield a text in as few pieces as the limits allow, each as long as whole sentences go.

    Only where a sentence is longer than the limit, it is cut at a comma, then at white space,
    then anywhere. What holds nothing but white space is left out.

    Args:
        text: what is to be spoken.
        longest: characters of one piece; at most 4,096 bytes of UTF-8 in any case.
    """
    start = 0
    while start < len(text):
        end = _cut(text, start, _fitting(text, start, longest))
        piece = text[start:end].strip()
        if piece:
            yield piece
        start = end


def _fitting(text: str, start: int, longest: int) -> int:
    """Where the longest piece that keeps both limits ends."""
    end = min(len(text), start + max(1, min(longest, MAX_INPUT_CHARACTERS)))
    encoded = text[start:end].encode("utf-8", "replace")
    if len(encoded) > MAX_INPUT_CHARACTERS:
        end = start + len(encoded[:MAX_INPUT_CHARACTERS].decode("utf-8", "ignore"))
    return end


def _cut(text: str, start: int, limit: int) -> int:
    """The last good place for a cut up to the limit."""
    if limit == len(text):
        return limit
    for pause in _pauses():
        # One character more is looked at: it tells whether a full stop ends a sentence. White
        # space at the cut is taken off, and so may stand beyond the limit.
        ends = [found.end() for found in pause.finditer(text, start, limit + 1)]
        for end in reversed(ends):
            if len(text[start:end].rstrip()) <= limit - start:
                return end
    return limit
