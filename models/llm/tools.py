"""The tools that are offered to a model, and how it is to use them."""

import copy
from collections.abc import Sequence
from typing import Any

from dify_plugin.entities.model.message import PromptMessageTool

from models.errors import RefusedError

type Wire = dict[str, object]
type Payload = dict[str, Any]

TOOL_CHOICES = ("auto", "none", "required")
"""Values of ``tool_choice`` that are no tool's name."""


def wire_tools(tools: Sequence[PromptMessageTool]) -> list[Wire]:
    """Convert the tools that are offered to the model."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in tools
    ]


def write_tool_choice(payload: Payload, value: Any) -> None:
    """``auto``, ``none``, ``required``, a tool's name, or OpenAI's object.

    Raises:
        InvokeBadRequestError: a tool is demanded, and none is offered.
    """
    if "tools" not in payload:
        if value in ("auto", "none"):
            return
        raise RefusedError("tool_required")
    if isinstance(value, str) and value not in TOOL_CHOICES:
        value = {"type": "function", "function": {"name": value}}
    payload["tool_choice"] = value


def write_parallel_tool_calls(payload: Payload, value: Any) -> None:
    """Whether several tools may be called at once; upstreams refuse it where there is none."""
    if "tools" in payload:
        payload["parallel_tool_calls"] = value


def write_strict_tools(payload: Payload, value: Any) -> None:
    """Have arguments follow their schema to the letter (OpenAI's ``strict``)."""
    if not value or "tools" not in payload:
        return
    payload["tools"] = [
        {**tool, "function": {**tool["function"], "strict": True, "parameters": parameters}}
        for tool in payload["tools"]
        for parameters in [strict_schema(tool["function"]["parameters"])]
    ]


def strict_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy as ``strict`` demands it: no further properties, all required, optional ones null."""
    strict: dict[str, Any] = _strict(copy.deepcopy(schema))
    return strict


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    strict = {key: _strict(value) for key, value in node.items()}
    properties = strict.get("properties")
    if strict.get("type") == "object" and isinstance(properties, dict):
        required = strict.get("required") or []
        strict["properties"] = {
            name: value if name in required else _nullable(value)
            for name, value in properties.items()
        }
        strict["required"] = list(properties)
        strict["additionalProperties"] = False
    return strict


def _nullable(schema: Any) -> Any:
    kind = schema.get("type") if isinstance(schema, dict) else None
    if not isinstance(kind, str):
        return {"anyOf": [schema, {"type": "null"}]}
    nullable = {**schema, "type": [kind, "null"]}
    if isinstance(schema.get("enum"), list):
        nullable["enum"] = [*schema["enum"], None]
    return nullable


def as_functions(payload: Payload) -> Payload:
    """The request in the words of before ``tools``: ``functions`` and ``function_call``.

    One call an answer is all that those words can say, so several become messages one by one.

    Raises:
        InvokeBadRequestError: they cannot say that a tool has to be called, whichever it is.
    """
    said = {key: value for key, value in payload.items() if key not in _OF_TOOLS}
    if "tools" in payload:
        said["functions"] = [tool["function"] for tool in payload["tools"]]
    choice = payload.get("tool_choice")
    if isinstance(choice, dict):
        said["function_call"] = {"name": choice["function"]["name"]}
    elif choice in ("auto", "none"):
        said["function_call"] = choice
    elif choice == "required":
        raise RefusedError("tool_required_function")
    said["messages"] = _messages_of_functions(payload["messages"])
    return said


_OF_TOOLS = frozenset({"tools", "tool_choice", "parallel_tool_calls", "messages"})


def _messages_of_functions(messages: list[Wire]) -> list[Wire]:
    """Each call followed by what its function answered."""
    names: dict[object, object] = {}
    results: dict[object, Wire] = {}
    for message in messages:
        for call in _calls_of(message):
            names[call["id"]] = call["function"]["name"]
        if message["role"] == "tool":
            results[message["tool_call_id"]] = message
    said: list[Wire] = []
    for message in messages:
        calls = _calls_of(message)
        if message["role"] == "tool":
            if message["tool_call_id"] not in names:
                said.append(_result(message, message.get("name") or ""))
            continue
        if not calls:
            said.append(message)
        rest = {key: value for key, value in message.items() if key != "tool_calls"}
        for call in calls:
            said.append({**rest, "function_call": call["function"]})
            rest["content"] = None
            if call["id"] in results:
                said.append(_result(results[call["id"]], names[call["id"]]))
    return said


def _calls_of(message: Wire) -> list[Any]:
    calls = message.get("tool_calls")
    return calls if isinstance(calls, list) else []


def _result(message: Wire, name: object) -> Wire:
    return {"role": "function", "name": name, "content": message["content"]}
