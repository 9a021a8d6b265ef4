"""What every answer in text shares, whichever API it comes from: its bytes read, its end judged."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.apis.finish_reasons import FAULT, FILTERED, LENGTH, STOP, TOOL_CALLS, read_reason
from engine.apis.stop import StopWords
from engine.apis.tool_calls import ToolCall, ToolCallAssembler
from engine.apis.usage import Usage
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, Failure, classify
from engine.errors.evidence import evidence_of_document
from engine.errors.kinds import BROKEN_TOOL_CALL, CONTENT_REFUSED, EMPTY_ANSWER, TRUNCATED
from engine.errors.messages import cause_message, message
from engine.http.json_stream import Document, DocumentStream
from engine.text.characters import CharacterJoiner, whole_value

_SHOWABLE = re.compile(r"[A-Za-z0-9_. -]{1,60}")
"""A finish reason that may be repeated to a person."""


@dataclass(frozen=True, slots=True)
class Finish:
    """How a complete answer ended.

    Attributes:
        reason: the finish reason, never empty.
        tool_calls: whole calls, their arguments complete JSON.
        usage: ``None`` if the gateway sent none.
        fingerprint: ``system_fingerprint``; may be empty.
        reasoning_blocks: blocks of reasoning that the provider wants back with the next request.
    """

    reason: str
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    fingerprint: str = ""
    reasoning_blocks: Mapping[str, Any] = field(default_factory=dict)


class TextAnswerReader(ABC):
    """Reads one answer of HTTP 200, streamed or whole, and judges whether it is one.

    Success is a finish reason that says so (``finish_reasons``), but where an API's reader knows
    that the answer is whole without one. After ``content`` has become true nothing may be
    replayed. What an API's documents say is for its own reader to fill in: ``_read`` sets
    ``_usage``, adds tool calls to ``_tools``, text by ``_append`` and the end by ``_end_with``.

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
        self._text_characters = CharacterJoiner()
        self._thought_characters = CharacterJoiner()
        self._reason = ""
        self._fault = ""
        self._handed_on = False
        self._usage: Usage | None = None
        self.content = False

    @property
    def finished(self) -> bool:
        """A finish reason has arrived: what follows can no longer spoil the answer, or mend it."""
        return bool(self._reason or self._fault)

    @property
    @abstractmethod
    def done(self) -> bool:
        """Nothing more follows."""

    def feed(self, chunk: bytes, deltas: list[Delta]) -> None:
        """Add bytes of the body; the text in them is appended to ``deltas``, also before a raise.

        Raises:
            AttemptError: an error came inside the answer, or it began anew.
        """
        try:
            self._read_all(self._documents.feed(chunk), deltas)
        except AttemptError as error:
            self._flush(deltas)
            raise self._failed(error.failure) from None

    def close(self, deltas: list[Delta]) -> Finish:
        """The body has ended; its last text is appended to ``deltas``.

        Raises:
            AttemptError: it is no complete answer.
        """
        try:
            self._read_all(self._documents.close(), deltas)
            if not self._reason and not self.content:
                self._read_all(self._documents.whole_body(), deltas)
        finally:
            self._flush(deltas)
        calls = () if self._stop.met else self._tools.finish()
        if not self._reason and self.content and not self._fault and self._is_whole:
            self._reason = TOOL_CALLS if calls else STOP
        if not self._reason:
            raise self._failed(self._truncation())
        if calls is None:
            raise AttemptError(self._broken_call())
        if not self.content and self._reason == FILTERED:
            # Asked again, the filter would say the same.
            raise self._failed(Failure(CONTENT_REFUSED, self._status))
        if not self.content and self._reason != LENGTH:
            empty = Failure(EMPTY_ANSWER, self._status, unstreamed=self._streams_nothing)
            raise self._failed(empty)
        return self._finish(calls)

    def cut(self, note: str) -> Failure:
        """What it means that the connection broke here."""
        return replace(self._truncation(), unstreamed=False, note=note)

    @abstractmethod
    def _read(self, document: Document, deltas: list[Delta]) -> None:
        """Take one document of the body; its text is appended to ``deltas``.

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

    @property
    def _is_whole(self) -> bool:
        """The body has ended without a finish reason, and is a whole answer all the same."""
        return False

    def _read_all(self, documents: Iterable[Document], deltas: list[Delta]) -> None:
        source = self._documents
        for document in documents:
            if source.broken and not self._reason:
                note = "a part of the stream is missing"
                raise self._failed(replace(self._truncation(), note=note))
            self._read(document, deltas)

    def _end_with(self, reason: str) -> None:
        """A finish reason has come; the first one that says something counts."""
        if self._reason or self._fault:
            return
        meaning = read_reason(reason)
        if meaning == FAULT:
            self._fault = reason
        else:
            self._reason = meaning

    def _append(self, content_kind: ContentKind, text: str, deltas: list[Delta]) -> None:
        """Text of the answer has come.

        It is handed on but for what may be a stop word, or is only half a character.
        """
        self.content = True
        other = (
            self._thought_characters if content_kind is ContentKind.TEXT else self._text_characters
        )
        if other.held:
            # The other half would have come before this.
            self._flush_characters(deltas)
        if content_kind is ContentKind.TEXT:
            text = self._stop.take(self._text_characters.take(text))
            if self._stop.met:
                self._reason = STOP
        else:
            text = self._thought_characters.take(text)
        self._hand_on(content_kind, text, deltas)

    def _flush(self, deltas: list[Delta]) -> None:
        """Hand on the text that was held back, as more of it might have come."""
        self._flush_characters(deltas)
        if rest := self._stop.rest():
            self._hand_on(ContentKind.TEXT, rest, deltas)

    def _flush_characters(self, deltas: list[Delta]) -> None:
        self._hand_on(ContentKind.REASONING, self._thought_characters.rest(), deltas)
        self._hand_on(ContentKind.TEXT, self._stop.take(self._text_characters.rest()), deltas)

    def _hand_on(self, content_kind: ContentKind, text: str, deltas: list[Delta]) -> None:
        if text:
            self._handed_on = True
            deltas.append(Delta(content_kind, text))

    def _truncation(self) -> Failure:
        failure = Failure(
            TRUNCATED,
            self._status,
            after_content=self.content,
            unstreamed=self._streams_nothing,
        )
        if not _SHOWABLE.fullmatch(self._fault):
            return failure
        return replace(failure, facts=(message("facts.finish_reason", reason=self._fault),))

    def _broken_call(self) -> Failure:
        """A tool call is not whole; only of a reached limit may it be said that it should rise."""
        failure = Failure(BROKEN_TOOL_CALL, self._status, after_content=self._handed_on)
        if self._reason != LENGTH:
            return failure
        return replace(failure, cause=cause_message("tool_call_cut"))

    def _refused(self, document: Document) -> AttemptError:
        """The failure that a document tells of."""
        told = whole_value(document)
        return self._failed(classify(evidence_of_document(self._status, self._headers, told)))

    def _failed(self, failure: Failure) -> AttemptError:
        return AttemptError(replace(failure, after_content=self.content))
