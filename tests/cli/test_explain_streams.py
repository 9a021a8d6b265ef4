"""A pasted event stream without a finish reason broke off; a whole one is no error."""

import json

import pytest

from cli.explain.finding import Sure
from cli.explain.read import read_errors
from cli.explain.report import report_on
from engine.apis.chat.reader import AnswerReader
from engine.errors import AttemptError, Kind, kinds
from tests.catalogue.replay import Recording, recordings

DONE = "data: [DONE]\n\n"
STREAMS = [
    one
    for one in recordings()
    if one.path == "/v1/chat/completions" and one.status == 200 and b'data: {"id"' in one.body
]


def event(document: object) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"


def delta(text: str, reason: str | None = None) -> str:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [choice]})


def causes(text: str) -> list[tuple[str, Sure]]:
    return [(one.failure.kind.name, one.sure) for one in read_errors(text)]


def ending(recording: Recording) -> Kind | None:
    """How the engine judges an answer."""
    reader = AnswerReader(200, {"X-Oneapi-Request-Id": "1"})
    try:
        reader.feed(recording.body, [])
        reader.close([])
    except AttemptError as error:
        return error.failure.kind
    return None


CUT = delta("你好") + delta("，世界")
USAGE = event({"id": "c", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 0}})
SAID = event({"type": "response.output_text.delta", "item_id": "m", "delta": "Hi"})
CALL = event(
    {
        "choices": [
            {
                "delta": {"tool_calls": [{"index": 0, "id": "t", "function": {"name": "f"}}]},
                "finish_reason": None,
            }
        ]
    }
)
BROKEN: dict[str, tuple[str, str, Sure]] = {
    "ended without a reason": (CUT + DONE, "truncated", Sure.CERTAIN),
    "ended with usage": (CUT + USAGE + DONE, "truncated", Sure.CERTAIN),
    "not ended": (CUT, "truncated", Sure.POSSIBLE),
    "usage alone": (USAGE + DONE, "truncated", Sure.POSSIBLE),
    "a reason and nothing else": (delta("", "stop") + DONE, "empty_answer", Sure.CERTAIN),
    "a tool called and cut": (CALL + DONE, "truncated", Sure.CERTAIN),
    "in a log": (
        "".join(f"api-1  | {line}\n" for line in (CUT + DONE).splitlines()),
        "truncated",
        Sure.CERTAIN,
    ),
    "after 3 MB of noise": ("fine\n" * 600_000 + CUT + DONE, "truncated", Sure.CERTAIN),
    "the Responses API": (SAID + SAID + DONE, "truncated", Sure.CERTAIN),
}


@pytest.mark.parametrize(("text", "cause", "sure"), BROKEN.values(), ids=BROKEN)
def test_a_stream_that_broke_off_is_recognised(text: str, cause: str, sure: Sure) -> None:
    assert causes(text) == [(cause, sure)]
    assert causes(text.replace("\n", "\r\n")) == [(cause, sure)]


GOOD = {
    "a whole stream": CUT + delta("", "stop") + USAGE + DONE,
    "a whole stream, not to its end": CUT + delta("", "stop"),
    "one line of a log": delta("Hello"),
    "another program's events": event({"event": "message", "answer": "Hi"}) * 3,
    "Responses, whole": SAID
    + event({"type": "response.completed", "response": {"status": "completed"}}),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_good_stream_is_no_error(text: str) -> None:
    assert causes(text) == []


@pytest.mark.parametrize("recording", STREAMS, ids=lambda one: one.name)
def test_recorded_stream(recording: Recording) -> None:
    judged = ending(recording)
    found = read_errors(recording.body.decode("utf-8", "replace"))
    if judged is None:
        assert found == []
    elif judged is kinds.TRUNCATED:
        assert [one.failure.kind for one in found] == [judged]
    else:
        assert len(found) == 1, "the error within it, and no second one"


def test_an_error_within_a_stream_is_the_only_one() -> None:
    error = {"error": {"message": "Overloaded", "type": "overloaded_error"}}
    assert causes(CUT + event(error) + DONE) == [("overloaded", Sure.CERTAIN)]
    assert causes(f"{CUT}{json.dumps(error)}\n") == [("overloaded", Sure.CERTAIN)]


def test_what_a_gateway_adds_behind_an_error_is_no_second_one() -> None:
    error = {"error": {"message": "Overloaded", "type": "overloaded_error"}}
    added = {"error": {"code": "service_unavailable", "message": "当前分组上游负载已饱和"}}
    stream = f"{CUT}{event(error)}{json.dumps(added, ensure_ascii=False)}\n\n"
    assert causes(stream) == [("overloaded", Sure.CERTAIN)]
    assert causes(stream.replace("\n", "\r\n")) == [("overloaded", Sure.CERTAIN)]
    alone = json.dumps(added, ensure_ascii=False)
    assert [cause for cause, _ in causes(f"status code 503: {alone}")] == ["server_error"]


def test_a_broken_stream_beside_another_error() -> None:
    busy = json.dumps({"error": {"message": "当前分组上游负载已饱和", "type": "one_api_error"}})
    text = f"status code 429: {busy}\n\n{CUT}{DONE}"
    assert {cause for cause, _ in causes(text)} == {"saturated", "truncated"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_says_how_that_is_known(language: str) -> None:
    ended, is_open = (
        report_on(read_errors(text)[0], "zh" if language == "zh" else "en").because
        for text in (CUT + DONE, CUT)
    )
    assert "[DONE]" in ended
    assert "[DONE]" not in is_open
    assert ended.isascii() == is_open.isascii() == (language == "en")
