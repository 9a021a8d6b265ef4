"""A schema in each of the shapes in which it is sent or pasted."""

import json
from typing import Any

import pytest

from models.llm.structured import named_schema

SCHEMA = {"type": "object", "properties": {"schema": {"type": "string"}}}
OURS = {"name": "llm_response", "schema": SCHEMA}
THEIRS = {"name": "n", "strict": True, "schema": SCHEMA}

SHAPES: dict[str, tuple[Any, dict[str, Any]]] = {
    "bare, as Dify sends it for Gemini": (SCHEMA, OURS),
    "wrapped, as Dify sends it": ({"schema": SCHEMA, "name": "llm_response"}, OURS),
    "wrapped without a name": ({"schema": SCHEMA}, OURS),
    "with what OpenAI knows besides": (THEIRS, THEIRS),
    "a whole response_format": ({"type": "json_schema", "json_schema": THEIRS}, THEIRS),
}


@pytest.mark.parametrize(("sent", "named"), SHAPES.values(), ids=SHAPES)
def test_shapes(sent: Any, named: dict[str, Any]) -> None:
    assert named_schema(json.dumps(sent)) == named_schema(sent) == named
