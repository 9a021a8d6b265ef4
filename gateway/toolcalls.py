"""Tool calls, put together from their deltas and handed on only when they are whole."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.documents import parse_document


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A whole call.

    Attributes:
        id: the model's, or one of ours.
        name: of the tool.
        arguments: complete JSON.
        extra_content: what Gemini wants back with the call (its thought's signature).
    """

    id: str
    name: str
    arguments: str
    extra_content: dict[str, object] | None = None


@dataclass(slots=True)
class _Slot:
    index: object
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    extra_content: dict[str, object] | None = None


class ToolCallAssembler:
    """Joins deltas to calls as servers really send them.

    They are told apart by ``index``; where that is missing or always the same, by a new id that
    comes with a name. Ids may be missing, and a name may be repeated on every delta.
    """

    def __init__(self) -> None:
        self._slots: list[_Slot] = []

    def add(self, delta: Mapping[str, object]) -> bool:
        """Take a message's or a delta's calls; tells whether there was any.

        The one ``function_call`` of old models counts as a call, too.
        """
        calls = delta.get("tool_calls")
        if isinstance(delta.get("function_call"), dict):
            calls = [{"index": 0, "function": delta["function_call"]}]
        if not isinstance(calls, list):
            return False
        whole = len(calls) > 1 and all(_index(call) is None for call in calls)
        found = False
        for position, call in enumerate(calls):
            if isinstance(call, dict):
                self._add_one(call, position if whole else _index(call))
                found = True
        return found

    def finish(self) -> tuple[ToolCall, ...] | None:
        """The whole calls, or ``None`` if one of them broke off."""
        calls = []
        for slot in self._slots:
            arguments = "".join(slot.arguments).strip() or "{}"
            if not slot.name or not _is_json(arguments):
                return None
            call_id = slot.id or f"call_{uuid.uuid4().hex[:24]}"
            calls.append(ToolCall(call_id, slot.name, arguments, slot.extra_content))
        return tuple(calls)

    def _add_one(self, call: Mapping[str, object], index: object) -> None:
        function = call.get("function")
        if not isinstance(function, dict):
            function = {}
        call_id = str(call.get("id") or "")
        name = str(function.get("name") or "")
        arguments = function.get("arguments")
        if isinstance(arguments, dict | list):
            arguments = json.dumps(arguments, ensure_ascii=False)
        slot = self._slot(index, call_id, name, bool(arguments))
        slot.id = slot.id or call_id
        slot.name = slot.name or name
        if isinstance(arguments, str):
            slot.arguments.append(arguments)
        extra = call.get("extra_content")
        if isinstance(extra, dict):
            slot.extra_content = extra

    def _slot(self, index: object, call_id: str, name: str, has_arguments: bool) -> _Slot:
        for slot in self._slots:
            if call_id and slot.id == call_id:
                return slot
        for slot in reversed(self._slots):
            if slot.index == index and not _is_another(slot, call_id, name, has_arguments):
                return slot
        slot = _Slot(index)
        self._slots.append(slot)
        return slot


def _is_another(slot: _Slot, call_id: str, name: str, has_arguments: bool) -> bool:
    """Whether a delta at the same index begins another call nevertheless."""
    if not name:
        return False
    if call_id and slot.id:
        return True
    if not has_arguments or not _is_json("".join(slot.arguments)):
        return False
    return slot.index is None or bool(slot.name and name != slot.name)


def _index(call: object) -> object:
    return call.get("index") if isinstance(call, dict) else None


def _is_json(text: str) -> bool:
    try:
        parse_document(text)
    except ValueError:
        return False
    return True
