"""What the official plugins and the SDK's base class get wrong in chat, and this plugin must not.

Each test is one trap that was seen by running their code (2026-08-21).
"""

import contextlib
import json
import socket
import threading
from typing import Any

import pytest

from devtools import Json, Session, assistant, system, tool, user
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded
from tests.process.scripted import (
    CLOSE_DELIMITED,
    Asked,
    Scripted,
    behind_one_api,
    chunk,
    streaming,
)

WEATHER = ("get_weather", '{"city":"北京","unit":"celsius"}')
CLOCK = ("get_time", '{"zone":"Asia/Shanghai"}')
FILE: Json = {
    "format": "pdf",
    "mime_type": "application/pdf",
    "base64_data": "QUJD",
    "url": "",
    "filename": "",
}


def calls_of(session: Session) -> list[tuple[Any, Any]]:
    return [
        (call["function"]["name"], call["function"]["arguments"]) for call in session.tool_calls
    ]


def test_a_connection_for_each_call(rig: Rig, stream: bool) -> None:
    for _ in range(5):
        succeeded(rig.chat("openai/ok", stream=stream))
    assert len({one.connection for one in rig.seen()}) == 1


def test_a_connection_that_is_left_to_the_garbage_collector(rig: Rig, stream: bool) -> None:
    """An answer that is given up is hung up on at once: what follows it is not paid for."""
    left = threading.Event()

    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(CLOSE_DELIMITED + chunk("part"))
        connection.sendall(b'data: {"error": {"message": "upstream failed"}}\n\n')
        connection.settimeout(30.0)
        with contextlib.suppress(ConnectionError):
            connection.recv(1)
        left.set()

    with Scripted(answer) as server:
        fields = {"endpoint_url": server.base_url}
        error_of(rig.chat("m", stream=stream, budget=0, fields=fields))
        assert left.wait(60.0)


def test_statuses_that_cannot_be_told_apart(rig: Rig, stream: bool) -> None:
    keys = {name: new_key("sk-wrong" if name == "e401" else "sk-good") for name in ("e401", "x")}
    sessions = [
        rig.chat("rix/ok", key=keys["e401"], stream=stream, budget=0),
        rig.chat("rix/sat-forever", stream=stream, budget=0),
        rig.chat("openai/e503-overloaded", stream=stream, budget=0),
        rig.chat("openai/e400", stream=stream, budget=0),
    ]
    assert [error_of(session).error_type for session in sessions] == [
        "InvokeAuthorizationError",
        "InvokeRateLimitError",
        "InvokeServerUnavailableError",
        "InvokeBadRequestError",
    ]


def test_no_connection_is_no_bad_request(rig: Rig, stream: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fields = {"endpoint_url": f"http://127.0.0.1:{port}/v1"}
    error = error_of(rig.chat("m", stream=stream, budget=0, fields=fields))
    assert error.error_type == "InvokeConnectionError"


@pytest.mark.parametrize("model", ["ok-crlf", "ok-no-space", "ok-comments", "ok-close-delimited"])
def test_forms_of_event_streams_that_come_out_empty(rig: Rig, model: str, stream: bool) -> None:
    assert succeeded(rig.chat(f"openai/{model}", stream=stream)).text == WORDS


def test_a_body_that_ends_with_its_connection_is_not_held_back(rig: Rig) -> None:
    """Theirs arrives all at the end: 512 bytes are waited for."""
    heard = threading.Event()

    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(CLOSE_DELIMITED + chunk("first"))
        assert heard.wait(60.0)
        connection.sendall(chunk(finish="stop"))

    with Scripted(answer) as server:
        session = rig.chat("m", fields={"endpoint_url": server.base_url})
        session.wait_for_text(20.0)
        assert session.text == "first"
        heard.set()
        succeeded(session)


def test_one_event_of_two_megabytes(rig: Rig, stream: bool) -> None:
    session = succeeded(rig.chat("openai/ok-big-event", stream=stream))
    assert len(session.text) == 2 * 1024 * 1024 // 3


@pytest.mark.parametrize(
    "rest",
    [
        [b"<html><h1>502 Bad Gateway</h1></html>\n\n"],
        [b'data: {"error": {"message": "upstream failed"}, "choices": []}\n\n'],
        [b'data: {"error": {"message": "upstream failed"}}\n\n', b"data: [DONE]\n\n"],
        [b"data: [DONE]\n\n"],
        [],
    ],
    ids=["a page", "error and choices", "error", "done", "end"],
)
def test_a_broken_answer_told_as_a_success(rig: Rig, rest: list[bytes], stream: bool) -> None:
    with Scripted(behind_one_api(chunk("part"), *rest)) as server:
        fields = {"endpoint_url": server.base_url}
        session = rig.chat("m", stream=stream, budget=0, fields=fields)
        error = error_of(session)
        assert error.error_type == "InvokeServerUnavailableError"
        assert len(server.asked) == 1, "after the first content nothing is repeated"
    assert session.finish_reason is None


def test_an_event_line_is_no_broken_answer(rig: Rig, stream: bool) -> None:
    answer = streaming(b"event: message\n", chunk("yes"), chunk(finish="stop"))
    with Scripted(answer) as server:
        session = rig.chat("m", stream=stream, fields={"endpoint_url": server.base_url})
        assert succeeded(session).text == "yes"


@pytest.mark.parametrize(
    ("model", "calls"),
    [
        ("ok-tools-parallel", [WEATHER, CLOCK]),  # interleaved, by index
        ("ok-tools-no-ids", [WEATHER, CLOCK]),  # the first delta has no id
        ("ok-tools-all-index-0", [WEATHER, CLOCK]),
        ("ok-tools-no-index", [WEATHER, CLOCK]),
    ],
)
def test_tool_calls_run_into_each_other(
    rig: Rig, model: str, calls: list[tuple[str, str]], stream: bool
) -> None:
    session = succeeded(rig.chat(f"openai/{model}", stream=stream))
    assert calls_of(session) == calls


def test_a_name_on_every_delta_splits_a_call(rig: Rig, stream: bool) -> None:
    pieces = ['{"city"', ':"Rome"}']
    deltas = [
        {"index": 0, "function": {"name": "get_weather", "arguments": piece}} for piece in pieces
    ]
    answer = streaming(*(chunk(tool_calls=[delta]) for delta in deltas), chunk(finish="tool_calls"))
    with Scripted(answer) as server:
        session = rig.chat("m", stream=stream, fields={"endpoint_url": server.base_url})
        assert calls_of(succeeded(session)) == [("get_weather", '{"city":"Rome"}')]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_without_content(rig: Rig, field: str, stream: bool) -> None:
    """Their blocking answer fails without content, and loses the reasoning."""
    message: Json = {"role": "assistant", field: "hm"}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    with Scripted(streaming(b"data: " + json.dumps(whole).encode() + b"\n\n")) as server:
        session = rig.chat("m", stream=stream, fields={"endpoint_url": server.base_url})
        assert succeeded(session).text == "<think>\nhm\n</think>"


def test_an_estimate_of_many_times_the_tokens(rig: Rig, stream: bool) -> None:
    """Theirs counts the name of the model, or each character as a tool, or the first message."""
    prompt = [system("word " * 100), user("word " * 300)]
    told = succeeded(rig.chat("openai/ok-no-usage", prompt, stream=stream)).usage
    assert told is not None
    assert 400 <= told["prompt_tokens"] <= 600
    assert 5 <= told["completion_tokens"] <= 20
    assert rig.bodies()[0]["stream_options"] == {"include_usage": True}


def test_a_repeated_request_that_is_another_one(rig: Rig, stream: bool) -> None:
    """Theirs nests `{"type": {"type": …}}` and changes the caller's messages."""
    session = rig.chat(
        "openai/sat-1-then-ok-rams-20",
        [system("JSON please."), assistant("<think>\nhm\n</think>yes"), user("hi")],
        stream=stream,
        budget=20,
        parameters={"response_format": "json_object", "max_tokens": 9},
    )
    succeeded(session)
    first, second = rig.bodies()
    assert first == second
    assert first["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("kind", ["document", "audio", "video", "image"])
def test_input_that_is_dropped_without_a_word(rig: Rig, kind: str, stream: bool) -> None:
    part = {"type": kind, **FILE, **({"detail": "low"} if kind == "image" else {})}
    field = "vision_support" if kind == "image" else f"{kind}_support"
    session = rig.chat("openai/ok", [user([part])], stream=stream, fields={field: "no_support"})
    error = error_of(session)
    assert error.error_type == "InvokeBadRequestError"
    assert f"not set up for {kind} input" in error.message
    assert rig.seen() == []


def test_a_tools_result_that_becomes_an_empty_object(rig: Rig, stream: bool) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    prompt = [user("hi"), assistant("", [call]), tool("42", "a", "f")]
    succeeded(rig.chat("openai/ok", prompt, stream=stream, fields={"function_calling_type": ""}))
    assert rig.bodies()[0]["messages"][2] == {
        "role": "tool",
        "content": "42",
        "tool_call_id": "a",
        "name": "f",
    }


def test_parameters_that_are_dropped_without_a_word(rig: Rig, stream: bool) -> None:
    parameters = {"logprobs": True, "top_logprobs": 2, "my_own": {"x": 1}}
    succeeded(rig.chat("openai/ok", parameters=parameters, stream=stream))
    body = rig.bodies()[0]
    assert {name: body[name] for name in parameters} == parameters


def test_an_unknown_mode_is_a_sentence(rig: Rig, stream: bool) -> None:
    error = error_of(rig.chat("openai/ok", stream=stream, fields={"mode": "chatty"}))
    assert error.error_type == "InvokeBadRequestError"
    assert "Mode must be chat or completion" in error.message


def test_errors_before_the_request_that_escape_a_generator(rig: Rig) -> None:
    error = error_of(rig.chat("openai/ok", stream=True, parameters={"temperature": "hot"}))
    assert error.error_type == "InvokeBadRequestError"


def test_a_blocking_call_of_which_dify_reads_the_first_chunk_alone(rig: Rig) -> None:
    session = succeeded(rig.chat("openai/tokens-50", stream=False))
    assert len(session.chunks) == 1
    assert session.text == " token" * 50


def test_an_image_that_is_lost(rig: Rig, stream: bool) -> None:
    """A drawn image is all that some answers hold; without it they would be empty, and repeated."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
    with Scripted(streaming(chunk(images=[image]), chunk(finish="stop"))) as server:
        session = rig.chat("m", stream=stream, fields={"endpoint_url": server.base_url})
        assert succeeded(session).text == "![image](data:image/png;base64,QUJD)\n"
        assert len(server.asked) == 1


LONG = "a" * 6_000_000


def test_an_answer_that_kills_the_plugin(rig: Rig, stream: bool) -> None:
    """The daemon ends a plugin, with all its calls, at a line of 5 MiB."""
    with Scripted(streaming(chunk(LONG), chunk(finish="stop"))) as server:
        session = rig.chat("m", stream=stream, fields={"endpoint_url": server.base_url})
        if stream:
            assert succeeded(session).text == LONG
        else:
            error = error_of(session)
            assert error.error_type == "InvokeBadRequestError"
            assert "too large for Dify" in error.message


def test_tool_calls_and_kept_reasoning_that_kill_the_plugin(rig: Rig, stream: bool) -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": json.dumps([LONG])}}
    block = {"type": "redacted_thinking", "data": LONG}
    answers = [
        streaming(chunk(tool_calls=[call]), chunk(finish="tool_calls")),
        streaming(chunk("yes", thinking_blocks=[block]), chunk(finish="stop")),
    ]
    sessions = []
    for answer in answers:
        with Scripted(answer) as server:
            fields = {"endpoint_url": server.base_url}
            sessions.append(rig.chat("m", stream=stream, fields=fields).wait(60.0))
    calls, thoughts = sessions
    assert error_of(calls).error_type == "InvokeBadRequestError"
    assert succeeded(thoughts).text == "yes"
    assert thoughts.chunks[-1]["delta"]["message"]["opaque_body"] is None


def test_counting_tokens_needs_no_network_and_no_character_for_a_token(rig: Rig) -> None:
    counted = rig.plugin.num_tokens("openai/ok", "word " * 30_000, credentials=rig.form())
    assert 25_000 < counted.wait().value["num_tokens"] < 60_000
    assert rig.seen() == []
