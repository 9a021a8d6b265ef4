"""Reads an answer of chat or completions: pieces of text as they come, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.events import Document
from gateway.failure.evidence import has_error
from gateway.opaque import OpaqueBlocks
from gateway.pieces import Channel, Piece, RestartDetector
from gateway.text_answer import Finish, TextAnswerReader
from gateway.toolcalls import ToolCall
from gateway.usage import read_usage


class AnswerReader(TextAnswerReader):
    """Reads one answer of chat or completions.

    ``[DONE]`` and usage prove nothing: One API and New API add both to a stream that was cut.
    """

    def __init__(self, status: int, headers: Mapping[str, str], stop: Sequence[str] = ()) -> None:
        super().__init__(status, headers, stop)
        self._opaque = OpaqueBlocks()
        self._fingerprint = ""
        self._restart = RestartDetector()

    @property
    def done(self) -> bool:
        """``[DONE]`` has come, or a stop word that the model went on after."""
        return self._documents.done or self._stop.met

    def _finish(self, calls: tuple[ToolCall, ...]) -> Finish:
        return Finish(self._reason, calls, self._usage, self._fingerprint, self._opaque.blocks())

    @property
    def _streams_nothing(self) -> bool:
        # NA2 answers `stream: true` with usage and [DONE] alone when its upstream sent no stream.
        refused = self._usage is not None and self._documents.done and not self.content
        return refused and not self._reason

    def _read(self, document: Document, pieces: list[Piece]) -> None:
        choices = document.get("choices")
        if (not choices or "error" in document) and has_error(document):
            if not self._reason:
                raise self._refused(document)
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
            self._append(Channel.REASONING, reasoning, pieces)
        self._text(delta.get("content"), pieces)
        if "refusal" in delta:
            self._text(delta["refusal"], pieces)
        if "audio" in delta:
            self._read_audio(delta["audio"], pieces)
        for address in _images_of(delta):
            self._append(Channel.TEXT, f"![image]({address})\n", pieces)
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
                self._append(Channel.TEXT, value, pieces)
        elif isinstance(value, list):
            for part in value:
                if not isinstance(part, dict):
                    continue
                if part.get("type") == "thinking":
                    if thought := _words(part.get("thinking")):
                        self._append(Channel.REASONING, thought, pieces)
                else:
                    self._text(part.get("text"), pieces)


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
