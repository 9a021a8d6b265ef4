"""Tool calls as servers really send them: put together, and handed on only when whole."""

import json
from typing import Any

import pytest

from engine.apis.tool_calls import ToolCallAssembler

type Delta = dict[str, Any]


def part(
    arguments: object = "",
    name: str | None = None,
    call_id: str | None = None,
    index: int | str | None = None,
) -> Delta:
    function: Delta = {"arguments": arguments}
    if name is not None:
        function["name"] = name
    found: Delta = {"function": function}
    if index is not None:
        found["index"] = index
    if call_id is not None:
        found["id"] = call_id
    return found


def assembled(*deltas: list[Delta] | Delta) -> list[tuple[str, str, str]] | None:
    assembler = ToolCallAssembler()
    for calls in deltas:
        assert assembler.add({"tool_calls": calls})
    whole = assembler.finish()
    return None if whole is None else [(call.id, call.name, call.arguments) for call in whole]


A, B = ("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')

FORMS: dict[str, tuple[list[list[Delta]], list[tuple[str, str, str]]]] = {
    "whole": ([[part('{"x":1}', "f", "a", 0)]], [A]),
    "in pieces": ([[part("", "f", "a", 0)], [part('{"x"', index=0)], [part(":1}", index=0)]], [A]),
    "parallel, one after the other": (
        [[part("", "f", "a", 0)], [part('{"x":1}', index=0)], [part('{"y":2}', "g", "b", 1)]],
        [A, B],
    ),
    "parallel, interleaved by index": (
        [
            [part("", "f", "a", 0)],
            [part("", "g", "b", 1)],
            [part('{"x"', index=0)],
            [part('{"y"', index=1)],
            [part(":1}", index=0)],
            [part(":2}", index=1)],
        ],
        [A, B],
    ),
    "parallel in one delta": (
        [
            [part('{"x"', "f", "a", 0), part('{"y"', "g", "b", 1)],
            [part(":2}", index=1), part(":1}", index=0)],
        ],
        [A, B],
    ),
    "the second index first": (
        [[part('{"y":2}', "g", "b", 1)], [part('{"x":1}', "f", "a", 0)]],
        [B, A],
    ),
    "all at index 0 with distinct ids": (
        [[part('{"x":1}', "f", "a", 0)], [part('{"y":2}', "g", "b", 0)]],
        [A, B],
    ),
    "all at index 0, in pieces": (
        [
            [part('{"x"', "f", "a", 0)],
            [part(":1}", index=0)],
            [part('{"y"', "g", "b", 0)],
            [part(":2}", index=0)],
        ],
        [A, B],
    ),
    "without index, whole": ([[part('{"x":1}', "f", "a")], [part('{"y":2}', "g", "b")]], [A, B]),
    "without index, in pieces": (
        [[part("", "f", "a")], [part('{"x":1}')], [part("", "g", "b")], [part('{"y":2}')]],
        [A, B],
    ),
    "without index, in one message": (
        [[part('{"x":1}', "f", "a"), part('{"y":2}', "g", "b")]],
        [A, B],
    ),
    "ids and names on every delta": (
        [[part('{"x"', "f", "a", 0)], [part(":1}", "f", "a", 0)], [part('{"y":2}', "g", "b", 1)]],
        [A, B],
    ),
    "names repeated, ids once": ([[part('{"x"', "f", "a", 0)], [part(":1}", "f", "", 0)]], [A]),
    "ids tell, where the index is always the same": (
        [
            [part('{"x"', "f", "a", 0)],
            [part('{"y"', "g", "b", 0)],
            [part(":1}", call_id="a", index=0)],
            [part(":2}", call_id="b", index=0)],
        ],
        [A, B],
    ),
    "dict arguments": ([[part({"x": 1}, "f", "a", 0)]], [("a", "f", '{"x": 1}')]),
    "dict arguments in Chinese": (
        [[part({"城": "北京"}, "f", "a", 0)]],
        [("a", "f", '{"城": "北京"}')],
    ),
    "list arguments": ([[part([1, 2], "f", "a", 0)]], [("a", "f", "[1, 2]")]),
    "no arguments": ([[part("", "f", "a", 0)]], [("a", "f", "{}")]),
    "null arguments": ([[part(None, "f", "a", 0)]], [("a", "f", "{}")]),
    "blank arguments": ([[part(" \n", "f", "a", 0)]], [("a", "f", "{}")]),
    "a last empty delta": ([[part('{"x":1}', "f", "a", 0)], [part("", index=0)]], [A]),
    "id after the name": ([[part("", "f", None, 0)], [part('{"x":1}', None, "a", 0)]], [A]),
}


@pytest.mark.parametrize(("deltas", "calls"), FORMS.values(), ids=FORMS)
def test_form_is_understood(deltas: list[list[Delta]], calls: list[tuple[str, str, str]]) -> None:
    assert assembled(*deltas) == calls


TWO = '{"y":2}'
ONE = '{"x":1}'

SHARED: dict[str, tuple[list[list[Delta] | Delta], list[tuple[str, str]]]] = {
    "one id, two indices": (
        [[part(ONE, "f", "s", 0)], [part(TWO, "f", "s", 1)]],
        [("f", ONE), ("f", TWO)],
    ),
    "one id, two indices, in pieces": (
        [
            [part('{"x"', "f", "s", 0)],
            [part(":1}", index=0)],
            [part("", "f", "s", 1)],
            [part('{"y"', index=1)],
            [part(":2}", index=1)],
        ],
        [("f", ONE), ("f", TWO)],
    ),
    "one id, two indices, interleaved, ids throughout": (
        [
            [part('{"x"', "f", "s", 0)],
            [part('{"y"', "g", "s", 1)],
            [part(":1}", None, "s", 0)],
            [part(":2}", None, "s", 1)],
        ],
        [("f", ONE), ("g", TWO)],
    ),
    "one id in one delta": (
        [[part(ONE, "f", "s", 0), part(TWO, "g", "s", 1)]],
        [("f", ONE), ("g", TWO)],
    ),
    "one id in one message, without index": (
        [[part(ONE, "f", "s"), part(TWO, "g", "s")]],
        [("f", ONE), ("g", TWO)],
    ),
    "one id and one index, two names": (
        [[part(ONE, "f", "s", 0)], [part(TWO, "g", "s", 0)]],
        [("f", ONE), ("g", TWO)],
    ),
    "one id and one index, one name": (
        [[part(ONE, "f", "s", 0)], [part(TWO, "f", "s", 0)]],
        [("f", ONE), ("f", TWO)],
    ),
    "one id and one index, in pieces": (
        [
            [part(ONE, "f", "s", 0)],
            [part('{"y"', "f", "s", 0)],
            [part(":2}", index=0)],
        ],
        [("f", ONE), ("f", TWO)],
    ),
    "one index, empty ids, one name": (
        [[part(ONE, "f", "", 0)], [part(TWO, "f", "", 0)]],
        [("f", ONE), ("f", TWO)],
    ),
    "one index, empty ids, in pieces": (
        [
            [part("", "f", "", 0)],
            [part(ONE, index=0)],
            [part("", "f", "", 0)],
            [part('{"y"', index=0)],
            [part(":2}", index=0)],
        ],
        [("f", ONE), ("f", TWO)],
    ),
    "one index, empty ids, two names, in pieces": (
        [
            [part("", "f", "", 0)],
            [part(ONE, index=0)],
            [part("", "g", "", 0)],
            [part(TWO, index=0)],
        ],
        [("f", ONE), ("g", TWO)],
    ),
    "one index, no ids, two names without arguments": (
        [[part("", "f", None, 0)], [part("", "g", None, 0)]],
        [("f", "{}"), ("g", "{}")],
    ),
    "the whole call again": ([[part(ONE, "f", "a", 0)], [part(ONE, "f", "a", 0)]], [("f", ONE)]),
    "its name again at the end": (
        [[part(ONE, "f", "a", 0)], [part("", "f", "a", 0)]],
        [("f", ONE)],
    ),
    "its name again at the end, without an id": (
        [[part(ONE, "f", None, 0)], [part("", "f", None, 0)], [part("", None, None, 0)]],
        [("f", ONE)],
    ),
    "arguments that stood open, named throughout": (
        [[part("{}", "f", "a", 0)], [part('{"x"', "f", "a", 0)], [part(":1}", "f", "a", 0)]],
        [("f", ONE)],
    ),
    "no list around the one call": ([part(ONE, "f", "a", 0)], [("f", ONE)]),
    "no object around the name": (
        [[{"index": 0, "id": "a", "name": "f", "arguments": ONE}]],
        [("f", ONE)],
    ),
    "indices as text": (
        [[part(ONE, "f", "a", "0")], [part(TWO, "g", "b", "1")]],
        [("f", ONE), ("g", TWO)],
    ),
    "blanks around the name": ([[part(ONE, " f\n", "a", 0)]], [("f", ONE)]),
}


@pytest.mark.parametrize(("deltas", "calls"), SHARED.values(), ids=SHARED)
def test_calls_that_share_an_id_or_an_index(
    deltas: list[list[Delta] | Delta], calls: list[tuple[str, str]]
) -> None:
    found = assembled(*deltas)
    assert found is not None
    assert [(name, json.loads(arguments)) for _, name, arguments in found] == [
        (name, json.loads(arguments)) for name, arguments in calls
    ]
    ids = [call_id for call_id, _, _ in found]
    assert all(ids)
    assert len(set(ids)) == len(ids)


WITHOUT_IDS: dict[str, list[list[Delta]]] = {
    "by index": [
        [part('{"x"', "f", index=0)],
        [part('{"y"', "g", index=1)],
        [part(":1}", index=0), part(":2}", index=1)],
    ],
    "by position": [[part('{"x":1}', "f"), part('{"y":2}', "g")]],
    "whole, one after the other": [[part('{"x":1}', "f")], [part('{"y":2}', "g")]],
    "the same tool twice": [[part('{"x":1}', "f")], [part('{"y":2}', "f")]],
}


@pytest.mark.parametrize("deltas", WITHOUT_IDS.values(), ids=WITHOUT_IDS)
def test_calls_without_ids_get_one_each(deltas: list[list[Delta]]) -> None:
    calls = assembled(*deltas)
    assert calls is not None
    assert [json.loads(arguments) for _, _, arguments in calls] == [{"x": 1}, {"y": 2}]
    ids = {call_id for call_id, _, _ in calls}
    assert len(ids) == 2
    assert all(call_id.startswith("call_") for call_id in ids)


@pytest.mark.parametrize(
    "deltas",
    [
        [[part('{"x"', "f", "a", 0)]],
        [[part('{"x":1}', "f", "a", 0)], [part('{"y"', "g", "b", 1)]],
        [[part('{"x":1}{"y":2}', "f", "a", 0)]],
        [[part('{"x":1}', None, "a", 0)]],
        [[part('{"x":1}', "", "a", 0)]],
    ],
    ids=["cut", "the second cut", "two in one", "no name", "empty name"],
)
def test_broken_off_call_is_not_handed_on(deltas: list[list[Delta]]) -> None:
    assert assembled(*deltas) is None


@pytest.mark.parametrize(
    "delta",
    [
        {},
        {"tool_calls": None},
        {"tool_calls": []},
        {"tool_calls": {}},
        {"tool_calls": "f"},
        {"tool_calls": [None, "f", 7]},
    ],
)
def test_no_call(delta: Delta) -> None:
    assembler = ToolCallAssembler()
    assert not assembler.add(delta)
    assert assembler.finish() == ()


@pytest.mark.parametrize("function", [None, "f", [], 7])
def test_call_without_a_function_is_no_whole_call(function: object) -> None:
    assembler = ToolCallAssembler()
    assert assembler.add({"tool_calls": [{"index": 0, "id": "a", "function": function}]})
    assert assembler.finish() is None
