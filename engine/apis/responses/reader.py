"""Reads an answer of the Responses API: events, or one document, up to its terminal status."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from engine.apis.finish_reasons import FILTERED, LENGTH, STOP, TOOL_CALLS, read_reason
from engine.apis.reasoning_blocks import REASONING_ITEMS
from engine.apis.text_answer import Finish, TextAnswerReader
from engine.apis.tool_calls import ToolCall
from engine.apis.usage import read_usage
from engine.delta import ContentKind, Delta
from engine.errors import Failure
from engine.errors.evidence import has_error, means_error
from engine.errors.kinds import WRONG_API
from engine.http.json_stream import Document
from engine.text.characters import whole_value

_DELTAS = {
    "response.output_text.delta": ContentKind.TEXT,
    "response.refusal.delta": ContentKind.TEXT,
    "response.audio.transcript.delta": ContentKind.TEXT,
    "response.reasoning_summary_text.delta": ContentKind.REASONING,
    "response.reasoning_text.delta": ContentKind.REASONING,
}
_TERMINAL = frozenset(
    {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
)
_INCOMPLETE = (LENGTH, FILTERED)
"""Why an answer may be incomplete and still be one."""

_PARAGRAPH = "\n\n"
_ARGUMENTS = "arguments"
_REASONING_FIELDS = ("type", "id", "summary", "encrypted_content")


class ResponsesReader(TextAnswerReader):
    """Reads one answer of the Responses API.

    What counts as its finish reason is a terminal status: ``completed``, or ``incomplete`` for a
    reason that is known. New API ends a stream that was cut like any other, but without that
    event. Deltas are told apart by their item's place, as some servers change an item's id between
    events. Items that came without deltas are read when they are done, or from the terminal event.
    """

    def __init__(self, status: int, headers: Mapping[str, str], stop: Sequence[str] = ()) -> None:
        super().__init__(status, headers, stop)
        self._paragraphs: dict[ContentKind, tuple[object, object]] = {}
        self._known: set[tuple[object, object]] = set()
        self._ids: dict[object, object] = {}
        self._places: dict[object, object] = {}
        self._reasoning: dict[object, Document] = {}

    @property
    def done(self) -> bool:
        """The terminal event has come, or a stop word that the model went on after."""
        return self.finished or self._documents.done

    def _finish(self, calls: tuple[ToolCall, ...]) -> Finish:
        reason = TOOL_CALLS if calls and self._reason == STOP else self._reason
        kept = list(self._reasoning.values())
        reasoning_blocks = {REASONING_ITEMS: kept} if calls and kept else {}
        return Finish(reason, calls, self._usage, reasoning_blocks=reasoning_blocks)

    @property
    def _streams_nothing(self) -> bool:
        # NA2 makes an empty stream of an upstream's answer that is none; unstreamed it passes on.
        content_type = self._headers.get("Content-Type") or ""
        if self._documents.done:
            return not self.content
        return self._documents.empty and content_type.startswith("text/event-stream")

    def _read(self, document: Document, deltas: list[Delta]) -> None:
        if self._reason:
            return
        kind = document.get("type")
        if document.get("object") == "response":
            self._end(document, document, deltas)
        elif kind in _TERMINAL:
            response = document.get("response")
            self._end(document, response if isinstance(response, dict) else {}, deltas)
        elif isinstance(kind, str) and kind.startswith("response."):
            self._read_event(kind, document, deltas)
        elif kind == "error" or has_error(document):
            raise self._refused(document)
        elif document.get("choices"):
            # Asked again it would say the same, and be billed again.
            raise self._failed(Failure(WRONG_API, self._status, note="a chat completion came"))

    def _read_event(self, kind: str, event: Document, deltas: list[Delta]) -> None:
        item = event.get("item")
        place = self._place(event, item)
        if content_kind := _DELTAS.get(kind):
            paragraph = (place, event.get("summary_index"))
            self._add(content_kind, paragraph, event.get("delta"), deltas)
        elif kind == "response.function_call_arguments.delta":
            self._add_call(place, {"arguments": event.get("delta")})
        elif kind == "response.output_item.added" and isinstance(item, dict):
            if item.get("type") == "function_call":
                self._add_call(place, item)
        elif kind == "response.output_item.done" and isinstance(item, dict):
            heard = {
                content_kind for content_kind in ContentKind if (place, content_kind) in self._known
            }
            self._read_item(place, item, deltas, heard)
        elif kind == "response.created" and self.content:
            note = "the gateway began the answer anew in one stream"
            raise self._failed(replace(self._truncation(), note=note))

    def _end(self, document: Document, response: Document, deltas: list[Delta]) -> None:
        """Take the terminal status; an answer that had no deltas is read from it."""
        status = response.get("status") or str(document.get("type")).removeprefix("response.")
        error = response.get("error")
        self._usage = read_usage(response.get("usage")) or self._usage
        reason = ""
        if status == "completed" and not means_error(error):
            reason = STOP
        elif status == "incomplete":
            details = response.get("incomplete_details")
            why = details.get("reason") if isinstance(details, dict) else None
            meaning = read_reason(str(why))
            reason = meaning if meaning in _INCOMPLETE else ""
        elif error or status == "failed":
            raise self._refused(document)
        if not reason:
            raise self._failed(replace(self._truncation(), note=f"status {status}"))
        output = response.get("output")
        heard = frozenset(self._paragraphs)
        for place, item in enumerate(output if isinstance(output, list) else ()):
            if isinstance(item, dict):
                self._read_item(place, item, deltas, heard)
        # A stop word in the text has ended it before.
        self._reason = self._reason or reason

    def _read_item(
        self, place: object, item: Document, deltas: list[Delta], heard: Set[ContentKind]
    ) -> None:
        """Read a whole item, but for the channels that were heard in deltas."""
        if item.get("type") == "function_call":
            told = (self._places.get(item.get("call_id"), place), _ARGUMENTS) in self._known
            self._add_call(place, {**item, "arguments": None} if told else item)
        elif item.get("encrypted_content"):
            # It has to go along with the results of the tools that are called.
            kept = {name: whole_value(item[name]) for name in _REASONING_FIELDS if name in item}
            self._reasoning.setdefault(place, kept)
        for content_kind, part, text in _texts(item):
            if content_kind not in heard:
                self._add(content_kind, (place, part), text, deltas)

    def _add_call(self, place: object, fields: Document) -> None:
        """Take a call, or a part of its arguments, in the shape that chat's deltas have."""
        arguments = fields.get("arguments")
        function = {"name": fields.get("name"), "arguments": arguments}
        call = {"index": place, "id": fields.get("call_id"), "function": function}
        self._tools.add({"tool_calls": [call]})
        self.content = True
        if call_id := fields.get("call_id"):
            self._places.setdefault(call_id, place)
        if arguments:
            self._known.add((place, _ARGUMENTS))

    def _add(
        self,
        content_kind: ContentKind,
        paragraph: tuple[object, object],
        text: object,
        deltas: list[Delta],
    ) -> None:
        if not text or not isinstance(text, str):
            return
        self._known.add((paragraph[0], content_kind))
        before = self._paragraphs.setdefault(content_kind, paragraph)
        if before != paragraph:
            self._paragraphs[content_kind] = paragraph
            text = _PARAGRAPH + text
        self._append(content_kind, text, deltas)

    def _place(self, event: Document, item: object) -> object:
        """Which item of the answer an event is about; without its index, its id has to do."""
        index = event.get("output_index")
        item_id = event.get("item_id") or (item.get("id") if isinstance(item, dict) else None)
        if not isinstance(index, int):
            return self._ids.get(item_id, item_id)
        self._ids.setdefault(item_id, index)
        return index


def _texts(item: Document) -> Iterator[tuple[ContentKind, object, object]]:
    """Channel, paragraph and text of each part of a whole item."""
    content_kind = {"message": ContentKind.TEXT, "reasoning": ContentKind.REASONING}.get(
        str(item.get("type"))
    )
    summary = item.get("summary")
    content = item.get("content")
    if content_kind is None:
        return
    for index, part in enumerate(summary if isinstance(summary, list) else ()):
        if isinstance(part, dict):
            yield content_kind, index, part.get("text")
    for part in content if isinstance(content, list) and not summary else ():
        if isinstance(part, dict):
            yield content_kind, None, part.get("text") or part.get("refusal")
