"""A text of any length is spoken part after part, as one file and in time."""

import io
import logging
import socket
import threading
import wave
from collections.abc import Iterator

import pytest

from engine.apis.audio.wav import MAX_HEADER_BYTES, JoinedWaves, WaveError
from engine.call import log
from engine.client import Client
from engine.errors import GatewayError, kinds
from engine.operations import speak as speaking
from engine.operations.accepted_sizes import AcceptedSizes
from engine.operations.speak import MIN_PART_CHARACTERS, speak
from engine.settings import Settings
from simulator import Simulator
from simulator.sound import sound_of, spoken_in, wave_of
from tests.support.polling import becomes_true
from tests.support.raw_server import Asked, RawServer, http, sending

SOUND = sound_of("One.")


def whole(sound: bytes) -> bytes:
    return http(200, sound, "Content-Type: audio/mpeg")


def two_parts(server: RawServer) -> Iterator[bytes]:
    one = Settings(f"{server.origin}/v1", "sk-good", "m")
    yield from speak(Client(), AcceptedSizes(), one, "One. Two.", voice="v", longest=5)


def test_parts_end_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon's limit is one for the whole text, not for each part."""
    monkeypatch.setattr(speaking, "MAX_CALL_SECONDS", 1.0)
    gate = threading.Event()

    def answer(connection: socket.socket, _asked: Asked) -> None:
        if len(server.requests) > 1:
            gate.wait(60.0)
        connection.sendall(whole(SOUND))

    with RawServer(answer) as server:
        heard: list[bytes] = []
        with pytest.raises(GatewayError) as raised:
            heard.extend(two_parts(server))
        gate.set()
    assert b"".join(heard) == SOUND
    assert len(server.requests) == 2
    assert raised.value.failure.kind is kinds.TIME_LIMIT


def test_sound_that_does_not_join_is_not_begun() -> None:
    with RawServer(sending(whole(b"fLaC" + SOUND))) as server:
        heard: list[bytes] = []
        with pytest.raises(GatewayError) as raised:
            heard.extend(two_parts(server))
    assert heard == []
    assert "It is flac instead of mp3" in raised.value.text


def samples_in(sound: bytes) -> tuple[int, bytes]:
    """As a player reads it: the rate, and all samples."""
    with wave.open(io.BytesIO(sound)) as file:
        return file.getframerate(), file.readframes(file.getnframes())


def test_waves_become_one_file() -> None:
    """However they come, with other chunks before and behind the samples."""
    plain = wave_of(0.01)
    info = b"LIST\x03\0\0\0abc\0"
    with_more = plain[:12] + info + plain[12:] + info
    for delta in (1, 7, 44, 10_000):
        waves = JoinedWaves()
        heard = b""
        for file in (plain, with_more):
            waves.begin()
            first = max(delta, 12)
            rest = range(first, len(file), delta)
            for sound in (file[:first], *(file[at : at + delta] for at in rest)):
                heard += waves.take(sound)
        rate, samples = samples_in(heard)
        assert (rate, len(samples)) == (8000, 2 * len(samples_in(plain)[1]))


def test_waves_of_another_rate_are_not_handed_on() -> None:
    def answer(connection: socket.socket, _asked: Asked) -> None:
        rate = 8000 if len(server.requests) == 1 else 16_000
        connection.sendall(http(200, wave_of(0.01, rate), "Content-Type: audio/wav"))

    with RawServer(answer) as server:
        heard: list[bytes] = []
        with pytest.raises(GatewayError) as raised:
            heard.extend(two_parts(server))
    assert raised.value.failure.after_content
    assert "Its audio format differs from that of the part before" in raised.value.text
    assert samples_in(b"".join(heard)) == samples_in(wave_of(0.01))


def test_wave_without_samples() -> None:
    waves = JoinedWaves()
    waves.begin()
    with pytest.raises(WaveError, match="without samples"):
        waves.take(b"RIFF\xff\xff\xff\xffWAVE" + bytes(MAX_HEADER_BYTES))


def test_part_of_another_kind_is_not_handed_on() -> None:
    """Perhaps another channel of the gateway spoke it."""

    def answer(connection: socket.socket, _asked: Asked) -> None:
        sound = SOUND if len(server.requests) == 1 else b"OggS" + SOUND
        connection.sendall(whole(sound))

    with RawServer(answer) as server:
        heard: list[bytes] = []
        with pytest.raises(GatewayError) as raised:
            heard.extend(two_parts(server))
    assert b"".join(heard) == SOUND
    assert "It is ogg instead of mp3" in raised.value.text
    assert len(server.requests) == 3


LONG = "".join(f"Sentence {number} of a long text. " for number in range(60))


def spoken(client: Client, lengths: AcceptedSizes, one: Settings) -> str:
    return spoken_in(b"".join(speak(client, lengths, one, LONG, voice="v", longest=1000)))


@pytest.mark.parametrize("family", ["openai", "one-api", "new-api"])
def test_part_that_is_refused_as_too_long_is_halved_and_the_length_learned(family: str) -> None:
    lengths = AcceptedSizes()
    client = Client()
    with Simulator() as simulator:
        one = Settings(simulator.base_url, "sk-good", f"{family}/characters-300")
        assert "".join(spoken(client, lengths, one).split()) == "".join(LONG.split())
        asked = [len((seen.body or {})["input"]) for seen in simulator.seen]
        assert [length > 300 for length in asked[:3]] == [True, True, False]
        assert all(length <= 300 for length in asked[2:])
        simulator.reset()
        spoken(client, lengths, one)
        assert all(len((seen.body or {})["input"]) <= 300 for seen in simulator.seen)


def test_halving_is_logged_once_however_often_it_happens(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(log, "SECONDS_BETWEEN_LINES", 3600.0)
    with Simulator() as simulator, caplog.at_level(logging.INFO, "gateway"):
        one = Settings(simulator.base_url, "sk-good", "openai/characters-300")
        spoken(Client(), AcceptedSizes(), one)
        first = len((simulator.seen[0].body or {})["input"])
    (line,) = [line for line in caplog.messages if "spoken in halves" in line]
    assert f"a text of {first} characters is refused" in line
    assert "Sentence" not in line


def test_what_is_refused_however_short_it_is() -> None:
    with Simulator() as simulator:
        one = Settings(simulator.base_url, "sk-good", "openai/characters-10")
        with pytest.raises(GatewayError) as raised:
            spoken(Client(), AcceptedSizes(), one)
        assert raised.value.failure.kind is kinds.CONTEXT_TOO_LONG
        lengths = [len((seen.body or {})["input"]) for seen in simulator.seen]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] <= MIN_PART_CHARACTERS < lengths[-2]


def test_another_bad_request_is_not_asked_again() -> None:
    with Simulator() as simulator:
        one = Settings(simulator.base_url, "sk-good", "openai/e400")
        with pytest.raises(GatewayError):
            spoken(Client(), AcceptedSizes(), one)
        assert simulator.count() == 1


def test_listener_that_goes_ends_the_call() -> None:
    with Simulator() as simulator:
        one = Settings(simulator.base_url, "sk-good", "openai/stall-after-content")
        deltas = speak(Client(), AcceptedSizes(), one, "One. Two.", voice="v", longest=5)
        assert next(deltas)
        deltas.close()
        assert becomes_true(lambda: simulator.stats()["in_flight"] == 0)
        assert simulator.count() == 1
