"""Recordings out and sound in, over real sockets: whole, repeated where it may be, or a failure."""

import contextlib
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from engine.apis.audio.speech import speech_request
from engine.apis.audio.transcription import transcription_request
from engine.apis.json_answer import json_reader
from engine.call.attempt import TimeLimits, send_attempt
from engine.call.channel import Collected
from engine.client import Client
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, GatewayError, Outcome, kinds
from engine.http.transport import Transport
from engine.request import Request, Upload
from engine.settings import Settings
from simulator.form import File, Value, read_form
from tests.support.raw_server import Asked, RawServer, holding, http, sending

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)) * 10
SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(range(256)) * 1000
HEARD = http(200, b'{"text": "hello"}', "Content-Type: application/json")
FULL = http(429, b'{"error": {"message": "", "type": "requests"}}', "Retry-After: 0")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n"


def settings(server: RawServer, budget: float = 10.0) -> Settings:
    return Settings(f"{server.origin}/v1", "sk-good", "m", max_retry_seconds=budget)


def form_of(request: bytes) -> dict[str, Value]:
    """The form of a request, whose length has to be the one that was announced."""
    head, _, body = request.partition(b"\r\n\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.decode().split("\r\n")[1:])
    }
    assert int(headers["content-length"]) == len(body)
    assert "transfer-encoding" not in headers
    return read_form(headers["content-type"], body)


def test_recording_goes_out_as_a_form() -> None:
    with RawServer(sending(HEARD)) as server:
        request = transcription_request("whisper-1", WAV, "zh", "术语，\ud800")
        assert Client().complete(settings(server), request) == "hello"
    (sent,) = server.requests
    assert sent.startswith(b"POST /v1/audio/transcriptions HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer sk-good\r\n" in sent
    assert form_of(sent) == {
        "model": "m",
        "language": "zh",
        "prompt": "术语，?",
        "file": File("audio.wav", "audio/wav", WAV),
    }


def test_repeated_attempt_sends_the_recording_again() -> None:
    answers = [FULL, FULL, FULL, HEARD]

    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(answers[len(server.requests) - 1])

    with RawServer(answer) as server:
        assert Client().complete(settings(server), transcription_request("m", WAV)) == "hello"
    files = [form_of(sent)["file"] for sent in server.requests]
    assert files == [File("audio.wav", "audio/wav", WAV)] * 4


def test_field_that_is_refused_is_left_out_and_the_file_is_not() -> None:
    words = b'{"error": {"message": "Unsupported parameter: temperature", "param": "temperature"}}'

    def answer(connection: socket.socket, _asked: Asked) -> None:
        refused = b"temperature" in server.requests[-1]
        connection.sendall(http(400, words) if refused else HEARD)

    request = Request(
        "audio/transcriptions",
        {"model": "m", "temperature": 0.5, "stream": False, "user": None, "of[]": ["word", 2]},
        json_reader(lambda document: str(document["text"])),
        Upload("a.wav", "audio/wav", WAV),
    )
    with RawServer(answer) as server:
        assert Client().complete(settings(server), request) == "hello"
    first, second = (form_of(sent) for sent in server.requests)
    file = File("a.wav", "audio/wav", WAV)
    fields = {"model": "m", "stream": "false", "of[]": ["word", "2"], "file": file}
    assert first == {**fields, "temperature": "0.5"}
    assert second == fields


def test_large_recording_is_held_once() -> None:
    recording = WAV[:44] + bytes(30_000_000)
    taken = threading.Event()

    def answer(connection: socket.socket) -> None:
        taken.set()
        connection.sendall(HEARD)

    # The server is another process's matter, so what it receives is not kept here.
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            left = len(recording)
            while left > 0:
                left -= len(connection.recv(1 << 16))
            answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    one = Settings(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", "sk-good", "m")
    client = Client()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        assert client.complete(one, transcription_request("m", recording)) == "hello"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        listener.close()
    assert taken.is_set()
    assert peak - before < len(recording) // 10


def test_recording_that_is_refused_while_it_is_sent_is_too_large() -> None:
    """A proxy answers 413 as soon as it has read the length, and closes."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        # The listening socket is closed when the test ends.
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(1 << 12))
                    connection.sendall(http(413, b"<html><title>413</title></html>"))

    threading.Thread(target=serve, daemon=True).start()
    one = Settings(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", "sk-good", "m")
    with listener, pytest.raises(GatewayError) as raised:
        Client().complete(one, transcription_request("m", WAV + bytes(50_000_000)))
    assert raised.value.failure.kind is kinds.TOO_LARGE
    assert len(asked) == 1


def test_what_no_form_can_hold_is_a_bad_request() -> None:
    upload = Upload("a.wav", "audio/wav", WAV)
    one = Settings("http://127.0.0.1:9/v1", "k", "m")
    with pytest.raises(AttemptError) as raised:
        Transport().post(one, "audio/transcriptions", {"a": object()}, upload=upload)
    assert raised.value.failure.kind is kinds.BAD_REQUEST


def test_answer_near_the_end_of_the_time_over_a_connection_of_its_own() -> None:
    """The connection is closed with its last byte: there is nothing left to hurry."""
    with RawServer(sending(HEARD)) as server:
        limits = TimeLimits(time.monotonic() + 60)
        request = transcription_request("m", WAV)
        assert send_attempt(Transport(), settings(server), request, Collected(), limits) == "hello"


# Sound in.


def chunked(*deltas: bytes, whole: bool = True) -> bytes:
    body = b"".join(f"{len(delta):x}\r\n".encode() + delta + b"\r\n" for delta in deltas)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + (b"0\r\n\r\n" if whole else b"")


def listen(server: RawServer) -> Iterator[bytes]:
    """The sound of one call, piece by piece."""
    request = speech_request("m", "hi", "alloy")
    for event in Client().stream(settings(server), request):
        if isinstance(event, Delta):
            assert event.content_kind is ContentKind.SOUND
            assert 0 < len(event.sound) <= 64 * 1024
            yield event.sound


WHOLE = {
    "content-length": http(200, SOUND, "Content-Type: audio/mpeg"),
    "chunked": chunked(SOUND[:10], SOUND[10:5000], SOUND[5000:]),
    "ended by closing (RFC 9112, 6.3)": HEAD + b"Connection: close\r\n\r\n" + SOUND,
}


@pytest.mark.parametrize("answer", WHOLE.values(), ids=WHOLE)
def test_sound_comes_through_byte_for_byte(answer: bytes) -> None:
    with RawServer(sending(answer)) as server:
        assert b"".join(listen(server)) == SOUND
    assert len(server.requests) == 1


def test_sound_is_handed_on_before_the_rest_is_there() -> None:
    gate = threading.Event()
    with RawServer(holding(gate, chunked(SOUND[:500], whole=False), b"0\r\n\r\n")) as server:
        deltas = listen(server)
        assert next(deltas) == SOUND[:500]
        gate.set()
        assert list(deltas) == []


def reset(connection: socket.socket, _asked: Asked) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


CUT = {
    "content-length": HEAD + f"Content-Length: {len(SOUND)}\r\n\r\n".encode() + SOUND[:1000],
    "within a chunk": chunked(SOUND, whole=False)[: len(HEAD) + 1000],
    "without the last chunk": chunked(SOUND[:1000], whole=False),
}


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT)
def test_sound_that_breaks_off_is_a_failure_and_never_replayed(answer: bytes) -> None:
    with RawServer(sending(answer)) as server:
        heard: list[bytes] = []
        with pytest.raises(GatewayError) as raised:
            heard.extend(listen(server))
    assert heard
    assert SOUND.startswith(b"".join(heard))
    assert raised.value.failure.kind is kinds.TRUNCATED
    assert raised.value.outcome is Outcome.UNAVAILABLE
    assert "Part of the answer had arrived" in raised.value.text
    assert len(server.requests) == 1


def test_reset_within_the_sound_is_a_failure_too() -> None:
    gate = threading.Event()

    def answer(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" + SOUND[:1000])
        gate.wait(60.0)
        reset(connection, asked)

    with RawServer(answer) as server:
        deltas = listen(server)
        assert next(deltas) == SOUND[:1000]
        gate.set()
        with pytest.raises(GatewayError) as raised:
            next(deltas)
    assert raised.value.failure.kind is kinds.TRUNCATED
    assert len(server.requests) == 1


def test_what_breaks_off_before_the_first_sound_is_asked_for_again() -> None:
    answers = [CUT["content-length"].partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + b"ID3", FULL]

    def answer(connection: socket.socket, _asked: Asked) -> None:
        number = len(server.requests) - 1
        connection.sendall(answers[number] if number < 2 else WHOLE["chunked"])

    with RawServer(answer) as server:
        assert b"".join(listen(server)) == SOUND
    assert len(server.requests) == 3


def test_error_in_a_200_is_waited_out() -> None:
    error = http(200, b'{"error": {"message": "x", "code": 429}}', "Content-Type: audio/mpeg")

    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(error if len(server.requests) == 1 else WHOLE["chunked"])

    with RawServer(answer) as server:
        assert b"".join(listen(server)) == SOUND
    assert len(server.requests) == 2
