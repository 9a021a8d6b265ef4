"""Tool calls, put together from their deltas and handed on only when they are whole."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.apis.arguments import NOTHING, is_whole, read_arguments
from engine.text.characters import whole_characters, whole_value

_ENDINGS = ("}", "]", '"', "null")
"""How arguments may end."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A whole call.

    Attributes:
        id: the model's, or one of ours; no two calls of an answer share one.
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
    """A call as far as it has come; ``over``: its name came again after whole arguments."""

    index: object
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    extra_content: dict[str, object] | None = None
    over: bool = False

    @property
    def is_whole(self) -> bool:
        """Its arguments are JSON already; an empty text may only be their beginning."""
        if not self.arguments:
            return False
        # Where a name comes with every delta, most of them are not worth parsing all again.
        last = self.arguments[-1].rstrip()
        return (not last or last.endswith(_ENDINGS)) and is_whole("".join(self.arguments))


class ToolCallAssembler:
    """Joins deltas to calls as servers really send them.

    They are told apart by ``index``; where that is missing or always the same, by a new id that
    comes with a name, or by a name that comes after whole arguments. Ids may be missing, or be
    the same for all, and a name may be repeated on every delta.
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
        if isinstance(calls, dict) and calls:
            calls = [calls]
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
        calls: dict[str, ToolCall] = {}
        for slot in self._slots:
            arguments = read_arguments(slot.arguments)
            name = whole_characters(slot.name).strip()
            if not name or arguments is None:
                return None
            call_id = whole_characters(slot.id)
            if not call_id or call_id in calls:
                call_id = f"call_{uuid.uuid4().hex[:24]}"
            calls[call_id] = ToolCall(call_id, name, arguments, slot.extra_content)
        return tuple(calls.values())

    def _add_one(self, call: Mapping[str, object], index: object) -> None:
        function = call.get("function")
        if not isinstance(function, dict):
            # Some leave the object around them out.
            function = call if "function" not in call else {}
        call_id = str(call.get("id") or "")
        name = str(function.get("name") or "")
        arguments = function.get("arguments")
        if isinstance(arguments, dict | list):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if not isinstance(arguments, str):
            arguments = ""
        slot = self._slot(index, call_id, name, arguments)
        slot.id = slot.id or call_id
        slot.name = slot.name or name
        if arguments:
            slot.arguments.append(arguments)
        extra = call.get("extra_content")
        if isinstance(extra, dict):
            slot.extra_content = {str(key): whole_value(value) for key, value in extra.items()}

    def _slot(self, index: object, call_id: str, name: str, arguments: str) -> _Slot:
        known = self._known(index, call_id, name)
        if known is not None and not _begins_another(known, call_id, name, arguments):
            return known
        slot = _Slot(index)
        if known is not None and known.over:
            # It was named before these arguments came.
            known.over = False
            slot.name, slot.id = known.name, known.id
        self._slots.append(slot)
        return slot

    def _known(self, index: object, call_id: str, name: str) -> _Slot | None:
        """The call that a delta may be more of: by its id, or else by its index."""
        if call_id:
            same = [slot for slot in reversed(self._slots) if slot.id == call_id]
            for slot in same:
                if slot.index == index:
                    return slot
            for slot in same:
                if not (name and _differ(slot.index, index)):
                    return slot
        for slot in reversed(self._slots):
            if slot.index == index and not (name and call_id and slot.id not in ("", call_id)):
                return slot
        return None


def _begins_another(slot: _Slot, call_id: str, name: str, arguments: str) -> bool:
    """Whether a delta at the place of a call begins another one nevertheless.

    A name after whole arguments does; but not where the call is only said again, and not where
    ``{}`` stood for arguments that were still to come.
    """
    arguments = arguments.strip()
    if not name or not slot.name:
        return slot.over and bool(arguments)
    if name != slot.name:
        return slot.is_whole or not slot.arguments
    if not slot.is_whole:
        return False
    slot.over = not arguments
    if slot.over:
        return False
    said = "".join(slot.arguments).strip()
    is_again = bool(call_id) and call_id == slot.id and said in (NOTHING, arguments)
    return not is_again


def _differ(one: object, other: object) -> bool:
    return isinstance(one, int) and isinstance(other, int) and one != other


def _index(call: object) -> object:
    index = call.get("index") if isinstance(call, dict) else None
    return int(index) if isinstance(index, str) and index.isdecimal() else index
