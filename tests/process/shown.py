"""How each row of the table of capabilities shows on the wire: what Dify sends, what goes out."""

from dataclasses import dataclass, field
from typing import Any

from devtools import Json, assistant, system, tool, user

TOOL = {
    "name": "get_weather",
    "description": "Get the weather",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "kelvin"]},
            "days": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        },
        "required": ["city"],
    },
}
WIRE_TOOL = {"type": "function", "function": TOOL}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"北京"}'},
}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
ANSWERED = [("get_weather", '{"city":"北京","unit":"celsius"}')]
HI = [{"role": "user", "content": "hi"}]
MARK = {"type": "ephemeral"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One row.

    Attributes:
        sends: what the request has beside model, messages, user and the two of streaming.
        prompt: as Dify sends it.
        messages: as they go out.
        answer: the simulator's behaviour.
        calls: the tools that the answer calls, with their arguments.
        text: of the answer, if it is not the usual one.
        named: the model's name in Dify, where that says which words it knows.
    """

    sends: Json = field(default_factory=dict)
    parameters: Json = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    tools: list[Json] | None = None
    prompt: str | list[Json] = "hi"
    messages: list[Json] = field(default_factory=lambda: HI)
    answer: str = "ok"
    calls: list[tuple[str, str]] = field(default_factory=list)
    text: str | None = None
    named: str = ""


def _part(kind: str, ending: str, media_type: str, **more: Any) -> Json:
    return {
        "type": kind,
        "format": ending,
        "mime_type": media_type,
        "base64_data": "QUJD",
        "url": "",
        "filename": "",
        **more,
    }


def _input(kind: str, part: Json, wire: Json) -> Shown:
    return Shown(
        fields={f"{kind}_support": "support"},
        prompt=[user([{"type": "text", "data": "Look."}, part])],
        messages=[{"role": "user", "content": [{"type": "text", "text": "Look."}, wire]}],
    )


def _value(name: str, value: object, **fields: str) -> Shown:
    """A parameter that is a field of the request by its own name."""
    return Shown({name: value}, {name: value}, fields)


_STRICT_TOOL = {
    "type": "function",
    "function": {
        **TOOL,
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"type": ["string", "null"], "enum": ["celsius", "kelvin", None]},
                "days": {
                    "anyOf": [
                        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                        {"type": "null"},
                    ]
                },
            },
            "required": ["city", "unit", "days"],
            "additionalProperties": False,
        },
    },
}
_THINKS = {"agent_thought_support": "supported"}
_SWITCHED = {"chat_template_kwargs": {"enable_thinking": False}, "enable_thinking": False}

ROWS: dict[str, Shown] = {
    "vision": _input(
        "vision",
        _part("image", "png", "image/png", detail="high"),
        {
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64,QUJD", "detail": "high"},
        },
    ),
    "audio": _input(
        "audio",
        _part("audio", "mp3", "audio/mpeg"),
        {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}},
    ),
    "video": _input(
        "video",
        _part("video", "mp4", "video/mp4"),
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,QUJD"}},
    ),
    "document": _input(
        "document",
        _part("document", "pdf", "application/pdf", filename="a.pdf"),
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"},
        },
    ),
    # The words of before tools, there and back.
    "tool_call": Shown(
        {
            "functions": [TOOL],
        },
        fields={"function_calling_type": "function_call"},
        tools=[TOOL],
        prompt=[
            user("hi"),
            assistant("Let me look.", [CALL, {**CALL, "id": "call_2"}]),
            tool("sunny", "call_1"),
            tool("rainy", "call_2", "get_weather"),
        ],
        messages=[
            *HI,
            {
                "role": "assistant",
                "content": "Let me look.",
                "function_call": CALL["function"],
            },
            {"role": "function", "name": "get_weather", "content": "sunny"},
            {"role": "assistant", "content": None, "function_call": CALL["function"]},
            {"role": "function", "name": "get_weather", "content": "rainy"},
        ],
        answer="ok-function-call",
        calls=ANSWERED,
        text="",
    ),
    "multi_tool_call": Shown(
        {"tools": [WIRE_TOOL]},
        tools=[TOOL],
        prompt=[user("hi"), assistant("", [CALL]), tool("sunny", "call_1", "get_weather")],
        messages=[
            *HI,
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {
                "role": "tool",
                "content": "sunny",
                "tool_call_id": "call_1",
                "name": "get_weather",
            },
        ],
        answer="ok-tools-parallel",
        calls=[*ANSWERED, ("get_time", '{"zone":"Asia/Shanghai"}')],
        text="",
    ),
    "stream_tool_call": Shown(
        {"tools": [WIRE_TOOL]}, tools=[TOOL], answer="ok-text-and-tools", calls=ANSWERED
    ),
    "structured_output": Shown(
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "llm_response", "schema": SCHEMA},
            }
        },
        {
            "response_format": "json_schema",
            "json_schema": '{"schema": {"type": "object", "properties": {"city": {"type": '
            '"string"}}}, "name": "llm_response"}',
        },
        {"structured_output_support": "supported"},
    ),
    "agent_thought": Shown(
        fields=_THINKS,
        answer="ok-reasoning",
        text="<think>\nlet me think\n</think>你好，this is the upstream.",
        prompt=[
            user("hi"),
            assistant("<think>\nhm\n</think>yes"),
            user("hi"),
        ],
        messages=[*HI, {"role": "assistant", "content": "yes"}, *HI],
    ),
    "temperature": _value("temperature", 0.3),
    "top_p": _value("top_p", 0.9),
    "top_k": _value("top_k", 20),
    "min_p": _value("min_p", 0.1),
    "presence_penalty": _value("presence_penalty", -1),
    "frequency_penalty": _value("frequency_penalty", 0.5),
    "repetition_penalty": _value("repetition_penalty", 1.1),
    "seed": _value("seed", 7),
    "max_tokens": _value("max_tokens", 99),
    "max_completion_tokens": _value("max_completion_tokens", 99),
    "verbosity": _value("verbosity", "low"),
    # `json_object` wants its name in the prompt.
    "response_format": Shown(
        {"response_format": {"type": "json_object"}},
        {"response_format": "JSON"},
        {"structured_output_support": "supported"},
        prompt=[system("Answer as JSON."), user("hi")],
        messages=[{"role": "system", "content": "Answer as JSON."}, *HI],
    ),
    # The bare schema, which Dify sends for some models, and no format beside it.
    "json_schema": Shown(
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "llm_response", "schema": SCHEMA},
            }
        },
        {"json_schema": '{"type": "object", "properties": {"city": {"type": "string"}}}'},
    ),
    "reasoning_effort": _value("reasoning_effort", "high", agent_thought_support="supported"),
    "thinking": Shown(
        {"thinking": {"type": "disabled"}}, {"thinking": "disabled"}, _THINKS, named="my-glm"
    ),
    "budget_tokens": Shown(
        {
            "thinking": {"type": "enabled", "budget_tokens": 2048},
            "reasoning": {"max_tokens": 2048},
            "max_tokens": 4000,
        },
        {"budget_tokens": 2048, "max_tokens": 4000},
        _THINKS,
        named="my-claude",
    ),
    "enable_thinking": Shown(_SWITCHED, {"enable_thinking": False}, _THINKS),
    "thinking_budget": _value("thinking_budget", 4096),
    "tool_choice": Shown(
        {
            "tools": [WIRE_TOOL],
            "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        },
        {"tool_choice": "get_weather"},
        tools=[TOOL],
        answer="ok-tools",
        calls=ANSWERED,
        text="",
    ),
    "parallel_tool_calls": Shown(
        {"tools": [WIRE_TOOL], "parallel_tool_calls": False},
        {"parallel_tool_calls": False},
        tools=[TOOL],
    ),
    "strict_tools": Shown({"tools": [_STRICT_TOOL]}, {"strict_tools": True}, tools=[TOOL]),
    "enable_search": _value("enable_search", True),
    "prompt_caching": Shown(
        {"tools": [{**WIRE_TOOL, "cache_control": MARK}]},
        {"prompt_caching": "5m"},
        tools=[TOOL],
        prompt=[system("Be brief."), user("hi")],
        messages=[
            {
                "role": "system",
                "content": [{"type": "text", "text": "Be brief.", "cache_control": MARK}],
            },
            {"role": "user", "content": [{"type": "text", "text": "hi", "cache_control": MARK}]},
        ],
    ),
    "prompt_cache_key": _value("prompt_cache_key", "app-7"),
    "service_tier": _value("service_tier", "flex"),
}
