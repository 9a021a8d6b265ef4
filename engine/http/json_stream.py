"""The JSON documents of an answer's body, whether it is an event stream or one document."""

import contextlib
import re
from collections.abc import Iterator, Mapping

from engine.errors import AttemptError, Failure, classify
from engine.errors.evidence import read_evidence
from engine.errors.kinds import MALFORMED_ANSWER
from engine.errors.messages import message
from engine.http.sse import EventDecoder
from engine.text.json_document import parse_document, parse_first, parse_part

type Document = dict[str, object]

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""Bytes without a whole event; images come within one."""

MAX_ANSWER_BYTES = 256 * 1024 * 1024
"""Bytes of a body in all: far beyond what a model can answer, however it is wrapped."""

_NOISE_SHOWN = 4096
_END = "[DONE]"
_OPENING = ("{", "[")
_BETWEEN = re.compile(r"(?:[\s,\ufeff]|data ?:)+", re.IGNORECASE)
"""What may stand between two documents of one event."""


class DocumentStream:
    """Takes the bytes of a body of HTTP 200, and gives back the documents that are complete.

    Attributes:
        done: ``[DONE]`` has come.
        broken: a document has come in part only, and others after it.
    """

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self._status = status
        self._headers = headers
        self._decoder = EventDecoder()
        self._noise = b""
        self._count = 0
        self._open = 0
        self._size = 0
        self._part = ""
        self.done = False
        self.broken = False

    def feed(self, chunk: bytes) -> Iterator[Document]:
        """Add bytes; yields the documents that they completed.

        Raises:
            AttemptError: there are more bytes than any answer has; all of it is held in memory.
        """
        events = self._decoder.feed(chunk)
        for event in events:
            yield from self._read(event)
        self._size += len(chunk)
        self._open = 0 if events else self._open + len(chunk)
        if self._open > MAX_EVENT_BYTES:
            raise self._too_large("event_too_large", MAX_EVENT_BYTES)
        if self._size > MAX_ANSWER_BYTES:
            raise self._too_large("body_too_large", MAX_ANSWER_BYTES)

    def close(self) -> Iterator[Document]:
        """The bytes have ended; yields what was still open."""
        for event in self._decoder.close():
            yield from self._read(event)

    def whole_body(self) -> Iterator[Document]:
        """To be asked for when no answer has come: perhaps the body is no event stream.

        Yields the documents of a body of several lines.

        Raises:
            AttemptError: it is a web page, or anything else that is no answer.
        """
        stray = self._decoder.stray.strip()
        if stray[:1] in (b"{", b"["):
            try:
                document = parse_document(stray.decode("utf-8", "replace"))
            except ValueError:
                document = None
            if documents := list(self._read_value(document)):
                yield from documents
                return
        body = stray or self._noise
        if body and not self._count:
            raise AttemptError(classify(read_evidence(self._status, self._headers, body)))

    @property
    def incomplete(self) -> bool:
        """A part of a document is missing, or something has come that is none."""
        return self.broken or bool(self._part or self._noise or self._decoder.stray)

    @property
    def framed(self) -> bool:
        """It is an event stream, with ``data:`` before its documents."""
        return self._decoder.framed

    @property
    def alone(self) -> bool:
        """It is one JSON document, and nothing else: no stream at all."""
        return self._count == 1 and not (self.framed or self.broken or self._part)

    @property
    def empty(self) -> bool:
        """Nothing has come that means anything; comments do not."""
        return not (
            self._count or self._noise or self._part or self._decoder.stray.strip() or self.done
        )

    def _too_large(self, fact: str, size: int) -> AttemptError:
        facts = (message(f"facts.{fact}", size=size),)
        return AttemptError(Failure(MALFORMED_ANSWER, self._status, facts=facts))

    def _read(self, event: bytes) -> Iterator[Document]:
        try:
            text = event.decode().strip()
        except UnicodeDecodeError:
            text = event.decode("utf-8", "surrogateescape").strip()
        if text == _END:
            self.done = True
            return
        try:
            document = parse_part(text)
        except ValueError:
            yield from self._read_anyhow(text)
            return
        if isinstance(document, dict):
            # As `_counted` does: every token comes this way.
            self._count += 1
            if self._part:
                self._lose_part()
            yield document
        else:
            yield from self._read_value(document)

    def _read_anyhow(self, text: str) -> Iterator[Document]:
        """Read what is no JSON document: several of them, a part of one, or neither."""
        if self._part:
            with contextlib.suppress(ValueError):
                whole = parse_part(self._part + text)
                self._part = ""
                yield from self._read_value(whole)
                return
        for item in _items(text):
            if not isinstance(item, str):
                yield from self._read_value(item)
            elif item.strip('"').upper() == _END:
                self.done = True
            elif not self.done and (item.startswith("{") or item.endswith("}")):
                self._lose_part()
                self._part = item
            else:
                self._noise = self._noise or item[:_NOISE_SHOWN].encode("utf-8", "replace")

    def _read_value(self, value: object) -> Iterator[Document]:
        """Documents in a list (Gemini's own streams), or in a text that was encoded twice."""
        if isinstance(value, dict):
            yield self._counted(value)
        elif isinstance(value, list):
            for item in value:
                yield from self._read_value(item)
        elif isinstance(value, str) and value.startswith("{"):
            with contextlib.suppress(ValueError):
                yield from self._read_value(parse_part(value))

    def _counted(self, document: Document) -> Document:
        self._count += 1
        if self._part:
            self._lose_part()
        return document

    def _lose_part(self) -> None:
        """What began as a document will never be whole: something else followed."""
        self.broken = self.broken or (bool(self._part) and not self.done)
        self._part = ""


def _items(text: str) -> Iterator[object]:
    """The JSON documents in a text, and between them what is none, line by line."""
    at = 0
    while at < len(text):
        if between := _BETWEEN.match(text, at):
            at = between.end()
        if text[at : at + 1] in _OPENING:
            with contextlib.suppress(ValueError):
                document, at = parse_first(text, at)
                yield document
                continue
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if rest := text[at:end].strip():
            yield rest
        at = end
