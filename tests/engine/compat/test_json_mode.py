"""A format said in words: where the instruction stands, and when it is needed."""

import copy
from typing import Any

import pytest

from engine.compat.json_mode import as_json_object, in_words, instructed, mentioning_json

SCHEMA = {"type": "object"}
AS_SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
AS_JSON = {"type": "json_object"}


def system(content: object) -> dict[str, Any]:
    return {"role": "system", "content": content}


def user(content: object) -> dict[str, Any]:
    return {"role": "user", "content": content}


INSTRUCTED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"messages": [user("hi")]}, {"messages": [system("I."), user("hi")]}),
    (
        {"messages": [system("Be."), user("hi")]},
        {"messages": [system("Be.\n\nI."), user("hi")]},
    ),
    ({"messages": [system(""), user("hi")]}, {"messages": [system("I."), user("hi")]}),
    (
        {"messages": [{"role": "developer", "content": "Be."}]},
        {"messages": [{"role": "developer", "content": "Be.\n\nI."}]},
    ),
    # Parts, as marks for the cache make them: the marked beginning stays as it is.
    (
        {"messages": [system([{"type": "text", "text": "Be.", "cache_control": {}}])]},
        {
            "messages": [
                system(
                    [
                        {"type": "text", "text": "Be.", "cache_control": {}},
                        {"type": "text", "text": "I."},
                    ]
                )
            ]
        },
    ),
    ({"prompt": "Once"}, {"prompt": "Once\n\nI."}),
]


@pytest.mark.parametrize(("payload", "told"), INSTRUCTED)
def test_instruction(payload: dict[str, Any], told: dict[str, Any]) -> None:
    before = copy.deepcopy(payload)
    assert instructed(payload, "I.") == told
    assert payload == before


@pytest.mark.parametrize(
    ("payload", "added"),
    [
        ({"messages": [user("hi")], "response_format": AS_JSON}, True),
        ({"messages": [user("as JSON")], "response_format": AS_JSON}, False),
        (
            {"messages": [user([{"type": "text", "text": "json?"}])], "response_format": AS_JSON},
            False,
        ),
        ({"messages": [user("hi")], "response_format": AS_SCHEMA}, False),
        ({"messages": [user("hi")], "response_format": {"type": "text"}}, False),
        ({"messages": [user("hi")]}, False),
        ({"prompt": "hi", "response_format": AS_JSON}, True),
    ],
)
def test_json_is_named_where_it_is_wanted_and_was_not(payload: dict[str, Any], added: bool) -> None:
    assert (mentioning_json(payload) != payload) == added


def test_a_schema_is_told_once() -> None:
    payload = {"messages": [user("hi")], "response_format": AS_SCHEMA}
    first = as_json_object(payload)
    assert first["response_format"] == AS_JSON
    second = in_words(first)
    assert "response_format" not in second
    assert second["messages"] == first["messages"]
    assert str(second["messages"]).count('{"type": "object"}') == 1


@pytest.mark.parametrize("wanted", [{"type": "text"}, {"type": "strange"}, "json"])
def test_what_has_no_words_is_left_out(wanted: object) -> None:
    payload = {"messages": [user("hi")], "response_format": wanted}
    assert in_words(payload) == {"messages": [user("hi")]}
