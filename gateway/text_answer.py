"""What every answer in text shares, whichever API it comes from: its bytes read, its end judged."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.events import Document, DocumentStream
from gateway.failure import AttemptError, Failure, classify
from gateway.failure.evidence import evidence_of_document
from gateway.failure.kinds import BROKEN_TOOL_CALL, EMPTY_ANSWER, TRUNCATED
from gateway.pieces import Channel, Piece
from gateway.stop import StopWords
from gateway.toolcalls import ToolCall, ToolCallAssembler
from gateway.usage import Usage

SILENT_SUCCESSES = frozenset({"length", "content_filter"})
"""Finish reasons that make an answer complete even without content."""


@dataclass(frozen=True, slots=True)
class Finish:
    """How a complete answer ended.

    Attributes:
        reason: the finish reason, never empty.
        tool_calls: whole calls, their arguments complete JSON.
        usage: ``None`` if the gateway sent none.
        fingerprint: ``system_fingerprint``; may be empty.
        opaque: blocks of reasoning that the provider wants back with the next request.
    """

    reason: str
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    fingerprint: str = ""
    opaque: Mapping[str, Any] = field(default_factory=dict)


class TextAnswerReader(ABC):
    """Reads one answer of HTTP 200, streamed or whole, and judges whether it is one.

    Success is a finish reason and nothing else. After ``content`` has become true nothing may be
    replayed. What an API's documents say is for its own reader to fill in: ``_read`` sets
    ``_reason`` and ``_usage``, adds tool calls to ``_tools`` and text by ``_append``.

    Args:
        status: of the answer.
        headers: of the answer.
        stop: words before which the text ends, also where the model does not know them.
    """

    def __init__(self, status: int, headers: Mapping[str, str], stop: Sequence[str] = ()) -> None:
        self._status = status
        self._headers = headers
        self._documents = DocumentStream(status, headers)
        self._tools = ToolCallAssembler()
        self._stop = StopWords(stop)
        self._reason = ""
        self._usage: Usage | None = None
        self.content = False

    @property
    def finished(self) -> bool:
        """A finish reason has arrived: what follows can no longer spoil the answer."""
        return bool(self._reason)

    @property
    @abstractmethod
    def done(self) -> bool:
        """Nothing more follows."""

    def feed(self, chunk: bytes, pieces: list[Piece]) -> None:
        """Add bytes of the body; the text in them is appended to ``pieces``, also before a raise.

        Raises:
            AttemptError: an error came inside the answer, or it began anew.
        """
        try:
            for document in self._documents.feed(chunk):
                self._read(document, pieces)
        except AttemptError as error:
            self._flush(pieces)
            raise self._failed(error.failure) from None

    def close(self, pieces: list[Piece]) -> Finish:
        """The body has ended; its last text is appended to ``pieces``.

        Raises:
            AttemptError: it is no complete answer.
        """
        for document in self._documents.close():
            self._read(document, pieces)
        if not self._reason and not self.content:
            for document in self._documents.whole_body():
                self._read(document, pieces)
        self._flush(pieces)
        if not self._reason:
            raise self._failed(self._truncation())
        calls = () if self._stop.met else self._tools.finish()
        if calls is None:
            raise self._failed(Failure(BROKEN_TOOL_CALL, self._status))
        if not self.content and self._reason not in SILENT_SUCCESSES:
            raise self._failed(Failure(EMPTY_ANSWER, self._status))
        return self._finish(calls)

    def cut(self, note: str) -> Failure:
        """What it means that the connection broke here."""
        return replace(self._truncation(), unstreamed=False, note=note)

    @abstractmethod
    def _read(self, document: Document, pieces: list[Piece]) -> None:
        """Take one document of the body; its text is appended to ``pieces``.

        Raises:
            AttemptError: it says that the answer is none.
        """

    @abstractmethod
    def _finish(self, calls: tuple[ToolCall, ...]) -> Finish:
        """The answer is complete."""

    @property
    @abstractmethod
    def _streams_nothing(self) -> bool:
        """The gateway could not stream, and has an answer for who asks without ``stream``."""

    def _append(self, channel: Channel, text: str, pieces: list[Piece]) -> None:
        """Text of the answer has come; all of it is handed on but for what may be a stop word."""
        self.content = True
        if channel is Channel.TEXT:
            text = self._stop.take(text)
            if self._stop.met:
                self._reason = "stop"
        if text:
            pieces.append(Piece(channel, text))

    def _flush(self, pieces: list[Piece]) -> None:
        """Hand on the text that was held back, as it might have been a stop word."""
        if rest := self._stop.rest():
            pieces.append(Piece(Channel.TEXT, rest))

    def _truncation(self) -> Failure:
        return Failure(
            TRUNCATED,
            self._status,
            after_content=self.content,
            unstreamed=self._streams_nothing,
        )

    def _refused(self, document: Document) -> AttemptError:
        """The failure that a document tells of."""
        evidence = evidence_of_document(self._status, self._headers, document)
        return self._failed(classify(evidence))

    def _failed(self, failure: Failure) -> AttemptError:
        return AttemptError(replace(failure, after_content=self.content))
