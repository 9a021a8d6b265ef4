"""Answers as Dify reads them: text, reasoning, tool calls, usage, and in how many chunks."""

import socket
import threading
from typing import Any

import pytest

from devtools import Json, Session, assistant, message, system, tool, user
from devtools.session import text_of
from tests.process.conversation import CALL, CLOCK, PICTURE, TOOLS, WEATHER, calls_of
from tests.process.rig import WORDS, Rig, error_of, succeeded
from tests.process.scripted import (
    CLOSE_DELIMITED,
    HEAD_OF_STREAM,
    Answer,
    Asked,
    Scripted,
    answering,
    behind_one_api,
    chunk,
    streaming,
)

DONE = b"data: [DONE]\n\n"


def test_a_blocking_call_is_one_chunk_with_everything(rig: Rig) -> None:
    session = succeeded(rig.chat("rix/ok-text-and-tools", stream=False, tools=TOOLS))
    assert [event.kind for event in session.events] == ["stream", "end"]
    delta = session.chunks[0]["delta"]
    assert text_of(session.chunks[0]) == WORDS
    assert calls_of(session) == [WEATHER]
    assert delta["finish_reason"] == "tool_calls"
    assert (delta["usage"]["prompt_tokens"], delta["usage"]["completion_tokens"]) == (11, 7)
    assert delta["usage"]["total_tokens"] == 18


def test_a_blocking_call_streams_upstream_too(rig: Rig) -> None:
    succeeded(rig.chat("rix/ok", stream=False))
    (body,) = rig.bodies()
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


def test_a_streaming_call_ends_with_usage_and_finish_reason_in_its_last_chunk(rig: Rig) -> None:
    session = succeeded(rig.chat("rix/tokens-5-every-20"))
    assert session.text == " token" * 5
    *before, last = session.chunks
    assert [text_of(one) for one in before if text_of(one)]
    assert all(one["delta"]["finish_reason"] is None for one in before)
    assert all(one["delta"]["usage"] is None for one in before)
    assert last["delta"]["finish_reason"] == "stop"
    assert last["delta"]["usage"]["total_tokens"] == 18
    indexes = [one["delta"]["index"] for one in session.chunks]
    assert indexes == list(range(len(indexes)))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("ok-tools", [WEATHER]),
        ("ok-tools-whole", [WEATHER]),
        ("ok-tools-parallel", [WEATHER, CLOCK]),
        ("ok-tools-no-ids", [WEATHER, CLOCK]),
        ("ok-tools-all-index-0", [WEATHER, CLOCK]),
        ("ok-tools-no-index", [WEATHER, CLOCK]),
        ("ok-tools-no-arguments", [("get_time", {})]),
        ("ok-tools-finish-stop", [WEATHER]),
    ],
)
def test_tool_calls_are_whole(
    rig: Rig, model: str, expected: list[tuple[str, Any]], stream: bool
) -> None:
    session = succeeded(rig.chat(f"rix/{model}", stream=stream, tools=TOOLS))
    # `calls_of` parses the arguments of every chunk, as Dify does.
    assert calls_of(session) == expected
    ids = [call["id"] for call in session.tool_calls]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert session.finish_reason


def test_a_tool_call_that_breaks_off_is_never_handed_on(rig: Rig, stream: bool) -> None:
    piece = {"index": 0, "id": "c1", "function": {"name": "get_weather", "arguments": '{"city":'}}
    cut = streaming(chunk(tool_calls=[piece]), b"data: [DONE]\n\n")
    finished = streaming(chunk(tool_calls=[piece]), chunk(finish="tool_calls"))
    for answer in (cut, finished):
        with Scripted(answer) as server:
            session = ask(rig, server, stream=stream)
            assert error_of(session).error_type == "InvokeServerUnavailableError"
            assert session.tool_calls == []
            # The first delta of a tool call is content: nothing is replayed.
            assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("rix/ok-reasoning", f"<think>\nlet me think\n</think>{WORDS}"),
        ("rix/ok-reasoning-field", f"<think>\nlet me think\n</think>{WORDS}"),
        ("rix/ok-reasoning-only", "<think>\nlet me think\n</think>"),
        ("new-api/think-to-content", f"<think>\nlet me think\n</think>\n{WORDS}"),
        ("rix/ok-refusal", "I cannot help with that."),
    ],
)
def test_reasoning_is_text_in_think_tags(rig: Rig, model: str, text: str, stream: bool) -> None:
    session = succeeded(rig.chat(model, stream=stream))
    assert session.text == text
    assert session.finish_reason == "stop"


def test_reasoning_that_breaks_off_is_closed_before_the_error(rig: Rig) -> None:
    with Scripted(behind_one_api(chunk(reasoning_content="hm, "), DONE)) as server:
        session = ask(rig, server)
        assert error_of(session).error_type == "InvokeServerUnavailableError"
        assert session.text == "<think>\nhm, \n</think>"


@pytest.mark.parametrize("family", ["one-api", "openai"])
def test_usage_is_estimated_where_the_gateway_sends_none(
    rig: Rig, family: str, stream: bool
) -> None:
    prompt = "How many words are there in this question, all in all?"
    session = succeeded(rig.chat(f"{family}/ok-no-usage", prompt, stream=stream))
    assert session.usage is not None
    assert 5 <= session.usage["prompt_tokens"] <= 30
    assert 4 <= session.usage["completion_tokens"] <= 15
    assert session.usage["total_tokens"] == (
        session.usage["prompt_tokens"] + session.usage["completion_tokens"]
    )


@pytest.mark.parametrize(
    "model",
    [
        "openai/ok-crlf",
        "openai/ok-no-blank-line",
        "openai/ok-finish-without-blank-line",
        "openai/ok-no-space",
        "openai/ok-multi-line",
        "openai/ok-comments",
        "openai/ok-split-writes",
        "openai/ok-close-delimited",
        "openai/ok-json-for-stream",
        "openai/ok-azure-first",
        "openai/no-done",
        "openai/truncated-conn",
        "one-api/claude-ok",
    ],
)
def test_every_form_of_an_answer(rig: Rig, model: str, stream: bool) -> None:
    session = succeeded(rig.chat(model, stream=stream))
    assert session.text == WORDS
    assert session.finish_reason == "stop"
    assert len(rig.seen()) == 1


def test_completion_mode(rig: Rig, stream: bool) -> None:
    prompt = [system("Be brief."), user("Say it.")]
    session = succeeded(rig.chat("rix/echo", prompt, stream=stream, fields={"mode": "completion"}))
    (seen,) = rig.seen()
    assert seen.path == "/v1/completions"
    assert seen.body is not None
    assert "messages" not in seen.body
    assert session.text == seen.body["prompt"]
    assert "Be brief." in session.text
    assert "Say it." in session.text


def test_one_event_of_two_megabytes(rig: Rig) -> None:
    """In pieces, as a line of 5 MiB would have the daemon kill the plugin."""
    session = succeeded(rig.chat("openai/ok-big-event"))
    assert session.text == "大" * (2 * 1024 * 1024 // 3)
    assert max(len(text_of(one).encode()) for one in session.chunks) <= 64 * 1024


def test_a_conversation_as_it_goes_upstream(rig: Rig) -> None:
    conversation = [
        system("Be kind."),
        user([{"type": "text", "data": "What is this?"}, PICTURE]),
        assistant("<think>\na secret thought\n</think>Let me look.", [CALL]),
        tool("sunny", "call_1", "get_weather"),
        message("user", "And now?"),
    ]
    succeeded(
        rig.chat("rix/ok", conversation, tools=TOOLS, stop=["END", "\n\n"], user_id="person-9")
    )
    (body,) = rig.bodies()
    assert body["stop"] == ["END", "\n\n"]
    assert body["user"] == "person-9"
    assert [one["function"]["name"] for one in body["tools"]] == ["get_weather", "get_time"]
    roles = [one["role"] for one in body["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "user"]
    text, image = body["messages"][1]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    assert image["image_url"]["url"] == "data:image/png;base64,QUJD"
    assert body["messages"][2]["tool_calls"] == [CALL]
    assert body["messages"][2]["content"] == "Let me look."
    assert body["messages"][3]["tool_call_id"] == "call_1"


def test_a_picture_for_a_model_that_sees_none_is_refused_before_any_request(rig: Rig) -> None:
    session = rig.chat("rix/ok", [user([PICTURE])], fields={"vision_support": "no_support"})
    assert error_of(session).error_type == "InvokeBadRequestError"
    assert rig.seen() == []


@pytest.mark.parametrize("fields", [{"function_calling_type": "no_call"}, {"mode": "completion"}])
def test_tools_for_a_model_that_takes_none_are_refused(
    rig: Rig, fields: dict[str, str], stream: bool
) -> None:
    """Dropped without a word, an agent would act as if it had none."""
    error = error_of(rig.chat("rix/ok", tools=TOOLS, fields=fields, stream=stream))
    assert error.error_type == "InvokeBadRequestError"
    assert "not set up to call tools" in error.message
    assert rig.seen() == []


def test_the_name_typed_for_the_gateway_is_the_one_that_is_sent(rig: Rig) -> None:
    session = rig.chat("my own name", fields={"endpoint_model_name": "rix/ok"})
    assert succeeded(session).chunks[0]["model"] == "my own name"
    assert rig.bodies()[0]["model"] == "rix/ok"


@pytest.mark.parametrize("end_of_line", [b"\n", b"\r\n", b"\r"], ids=["LF", "CR LF", "CR"])
@pytest.mark.parametrize("framing", ["chunked", "until it closes"])
def test_tokens_are_handed_on_as_they_come(rig: Rig, framing: str, end_of_line: bytes) -> None:
    """The server sends the end only when the beginning has arrived at the other side."""
    arrived = threading.Event()

    def answer(connection: socket.socket, _asked: Asked) -> None:
        chunked = framing == "chunked"
        extra = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        connection.sendall(HEAD_OF_STREAM + extra if chunked else CLOSE_DELIMITED)

        def send(event: bytes) -> None:
            event = event.replace(b"\n", end_of_line)
            connection.sendall(b"%x\r\n%b\r\n" % (len(event), event) if chunked else event)

        send(chunk("first", role="assistant"))
        assert arrived.wait(60.0)
        send(chunk(" last") + chunk(finish="stop"))
        if chunked:
            connection.sendall(b"0\r\n\r\n")

    with Scripted(answer) as server:
        session = ask(rig, server)
        event = session.wait_for_text(25.0)
        assert text_of(event.data) == "first"
        arrived.set()
        assert succeeded(session).text == "first last"


@pytest.mark.parametrize(
    "last",
    [
        chunk(finish="stop"),
        chunk(finish="stop", role="assistant", content=""),
        chunk(finish="stop", content=None),
    ],
    ids=["empty delta", "role and empty text", "null"],
)
def test_the_last_chunk_may_look_like_a_first_one(rig: Rig, last: bytes, stream: bool) -> None:
    """A finish reason is a success, whatever else its chunk says."""
    opening = chunk(role="assistant", content="")
    with Scripted(streaming(opening, chunk("Hello"), chunk(" there"), last)) as server:
        session = succeeded(ask(rig, server, stream=stream))
        assert session.text == "Hello there"
        assert session.finish_reason == "stop"
        assert len(server.asked) == 1


def test_text_that_a_gateway_repeats_in_one_stream_is_handed_on_once(rig: Rig) -> None:
    for model in ("new-api/claude-restart", "new-api/sse-text-repeated"):
        session = rig.chat(model, budget=20)
        assert error_of(session).error_type == "InvokeServerUnavailableError"
        assert session.text == "你好，this is"
    assert len(rig.seen()) == 2


CUTS: dict[str, Answer] = {
    "[DONE] after text": behind_one_api(chunk("half"), DONE),
    "usage and [DONE] after text": behind_one_api(
        chunk("half"),
        b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n',
        b"data: [DONE]\n\n",
    ),
    "an empty finish reason": behind_one_api(chunk("half", finish=""), DONE),
    "a document cut in its middle": streaming(
        chunk("half"), chunk("never said")[:-20] + b"\n\n", chunk("after", finish="stop"), DONE
    ),
    "a document cut, and [DONE]": streaming(chunk("half"), chunk("no")[:-20] + b"\n\n", DONE),
    "a page, and [DONE]": streaming(chunk("half"), b"<html>502</html>\n\n", DONE),
    "a reason that says so": streaming(chunk("half"), chunk(finish="network_error"), DONE),
    "closed after text": streaming(chunk("half")),
    "closed within an event": streaming(chunk("half"), b'data: {"choices":[{"delta":{"con'),
}


@pytest.mark.parametrize("answer", CUTS.values(), ids=CUTS.keys())
def test_a_cut_answer_is_never_a_success(rig: Rig, answer: Answer, stream: bool) -> None:
    with Scripted(answer) as server:
        session = ask(rig, server, stream=stream)
        assert error_of(session).error_type == "InvokeServerUnavailableError"
        assert session.text == ("half" if stream else "")
        assert session.finish_reason is None
        assert len(server.asked) == 1


WHOLE: dict[str, Answer] = {
    "[DONE] after text": streaming(chunk("all"), DONE),
    "usage and [DONE] after text": streaming(
        chunk("all"),
        b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n',
        DONE,
    ),
    "an empty finish reason": streaming(chunk("all", finish=""), DONE),
    "whole JSON": answering(
        200, {"choices": [{"index": 0, "message": {"content": "all"}, "finish_reason": None}]}
    ),
}


@pytest.mark.parametrize("answer", WHOLE.values(), ids=WHOLE.keys())
def test_without_a_finish_reason_a_servers_own_end_will_do(
    rig: Rig, answer: Answer, stream: bool
) -> None:
    """Behind gateways of the One API family it will not: they end a cut stream so."""
    with Scripted(answer) as server:
        session = succeeded(ask(rig, server, stream=stream))
        assert session.text == "all"
        assert session.finish_reason == "stop"
        assert len(server.asked) == 1


NOTHING: dict[str, tuple[bytes, ...]] = {
    "[DONE] alone": (DONE,),
    "[DONE] after a role": (chunk(role="assistant", content=""), DONE),
    "LiteLLM's one empty delta": (chunk(finish="stop"), DONE),
}


@pytest.mark.parametrize("events", NOTHING.values(), ids=NOTHING.keys())
@pytest.mark.parametrize("answers", [True, False], ids=["answered then", "empty again"])
def test_an_empty_stream_is_asked_for_once_more_unstreamed(
    rig: Rig, events: tuple[bytes, ...], answers: bool, stream: bool
) -> None:
    message = {"content": "all" if answers else ""}
    whole = answering(200, {"choices": [{"message": message, "finish_reason": "stop"}]})

    def answer(connection: socket.socket, asked: Asked) -> None:
        (streaming(*events) if asked.json["stream"] else whole)(connection, asked)

    with Scripted(answer) as server:
        session = ask(rig, server, stream=stream).wait(120.0)
        assert [asked.json["stream"] for asked in server.asked] == [True, False]
    if answers:
        assert (session.error, session.text) == (None, "all")
    else:
        assert "the model returned an empty answer" in error_of(session).message


LATE_USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":31,"completion_tokens":47}}\n\n'


def counted(session: Session) -> tuple[int, int]:
    assert session.usage is not None
    return session.usage["prompt_tokens"], session.usage["completion_tokens"]


def test_usage_after_the_end_counts_and_text_does_not(rig: Rig, stream: bool) -> None:
    answer = streaming(chunk("all"), chunk(finish="stop"), DONE, chunk(" ignored"), LATE_USAGE)
    with Scripted(answer) as server:
        session = succeeded(ask(rig, server, stream=stream))
        assert (session.text, counted(session)) == ("all", (31, 47))


def test_usage_counts_that_comes_when_the_end_has_been_read(rig: Rig) -> None:
    heard = threading.Event()

    def answer(connection: socket.socket, asked: Asked) -> None:
        streaming(chunk("all"), chunk(finish="stop"), DONE)(connection, asked)
        assert heard.wait(60.0)
        connection.sendall(LATE_USAGE)

    with Scripted(answer) as server:
        session = ask(rig, server)
        session.wait_for_text(60.0)
        heard.set()
        assert counted(succeeded(session)) == (31, 47)


def ask(rig: Rig, server: Scripted, *, stream: bool = True, **fields: str) -> Session:
    form: Json = {"endpoint_url": server.base_url, **fields}
    return rig.chat("m", stream=stream, budget=20, fields=form)
