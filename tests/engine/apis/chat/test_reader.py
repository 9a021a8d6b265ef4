"""One answer of HTTP 200: success is a finish reason, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from engine.apis.chat.reader import AnswerReader
from engine.apis.text_answer import Finish
from engine.apis.tool_calls import ToolCall
from engine.apis.usage import Usage, read_usage
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, Failure, kinds
from tests.engine.apis.answer_rows import (
    BUSY,
    CUT_TOOL,
    DONE,
    FAILURES,
    STOP,
    SUCCESSES,
    TOOL,
    delta,
    event,
    text,
    usage,
    whole,
)
from tests.support.details import details

NOBODYS: Mapping[str, str] = {"Content-Type": "text/event-stream"}


@dataclass(frozen=True)
class Read:
    """What became of an answer."""

    text: str
    reasoning: str
    finish: Finish | None
    failure: Failure | None


def read(*chunks: bytes, status: int = 200, headers: Mapping[str, str] = NOBODYS) -> Read:
    reader, deltas = AnswerReader(status, headers), list[Delta]()
    finish, failure = None, None
    try:
        for chunk in chunks:
            reader.feed(chunk, deltas)
        finish = reader.close(deltas)
    except AttemptError as error:
        failure = error.failure
    return Read(
        said(deltas, ContentKind.TEXT), said(deltas, ContentKind.REASONING), finish, failure
    )


def said(deltas: list[Delta], content_kind: ContentKind) -> str:
    return "".join(delta.text for delta in deltas if delta.content_kind is content_kind)


@pytest.mark.parametrize(
    ("chunks", "words", "thoughts", "reason"), SUCCESSES.values(), ids=SUCCESSES
)
def test_success(chunks: list[bytes], words: str, thoughts: str, reason: str) -> None:
    found = read(*chunks)
    assert found.failure is None
    assert found.finish is not None
    assert (found.text, found.reasoning, found.finish.reason) == (words, thoughts, reason)


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
    reader, deltas = AnswerReader(200, {}), list[Delta]()
    with pytest.raises(AttemptError) as raised:
        reader.feed(text("你") + text("好") + BUSY + text("never"), deltas)
    assert said(deltas, ContentKind.TEXT) == "你好"
    assert raised.value.failure.after_content


def test_what_came_at_the_end_is_handed_on_before_the_failure() -> None:
    reader, deltas = AnswerReader(200, {}), list[Delta]()
    reader.feed(text("a")[:-2], deltas)
    assert deltas == []
    with pytest.raises(AttemptError):
        reader.close(deltas)
    assert said(deltas, ContentKind.TEXT) == "a"


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
    failures = {
        reason: read(delta({"tool_calls": [CUT_TOOL]}), delta({}, reason)).failure
        for reason in ("length", "MAX_TOKENS", "tool_calls", "stop")
    }
    told = {
        reason: failure and "max_tokens" in details(failure) for reason, failure in failures.items()
    }
    assert told == {"length": True, "MAX_TOKENS": True, "tool_calls": False, "stop": False}


def test_the_words_of_an_error_are_whole_characters() -> None:
    failure = read(event({"error": {"message": "no \ud83d"}}, ascii_only=True)).failure
    assert failure is not None
    assert failure.words == "no \ufffd"
