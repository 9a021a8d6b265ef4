"""Answers of the Responses API, as an OpenAI-compatible upstream sends them.

They say what chat's deltas say: text, reasoning and calls become items, and each item its events.
The one recorded upstream answered whole bodies only (tests/fixtures/new-api).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from simulator.answer import dump
from simulator.call import Call

CREATED = 1760000000
BEFORE_WORDS = 3
"""Events before the first word: created, in progress, and the message's beginning."""

USAGE = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}

type Item = dict[str, Any]


def event(kind: str, **fields: Any) -> bytes:
    """One event; its name is told twice, as OpenAI does."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), dump({"type": kind, **fields}))


class Script:
    """The events of one answer, and the items that they add up to."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._places: dict[str, int] = {}
        self.items: list[Item] = []
        begun = self.response("in_progress")
        self.opening: list[bytes] = [
            event(f"response.{kind}", response=begun) for kind in _BEGINNINGS
        ]
        self.events: list[bytes] = []

    def response(self, status: str, **fields: Any) -> dict[str, Any]:
        """The response object in this status, with the items so far."""
        head = {"id": "resp_up1", "object": "response", "created_at": CREATED, "status": status}
        return {**head, "model": self._call.model, "output": self.items, **fields}

    def say(self, delta: dict[str, Any]) -> None:
        """Take one of chat's deltas."""
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self._think(thought)
        content = delta.get("content")
        for part in content if isinstance(content, list) else [{"text": content}]:
            self._tell("output_text", "text", part["text"])
        self._tell("refusal", "refusal", delta.get("refusal"))
        for call in delta.get("tool_calls", ()):
            self._call_tool(call)

    def end(self, finish: str | None) -> None:
        """Finish every item, and the answer: ``None`` leaves it without its terminal event."""
        for place, item in enumerate(self.items):
            if finish is not None and "status" in item:
                item["status"] = "incomplete" if finish in _INCOMPLETE else "completed"
            self.events.append(event("response.output_item.done", output_index=place, item=item))
        if finish is not None:
            ended = self.ended(finish)
            self.events.append(event(f"response.{ended['status']}", response=ended))

    def ended(self, finish: str | None) -> dict[str, Any]:
        """The response object at the end, as a whole answer has it too."""
        if finish in _INCOMPLETE:
            why = {"reason": _INCOMPLETE[finish]}
            return self.response("incomplete", incomplete_details=why, usage=USAGE)
        return self.response("completed" if finish else "in_progress", usage=USAGE)

    def _think(self, thought: str) -> None:
        part = {"type": "summary_text", "text": ""}
        place = self._place("rs_1", {"type": "reasoning", "id": "rs_1", "summary": [part]})
        self.items[place]["summary"][0]["text"] += thought
        self._say("reasoning_summary_text", "rs_1", place, summary_index=0, delta=thought)

    def _tell(self, kind: str, name: str, text: str | None) -> None:
        if not text:
            return
        part: Item = {"type": kind, name: ""} | ({"annotations": []} if name == "text" else {})
        item = {
            "type": "message",
            "id": "msg_1",
            "status": "in_progress",
            "role": "assistant",
            "content": [part],
        }
        place = self._place("msg_1", item)
        self.items[place]["content"][0][name] += text
        self._say(kind, "msg_1", place, content_index=0, delta=text)

    def _call_tool(self, call: dict[str, Any]) -> None:
        function = call["function"]
        name = f"fc_{call['index'] + 1}"
        item = {
            "type": "function_call",
            "id": name,
            "status": "in_progress",
            "call_id": call.get("id", ""),
            "name": function.get("name", ""),
            "arguments": "",
        }
        place = self._place(name, item)
        if arguments := function.get("arguments"):
            self.items[place]["arguments"] += arguments
            self._say("function_call_arguments", name, place, delta=arguments)

    def _say(self, kind: str, item_id: str, place: int, **fields: Any) -> None:
        name = f"response.{kind}.delta"
        self.events.append(event(name, item_id=item_id, output_index=place, **fields))

    def _place(self, name: str, item: Item) -> int:
        if name not in self._places:
            self._places[name] = len(self.items)
            self.items.append(item)
            self.events.append(
                event("response.output_item.added", output_index=self._places[name], item=item)
            )
        return self._places[name]


_BEGINNINGS = ("created", "in_progress")


def events(call: Call, deltas: Iterable[dict[str, Any]], finish: str | None) -> list[bytes]:
    """Every event of an answer."""
    script = _played(call, deltas)
    script.end(finish)
    return [*script.opening, *script.events]


def whole(call: Call, deltas: Iterable[dict[str, Any]], finish: str | None) -> dict[str, Any]:
    """The same as one document."""
    script = _played(call, deltas)
    script.end(finish)
    return script.ended(finish)


def _played(call: Call, deltas: Iterable[dict[str, Any]]) -> Script:
    script = Script(call)
    for delta in deltas:
        script.say(delta)
    return script


def failing(call: Call, name: str, words: Sequence[str]) -> list[bytes]:
    """A stream that fails in the way of that name, after some of these words or before them."""
    before, ending = ENDINGS[name]
    script = _played(call, [{"content": word} for word in words[:before]])
    return [*script.opening, *script.events, ending(script)]


type Ending = Callable[[Script], bytes]


def _failed(code: str, message: str) -> Ending:
    error = {"code": code, "message": message}
    return lambda script: event("response.failed", response=script.response("failed", error=error))


def _error_event(code: str, message: str) -> Ending:
    return lambda _script: event("error", code=code, message=message, param=None)


def _incomplete(reason: str) -> Ending:
    def ending(script: Script) -> bytes:
        response = script.response("incomplete", incomplete_details={"reason": reason})
        return event("response.incomplete", response=response)

    return ending


_LIMIT = ("rate_limit_exceeded", "Rate limit reached for gpt-x. Please try again in 20s.")
_FAULT = ("server_error", "An error occurred while processing your request.")
_FLAGGED = ("invalid_prompt", "Your prompt was flagged as potentially violating our usage policy.")

ENDINGS: dict[str, tuple[int, Ending]] = {
    "failed-first": (0, _failed(*_FAULT)),
    "failed-first-429": (0, _failed(*_LIMIT)),
    "failed-first-flagged": (0, _failed(*_FLAGGED)),
    "failed-after-content": (4, _failed(*_FAULT)),
    "failed-after-content-429": (4, _failed(*_LIMIT)),
    "failed-without-error": (
        0,
        lambda script: event("response.failed", response=script.response("failed", error=None)),
    ),
    "error-event-first": (0, _error_event(*_FAULT)),
    "error-event-first-429": (0, _error_event(*_LIMIT)),
    "error-event-after-content": (4, _error_event(*_FAULT)),
    "incomplete-otherwise": (4, _incomplete("interrupted")),
    "cancelled-after-content": (
        4,
        lambda script: event("response.cancelled", response=script.response("cancelled")),
    ),
    "begins-anew": (4, lambda script: script.opening[0]),
}
"""How a stream of this API fails: name -> how many words come before it, the failing event.

From the API's own description of its events; none of them was recorded.
"""
