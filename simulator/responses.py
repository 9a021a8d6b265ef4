"""Answers of the Responses API, as an OpenAI-compatible upstream sends them.

They say what chat's deltas say: text, reasoning and calls become items, and each item its events.
The one recorded upstream answered whole bodies only (tests/fixtures/new-api).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from simulator.answer import dump
from simulator.call import Call

CREATED = 1760000000
BEFORE_WORDS = 4
"""Events before the first word: created, in progress, the message's beginning, and its part's."""

USAGE = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_PARTS: dict[str, dict[str, Any]] = {
    "output_text": {"type": "output_text", "text": "", "annotations": []},
    "refusal": {"type": "refusal", "refusal": ""},
}
"""The parts of a message, before anything is said in them."""

type Item = dict[str, Any]


class Script:
    """The events of one answer, numbered, and the items that they add up to."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._places: dict[str, int] = {}
        self.items: list[Item] = []
        self.events: list[bytes] = []
        self.begin()

    def begin(self) -> None:
        """Say that the answer has begun."""
        for kind in ("created", "in_progress"):
            self.add(f"response.{kind}", response=self.response("in_progress"))

    def add(self, kind: str, **fields: Any) -> None:
        """Add an event; its name is told twice, as OpenAI does."""
        value = {"type": kind, "sequence_number": len(self.events), **fields}
        self.events.append(b"event: %b\ndata: %b\n\n" % (kind.encode(), dump(value)))

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
        """Finish every item, and the answer: `None` leaves it without its terminal event."""
        for place, item in enumerate(self.items):
            if finish is not None and "status" in item:
                item["status"] = "incomplete" if finish in _INCOMPLETE else "completed"
            self._finish(place, item)
            self.add("response.output_item.done", output_index=place, item=item)
        if finish is not None:
            ended = self.ended(finish)
            self.add(f"response.{ended['status']}", response=ended)

    def ended(self, finish: str | None) -> dict[str, Any]:
        """The response object at the end, as a whole answer has it too."""
        if finish in _INCOMPLETE:
            why = {"reason": _INCOMPLETE[finish]}
            return self.response("incomplete", incomplete_details=why, usage=USAGE)
        return self.response("completed" if finish else "in_progress", usage=USAGE)

    def _think(self, thought: str) -> None:
        begun = {"type": "reasoning", "id": "rs_1", "summary": []}
        place = self._place("rs_1", begun)
        summary = self.items[place]["summary"]
        if not summary:
            summary.append({"type": "summary_text", "text": ""})
            self._of("reasoning_summary_part.added", place, summary_index=0, part=summary[0])
        summary[0]["text"] += thought
        self._of("reasoning_summary_text.delta", place, summary_index=0, delta=thought)

    def _tell(self, kind: str, name: str, text: str | None) -> None:
        if not text:
            return
        begun: Item = {
            "type": "message",
            "id": "msg_1",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        place = self._place("msg_1", begun)
        content = self.items[place]["content"]
        if not content:
            content.append(dict(_PARTS[kind]))
            self._of("content_part.added", place, content_index=0, part=content[0])
        content[0][name] += text
        more: Item = {"logprobs": []} if kind == "output_text" else {}
        self._of(f"{kind}.delta", place, content_index=0, delta=text, **more)

    def _call_tool(self, call: dict[str, Any]) -> None:
        function = call["function"]
        name = f"fc_{call['index'] + 1}"
        begun = {
            "type": "function_call",
            "id": name,
            "status": "in_progress",
            "call_id": call.get("id", ""),
            "name": function.get("name", ""),
            "arguments": "",
        }
        place = self._place(name, begun)
        if arguments := function.get("arguments"):
            self.items[place]["arguments"] += arguments
            self._of("function_call_arguments.delta", place, delta=arguments)

    def _finish(self, place: int, item: Item) -> None:
        """What is said again, whole, before an item is done."""
        if item["type"] == "function_call":
            self._of("function_call_arguments.done", place, arguments=item["arguments"])
        for index, part in enumerate(item.get("summary", ())):
            self._of("reasoning_summary_text.done", place, summary_index=index, text=part["text"])
            self._of("reasoning_summary_part.done", place, summary_index=index, part=part)
        for index, part in enumerate(item.get("content", ())):
            said = {name: part[name] for name in ("text", "refusal") if name in part}
            more: Item = {"logprobs": []} if "text" in said else {}
            self._of(f"{part['type']}.done", place, content_index=index, **said, **more)
            self._of("content_part.done", place, content_index=index, part=part)

    def _of(self, kind: str, place: int, **fields: Any) -> None:
        """Add an event of an item."""
        name = self.items[place]["id"]
        self.add(f"response.{kind}", item_id=name, output_index=place, **fields)

    def _place(self, name: str, item: Item) -> int:
        if name not in self._places:
            self._places[name] = len(self.items)
            self.items.append(item)
            self.add("response.output_item.added", output_index=self._places[name], item=item)
        return self._places[name]


def events(call: Call, deltas: Iterable[dict[str, Any]], finish: str | None) -> list[bytes]:
    """Every event of an answer."""
    script = _played(call, deltas)
    script.end(finish)
    return script.events


def whole(call: Call, deltas: Iterable[dict[str, Any]], finish: str | None) -> dict[str, Any]:
    """The same as one document."""
    script = _played(call, deltas)
    script.end(finish)
    return script.ended(finish)


def failing(call: Call, name: str, words: Sequence[str]) -> list[bytes]:
    """A stream that fails in the way of that name, after some of these words or before them."""
    before, ending = ENDINGS[name]
    script = _played(call, [{"content": word} for word in words[:before]])
    ending(script)
    return script.events


def _played(call: Call, deltas: Iterable[dict[str, Any]]) -> Script:
    script = Script(call)
    for delta in deltas:
        script.say(delta)
    return script


type Ending = Callable[[Script], None]


def _terminal(status: str, **fields: Any) -> Ending:
    return lambda script: script.add(
        f"response.{status}", response=script.response(status, **fields)
    )


def _error_event(code: str, message: str) -> Ending:
    return lambda script: script.add("error", code=code, message=message, param=None)


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}


_LIMIT = ("rate_limit_exceeded", "Rate limit reached for gpt-x. Please try again in 20s.")
_FAULT = ("server_error", "An error occurred while processing your request.")
_FLAGGED = ("invalid_prompt", "Your prompt was flagged as potentially violating our usage policy.")

ENDINGS: dict[str, tuple[int, Ending]] = {
    "failed-first": (0, _terminal("failed", error=_error(*_FAULT))),
    "failed-first-429": (0, _terminal("failed", error=_error(*_LIMIT))),
    "failed-first-flagged": (0, _terminal("failed", error=_error(*_FLAGGED))),
    "failed-after-content": (4, _terminal("failed", error=_error(*_FAULT))),
    "failed-after-content-429": (4, _terminal("failed", error=_error(*_LIMIT))),
    "failed-without-error": (0, _terminal("failed", error=None)),
    "error-event-first": (0, _error_event(*_FAULT)),
    "error-event-first-429": (0, _error_event(*_LIMIT)),
    "error-event-after-content": (4, _error_event(*_FAULT)),
    "incomplete-otherwise": (4, _terminal("incomplete", incomplete_details={"reason": "steered"})),
    "cancelled-after-content": (4, _terminal("cancelled")),
    "begins-anew": (4, Script.begin),
}
"""How a stream of this API fails: name -> how many words come before it, what fails.

From the API's own description of its events; none of them was recorded.
"""
