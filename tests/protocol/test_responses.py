"""Models behind `/v1/responses`, through the process: what goes out, and what comes back."""

import json
import socket
from typing import Any

import pytest

from harness import Json, Session, assistant, system, tool, user
from protocol.desk import WORDS, Desk, error_of, new_key, succeeded
from protocol.scripted import Asked, Scripted, answering, streaming

RESPONSES = {"api_type": "responses"}
PICTURE = {
    "type": "image",
    "format": "png",
    "mime_type": "image/png",
    "base64_data": "QUJD",
    "url": "",
    "detail": "high",
}
TOOLS = [
    {
        "name": name,
        "description": f"Get the {name}",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    for name in ("get_weather", "get_time")
]
WEATHER = ("get_weather", {"city": "北京", "unit": "celsius"})
CLOCK = ("get_time", {"zone": "Asia/Shanghai"})
GATEWAYS = ["new-api", "rix", "openai"]


def ask(desk: Desk, model: str, prompt: str | list[Json] = "hi", **options: Any) -> Session:
    fields = RESPONSES | options.pop("fields", {})
    return desk.chat(model, prompt, fields=fields, **options)


def calls_of(session: Session) -> list[tuple[str, Any]]:
    return [
        (call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in session.tool_calls
    ]


def event(kind: str, **fields: object) -> bytes:
    return b"data: " + json.dumps({"type": f"response.{kind}", **fields}).encode() + b"\n\n"


@pytest.mark.parametrize("family", GATEWAYS)
def test_text(desk: Desk, family: str, stream: bool) -> None:
    session = succeeded(ask(desk, f"{family}/ok", stream=stream))
    assert session.text == WORDS
    assert session.finish_reason == "stop"
    assert session.usage is not None
    assert (session.usage["prompt_tokens"], session.usage["completion_tokens"]) == (11, 7)
    (seen,) = desk.seen()
    assert seen.path == "/v1/responses"
    assert seen.body == {
        "model": f"{family}/ok",
        "input": [{"role": "user", "content": "hi"}],
        "stream": True,
        "store": False,
        "user": "u1",
    }


def test_the_exact_request(desk: Desk, stream: bool) -> None:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city":"北京"}'},
    }
    conversation = [
        system("Be kind."),
        user([{"type": "text", "data": "What is this?"}, PICTURE]),
        assistant("<think>\na secret thought\n</think>Let me look.", [call]),
        tool("sunny", "call_1", "get_weather"),
    ]
    session = ask(
        desk,
        "rix/ok",
        conversation,
        stream=stream,
        tools=TOOLS,
        stop=["END"],
        user_id="person-9",
        parameters={"max_tokens": 9, "temperature": 0.5},
    )
    succeeded(session)
    (body,) = desk.bodies()
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


@pytest.mark.parametrize("family", GATEWAYS)
@pytest.mark.parametrize(
    ("model", "text", "calls"),
    [
        ("ok-tools", "", [WEATHER]),
        ("ok-tools-parallel", "", [WEATHER, CLOCK]),
        ("ok-tools-no-arguments", "", [("get_time", {})]),
        ("ok-text-and-tools", WORDS, [WEATHER]),
    ],
)
def test_tools(
    desk: Desk, family: str, model: str, text: str, calls: list[tuple[str, Any]], stream: bool
) -> None:
    session = succeeded(ask(desk, f"{family}/{model}", stream=stream, tools=TOOLS))
    assert calls_of(session) == calls
    assert session.text == text
    assert session.finish_reason == "tool_calls"


@pytest.mark.parametrize("family", GATEWAYS)
def test_reasoning(desk: Desk, family: str, stream: bool) -> None:
    session = succeeded(
        ask(desk, f"{family}/ok-reasoning", stream=stream, parameters={"reasoning_effort": "high"})
    )
    assert session.text == f"<think>\nlet me think\n</think>{WORDS}"
    (body,) = desk.bodies()
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]


@pytest.mark.parametrize("model", ["sat-1-then-ok", "sse-error-first-429-1-then-ok"])
def test_saturated_first_then_the_answer(desk: Desk, model: str, stream: bool) -> None:
    session = ask(desk, f"rix/{model}", stream=stream, budget=60)
    assert succeeded(session).text == WORDS
    paths = [seen.path for seen in desk.seen()]
    assert paths == ["/v1/responses"] * 2


def test_saturated_for_ever(desk: Desk, stream: bool) -> None:
    keys = {family: new_key() for family in GATEWAYS}
    asked = [
        ask(desk, f"{family}/sat-forever", stream=stream, budget=2, key=key)
        for family, key in keys.items()
    ]
    assert {error_of(one).error_type for one in asked} == {"InvokeRateLimitError"}
    assert all(len(desk.seen(key)) >= 2 for key in keys.values())


def test_a_fallback_model_is_asked_at_the_same_api(desk: Desk, stream: bool) -> None:
    fields = {"fallback_models": "new-api/ok"}
    session = succeeded(ask(desk, "rix/sat-forever", stream=stream, budget=4, fields=fields))
    assert session.text == WORDS
    last = desk.seen()[-1]
    assert (last.path, last.model) == ("/v1/responses", "new-api/ok")


@pytest.mark.parametrize(
    ("model", "error_type"),
    [
        ("new-api/failed-after-content", "InvokeServerUnavailableError"),
        ("rix/failed-after-content-429", "InvokeRateLimitError"),
        ("openai/error-event-after-content", "InvokeServerUnavailableError"),
        ("new-api/cut-after-content", "InvokeServerUnavailableError"),
        ("openai/reset-after-content", "InvokeServerUnavailableError"),
        ("rix/eof-after-content", "InvokeServerUnavailableError"),
        ("openai/incomplete-otherwise", "InvokeServerUnavailableError"),
        ("new-api/begins-anew", "InvokeServerUnavailableError"),
    ],
)
def test_a_failure_after_content_is_handed_on_and_never_repeated(
    desk: Desk, model: str, error_type: str, stream: bool
) -> None:
    session = ask(desk, model, stream=stream, budget=20)
    assert error_of(session).error_type == error_type
    assert session.text == ("你好，this is" if stream else "")
    assert len(desk.seen()) == 1


@pytest.mark.parametrize(
    ("model", "text", "finish"),
    [
        ("finish-length", WORDS, "length"),
        ("finish-length-empty", "", "length"),
        ("finish-content-filter", WORDS, "content_filter"),
        ("ok-refusal", "I cannot help with that.", "stop"),
        ("ok-json-for-stream", WORDS, "stop"),
        ("ok-crlf", WORDS, "stop"),
        ("ok-multi-line", WORDS, "stop"),
    ],
)
def test_forms_and_endings(desk: Desk, model: str, text: str, finish: str, stream: bool) -> None:
    session = succeeded(ask(desk, f"openai/{model}", stream=stream))
    assert (session.text, session.finish_reason) == (text, finish)
    assert len(desk.seen()) == 1


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
def test_what_a_model_refuses_is_said_otherwise_once_and_remembered(
    desk: Desk, model: str, options: dict[str, Any], expected: Json, stream: bool
) -> None:
    model = f"openai/{model}"
    for _ in range(2):
        assert succeeded(ask(desk, model, stream=stream, **options)).text == WORDS
    first, *others = desk.bodies()
    assert len(others) == 2
    plain = {"model": model, "input": [{"role": "user", "content": "hi"}], **ORDINARY}
    assert others == [plain | expected] * 2
    assert first != others[0]


def test_stop_words_end_the_answer_here(desk: Desk, stream: bool) -> None:
    session = succeeded(ask(desk, "openai/ok", stream=stream, stop=["is the"]))
    assert session.text == "你好，this "
    assert session.finish_reason == "stop"
    assert "stop" not in desk.bodies()[0]


def test_tool_calls_by_item_without_a_place(desk: Desk, stream: bool) -> None:
    """Interleaved, one with an id that changes between events, as some servers have it."""

    def begun(name: str) -> Json:
        return {"type": "function_call", "call_id": f"c-{name}", "name": name, "arguments": ""}

    answer = streaming(
        event("output_item.added", output_index=0, item={**begun("a"), "id": "x1"}),
        event("output_item.added", output_index=1, item=begun("b")),
        event("function_call_arguments.delta", output_index=0, item_id="x2", delta='{"n":'),
        event("function_call_arguments.delta", output_index=1, delta='{"m":2}'),
        event("function_call_arguments.delta", output_index=0, item_id="x3", delta="1}"),
        event("completed", response={"status": "completed", "output": []}),
    )
    with Scripted(answer) as server:
        session = ask(
            desk, "m", stream=stream, tools=TOOLS, fields={"endpoint_url": server.base_url}
        )
        assert calls_of(succeeded(session)) == [("a", {"n": 1}), ("b", {"m": 2})]


REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "get_time", "arguments": "{}"}
CALLING = streaming(
    event("output_item.done", output_index=0, item={**REASONING, "status": None}),
    event("output_item.done", output_index=1, item=CALL),
    event("completed", response={"status": "completed", "output": [REASONING, CALL]}),
)


def test_encrypted_reasoning_goes_back_with_the_tools_results(desk: Desk, stream: bool) -> None:
    with Scripted(CALLING) as server:
        fields = {"endpoint_url": server.base_url}
        first = succeeded(ask(desk, "m", stream=stream, tools=TOOLS, fields=fields))
    message = first.chunks[-1]["delta"]["message"]
    said = assistant("", first.tool_calls) | {"opaque_body": message["opaque_body"]}
    conversation = [user("hi"), said, tool("noon", "call_1", "get_time")]
    succeeded(ask(desk, "openai/ok", conversation, stream=stream, tools=TOOLS))
    (body,) = desk.bodies()
    assert body["input"] == [
        {"role": "user", "content": "hi"},
        REASONING,
        CALL,
        {"type": "function_call_output", "call_id": "call_1", "output": "noon"},
    ]
    # Another API does not know what to do with it.
    succeeded(desk.chat("openai/ok", conversation, stream=stream, tools=TOOLS))
    assert "gAAAA" not in json.dumps(desk.bodies()[-1])


def test_reasoning_that_another_account_cannot_read_is_left_out(desk: Desk, stream: bool) -> None:
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
        session = ask(desk, "m", conversation, stream=stream, tools=TOOLS, fields=fields)
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


def test_a_document(desk: Desk, stream: bool) -> None:
    linked = {**DOCUMENT, "base64_data": "", "url": "https://example.com/a.pdf"}
    prompt = [user([{"type": "text", "data": "Read."}, DOCUMENT, linked])]
    fields = {"document_support": "support"}
    succeeded(ask(desk, "rix/ok", prompt, stream=stream, fields=fields))
    (body,) = desk.bodies()
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
def test_structured_output(desk: Desk, parameters: Json, form: Json, stream: bool) -> None:
    fields = {"structured_output_support": "supported"}
    prompt = [system("Answer in JSON."), user("hi")]
    session = ask(desk, "rix/ok", prompt, stream=stream, fields=fields, parameters=parameters)
    assert succeeded(session).text == WORDS
    (body,) = desk.bodies()
    assert body["text"] == {"format": form}
    # OpenAI wants to see the word in the input where JSON is all that is said of the form.
    assert ("instructions" in body) is (form["type"] == "json_schema")


def test_a_schema_that_is_refused_is_put_into_words(desk: Desk, stream: bool) -> None:
    schema = '{"schema":{"type":"object","title":"Weather"},"name":"n"}'
    session = ask(
        desk,
        "openai/refuses-text-format",
        stream=stream,
        fields={"structured_output_support": "supported"},
        parameters={"response_format": "json_schema", "json_schema": schema},
    )
    assert succeeded(session).text == WORDS
    _, again = desk.bodies()
    assert "text" not in again
    assert '"title": "Weather"' in again["instructions"]


def test_extra_fields_are_in_this_apis_own_words(desk: Desk, stream: bool) -> None:
    """Deep research models demand a tool of the API's own."""
    extra = {"tools": [{"type": "web_search"}], "reasoning": {"summary": "detailed"}}
    fields = {"extra_body": json.dumps(extra)}
    session = ask(desk, "rix/ok", stream=stream, fields=fields, tools=TOOLS[:1])
    assert succeeded(session).text == WORDS
    (body,) = desk.bodies()
    assert body["tools"] == [
        {"type": "function", "strict": False, **TOOLS[0]},
        {"type": "web_search"},
    ]
    assert body["reasoning"] == {"summary": "detailed"}


def test_a_thinking_model_is_asked_for_its_thoughts(desk: Desk, stream: bool) -> None:
    fields = {"agent_thought_support": "supported", "endpoint_model_name": "openai/ok-reasoning"}
    session = succeeded(ask(desk, "gpt-5-pro", stream=stream, fields=fields))
    assert session.text == f"<think>\nlet me think\n</think>{WORDS}"
    (body,) = desk.bodies()
    assert body["reasoning"] == {"summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]


@pytest.mark.parametrize("field", ["audio_support", "video_support"])
def test_what_this_api_cannot_take_is_refused_when_it_is_saved(desk: Desk, field: str) -> None:
    key = new_key()
    session = saved(desk, "rix/ok", key, **{field: "support"})
    assert session.error is not None
    assert field in session.error.message
    assert desk.seen(key) == []


def test_an_empty_stream_is_asked_for_again_unstreamed(desk: Desk) -> None:
    """New API makes it of an upstream's answer that is no stream."""
    session = succeeded(ask(desk, "new-api/ok-json-for-stream", budget=20))
    assert session.text == WORDS
    assert [body["stream"] for body in desk.bodies()] == [True, False]


# Saving


def saved(desk: Desk, model: str, key: str, **fields: str) -> Session:
    form = desk.form(key, **RESPONSES, **fields)
    return desk.plugin.validate_model(model, form).wait()


@pytest.mark.parametrize("model", ["new-api/ok", "rix/ok", "openai/ok", "rix/finish-length-empty"])
def test_saving_a_model(desk: Desk, model: str) -> None:
    """Also one that spends all of the short answer on thinking."""
    key = new_key()
    session = saved(desk, model, key)
    assert session.error is None
    (body,) = desk.bodies(key)
    assert body["max_output_tokens"] == 16
    assert body["input"] == [{"role": "user", "content": "ping"}]


def test_saving_where_there_is_no_such_api_names_the_field(desk: Desk) -> None:
    key = new_key()
    session = saved(desk, "one-api/ok", key)
    assert session.error is not None
    assert "API type" in session.error.message
    assert len(desk.seen(key)) == 1


@pytest.mark.parametrize("status", [404, 405, 501])
def test_saving_where_nothing_is_found_at_that_path(desk: Desk, status: int) -> None:
    """Servers other than the gateways say so in words of their own."""
    with Scripted(answering(status, {"detail": "Not Found"})) as server:
        session = saved(desk, "m", new_key(), endpoint_url=server.base_url)
        assert session.error is not None
        assert "API type" in session.error.message
    with Scripted(answering(200, "<!DOCTYPE html><title>Welcome</title>")) as server:
        session = saved(desk, "m", new_key(), endpoint_url=server.base_url)
        assert session.error is not None
        assert "API Base URL" in session.error.message


def test_saving_a_model_that_exists_only_there_as_chat_names_the_field(desk: Desk) -> None:
    words = "This model is only supported in v1/responses and not in v1/chat/completions."
    error = {"error": {"message": words, "type": "invalid_request_error", "param": "model"}}
    with Scripted(answering(404, error)) as server:
        form = desk.form(new_key(), endpoint_url=server.base_url)
        session = desk.plugin.validate_model("gpt-5-pro", form).wait()
        assert session.error is not None
        assert "API type" in session.error.message


def test_completion_mode_is_refused(desk: Desk, stream: bool) -> None:
    key = new_key()
    session = saved(desk, "rix/ok", key, mode="completion")
    assert session.error is not None
    assert session.error.error_type == "CredentialsValidateFailedError"
    assert "API type" in session.error.message
    asked = ask(desk, "rix/ok", key=key, stream=stream, fields={"mode": "completion"})
    assert error_of(asked).error_type == "InvokeBadRequestError"
    assert desk.seen(key) == []
