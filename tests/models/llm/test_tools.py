"""Tools on the wire: how they may be chosen, how strictly they are called, and the older words."""

import copy
from typing import Any

import pytest
from dify_plugin.errors.model import InvokeBadRequestError

from models.llm.tools import (
    as_functions,
    strict_schema,
    write_parallel_tool_calls,
    write_strict_tools,
    write_tool_choice,
)

FUNCTION = {"name": "f", "description": "", "parameters": {"type": "object", "properties": {}}}
TOOLS = [{"type": "function", "function": FUNCTION}]
NAMED = {"type": "function", "function": {"name": "f"}}


def chosen(value: object, **payload: Any) -> dict[str, Any]:
    write_tool_choice(payload, value)
    return payload


@pytest.mark.parametrize(
    ("value", "sent"),
    [("auto", "auto"), ("none", "none"), ("required", "required"), ("f", NAMED), (NAMED, NAMED)],
)
def test_choice_of_a_tool(value: object, sent: object) -> None:
    assert chosen(value, tools=TOOLS)["tool_choice"] == sent


@pytest.mark.parametrize("value", ["auto", "none"])
def test_choice_that_says_nothing_where_there_are_none(value: str) -> None:
    assert chosen(value) == {}


@pytest.mark.parametrize("value", ["required", "f", NAMED])
def test_a_tool_that_is_demanded_and_not_offered(value: object) -> None:
    with pytest.raises(InvokeBadRequestError, match="tool_choice requires a tool"):
        chosen(value)


def test_what_is_about_tools_is_sent_with_tools_alone() -> None:
    bare: dict[str, Any] = {}
    write_parallel_tool_calls(bare, False)
    write_strict_tools(bare, True)
    assert bare == {}


STRICT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "string"}, {"type": "string"}),
    (
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    ),
    (
        {
            "type": "object",
            "properties": {
                "inner": {
                    "type": "object",
                    "properties": {"x": {"type": "integer"}},
                    "additionalProperties": True,
                },
                "list": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"y": {"enum": ["a"]}}},
                },
            },
            "required": ["inner", "list"],
        },
        {
            "type": "object",
            "properties": {
                "inner": {
                    "type": "object",
                    "properties": {"x": {"type": ["integer", "null"]}},
                    "required": ["x"],
                    "additionalProperties": False,
                },
                "list": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"y": {"anyOf": [{"enum": ["a"]}, {"type": "null"}]}},
                        "required": ["y"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["inner", "list"],
            "additionalProperties": False,
        },
    ),
]


@pytest.mark.parametrize(("schema", "strict"), STRICT)
def test_strict_schema(schema: dict[str, Any], strict: dict[str, Any]) -> None:
    before = copy.deepcopy(schema)
    assert strict_schema(schema) == strict
    assert schema == before
    assert strict_schema(strict) == strict


@pytest.mark.parametrize(
    ("choice", "said"), [("auto", "auto"), ("none", "none"), (NAMED, {"name": "f"})]
)
def test_choice_in_the_older_words(choice: object, said: object) -> None:
    payload = {"model": "m", "messages": [], "tools": TOOLS, "tool_choice": choice}
    assert as_functions(payload) == {
        "model": "m",
        "messages": [],
        "functions": [FUNCTION],
        "function_call": said,
    }


def test_what_the_older_words_cannot_say() -> None:
    with pytest.raises(InvokeBadRequestError, match="cannot be required"):
        as_functions({"messages": [], "tools": TOOLS, "tool_choice": "required"})


def test_a_result_without_its_call_keeps_its_name() -> None:
    """Dify cuts old messages off, and the call may be among them."""
    result = {"role": "tool", "tool_call_id": "x", "name": "f", "content": "42"}
    assert as_functions({"messages": [result]})["messages"] == [
        {"role": "function", "name": "f", "content": "42"}
    ]


def test_a_call_without_its_result() -> None:
    call = {"id": "x", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = {"role": "assistant", "content": "wait", "tool_calls": [call]}
    assert as_functions({"messages": [asked]})["messages"] == [
        {"role": "assistant", "content": "wait", "function_call": call["function"]}
    ]
