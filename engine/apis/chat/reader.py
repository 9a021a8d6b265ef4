"""Reads an answer of chat or completions: pieces of text as they come, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.apis.reasoning_blocks import ReasoningBlocks
from engine.apis.text_answer import Finish, TextAnswerReader
from engine.apis.thoughts import plain_thought, thought_in_blocks, words_of
from engine.apis.tool_calls import ToolCall
from engine.apis.usage import read_usage, usage_of
from engine.delta import ContentKind, Delta, RestartDetector
from engine.errors.evidence import has_error, means_error
from engine.errors.speaker import is_of_the_family
from engine.http.json_stream import Document
from engine.text.characters import whole_characters

_FIRST = (0, None, "0")
"""The index of the only choice that is asked for."""

_THOUGHTS = ("thinking", "reasoning")
_WORDS = ("text", "value", "refusal")
"""Types of a part that is a thought, and fields of one that is text."""


class AnswerReader(TextAnswerReader):
    """Reads one answer of chat or completions.

    Without a finish reason ``[DONE]`` and usage prove nothing behind gateways of the One API
    family, which add both to a stream that was cut. Elsewhere ``[DONE]`` is a server's own word,
    and a JSON document that is whole is an answer.
    """

    def __init__(self, status: int, headers: Mapping[str, str], stop: Sequence[str] = ()) -> None:
        super().__init__(status, headers, stop)
        self._reasoning_blocks = ReasoningBlocks()
        self._fingerprint = ""
        self._restart = RestartDetector()
        self._has_message = False
        self._thinks_plainly = False

    @property
    def done(self) -> bool:
        """``[DONE]`` has come, or a stop word that the model went on after."""
        return self._documents.done or self._stop.met

    def _finish(self, calls: tuple[ToolCall, ...]) -> Finish:
        return Finish(
            self._reason, calls, self._usage, self._fingerprint, self._reasoning_blocks.blocks()
        )

    @property
    def _is_whole(self) -> bool:
        if self._documents.alone:
            return self._has_message
        if self._documents.incomplete or is_of_the_family(self._headers):
            return False
        return self._documents.done

    @property
    def _streams_nothing(self) -> bool:
        # Where an upstream sent no stream, NA2 answers with usage and [DONE] alone, one-hub with
        # [DONE], LiteLLM with one empty delta and "stop"; asked without `stream` they tell more.
        empty = self._documents.done and self._documents.framed and not self.content
        return empty and not self._fault

    def _read(self, document: Document, deltas: list[Delta]) -> None:
        if self._documents.done or self._stop.met:
            # Usage may follow; text does not.
            self._usage = usage_of(document) or self._usage
            return
        choices = document.get("choices")
        if (not choices or "error" in document) and has_error(document):
            if not self._reason:
                raise self._refused(document)
            return
        fingerprint = document.get("system_fingerprint")
        if isinstance(fingerprint, str):
            self._fingerprint = whole_characters(fingerprint)
        if isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict) and choice.get("index") in _FIRST:
                    self._read_choice(choice, deltas)
        if document.get("usage"):
            self._usage = read_usage(document["usage"]) or self._usage
        elif self._reason or not choices:
            # Elsewhere it stands only in the last chunks: the others need not be searched.
            self._usage = usage_of(document) or self._usage

    def _read_choice(self, choice: Mapping[str, object], deltas: list[Delta]) -> None:
        if self._fault:
            self._read_error(choice)
            return
        reason = choice.get("finish_reason")
        if reason and isinstance(reason, str):
            self._end_with(reason)
        delta = choice.get("delta")
        if not delta and not ("delta" in choice and self.content):
            # The last chunk of some repeats the whole message beside its empty delta.
            delta = choice.get("message")
            self._has_message = self._has_message or "delta" not in choice
        if isinstance(delta, dict):
            self._read_delta(delta, deltas)
        if "text" in choice:
            self._text(choice["text"], deltas)
        if "error" in choice:
            self._read_error(choice)

    def _read_error(self, choice: Mapping[str, object]) -> None:
        """OpenRouter's errors within a stream; after a reason that says so one may tell more."""
        if not self._reason and means_error(choice.get("error")):
            raise self._refused({"error": choice["error"]})

    def _read_delta(self, delta: Mapping[str, object], deltas: list[Delta]) -> None:
        before = len(deltas)
        thought = plain_thought(delta)
        if thought:
            self._thinks_plainly = True
        elif not self._thinks_plainly and (len(delta) > 1 or "content" not in delta):
            thought = thought_in_blocks(delta)
        if thought:
            self._append(ContentKind.REASONING, thought, deltas)
        self._text(delta.get("content"), deltas)
        if "refusal" in delta:
            self._text(delta["refusal"], deltas)
        if "audio" in delta:
            self._read_audio(delta["audio"], deltas)
        for address in _images_of(delta):
            self._append(ContentKind.TEXT, f"![image]({address})\n", deltas)
        if ("tool_calls" in delta or "function_call" in delta) and self._tools.add(delta):
            self.content = True
        self._reasoning_blocks.add(delta)
        if len(deltas) > before:
            self._restart.hear(delta, deltas[before:])
        elif self._restart.begins_anew(delta) and not self._reason:
            note = "the gateway began the text anew in one stream"
            raise self._failed(replace(self._truncation(), note=note))

    def _read_audio(self, audio: object, deltas: list[Delta]) -> None:
        if isinstance(audio, dict) and (audio.get("data") or audio.get("transcript")):
            self.content = True
            self._text(audio.get("transcript"), deltas)

    def _text(self, value: object, deltas: list[Delta]) -> None:
        if isinstance(value, str):
            if value:
                self._append(ContentKind.TEXT, value, deltas)
        elif isinstance(value, list):
            for part in value:
                self._text(part, deltas)
        elif isinstance(value, dict):
            self._read_part(value, deltas)

    def _read_part(self, part: Mapping[str, object], deltas: list[Delta]) -> None:
        """Take one part of a content that is a list; what is no text and no thought is not read."""
        if part.get("type") in _THOUGHTS:
            if thought := words_of(part):
                self._append(ContentKind.REASONING, thought, deltas)
        else:
            self._text(next((part[name] for name in _WORDS if part.get(name)), None), deltas)


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
