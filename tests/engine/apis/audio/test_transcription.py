"""A recording goes out as a form, named by what it holds; its text comes back in two shapes."""

import json

import pytest

from engine.apis.audio.transcription import transcription_request
from engine.errors import AttemptError, Kind, kinds

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28)
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def read(body: bytes, headers: dict[str, str] | None = None) -> str:
    reader = transcription_request("m", WAV).reader(200, headers or {})
    reader.feed(body, [])
    return reader.close([])


def test_request_holds_what_was_given_and_nothing_else() -> None:
    request = transcription_request("whisper-1", WAV, "zh", "术语", "u1")
    assert request.path == "audio/transcriptions"
    assert request.payload == {"model": "whisper-1", "language": "zh", "prompt": "术语"}
    assert request.user == "u1"
    assert transcription_request("whisper-1", WAV).payload == {"model": "whisper-1"}


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (WAV, "audio.wav", "audio/wav"),
        (b"\x00\x00\x00\x20ftypM4A \x00", "audio.m4a", "audio/mp4"),
        (b"OggS\x00\x02", "audio.ogg", "audio/ogg"),
        (b"who knows", "audio.mp3", "audio/mpeg"),
    ],
)
def test_file_is_named_by_what_it_holds(content: bytes, name: str, media_type: str) -> None:
    upload = transcription_request("m", content).upload
    assert upload is not None
    assert (upload.name, upload.media_type) == (name, media_type)
    assert upload.content is content, "it is held once"


def test_recording_counts_while_it_waits() -> None:
    assert transcription_request("m", bytes(5000)).size == 5001


def test_recording_is_not_shown() -> None:
    assert "RIFF" not in repr(transcription_request("m", WAV))


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        ('{"text": " 你好 "}'.encode(), {}, "你好"),
        (b'{"text": "hi", "usage": {"type": "tokens", "total_tokens": 19}}', {}, "hi"),
        (b'{"task": "transcribe", "language": "en", "text": "hi", "segments": []}', {}, "hi"),
        (b'{"text": ""}', {}, ""),
        ("你好。\n".encode(), PLAIN, "你好。"),
        (b"42", PLAIN, "42"),
        (b'{"text": "hi"}', PLAIN, "hi"),
        (b'{"text": "hi \\ud83d"}', {}, "hi \ufffd"),
        (b'{"code": 0, "message": "ok", "result": {"text": "hi"}}', {}, "hi"),
        (b'{"transcript": "hi"}', {}, "hi"),
        (b'{"segments": [{"text": " hi"}, {"text": " you"}]}', {}, "hi you"),
        (b'[{"text": " hi"}, {"text": " you"}]', {}, "hi you"),
        (b"data: not JSON\n", PLAIN, "data: not JSON"),
    ],
)
def test_text(body: bytes, headers: dict[str, str], text: str) -> None:
    assert read(body, headers) == text


def events(*documents: object, end: str = "") -> bytes:
    return "".join(f"data: {json.dumps(one)}\n\n" for one in documents).encode() + end.encode()


def delta(text: str) -> dict[str, str]:
    return {"type": "transcript.text.delta", "delta": text}


def chunk(text: str, reason: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return {"object": "transcription.chunk", "choices": [choice]}


DONE = {"type": "transcript.text.done", "text": "hello"}
STREAMED = {
    "OpenAI": events(delta("hel"), DONE),
    "its end without a text": events(
        delta("hel"), delta("lo"), {"type": "transcript.text.done", "usage": {}}
    ),
    "an end of the stream alone": events(delta("hel"), delta("lo"), end="data: [DONE]\n\n"),
    "vLLM": events(chunk("hel"), chunk("lo"), chunk("", "stop"), end="data: [DONE]\n\n"),
    "segments": events({"text": "hel"}, {"text": "lo"}),
    "all so far": events({"text": "h"}, {"text": "hel"}, {"text": "hello"}),
    "lines": b'{"text": "hel"}\n{"text": "lo"}\n',
    "one event": events({"text": "hello"}),
    "named events": b"event: x\n" + events(DONE),
}


@pytest.mark.parametrize("headers", [{}, PLAIN, {"Content-Type": "text/event-stream"}], ids=str)
@pytest.mark.parametrize("body", STREAMED.values(), ids=STREAMED)
def test_text_in_events(body: bytes, headers: dict[str, str]) -> None:
    assert read(body, headers) == "hello"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (events(delta("hel")), kinds.TRUNCATED),
        (events(chunk("hel")), kinds.TRUNCATED),
        (events(delta("hel"), {"error": {"message": "x", "code": 429}}), kinds.RATE_LIMITED),
        (events(delta("hel"), {"success": False, "message": "x"}), kinds.SERVER_ERROR),
    ],
)
def test_events_that_are_no_answer(body: bytes, kind: Kind) -> None:
    with pytest.raises(AttemptError) as raised:
        read(body)
    assert raised.value.failure.kind is kind


@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        (b"", {}, kinds.MALFORMED_ANSWER),
        (b"", PLAIN, kinds.MALFORMED_ANSWER),
        (b"hello", {}, kinds.MALFORMED_ANSWER),
        (b"{}", {}, kinds.MALFORMED_ANSWER),
        (b'{"text": null}', {}, kinds.MALFORMED_ANSWER),
        (b'{"text": "cut of', {}, kinds.MALFORMED_ANSWER),
        (b'{"text": "<!doctype html><title>502</title>"}', {}, kinds.MALFORMED_ANSWER),
        (b'{"text": "\\n<HTML>", "usage": {"total_tokens": 1}}', {}, kinds.MALFORMED_ANSWER),
        (b'[{"text": "<html>"}, {"text": "x"}]', {}, kinds.MALFORMED_ANSWER),
        (b'{"code": 429, "message": "slow down", "text": ""}', {}, kinds.RATE_LIMITED),
        (b"<!doctype html><title>New API</title>", PLAIN, kinds.WRONG_URL),
        (b'{"error": {"message": "x", "code": 429}}', PLAIN, kinds.RATE_LIMITED),
    ],
)
def test_what_is_no_text(body: bytes, headers: dict[str, str], kind: Kind) -> None:
    with pytest.raises(AttemptError) as raised:
        read(body, headers)
    assert raised.value.failure.kind is kind
