"""What goes out to models behind `/v1/responses`."""

import json
import socket
from typing import Any

import pytest

from devtools import Json, assistant, system, tool, user
from tests.process.conversation import CALL, PICTURE, TOOLS
from tests.process.responses import ask, event
from tests.process.rig import WORDS, Rig, succeeded
from tests.process.scripted import Asked, Scripted, answering, streaming


def test_the_exact_request(rig: Rig, stream: bool) -> None:
    conversation = [
        system("Be kind."),
        user([{"type": "text", "data": "What is this?"}, PICTURE]),
        assistant("<think>\na secret thought\n</think>Let me look.", [CALL]),
        tool("sunny", "call_1", "get_weather"),
    ]
    session = ask(
        rig,
        "rix/ok",
        conversation,
        stream=stream,
        tools=TOOLS,
        stop=["END"],
        user_id="person-9",
        parameters={"max_tokens": 9, "temperature": 0.5},
    )
    succeeded(session)
    (body,) = rig.bodies()
    assert body == {
        "model": "rix/ok",
        "instructions": "Be kind.",
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is this?"},
                    {
                        "type": "input_image",
                        "image_url": "data:image/png;base64,QUJD",
                        "detail": "high",
                    },
                ],
            },
            {"role": "assistant", "content": "Let me look."},
            {
                "type": "function_call",
                "call_id": "call_1",
                "name": "get_weather",
                "arguments": '{"city":"北京"}',
            },
            {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
        ],
        "tools": [{"type": "function", "strict": False, **one} for one in TOOLS],
        "max_output_tokens": 16,
        "temperature": 0.5,
        "user": "person-9",
        "stream": True,
        "store": False,
    }


ORDINARY = {"stream": True, "store": False, "user": "u1"}


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        (
            "refuses-summaries",
            {"parameters": {"reasoning_effort": "high"}},
            {"reasoning": {"effort": "high"}, "include": ["reasoning.encrypted_content"]},
        ),
        (
            "refuses-encrypted-content",
            {"parameters": {"reasoning_effort": "high"}},
            {"reasoning": {"effort": "high", "summary": "auto"}},
        ),
        ("refuses-max_output_tokens", {"parameters": {"max_tokens": 99}}, {}),
        ("refuses-temperature", {"parameters": {"temperature": 0.5}}, {}),
        (
            "refuses-instructions",
            {"prompt": [system("Be kind."), user("hi")]},
            {
                "input": [
                    {"role": "system", "content": "Be kind."},
                    {"role": "user", "content": "hi"},
                ]
            },
        ),
    ],
)
def test_what_a_model_refuses_is_said_otherwise_once_and_learned(
    rig: Rig, model: str, options: dict[str, Any], expected: Json, stream: bool
) -> None:
    model = f"openai/{model}"
    for _ in range(2):
        assert succeeded(ask(rig, model, stream=stream, **options)).text == WORDS
    first, *others = rig.bodies()
    assert len(others) == 2
    plain = {"model": model, "input": [{"role": "user", "content": "hi"}], **ORDINARY}
    assert others == [plain | expected] * 2
    assert first != others[0]


REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
CALLED = {"type": "function_call", "call_id": "call_1", "name": "get_time", "arguments": "{}"}
CALLING = streaming(
    event("output_item.done", output_index=0, item={**REASONING, "status": None}),
    event("output_item.done", output_index=1, item=CALLED),
    event("completed", response={"status": "completed", "output": [REASONING, CALLED]}),
)


def test_encrypted_reasoning_goes_back_with_the_tools_results(rig: Rig, stream: bool) -> None:
    with Scripted(CALLING) as server:
        fields = {"endpoint_url": server.base_url}
        first = succeeded(ask(rig, "m", stream=stream, tools=TOOLS, fields=fields))
    message = first.chunks[-1]["delta"]["message"]
    said = assistant("", first.tool_calls) | {"opaque_body": message["opaque_body"]}
    conversation = [user("hi"), said, tool("noon", "call_1", "get_time")]
    succeeded(ask(rig, "openai/ok", conversation, stream=stream, tools=TOOLS))
    (body,) = rig.bodies()
    assert body["input"] == [
        {"role": "user", "content": "hi"},
        REASONING,
        CALLED,
        {"type": "function_call_output", "call_id": "call_1", "output": "noon"},
    ]
    # Another API does not know what to do with it.
    succeeded(rig.chat("openai/ok", conversation, stream=stream, tools=TOOLS))
    assert "gAAAA" not in json.dumps(rig.bodies()[-1])


def test_reasoning_that_another_account_cannot_read_is_left_out(rig: Rig, stream: bool) -> None:
    """Gateways hand the next request to another channel, whose account has other keys."""
    lost = {"code": "invalid_encrypted_content", "message": "It could not be verified."}
    refusing = answering(400, {"error": lost})
    whole = {"object": "response", "status": "completed", "output": []}
    text = {"type": "message", "content": [{"type": "output_text", "text": "noon"}]}
    accepting = answering(200, {**whole, "output": [text]})

    def answer(connection: socket.socket, asked: Asked) -> None:
        (refusing if b"gAAAA" in asked.body else accepting)(connection, asked)

    said = assistant("", [_chat_call()]) | {
        "opaque_body": {"responses": {"reasoning_items": [REASONING]}}
    }
    with Scripted(answer) as server:
        fields = {"endpoint_url": server.base_url}
        conversation = [user("hi"), said, tool("noon", "call_1", "get_time")]
        session = ask(rig, "m", conversation, stream=stream, tools=TOOLS, fields=fields)
        assert succeeded(session).text == "noon"
        assert len(server.asked) == 2


def _chat_call() -> Json:
    function = {"name": "get_time", "arguments": "{}"}
    return {"id": "call_1", "type": "function", "function": function}


DOCUMENT = {
    "type": "document",
    "format": "pdf",
    "mime_type": "application/pdf",
    "base64_data": "QUJD",
    "url": "",
    "filename": "a.pdf",
}


def test_a_document(rig: Rig, stream: bool) -> None:
    linked = {**DOCUMENT, "base64_data": "", "url": "https://example.com/a.pdf"}
    prompt = [user([{"type": "text", "data": "Read."}, DOCUMENT, linked])]
    fields = {"document_support": "support"}
    succeeded(ask(rig, "rix/ok", prompt, stream=stream, fields=fields))
    (body,) = rig.bodies()
    assert body["input"][0]["content"] == [
        {"type": "input_text", "text": "Read."},
        {
            "type": "input_file",
            "filename": "a.pdf",
            "file_data": "data:application/pdf;base64,QUJD",
        },
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
    ]


@pytest.mark.parametrize(
    ("parameters", "form"),
    [
        ({"response_format": "json_object"}, {"type": "json_object"}),
        (
            {
                "response_format": "json_schema",
                "json_schema": '{"schema":{"type":"object"},"name":"n"}',
            },
            {"type": "json_schema", "name": "n", "schema": {"type": "object"}},
        ),
        (
            {"response_format": "json_schema", "json_schema": '{"type":"object"}'},
            {"type": "json_schema", "name": "llm_response", "schema": {"type": "object"}},
        ),
    ],
)
def test_structured_output(rig: Rig, parameters: Json, form: Json, stream: bool) -> None:
    fields = {"structured_output_support": "supported"}
    prompt = [system("Answer in JSON."), user("hi")]
    session = ask(rig, "rix/ok", prompt, stream=stream, fields=fields, parameters=parameters)
    assert succeeded(session).text == WORDS
    (body,) = rig.bodies()
    assert body["text"] == {"format": form}
    # OpenAI wants to see the word in the input where JSON is all that is said of the form.
    assert ("instructions" in body) is (form["type"] == "json_schema")


def test_a_schema_that_is_refused_is_put_into_words(rig: Rig, stream: bool) -> None:
    schema = '{"schema":{"type":"object","title":"Weather"},"name":"n"}'
    session = ask(
        rig,
        "openai/refuses-text-format",
        stream=stream,
        fields={"structured_output_support": "supported"},
        parameters={"response_format": "json_schema", "json_schema": schema},
    )
    assert succeeded(session).text == WORDS
    _, again = rig.bodies()
    assert "text" not in again
    assert '"title": "Weather"' in again["instructions"]


def test_extra_fields_are_in_this_apis_own_words(rig: Rig, stream: bool) -> None:
    """Deep research models demand a tool of the API's own."""
    extra = {"tools": [{"type": "web_search"}], "reasoning": {"summary": "detailed"}}
    fields = {"extra_body": json.dumps(extra)}
    session = ask(rig, "rix/ok", stream=stream, fields=fields, tools=TOOLS[:1])
    assert succeeded(session).text == WORDS
    (body,) = rig.bodies()
    assert body["tools"] == [
        {"type": "function", "strict": False, **TOOLS[0]},
        {"type": "web_search"},
    ]
    assert body["reasoning"] == {"summary": "detailed"}


def test_a_thinking_model_is_asked_for_its_thoughts(rig: Rig, stream: bool) -> None:
    fields = {"agent_thought_support": "supported", "endpoint_model_name": "openai/ok-reasoning"}
    session = succeeded(ask(rig, "gpt-5-pro", stream=stream, fields=fields))
    assert session.text == f"<think>\nlet me think\n</think>{WORDS}"
    (body,) = rig.bodies()
    assert body["reasoning"] == {"summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]
