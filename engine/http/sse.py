"""Server-sent events from bytes as they arrive (WHATWG HTML, 9.2.6), and what is none of them."""

import re
from codecs import BOM_UTF8

STRAY_LIMIT = 32 * 1024 * 1024
"""Bytes kept of lines that belong to no event: a whole JSON answer has to fit."""

_FIELD = re.compile(rb"(?:\xef\xbb\xbf|[ \t])*(data|event|id|retry|) ?: ?", re.IGNORECASE)
"""A line with a field of an event stream; one without a name is a comment."""


class EventDecoder:
    """Takes bytes, cut anywhere, and gives back the data of the events that are complete.

    Time is linear in the bytes, however they are cut. A line that holds a JSON object without
    ``data:`` counts as an event, as gateways send late errors so. A line without a field's name
    within an event is more of its data: a line break within a document, which the sender did not
    mark. Other lines that belong to no event (a page, a body of several lines) are kept in
    ``stray``.

    Attributes:
        framed: there was an event of ``data:`` lines.
    """

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._data: list[bytes] = []
        self._after_cr = False
        self._head: bytes | None = b""
        self._stray: list[bytes] = []
        self._stray_room = STRAY_LIMIT
        self.framed = False

    @property
    def stray(self) -> bytes:
        """All lines that belonged to no event, in order."""
        return b"\n".join(self._stray)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Add bytes; returns the data of each event that they completed."""
        if self._head is not None:
            chunk = self._without_mark(self._head + chunk)
        if self._after_cr or b"\r" in chunk:
            chunk = self._line_feeds_only(chunk)
        lines = chunk.split(b"\n")
        rest = lines.pop()
        events: list[bytes] = []
        if lines:
            if self._partial:
                self._partial.append(lines[0])
                lines[0] = b"".join(self._partial)
                self._partial.clear()
            for line in lines:
                # The two commonest lines are dealt with here: this loop is the hot one.
                if line[:6] == b"data: ":
                    self._data.append(line[6:])
                elif line:
                    self._take(line, events)
                elif self._data:
                    self._dispatch(events)
        if rest:
            self._partial.append(rest)
        return events

    def close(self) -> list[bytes]:
        """The bytes have ended; a last event without its blank line counts all the same."""
        events: list[bytes] = []
        if self._head:
            self._partial.append(self._head)
        if self._partial:
            self._take(b"".join(self._partial), events)
            self._partial.clear()
        if self._data:
            self._dispatch(events)
        return events

    def _without_mark(self, head: bytes) -> bytes:
        """Take the byte order mark off the beginning; what may still be one is held back."""
        if len(head) < len(BOM_UTF8) and BOM_UTF8.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head.removeprefix(BOM_UTF8)

    def _line_feeds_only(self, chunk: bytes) -> bytes:
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b"{") and line.rstrip().endswith(b"}"):
            if self._data:
                self._dispatch(events)
            events.append(line)
        elif (field := _FIELD.match(line)) is not None:
            # Spelt in another way than the standard has it: `Data:`, blanks before, a second mark.
            if field[1].lower() == b"data":
                self._data.append(line[field.end() :])
        elif line.strip() == b"[DONE]":
            if self._data:
                self._dispatch(events)
            events.append(line)
        elif self._data and self._data[0].lstrip()[:1] == b"{":
            self._data.append(line)
        elif line.strip() and self._stray_room > 0:
            self._stray.append(line)
            self._stray_room -= len(line)

    def _dispatch(self, events: list[bytes]) -> None:
        self.framed = True
        events.append(b"\n".join(self._data) if len(self._data) > 1 else self._data[0])
        self._data.clear()
