"""A model that can do what is asked of it: it calls the tool offered, and keeps to the schema."""

import json
from typing import Any

from simulator.answer import Answer
from simulator.call import Call
from simulator.streams import WORDS, Reply, answer_with, said

_PLAIN = {"string": "北京", "integer": 1, "number": 1, "boolean": True}


def play(call: Call) -> Answer:
    """A tool call, a JSON object, or words, as the request wants it."""
    tool = _first_tool(call.body)
    if tool:
        function = {"name": tool["name"], "arguments": _written(tool.get("parameters"))}
        calls = [{"index": 0, "id": "call_1", "type": "function", "function": function}]
        first = {"role": "assistant", "content": None}
        return answer_with(call, Reply([{"tool_calls": calls}], "tool_calls", first=first))
    wanted = call.body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
        return answer_with(call, said(_written((wanted.get("json_schema") or {}).get("schema"))))
    return answer_with(call, said(*WORDS))


def _first_tool(body: dict[str, Any]) -> dict[str, Any]:
    tools = body.get("tools")
    first = tools[0] if isinstance(tools, list) and tools else None
    function = first.get("function") if isinstance(first, dict) else None
    return function if isinstance(function, dict) and "name" in function else {}


def _written(schema: Any) -> str:
    return json.dumps(value_of(schema), ensure_ascii=False)


def value_of(schema: Any) -> Any:
    """A value that is valid against a JSON schema of the plain kind."""
    schema = schema if isinstance(schema, dict) else {}
    kind = schema.get("type")
    if kind == "array":
        return [value_of(schema.get("items"))]
    plain = (schema.get("enum") or [_PLAIN.get(kind)])[0]
    if plain is not None:
        return plain
    properties = schema.get("properties") or {}
    return {name: value_of(inner) for name, inner in properties.items()}
