"""Each capability at the Responses API: the exact request in its words, at once and after a 429."""

from dataclasses import replace
from typing import Any

import pytest

from devtools import Json
from models.llm.capabilities import CAPABILITIES
from tests.process.rig import WORDS, Rig, new_key, succeeded
from tests.process.shown import HI, ROWS, SCHEMA, TOOL, Shown

FLAT_TOOL = {"type": "function", "strict": False, **TOOL}
TOLD: Json = {
    "type": "function_call",
    "call_id": "call_1",
    "name": "get_weather",
    "arguments": '{"city":"北京"}',
}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
SCHEMA_FORMAT = {
    "format": {"type": "json_schema", "name": "llm_response", "schema": SCHEMA},
}
ENCRYPTED = {"include": ["reasoning.encrypted_content"]}


def looking(part: Json) -> Json:
    content = [{"type": "input_text", "text": "Look."}, part]
    return {"input": [{"role": "user", "content": content}]}


SENDS: dict[str, Json] = {
    "vision": looking(
        {
            "type": "input_image",
            "image_url": "data:image/png;base64,QUJD",
            "detail": "high",
        }
    ),
    "document": looking(
        {
            "type": "input_file",
            "filename": "a.pdf",
            "file_data": "data:application/pdf;base64,QUJD",
        }
    ),
    # The words of before tools do not exist there.
    "tool_call": {
        "tools": [FLAT_TOOL],
        "input": [
            *HI,
            {"role": "assistant", "content": "Let me look."},
            TOLD,
            {**TOLD, "call_id": "call_2"},
            RESULT,
            {**RESULT, "call_id": "call_2", "output": "rainy"},
        ],
    },
    "multi_tool_call": {"tools": [FLAT_TOOL], "input": [*HI, TOLD, RESULT]},
    "stream_tool_call": {"tools": [FLAT_TOOL]},
    "structured_output": {"text": SCHEMA_FORMAT},
    "agent_thought": {
        "input": [*HI, {"role": "assistant", "content": "yes"}, *HI],
        "reasoning": {"summary": "auto"},
        **ENCRYPTED,
    },
    "temperature": {"temperature": 0.3},
    "top_p": {"top_p": 0.9},
    "max_tokens": {"max_output_tokens": 99},
    "max_completion_tokens": {"max_output_tokens": 99},
    "verbosity": {"text": {"verbosity": "low"}},
    "response_format": {
        "input": [{"role": "system", "content": "Answer as JSON."}, *HI],
        "text": {"format": {"type": "json_object"}},
    },
    "json_schema": {"text": SCHEMA_FORMAT},
    "reasoning_effort": {"reasoning": {"effort": "high", "summary": "auto"}, **ENCRYPTED},
    "tool_choice": {
        "tools": [FLAT_TOOL],
        "tool_choice": {"type": "function", "name": "get_weather"},
    },
    "parallel_tool_calls": {"tools": [FLAT_TOOL], "parallel_tool_calls": False},
    "strict_tools": {
        "tools": [
            {"type": "function", **tool["function"]} for tool in ROWS["strict_tools"].sends["tools"]
        ]
    },
    "prompt_cache_key": {"prompt_cache_key": "app-7"},
    "service_tier": {"service_tier": "flex"},
}
"""What each request has beside model, user, streaming and storing."""

SHOWN: dict[str, Shown] = {
    name: replace(shown, answer="ok-tools") if name == "tool_call" else shown
    for name, shown in ROWS.items()
    if name in SENDS
}


def test_every_row_that_this_api_has_is_shown() -> None:
    assert list(SENDS) == [row.name for row in CAPABILITIES if not row.chat_only]


@pytest.mark.parametrize("first", ["", "sat-1-then-"], ids=["at once", "after a 429"])
def test_every_row_on_the_wire(rig: Rig, first: str, stream: bool) -> None:
    """All at once, each with a key of its own; a second request is the first one again."""
    asked: dict[str, tuple[str, str, Any]] = {}
    for name, shown in SHOWN.items():
        model = f"openai/{first}{shown.answer}{'-rams-20' if first else ''}"
        key = new_key()
        session = rig.chat(
            model,
            shown.prompt,
            key=key,
            stream=stream,
            budget=20,
            parameters=shown.parameters,
            fields={**shown.fields, "api_type": "responses"},
            tools=shown.tools,
        )
        asked[name] = (model, key, session)
    for name, (model, key, session) in asked.items():
        shown = SHOWN[name]
        succeeded(session)
        plain = {"model": model, "input": HI, "user": "u1", "stream": True, "store": False}
        assert rig.bodies(key) == [plain | SENDS[name]] * (2 if first else 1), name
        assert {seen.path for seen in rig.seen(key)} == {"/v1/responses"}
        calls = [
            (call["function"]["name"], call["function"]["arguments"]) for call in session.tool_calls
        ]
        assert calls == shown.calls, name
        assert session.text == (WORDS if shown.text is None else shown.text), name


def test_what_an_app_saved_of_a_chat_model_is_left_out_and_logged(rig: Rig, stream: bool) -> None:
    """Each would be a refusal of its own, such as `Unknown parameter: 'top_k'`."""
    rows = [row for row in CAPABILITIES if row.chat_only and row.rule]
    saved = {row.name: next(iter(ROWS[row.name].parameters.values())) for row in rows}
    assert {"top_k", "seed", "thinking", "enable_thinking", "budget_tokens"} <= saved.keys()
    session = rig.chat(
        "m",
        stream=stream,
        parameters={**saved, "temperature": 0.3},
        fields={"api_type": "responses", "endpoint_model_name": "openai/ok"},
    )
    assert succeeded(session).text == WORDS
    plain = {"model": "openai/ok", "input": HI, "user": "u1", "stream": True, "store": False}
    assert rig.bodies() == [{**plain, "temperature": 0.3}]
    logged = "\n".join(line.message for line in rig.plugin.logs)
    for name in saved:
        assert f"{name} is left out, as the Responses API has no word for it" in logged
