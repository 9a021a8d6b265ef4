"""Events of the Responses API, and what they add up to."""

import json
from typing import Any

import pytest

from engine.apis.responses.reader import ResponsesReader
from engine.apis.text_answer import Finish
from engine.apis.usage import Usage
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, Failure
from tests.support.details import details

TEXT, REASONING = ContentKind.TEXT, ContentKind.REASONING
USAGE = {
    "input_tokens": 11,
    "output_tokens": 7,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens_details": {"reasoning_tokens": 3},
}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **fields}


def delta(text: str, place: int | None = 0, kind: str = "output_text", **more: Any) -> Any:
    return event(f"{kind}.delta", output_index=place, delta=text, **more)


def message(text: str) -> dict[str, Any]:
    return {"type": "message", "content": [{"type": "output_text", "text": text}]}


def call(name: str, arguments: str | None, call_id: str = "call_1") -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}


def added(item: Any, place: int = 0) -> Any:
    return event("output_item.added", output_index=place, item=item)


def done(item: Any, place: int = 0) -> Any:
    return event("output_item.done", output_index=place, item=item)


def ended(status: str = "completed", *items: Any, **fields: Any) -> Any:
    response = {"object": "response", "status": status, "output": list(items), **fields}
    return event(status, response=response)


CREATED = event("created", response={"object": "response", "status": "in_progress", "error": None})


def stream(*documents: Any) -> bytes:
    return b"".join(
        b"event: x\ndata: " + json.dumps(one, ensure_ascii=False).encode() + b"\n\n"
        for one in documents
    )


def read(body: bytes, *, stop: tuple[str, ...] = (), step: int = 0) -> tuple[Finish, list[Delta]]:
    reader = ResponsesReader(200, {}, stop)
    deltas: list[Delta] = []
    for at in range(0, len(body), step or len(body) or 1):
        reader.feed(body[at : at + (step or len(body))], deltas)
        if reader.done:
            break
    return reader.close(deltas), deltas


def joined(deltas: list[Delta], content_kind: ContentKind = TEXT) -> str:
    return "".join(delta.text for delta in deltas if delta.content_kind is content_kind)


HEADERS = {"Content-Type": "text/event-stream; charset=utf-8"}


def failed(*documents: Any) -> tuple[Failure, str]:
    reader = ResponsesReader(200, HEADERS)
    deltas: list[Delta] = []
    try:
        reader.feed(stream(*documents), deltas)
        finish = reader.close(deltas)
    except AttemptError as error:
        return error.failure, joined(deltas)
    raise AssertionError(f"no failure: {finish}")


@pytest.mark.parametrize("step", [0, 1, 7])
def test_text_and_usage(step: int) -> None:
    body = stream(CREATED, delta("你好"), delta(" there"), ended(usage=USAGE))
    finish, deltas = read(body, step=step)
    assert joined(deltas) == "你好 there"
    assert finish.reason == "stop"
    assert finish.usage is not None
    assert finish.usage == Usage(11, 7)


def test_thoughts_come_in_paragraphs_before_the_text() -> None:
    def think(text: str, part: int) -> Any:
        return delta(text, 0, "reasoning_summary_text", summary_index=part)

    body = stream(think("let ", 0), think("me", 0), think("think", 1), delta("hi", 1), ended())
    _, deltas = read(body)
    assert [(delta.content_kind, delta.text) for delta in deltas] == [
        (REASONING, "let "),
        (REASONING, "me"),
        (REASONING, "\n\nthink"),
        (TEXT, "hi"),
    ]


@pytest.mark.parametrize(
    ("kind", "content_kind"),
    [
        ("reasoning_text", REASONING),
        ("refusal", TEXT),
        ("output_text", TEXT),
        ("audio.transcript", TEXT),
    ],
)
def test_other_deltas(kind: str, content_kind: ContentKind) -> None:
    finish, deltas = read(stream(delta("a", 0, kind), delta("b", 0, kind), ended()))
    assert joined(deltas, content_kind) == "ab"
    assert finish.reason == "stop"


def test_what_the_providers_own_tools_do_is_no_text() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    _, deltas = read(
        stream(
            added(search),
            event("web_search_call.searching", output_index=0),
            event("code_interpreter_call_code.delta", output_index=0, delta="print(1)"),
            done(search),
            delta("hi", 1),
            event("output_text.annotation.added", output_index=1, annotation={"url": "x"}),
            event("output_text.done", output_index=1, text="hi"),
            {"type": "keepalive", "sequence_number": 9},
            ended("completed", search, message("hi")),
        )
    )
    assert joined(deltas) == "hi"


def test_two_messages_are_two_paragraphs() -> None:
    _, deltas = read(stream(delta("First."), delta("Then.", 1), ended()))
    assert joined(deltas) == "First.\n\nThen."


CALLS = [
    ("get_weather", {"city": "北京"}),
    ("get_time", {}),
]
INTERLEAVED = stream(
    added(call("get_weather", ""), 0),
    added(call("get_time", "", "call_2"), 1),
    delta('{"city":', 0, "function_call_arguments"),
    delta("{", 1, "function_call_arguments"),
    delta('"北京"}', 0, "function_call_arguments"),
    delta("}", 1, "function_call_arguments"),
    done(call("get_weather", '{"city":"北京"}'), 0),
    done(call("get_time", "{}", "call_2"), 1),
    ended("completed", call("get_weather", '{"city":"北京"}'), call("get_time", "{}", "call_2")),
)
WHOLE = stream(
    done(call("get_weather", '{"city":"北京"}'), 0),
    done(call("get_time", "{}", "call_2"), 1),
    ended("completed", call("get_weather", '{"city":"北京"}'), call("get_time", "{}", "call_2")),
)
ONLY_AT_THE_END = stream(
    ended("completed", call("get_weather", '{"city":"北京"}'), call("get_time", "{}", "call_2"))
)
BY_ITEM_ID = stream(
    event("output_item.added", item_id="fc_1", item=call("get_weather", "")),
    event("function_call_arguments.delta", item_id="fc_1", delta='{"city":"北京"}'),
    event("output_item.added", item_id="fc_2", item=call("get_time", "", "call_2")),
    event("function_call_arguments.delta", item_id="fc_2", delta="{}"),
    ended("completed", call("get_weather", '{"city":"北京"}'), call("get_time", "{}", "call_2")),
)


BY_PLACE_AND_ID = stream(
    added({**call("get_weather", ""), "id": "fc_1"}, 0),
    event("function_call_arguments.delta", item_id="fc_1", delta='{"city":"北京"}'),
    done({**call("get_weather", '{"city":"北京"}'), "id": "fc_1"}, 0),
    added({**call("get_time", "", "call_2"), "id": "fc_2"}, 1),
    event("function_call_arguments.delta", item_id="fc_2", delta="{}"),
    ended(),
)


@pytest.mark.parametrize(
    "body",
    [INTERLEAVED, WHOLE, ONLY_AT_THE_END, BY_ITEM_ID, BY_PLACE_AND_ID],
    ids=["interleaved", "whole", "at the end", "by id", "by place and id"],
)
def test_tool_calls_are_whole_and_told_apart_by_their_item(body: bytes) -> None:
    finish, deltas = read(body)
    assert [(one.name, json.loads(one.arguments)) for one in finish.tool_calls] == CALLS
    assert [one.id for one in finish.tool_calls] == ["call_1", "call_2"]
    assert finish.reason == "tool_calls"
    assert deltas == []


def test_a_call_without_arguments_is_told_by_its_end() -> None:
    item = call("get_time", "")
    finish, _ = read(stream(added(item), done(item), ended("completed", item)))
    assert [(one.name, one.arguments) for one in finish.tool_calls] == [("get_time", "{}")]


def test_a_call_that_breaks_off_is_a_failure() -> None:
    failure, _ = failed(
        added(call("get_weather", "")),
        delta('{"city":', 0, "function_call_arguments"),
        ended("incomplete", incomplete_details={"reason": "max_output_tokens"}),
    )
    assert (failure.kind.name, failure.after_content) == ("broken_tool_call", False)
    assert "raise max_tokens" in details(failure)


@pytest.mark.parametrize(
    "documents",
    [
        [done(message("hi"))],
        [ended("completed", message("hi"))],
        [delta("hi"), done(message("hi")), ended("completed", message("hi"))],
        [delta("hi", None, item_id="msg_1"), ended("completed", message("hi"))],
        [
            added({**message(""), "id": "msg_1"}),
            delta("hi", None, item_id="msg_1"),
            done({**message("hi"), "id": "msg_1"}),
        ],
    ],
    ids=["done", "completed", "deltas", "deltas without a place", "deltas by id alone"],
)
def test_text_is_handed_on_once_wherever_it_comes_first(documents: list[Any]) -> None:
    finish, deltas = read(stream(*documents, ended()))
    assert joined(deltas) == "hi"
    assert finish.reason == "stop"


def test_one_document_instead_of_a_stream() -> None:
    thought = {"type": "reasoning", "summary": [{"text": "a"}, {"text": "b"}], "content": []}
    document = {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "error": None,
        "output": [thought, message("hi"), call("get_time", "{}")],
        "usage": USAGE,
    }
    for body in (json.dumps(document).encode(), json.dumps(document, indent=1).encode()):
        finish, deltas = read(body)
        assert joined(deltas, REASONING) == "a\n\nb"
        assert joined(deltas) == "hi"
        assert [one.name for one in finish.tool_calls] == ["get_time"]
        assert finish.usage is not None


@pytest.mark.parametrize(
    ("why", "reason", "text"),
    [
        ("max_output_tokens", "length", "half"),
        ("max_output_tokens", "length", ""),
        ("content_filter", "content_filter", "half"),
    ],
)
def test_incomplete_for_a_known_reason_is_an_answer(why: str, reason: str, text: str) -> None:
    finish, deltas = read(
        stream(delta(text), ended("incomplete", incomplete_details={"reason": why}))
    )
    assert (finish.reason, joined(deltas)) == (reason, text)


def test_what_a_filter_took_whole_was_refused() -> None:
    failure, _ = failed(ended("incomplete", incomplete_details={"reason": "content_filter"}))
    assert failure.kind.name == "content_refused"


LIMIT = {"code": "rate_limit_exceeded", "message": "Rate limit reached."}
FAULT = {"code": "server_error", "message": "An error occurred."}
QUEUED = event("queued", response={"status": "queued", "error": None})

FAILURES: dict[str, tuple[list[Any], str, bool]] = {
    "no terminal event": ([CREATED, delta("hi")], "truncated", True),
    "nothing at all": ([], "truncated", False),
    "queued and no more": ([QUEUED], "truncated", False),
    "failed": ([ended("failed", error=FAULT)], "server_error", False),
    "failed for a limit": ([CREATED, ended("failed", error=LIMIT)], "rate_limited", False),
    "failed without a reason": ([ended("failed", error=None)], "server_error", False),
    "failed after content": ([delta("hi"), ended("failed", error=LIMIT)], "rate_limited", True),
    "completed with an error": ([ended("completed", error=LIMIT)], "rate_limited", False),
    "error event": ([{"type": "error", **LIMIT}], "rate_limited", False),
    "error event, nested": ([{"type": "error", "error": LIMIT}], "rate_limited", False),
    "an error of the gateway's": ([{"error": LIMIT}], "rate_limited", False),
    "error event after content": ([delta("hi"), {"type": "error", **FAULT}], "server_error", True),
    "cancelled": ([delta("hi"), ended("cancelled")], "truncated", True),
    "incomplete for an unknown reason": ([delta("hi"), ended("incomplete")], "truncated", True),
    "begun anew": ([CREATED, delta("hi"), CREATED, delta("hi")], "truncated", True),
    "completed and empty": ([CREATED, ended()], "empty_answer", False),
    "a chat completion": (
        [{"object": "chat.completion", "choices": [{"message": {"content": "hi"}}]}],
        "wrong_api",
        False,
    ),
    "a whole answer in progress": (
        [{"object": "response", "status": "in_progress", "output": []}],
        "truncated",
        False,
    ),
}


@pytest.mark.parametrize(("documents", "kind", "after"), FAILURES.values(), ids=FAILURES.keys())
def test_success_is_a_terminal_status_and_nothing_else(
    documents: list[Any], kind: str, after: bool
) -> None:
    failure, text = failed(*documents)
    assert (failure.kind.name, failure.after_content) == (kind, after)
    assert text == ("hi" if after else "")


def test_an_empty_stream_may_be_asked_for_unstreamed() -> None:
    assert failed()[0].unstreamed
    assert not failed(CREATED)[0].unstreamed
    assert not ResponsesReader(200, HEADERS).cut("reset").unstreamed


def test_what_follows_the_end_spoils_nothing() -> None:
    reader = ResponsesReader(200, {})
    deltas: list[Delta] = []
    reader.feed(stream(delta("hi"), ended()), deltas)
    assert reader.finished
    assert reader.done
    reader.feed(stream({"type": "error", **FAULT}), deltas)
    reader.feed(b"data: [DONE]\n\n", deltas)
    assert reader.close(deltas).reason == "stop"
    assert joined(deltas) == "hi"


def test_a_stop_word_ends_the_answer() -> None:
    body = stream(delta("one E"), delta("ND two"), delta(" three"), ended(usage=USAGE))
    finish, deltas = read(body, stop=("END",), step=40)
    assert joined(deltas) == "one "
    assert finish == Finish("stop")


def test_a_stop_word_in_a_whole_answer_is_its_end() -> None:
    details = {"reason": "max_output_tokens"}
    body = stream(ended("incomplete", message("one END two"), incomplete_details=details))
    finish, deltas = read(body, stop=("END",))
    assert (finish.reason, joined(deltas)) == ("stop", "one ")


def test_a_stop_word_at_the_beginning_is_an_empty_answer_that_is_one() -> None:
    finish, deltas = read(stream(delta("END"), ended()), stop=("END",))
    assert (finish.reason, joined(deltas)) == ("stop", "")


def test_what_was_held_back_is_handed_on_in_the_end() -> None:
    _, deltas = read(stream(delta("EN"), ended()), stop=("END",))
    assert joined(deltas) == "EN"
    reader = ResponsesReader(200, {}, ("END",))
    deltas = []
    with pytest.raises(AttemptError):
        reader.feed(stream(delta("EN"), {"type": "error", **FAULT}), deltas)
    assert joined(deltas) == "EN"


def test_a_cut_connection() -> None:
    reader = ResponsesReader(200, {})
    reader.feed(stream(delta("hi")), [])
    failure = reader.cut("reset")
    assert (failure.kind.name, failure.after_content, failure.note) == ("truncated", True, "reset")


def test_usage_that_counts_nothing_is_none() -> None:
    finish, _ = read(stream(delta("hi"), ended(usage={"input_tokens": 0, "output_tokens": 0})))
    assert finish.usage is None
    assert isinstance(read(stream(delta("hi"), ended(usage=USAGE)))[0].usage, Usage)
