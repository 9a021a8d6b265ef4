"""An answer that does not end fails clearly, before the memory of all calls is full."""

import json
from typing import Any

import pytest

from engine.apis.chat.reader import AnswerReader
from engine.apis.responses.reader import ResponsesReader
from engine.delta import Delta
from engine.errors import AttemptError
from engine.errors.kinds import MALFORMED_ANSWER
from engine.http import json_stream
from tests.support.details import details

LIMIT = 4096
BLOCK = 512
READERS = pytest.mark.parametrize("reader", [AnswerReader, ResponsesReader])


def fed(reader: Any, chunk: bytes) -> tuple[int, AttemptError]:
    """How many bytes it took until it refused more; four times the limit at most."""
    for taken in range(len(chunk), 4 * LIMIT, len(chunk)):
        try:
            reader.feed(chunk, list[Delta]())
        except AttemptError as error:
            return taken, error
    pytest.fail(f"it took {taken} bytes")


@READERS
@pytest.mark.parametrize("chunk", [b"x" * BLOCK, b"data: " + b"x" * BLOCK + b"\n"])
def test_event_without_end(reader: Any, chunk: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_EVENT_BYTES", LIMIT)
    taken, error = fed(reader(200, {}), chunk)
    assert error.failure.kind is MALFORMED_ANSWER
    assert not error.failure.after_content
    assert f"larger than {LIMIT} bytes" in details(error.failure)
    assert LIMIT < taken <= LIMIT + len(chunk)


def test_events_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_ANSWER_BYTES", LIMIT)
    document = {"choices": [{"index": 0, "delta": {"content": "a"}}]}
    chunk = b"data: " + json.dumps(document).encode() + b"\n\n"
    taken, error = fed(AnswerReader(200, {}), chunk)
    assert error.failure.kind is MALFORMED_ANSWER
    assert error.failure.after_content, "it must not be asked for again"
    assert LIMIT < taken <= LIMIT + len(chunk)


def test_many_events_may_be_larger_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_EVENT_BYTES", LIMIT)
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n'
    reader, deltas = AnswerReader(200, {}), list[Delta]()
    for _ in range(LIMIT // BLOCK * 10):
        reader.feed(event, deltas)
    assert "".join(delta.text for delta in deltas) == "a" * (LIMIT // BLOCK * 10)
