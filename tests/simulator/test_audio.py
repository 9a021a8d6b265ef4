"""Sound that tells what it speaks, and forms as they are read."""

import hashlib

import pytest

from simulator import Simulator
from simulator.client import QUESTIONS, ask
from simulator.form import File, read_form
from simulator.sound import frames, sound_of, spoken_in, wave_of

TEXT = "你好，世界！ Hello, world. 😀" * 40


def test_sound_tells_its_text_also_put_together() -> None:
    assert spoken_in(sound_of(TEXT)) == TEXT
    assert spoken_in(sound_of("one ") + sound_of(TEXT) + sound_of("")) == f"one {TEXT}"
    assert all(frame.count(b"\xff") == 1 for frame in frames(sound_of(TEXT)))


@pytest.mark.parametrize("sound", [sound_of("a")[:-1], b"ID3" + sound_of("a"), wave_of()])
def test_what_is_no_such_sound(sound: bytes) -> None:
    with pytest.raises(ValueError, match="no whole frames"):
        spoken_in(sound)


def test_recording_is_seen_by_its_name_type_and_digest() -> None:
    path = "/v1/audio/transcriptions"
    with Simulator() as simulator:
        heard = ask(simulator.origin, path, QUESTIONS[path] | {"model": "openai/ok"})
        (seen,) = simulator.seen
    assert heard.json["text"] == "hello from the upstream"
    digest = hashlib.sha256(wave_of()).hexdigest()
    size = len(wave_of())
    file = {"name": "audio.wav", "type": "audio/wav", "size": size, "sha256": digest}
    assert seen.body == {"model": "openai/ok", "file": file}
    assert seen.model == "openai/ok"


def test_form() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n\xe4\xbd\xa0\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
        b"Content-Type: audio/wav\r\n\r\n\x00\r\n\xff\r\n--b--\r\n"
    )
    read = read_form("multipart/form-data; boundary=b", body)
    assert read == {"model": "你", "file": File("a.wav", "audio/wav", b"\x00\r\n\xff")}
    assert read_form("multipart/form-data; boundary=b", body[:-8]) == {}, "it breaks off"
    assert read_form("application/json", b"{}") == {}
