"""Listed models do what is asked of them: tools, schemas, words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from simulator import Simulator
from simulator.able import value_of
from simulator.client import CHAT, ask
from simulator.streams import WORDS

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "unit": {"enum": ["c", "f"]},
        "days": {"type": "array", "items": {"type": "integer"}},
        "sure": {"type": "boolean"},
    },
}
VALUE = {"city": "北京", "unit": "c", "days": [1], "sure": True}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=3) as sim:
        yield sim


def message_of(simulator: Simulator, **fields: Any) -> dict[str, Any]:
    body = {**CHAT, "model": "new-api/gpt-5-mini", **fields}
    choice = ask(simulator.base_url.removesuffix("/v1"), "/v1/chat/completions", body).json
    message: dict[str, Any] = choice["choices"][0]["message"]
    return message


def test_the_offered_tool_is_called_with_arguments_of_its_schema(simulator: Simulator) -> None:
    tool = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    (call,) = message_of(simulator, tools=[tool])["tool_calls"]
    assert call["function"]["name"] == "weather"
    assert json.loads(call["function"]["arguments"]) == VALUE


def test_the_schema_is_kept_to(simulator: Simulator) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}
    assert json.loads(message_of(simulator, response_format=wanted)["content"]) == VALUE


def test_anything_else_is_answered_in_words(simulator: Simulator) -> None:
    assert message_of(simulator)["content"] == "".join(WORDS)


def test_an_unknown_schema_makes_an_empty_object() -> None:
    assert value_of(None) == value_of({}) == {}
