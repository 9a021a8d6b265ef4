"""One answer of HTTP 200: success is a finish reason, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.answer import AnswerReader
from gateway.failure import AttemptError, Failure, kinds
from gateway.pieces import Channel, Piece
from gateway.text_answer import Finish
from gateway.toolcalls import ToolCall
from gateway.usage import Usage, read_usage

DONE = b"data: [DONE]\n\n"


def event(document: object, *, ascii_only: bool = False) -> bytes:
    return b"data: " + json.dumps(document, ensure_ascii=ascii_only).encode() + b"\n\n"


def halves(**fields: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": fields}]}, ascii_only=True)


def delta(fields: dict[str, Any] | None = None, reason: object = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": fields, "finish_reason": reason}
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [choice], **more})


def text(words: str) -> bytes:
    return delta({"content": words})


def usage() -> bytes:
    counts = {"prompt_tokens": 11, "completion_tokens": 7}
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": counts})


def whole(message: dict[str, Any], reason: object = "stop", indent: int | None = None) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": reason}
    counts = {"prompt_tokens": 1, "completion_tokens": 2}
    document = {"object": "chat.completion", "choices": [choice], "usage": counts}
    return json.dumps(document, indent=indent).encode()


NOBODYS: Mapping[str, str] = {"Content-Type": "text/event-stream"}
STOP = delta({}, "stop")
TOOL = {"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x":1}'}}
CUT_TOOL = {"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x"'}}
BUSY = event({"error": {"message": "Overloaded", "type": "overloaded_error", "code": "503"}})


@dataclass(frozen=True)
class Read:
    """What became of an answer."""

    text: str
    reasoning: str
    finish: Finish | None
    failure: Failure | None


def read(*chunks: bytes, status: int = 200, headers: Mapping[str, str] = NOBODYS) -> Read:
    reader, pieces = AnswerReader(status, headers), list[Piece]()
    finish, failure = None, None
    try:
        for chunk in chunks:
            reader.feed(chunk, pieces)
        finish = reader.close(pieces)
    except AttemptError as error:
        failure = error.failure
    return Read(said(pieces, Channel.TEXT), said(pieces, Channel.REASONING), finish, failure)


def said(pieces: list[Piece], channel: Channel) -> str:
    return "".join(piece.text for piece in pieces if piece.channel is channel)


SUCCESSES: dict[str, tuple[list[bytes], str, str, str]] = {
    "stop": ([text("a"), text("b"), STOP, DONE], "ab", "", "stop"),
    "without [DONE]": ([text("a"), STOP], "a", "", "stop"),
    "reason beside the text": ([delta({"content": "a"}, "stop")], "a", "", "stop"),
    "length": ([text("a"), delta({}, "length")], "a", "", "length"),
    "length without content": ([delta({}, "length")], "", "", "length"),
    "content_filter": ([text("a"), delta({}, "content_filter")], "a", "", "content_filter"),
    "reasoning only": ([delta({"reasoning_content": "r"}), STOP], "", "r", "stop"),
    "the other reasoning field": ([delta({"reasoning": "r"}), text("a"), STOP], "a", "r", "stop"),
    "both at once": ([delta({"reasoning_content": "r", "content": "a"}), STOP], "a", "r", "stop"),
    "refusal": ([delta({"refusal": "no"}), STOP], "no", "", "stop"),
    "audio": ([delta({"audio": {"data": "AAAA"}}), STOP], "", "", "stop"),
    "audio's words": ([delta({"audio": {"transcript": "hi"}}), STOP], "hi", "", "stop"),
    "empty reasons before": (
        [
            delta({"role": "assistant", "content": "a"}, ""),
            delta({"content": ""}, "stop"),
            delta({}, ""),
        ],
        "a",
        "",
        "stop",
    ),
    "Azure's first event": (
        [event({"object": "", "choices": []}), text("a"), STOP],
        "a",
        "",
        "stop",
    ),
    "null delta": ([delta(None), text("a"), delta(None, "stop")], "a", "", "stop"),
    "content parts": (
        [delta({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}), STOP],
        "ab",
        "",
        "stop",
    ),
    "thinking part": (
        [
            delta({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}]}),
            text("a"),
            STOP,
        ],
        "a",
        "r",
        "stop",
    ),
    "completion": (
        [event({"choices": [{"index": 0, "text": "a", "finish_reason": "stop"}]})],
        "a",
        "",
        "stop",
    ),
    "other choices are not read": (
        [
            event({"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]}),
            text("a"),
            STOP,
        ],
        "a",
        "",
        "stop",
    ),
    "whole": ([whole({"content": "a", "reasoning_content": "r"})], "a", "r", "stop"),
    "whole, of several lines": ([whole({"content": "a"}, indent=2)], "a", "", "stop"),
    "whole, cut anywhere": (
        [bytes([one]) for one in whole({"content": "你"}, indent=1)],
        "你",
        "",
        "stop",
    ),
    "error after the reason": ([text("a"), STOP, BUSY], "a", "", "stop"),
    "events joined by a careless proxy": (
        [text("a")[:-1] + text("b")[:-1] + STOP[:-1] + DONE],
        "ab",
        "",
        "stop",
    ),
    "two documents in one event": (
        [text("a")[:-2] + text("b").removeprefix(b"data: ")[:-2] + b" , " + text("c"), STOP],
        "abc",
        "",
        "stop",
    ),
    "a document and the end in one event": (
        [text("a"), STOP[:-2] + b" [DONE]\n\n", text("never")],
        "a",
        "",
        "stop",
    ),
    "a list of documents": (
        [b"data: [" + text("a")[6:-2] + b"," + STOP[6:-2] + b"]\n\n"],
        "a",
        "",
        "stop",
    ),
    "documents encoded twice": ([event(text("a")[6:-2].decode()), STOP], "a", "", "stop"),
    "a mark twice": ([b"data: " + text("a"), b"data: data: " + STOP], "a", "", "stop"),
    "raw line breaks in a text": (
        [text("a|b").replace(b"|", b"\n"), text("c|d").replace(b"|", b"\t"), STOP],
        "a\nbc\td",
        "",
        "stop",
    ),
    "a document in two events": (
        [text("abc")[:60] + b"\n\ndata: " + text("abc")[60:], STOP],
        "abc",
        "",
        "stop",
    ),
    "bytes of a character in two events": (
        [text("|").replace(b"|", b"\xe4\xbd"), text("|").replace(b"|", b"\xa0"), STOP],
        "你",
        "",
        "stop",
    ),
    "halves of a character": (
        [
            halves(reasoning="\ud83d"),
            halves(reasoning="\ude00", content="\ud83d"),
            halves(content="\ude00"),
            STOP,
        ],
        "😀",
        "😀",
        "stop",
    ),
    "half a character at the end": ([halves(content="a\ud83d"), STOP], "a\ufffd", "", "stop"),
    "a whole document after the reason is cut": (
        [text("a"), STOP, text("b")[:-9] + b"\n\n", text("c")],
        "ac",
        "",
        "stop",
    ),
    "an empty error in every chunk": (
        [
            delta({"content": "a"}, error={"message": "", "type": "", "code": None}),
            delta({}, "stop", error={"message": "", "code": 0}),
        ],
        "a",
        "",
        "stop",
    ),
    "an empty error in a choice": (
        [event({"choices": [{"delta": {"content": "a"}, "error": {"message": ""}}]}), STOP],
        "a",
        "",
        "stop",
    ),
    "Gemini's reason": ([text("a"), delta({}, "MAX_TOKENS")], "a", "", "length"),
    "Gemini's filter, after text": ([text("a"), delta({}, "SAFETY")], "a", "", "content_filter"),
    "a full context without content": (
        [delta({}, "model_context_window_exceeded")],
        "",
        "",
        "length",
    ),
    "a reason that is still null": (
        [delta({"content": "a"}, "null"), delta({"content": "b"}, "stop")],
        "ab",
        "",
        "stop",
    ),
    "no reason, but a server's own end": ([text("a"), DONE], "a", "", "stop"),
    "no reason, usage, a server's own end": ([text("a"), usage(), DONE], "a", "", "stop"),
    "no reason, tools, a server's own end": (
        [delta({"tool_calls": [TOOL]}), DONE],
        "",
        "",
        "tool_calls",
    ),
    "whole, without reason": ([whole({"content": "a"}, None)], "a", "", "stop"),
    "whole completion without reason": (
        [b'{"choices": [{"index": 0, "text": "a"}]}'],
        "a",
        "",
        "stop",
    ),
    "whole, of several lines, without reason": (
        [whole({"content": "a"}, None, indent=1)],
        "a",
        "",
        "stop",
    ),
    "thinking": ([delta({"thinking": "r"}), text("a"), STOP], "a", "r", "stop"),
    "reasoning as an object": (
        [delta({"reasoning": {"content": "r"}}), text("a"), STOP],
        "a",
        "r",
        "stop",
    ),
    "details alone": (
        [
            delta({"reasoning_details": [{"type": "reasoning.summary", "summary": "r"}]}),
            delta({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}),
            text("a"),
            STOP,
        ],
        "a",
        "r",
        "stop",
    ),
    "details that say it again, later": (
        [delta({"reasoning": "r"}), delta({"reasoning_details": [{"text": "r"}]}), text("a"), STOP],
        "a",
        "r",
        "stop",
    ),
    "LiteLLM's blocks": (
        [delta({"thinking_blocks": [{"type": "thinking", "thinking": "r"}]}), text("a"), STOP],
        "a",
        "r",
        "stop",
    ),
    "a content that is a part": (
        [delta({"content": {"type": "text", "text": "a"}}), delta({"content": ["b"]}), STOP],
        "ab",
        "",
        "stop",
    ),
    "index as text": (
        [event({"choices": [{"index": "0", "delta": {"content": "a"}}]}), STOP],
        "a",
        "",
        "stop",
    ),
    "the message again beside the last delta": (
        [
            text("a"),
            event(
                {"choices": [{"delta": {}, "message": {"content": "a"}, "finish_reason": "stop"}]}
            ),
        ],
        "a",
        "",
        "stop",
    ),
    "noise between events": (
        [b"data: keep-alive\n\n", text("a"), b"data: 7\n\n", STOP],
        "a",
        "",
        "stop",
    ),
}


@pytest.mark.parametrize(
    ("chunks", "words", "thoughts", "reason"), SUCCESSES.values(), ids=SUCCESSES
)
def test_success(chunks: list[bytes], words: str, thoughts: str, reason: str) -> None:
    found = read(*chunks)
    assert found.failure is None
    assert found.finish is not None
    assert (found.text, found.reasoning, found.finish.reason) == (words, thoughts, reason)


FAILURES: dict[str, tuple[list[bytes], str, str]] = {
    "[DONE] alone": ([DONE], "", "truncated"),
    "end of stream": ([text("a")], "a", "truncated"),
    "nothing at all": ([], "", "truncated"),
    "only pings": ([b": PING\n\n: PING\n\n"], "", "truncated"),
    "empty reason": ([delta({"content": "a"}, "")], "a", "truncated"),
    "choices null": ([event({"id": "", "choices": None})], "", "truncated"),
    "reason error": ([text("a"), delta({}, "error")], "a", "truncated"),
    "stop without content": (
        [delta({"role": "assistant", "content": ""}), STOP, DONE],
        "",
        "empty_answer",
    ),
    "whole, without content": ([whole({"content": ""})], "", "empty_answer"),
    "whole, null content": ([whole({"content": None})], "", "empty_answer"),
    "whole, without reason or content": ([whole({"content": ""}, None)], "", "truncated"),
    "content_filter without content": ([delta({}, "content_filter")], "", "content_refused"),
    "a document cut, then others": (
        [text("a"), text("lost")[:-12] + b"\n\n", text("b"), STOP, DONE],
        "a",
        "truncated",
    ),
    "a document's second half alone": (
        [text("a"), b"data: " + text("lost")[40:], text("b"), STOP],
        "a",
        "truncated",
    ),
    "a document cut, then the end": ([text("a"), text("b")[:-9] + b"\n\n", DONE], "a", "truncated"),
    "a document cut within its event": (
        [text("a"), text("b")[:-9] + b"\n" + text("c"), STOP],
        "a",
        "truncated",
    ),
    "one chunk that is no stream": (
        [b'{"choices": [{"index": 0, "delta": {"content": "a"}}]}'],
        "a",
        "truncated",
    ),
    "a network error": ([text("a"), delta({}, "network_error"), DONE], "a", "truncated"),
    "a reason of an unknown fault": (
        [text("a"), delta({}, "upstream_fault_error")],
        "a",
        "truncated",
    ),
    "a fault, then stop": ([text("a"), delta({}, "abort"), STOP, DONE], "a", "truncated"),
    "the words of a fault": ([text("a"), delta({}, "error"), BUSY], "a", "overloaded"),
    "an error in a choice": (
        [event({"choices": [{"delta": {}, "error": {"code": 429}, "finish_reason": "error"}]})],
        "",
        "rate_limited",
    ),
    "Gemini's filter": ([delta({}, "SAFETY"), DONE], "", "content_refused"),
    "a refusal without words": ([whole({"content": None}, "refusal")], "", "content_refused"),
    "error first": ([BUSY], "", "overloaded"),
    "error first, bare": ([BUSY.removeprefix(b"data: ")], "", "overloaded"),
    "error after pings": ([b": PING\n\n" * 3, BUSY.removeprefix(b"data: ")], "", "overloaded"),
    "error after content": ([text("a"), BUSY], "a", "overloaded"),
    "error beside choices": (
        [event({"error": {"message": "x", "code": 429}, "choices": [{"delta": {"content": "a"}}]})],
        "",
        "rate_limited",
    ),
    "error event": ([b"event: error\n", BUSY], "", "overloaded"),
    "error as string": ([event({"error": "upstream is busy"})], "", "overloaded"),
    "error of several lines": (
        [json.dumps({"error": {"code": 429}}, indent=1).encode()],
        "",
        "rate_limited",
    ),
    "a page": ([b"<!DOCTYPE html>\n<html>\n<title>New API</title>\n</html>"], "", "wrong_url"),
    "a page as data": ([b"data: <html><title>x</title></html>\n\n"], "", "wrong_url"),
    "words": ([b"Internal error"], "", "server_error"),
    "a broken-off tool call": (
        [delta({"tool_calls": [CUT_TOOL]}), delta({}, "tool_calls")],
        "",
        "broken_tool_call",
    ),
}


@pytest.mark.parametrize(("chunks", "words", "kind"), FAILURES.values(), ids=FAILURES)
def test_failure(chunks: list[bytes], words: str, kind: str) -> None:
    found = read(*chunks)
    assert found.failure is not None
    assert (found.failure.kind.name, found.text) == (kind, words)
    assert found.failure.after_content == bool(words)


@pytest.mark.parametrize(
    "first",
    [
        {"content": "a"},
        {"reasoning": "r"},
        {"refusal": "n"},
        {"audio": {"data": "A"}},
        {"tool_calls": [TOOL]},
    ],
)
def test_content_is_whatever_comes_first(first: dict[str, Any]) -> None:
    reader = AnswerReader(200, {})
    reader.feed(delta({"role": "assistant", "content": ""}), [])
    assert not reader.content
    reader.feed(delta(first), [])
    assert reader.content


def test_what_came_in_the_same_chunk_as_a_failure_is_handed_on() -> None:
    reader, pieces = AnswerReader(200, {}), list[Piece]()
    with pytest.raises(AttemptError) as raised:
        reader.feed(text("你") + text("好") + BUSY + text("never"), pieces)
    assert said(pieces, Channel.TEXT) == "你好"
    assert raised.value.failure.after_content


def test_what_came_at_the_end_is_handed_on_before_the_failure() -> None:
    reader, pieces = AnswerReader(200, {}), list[Piece]()
    reader.feed(text("a")[:-2], pieces)
    assert pieces == []
    with pytest.raises(AttemptError):
        reader.close(pieces)
    assert said(pieces, Channel.TEXT) == "a"


@pytest.mark.parametrize(
    ("chunks", "refused"),
    [
        ([usage(), DONE], True),
        ([usage()], False),
        ([DONE], True),
        ([delta({"role": "assistant", "content": ""}), STOP, DONE], True),
        ([delta({"role": "assistant", "content": ""}), STOP], False),
        ([whole({"content": ""})], False),
        ([text("a"), delta({}, "error"), DONE], False),
    ],
)
def test_an_end_alone_means_that_streaming_was_refused(chunks: list[bytes], refused: bool) -> None:
    failure = read(*chunks).failure
    assert failure is not None
    assert failure.unstreamed == refused


def test_usage_and_fingerprint_and_calls() -> None:
    found = read(
        delta({"tool_calls": [TOOL]}, system_fingerprint="fp"),
        delta({}, "tool_calls", usage={"prompt_tokens": 1, "completion_tokens": 1}),
        usage(),
        DONE,
    )
    assert found.finish == Finish(
        "tool_calls", (ToolCall("a", "f", '{"x":1}'),), Usage(11, 7), "fp"
    )


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, Usage(3, 4)),
        ({"prompt_tokens": 3}, Usage(3, 0)),
        ({"prompt_tokens": 3.0, "completion_tokens": "4"}, Usage(3, 4)),
        ({"prompt_tokens": "3", "completion_tokens": "many"}, Usage(3, 0)),
        ('{"prompt_tokens": 3, "completion_tokens": 4}', Usage(3, 4)),
        ("3", None),
        ({"input_tokens": 3, "output_tokens": 4}, Usage(3, 4)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "input_tokens": 0}, Usage(3, 4)),
        ({"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 2}, Usage(5, 4)),
        (
            {
                "input_tokens": 3,
                "output_tokens": 4,
                "input_tokens_details": {"cached_tokens": 2},
            },
            Usage(3, 4),
        ),
        (
            {"promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 2}
            | {"totalTokenCount": 9},
            Usage(3, 6),
        ),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": -1, "completion_tokens": None}, None),
        ({}, None),
        (None, None),
        ([1], None),
    ],
)
def test_token_counts(value: object, tokens: Usage | None) -> None:
    assert read_usage(value) == tokens


def test_infinite_token_count_is_none() -> None:
    """Python's JSON reads 1e999 and Infinity; an answer that is complete must not fail by it."""
    assert read_usage({"prompt_tokens": float("inf"), "completion_tokens": 4}) == Usage(0, 4)


def test_broken_connection_is_a_truncated_answer() -> None:
    reader = AnswerReader(200, {})
    reader.feed(text("a"), [])
    failure = reader.cut("ConnectionResetError")
    assert (failure.kind, failure.after_content, failure.note) == (
        kinds.TRUNCATED,
        True,
        "ConnectionResetError",
    )


def test_deep_document_in_a_stream_is_a_failure_like_any_other() -> None:
    failure = read(b"data: " + b'{"a":' * 100_000 + b"\n\n").failure
    assert failure is not None


FAMILY = {"X-Oneapi-Request-Id": "2026120100"}


@pytest.mark.parametrize(
    "header", ["X-Oneapi-Request-Id", "x-new-api-version", "X-Rixapi-Request-Id"]
)
@pytest.mark.parametrize("end", [[DONE], [usage(), DONE]], ids=["end", "usage and end"])
def test_the_one_api_family_ends_a_cut_stream_like_a_whole_one(
    header: str, end: list[bytes]
) -> None:
    failure = read(text("a"), *end, headers={header: "1"}).failure
    assert failure is not None
    assert (failure.kind, failure.after_content) == (kinds.TRUNCATED, True)


def test_a_whole_document_is_an_answer_behind_the_family_too() -> None:
    found = read(whole({"content": "a"}, None), headers=FAMILY)
    assert found.finish is not None
    assert found.text == "a"


PLACES: dict[str, list[bytes]] = {
    "beside the choices": [delta({}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 5})],
    "in a choice": [
        event(
            {
                "choices": [
                    {
                        "delta": {},
                        "finish_reason": "stop",
                        "usage": {"prompt_tokens": 3, "completion_tokens": 5},
                    }
                ]
            }
        )
    ],
    "Groq's": [
        delta({}, "stop", x_groq={"usage": {"prompt_tokens": 3, "completion_tokens": 5}}),
    ],
    "after the end": [STOP, DONE, event({"usage": {"prompt_tokens": 3, "completion_tokens": 5}})],
    "as text": [delta({}, "stop", usage={"prompt_tokens": "3", "completion_tokens": "5"})],
    "Gemini's": [
        delta({}, "stop", usageMetadata={"promptTokenCount": 3, "candidatesTokenCount": 5})
    ],
    "in the last delta": [
        delta({"usage": {"input_tokens": 3, "output_tokens": 5}}, "stop"),
    ],
}


@pytest.mark.parametrize("end", PLACES.values(), ids=PLACES)
def test_usage_is_found_wherever_it_stands(end: list[bytes]) -> None:
    finish = read(text("a"), *end).finish
    assert finish is not None
    assert finish.usage == Usage(3, 5)


def test_a_cut_call_tells_of_max_tokens_only_after_length() -> None:
    details = {
        reason: read(delta({"tool_calls": [CUT_TOOL]}), delta({}, reason)).failure
        for reason in ("length", "MAX_TOKENS", "tool_calls", "stop")
    }
    told = {
        reason: failure and "max_tokens" in failure.detail for reason, failure in details.items()
    }
    assert told == {"length": True, "MAX_TOKENS": True, "tool_calls": False, "stop": False}


def test_the_words_of_an_error_are_whole_characters() -> None:
    failure = read(event({"error": {"message": "no \ud83d"}}, ascii_only=True)).failure
    assert failure is not None
    assert failure.words == "no \ufffd"
