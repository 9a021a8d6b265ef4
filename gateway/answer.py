"""A model's answer, read from events: pieces of text as they come, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.events import DocumentStream
from gateway.failure import AttemptError, Failure, classify
from gateway.failure.evidence import evidence_of_document, has_error
from gateway.failure.kinds import BROKEN_TOOL_CALL, EMPTY_ANSWER, TRUNCATED
from gateway.opaque import OpaqueBlocks
from gateway.pieces import Channel, Piece, RestartDetector
from gateway.stop import StopWords
from gateway.toolcalls import ToolCall, ToolCallAssembler
from gateway.usage import Usage, read_usage

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


class AnswerReader:
    """Reads one answer of HTTP 200, streamed or whole, and judges whether it is one.

    Success is a finish reason and nothing else: One API and New API add ``[DONE]`` and usage to
    a stream that was cut. After ``content`` has become true nothing may be replayed.

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
        self._opaque = OpaqueBlocks()
        self._stop = StopWords(stop)
        self._reason = ""
        self._usage: Usage | None = None
        self._fingerprint = ""
        self._restart = RestartDetector()
        self.content = False

    @property
    def done(self) -> bool:
        """``[DONE]`` has come, or a stop word that the model went on after."""
        return self._documents.done or self._stop.met

    @property
    def finished(self) -> bool:
        """A finish reason has arrived: what follows can no longer spoil the answer."""
        return bool(self._reason)

    def feed(self, chunk: bytes, pieces: list[Piece]) -> None:
        """Add bytes of the body; the text in them is appended to ``pieces``, also before a raise.

        Raises:
            AttemptError: an error came inside the answer, or it began anew.
        """
        try:
            for document in self._documents.feed(chunk):
                self._read_document(document, pieces)
        except AttemptError as error:
            self._flush(pieces)
            raise self._failed(error.failure) from None

    def close(self, pieces: list[Piece]) -> Finish:
        """The body has ended; its last text is appended to ``pieces``.

        Raises:
            AttemptError: it is no complete answer.
        """
        for document in self._documents.close():
            self._read_document(document, pieces)
        if not self._reason and not self.content:
            for document in self._documents.whole_body():
                self._read_document(document, pieces)
        self._flush(pieces)
        calls = self._tools.finish() if self._reason and not self._stop.met else ()
        if not self._reason:
            raise self._failed(self._truncation())
        if calls is None:
            raise self._failed(Failure(BROKEN_TOOL_CALL, self._status))
        if not self.content and self._reason not in SILENT_SUCCESSES:
            raise self._failed(Failure(EMPTY_ANSWER, self._status))
        return Finish(self._reason, calls, self._usage, self._fingerprint, self._opaque.blocks())

    def cut(self, note: str) -> Failure:
        """What it means that the connection broke here."""
        return replace(self._truncation(), note=note)

    def _flush(self, pieces: list[Piece]) -> None:
        """Hand on the text that was held back, as it might have been a stop word."""
        if rest := self._stop.rest():
            pieces.append(Piece(Channel.TEXT, rest))

    def _truncation(self) -> Failure:
        # NA2 answers `stream: true` with usage and [DONE] alone when its upstream sent no stream.
        refused = self._usage is not None and self._documents.done and not self.content
        return Failure(
            TRUNCATED,
            self._status,
            after_content=self.content,
            unstreamed=refused and not self._reason,
        )

    def _read_document(self, document: dict[str, object], pieces: list[Piece]) -> None:
        choices = document.get("choices")
        if (not choices or "error" in document) and has_error(document):
            if not self._reason:
                evidence = evidence_of_document(self._status, self._headers, document)
                raise self._failed(classify(evidence))
            return
        if "usage" in document:
            self._usage = read_usage(document["usage"]) or self._usage
        fingerprint = document.get("system_fingerprint")
        if isinstance(fingerprint, str):
            self._fingerprint = fingerprint
        if isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict) and choice.get("index") in (0, None):
                    self._read_choice(choice, pieces)

    def _read_choice(self, choice: Mapping[str, object], pieces: list[Piece]) -> None:
        reason = choice.get("finish_reason")
        if reason and isinstance(reason, str) and reason != "error":
            self._reason = self._reason or reason
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            self._read_delta(delta, pieces)
        if "text" in choice:
            self._text(choice["text"], pieces)
        if reason == "error" and not self._reason:
            raise self._failed(self._truncation())

    def _read_delta(self, delta: Mapping[str, object], pieces: list[Piece]) -> None:
        before = len(pieces)
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning and isinstance(reasoning, str):
            self._add(Channel.REASONING, reasoning, pieces)
        self._text(delta.get("content"), pieces)
        if "refusal" in delta:
            self._text(delta["refusal"], pieces)
        if "audio" in delta:
            self._read_audio(delta["audio"], pieces)
        for address in _images_of(delta):
            self._add(Channel.TEXT, f"![image]({address})\n", pieces)
        if ("tool_calls" in delta or "function_call" in delta) and self._tools.add(delta):
            self.content = True
        self._opaque.add(delta)
        if len(pieces) > before:
            self._restart.hear(delta, pieces[before:])
        elif self._restart.begins_anew(delta) and not self._reason:
            note = "the gateway began the text anew in one stream"
            raise self._failed(replace(self._truncation(), note=note))

    def _read_audio(self, audio: object, pieces: list[Piece]) -> None:
        if isinstance(audio, dict) and (audio.get("data") or audio.get("transcript")):
            self.content = True
            self._text(audio.get("transcript"), pieces)

    def _text(self, value: object, pieces: list[Piece]) -> None:
        if isinstance(value, str):
            if value:
                self._add(Channel.TEXT, value, pieces)
        elif isinstance(value, list):
            for part in value:
                if not isinstance(part, dict):
                    continue
                if part.get("type") == "thinking":
                    if thought := _words(part.get("thinking")):
                        self._add(Channel.REASONING, thought, pieces)
                else:
                    self._text(part.get("text"), pieces)

    def _add(self, channel: Channel, text: str, pieces: list[Piece]) -> None:
        self.content = True
        if channel is Channel.TEXT:
            text = self._stop.take(text)
            if self._stop.met:
                self._reason = "stop"
        if text:
            pieces.append(Piece(channel, text))

    def _failed(self, failure: Failure) -> AttemptError:
        return AttemptError(replace(failure, after_content=self.content))


def _words(value: object) -> str:
    """Text, or the texts of parts."""
    if isinstance(value, list):
        return "".join(_words(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _images_of(delta: Mapping[str, object]) -> list[str]:
    """Addresses of images that a model drew, as OpenRouter sends them; New API writes Markdown."""
    images = delta.get("images")
    found = [
        image.get("image_url")
        for image in (images if isinstance(images, list) else ())
        if isinstance(image, dict)
    ]
    addresses = [one.get("url") if isinstance(one, dict) else one for one in found]
    return [address for address in addresses if address and isinstance(address, str)]
