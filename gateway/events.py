"""The JSON documents of an answer's body, whether it is an event stream or one document."""

from collections.abc import Iterator, Mapping

from gateway.documents import parse_document
from gateway.failure import AttemptError, Failure, classify
from gateway.failure.evidence import read_evidence
from gateway.failure.kinds import MALFORMED_ANSWER
from gateway.sse import EventDecoder

type Document = dict[str, object]

LARGEST_EVENT = 64 * 1024 * 1024
"""Bytes without a whole event; images come within one."""

LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of a body in all: far beyond what a model can answer, however it is wrapped."""

_NOISE_SHOWN = 4096


class DocumentStream:
    """Takes the bytes of a body of HTTP 200, and gives back the documents that are complete.

    Attributes:
        done: ``[DONE]`` has come.
    """

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self._status = status
        self._headers = headers
        self._decoder = EventDecoder()
        self._noise = b""
        self._count = 0
        self._open = 0
        self._size = 0
        self.done = False

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
        if self._open > LARGEST_EVENT:
            raise self._too_large(f"An event of it is larger than {LARGEST_EVENT} bytes.")
        if self._size > LARGEST_ANSWER:
            raise self._too_large(f"It is larger than {LARGEST_ANSWER} bytes.")

    def close(self) -> Iterator[Document]:
        """The bytes have ended; yields what was still open."""
        for event in self._decoder.close():
            yield from self._read(event)

    def whole_body(self) -> Iterator[Document]:
        """To be asked for when no answer has come: perhaps the body is no event stream.

        Yields the document of a body of several lines.

        Raises:
            AttemptError: it is a web page, or anything else that is no answer.
        """
        stray = self._decoder.stray.strip()
        if stray.startswith(b"{"):
            try:
                document = parse_document(stray.decode("utf-8", "replace"))
            except ValueError:
                document = None
            if isinstance(document, dict):
                yield document
                return
        body = stray or self._noise
        if body and not self._count:
            raise AttemptError(classify(read_evidence(self._status, self._headers, body)))

    @property
    def empty(self) -> bool:
        """Nothing has come that means anything; comments do not."""
        return not (self._count or self._noise or self._decoder.stray.strip() or self.done)

    def _too_large(self, detail: str) -> AttemptError:
        return AttemptError(Failure(MALFORMED_ANSWER, self._status, detail=detail))

    def _read(self, event: bytes) -> Iterator[Document]:
        text = event.decode("utf-8", "replace").strip()
        if text == "[DONE]":
            self.done = True
            return
        try:
            document = parse_document(text)
        except ValueError:
            yield from self._read_lines(event)
            return
        if isinstance(document, dict):
            self._count += 1
            yield document

    def _read_lines(self, event: bytes) -> Iterator[Document]:
        """Events that a careless proxy joined by leaving their blank lines out."""
        lines = event.split(b"\n")
        if len(lines) == 1:
            self._noise = self._noise or event[:_NOISE_SHOWN]
            return
        for line in lines:
            yield from self._read(line)
