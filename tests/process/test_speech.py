"""Text to speech through the process: sound as it arrives, in order, or a clear error."""

import io
import socket
import threading
import wave

import pytest

from devtools import Json, Session, predefined
from devtools.wire import LINE_LIMIT
from simulator.sound import frames, sound_of, spoken_in, wave_of
from tests.process.rig import Rig, error_of, new_key, succeeded
from tests.process.scripted import Asked, Scripted, answering

TEXT = "你好，世界。Hello, world!"
LONG = "".join(f"第{number}句，说得很清楚。Sentence {number}.\n" for number in range(300))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n"
FULL = (
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\nRetry-After: 0\r\n"
    b"Connection: close\r\n\r\n{}"
)


def form(rig: Rig, key: str | None = None, budget: float = 20, **fields: str) -> Json:
    base = fields.pop("endpoint_url", rig.simulator.base_url)
    seconds = f"{budget:g}"
    return predefined(base, rig.key if key is None else key, max_retry_seconds=seconds, **fields)


def speak(rig: Rig, model: str, text: str = TEXT, voice: str = "alloy", **how: object) -> Session:
    credentials = form(rig, **how)  # type: ignore[arg-type]
    return rig.plugin.speak(model, text, credentials=credentials, voice=voice)


def letters(text: str) -> str:
    """A text without white space: parts are cut there."""
    return "".join(text.split())


def whole(sound: bytes) -> bytes:
    length = f"Content-Length: {len(sound)}\r\nConnection: close\r\n\r\n"
    return HEAD + length.encode() + sound


@pytest.mark.parametrize("family", ["one-api", "new-api", "rix", "openai"])
def test_speaks(rig: Rig, family: str) -> None:
    session = succeeded(speak(rig, f"{family}/ok", voice="nova", voices="alloy, nova"))
    assert spoken_in(session.sound) == TEXT
    (body,) = rig.bodies()
    assert body == {
        "model": f"{family}/ok",
        "input": TEXT,
        "voice": "nova",
        "response_format": "mp3",
    }
    assert {chunk["mime_type"] for chunk in session.chunks} == {"audio/mpeg"}


@pytest.mark.parametrize(
    "name",
    [
        "sound-in-chunks",
        "sound-until-closed",
        "sound-as-json-type",
        "sound-as-bytes",
        "sound-in-json",
        "ok-every-5",
    ],
)
def test_sound_is_sound_however_it_comes(rig: Rig, name: str) -> None:
    assert spoken_in(succeeded(speak(rig, f"openai/{name}")).sound) == TEXT


def test_sound_is_handed_on_as_it_arrives(rig: Rig) -> None:
    sound = sound_of(TEXT * 20)
    gate = threading.Event()

    def answer(connection: socket.socket, _asked: Asked) -> None:
        start = whole(sound)
        connection.sendall(start[:-1000])
        gate.wait(60.0)
        connection.sendall(start[-1000:])

    with Scripted(answer) as server:
        session = speak(rig, "m", endpoint_url=server.base_url)
        first = session.poll(0, 30.0)
        assert first is not None
        assert first.kind == "stream"
        assert not session.done
        gate.set()
        assert succeeded(session).sound == sound


def test_nothing_is_sent_before_the_first_sound(rig: Rig) -> None:
    """Signs of life would be pieces of sound here."""
    session = succeeded(speak(rig, "openai/slow-headers-1200"))
    assert all(chunk["result"] for chunk in session.chunks)
    assert spoken_in(session.sound) == TEXT


def test_three_times_saturated_then_sound(rig: Rig) -> None:
    session = succeeded(speak(rig, "rix/sat-3-then-ok"))
    assert spoken_in(session.sound) == TEXT
    assert len(rig.seen()) == 4


@pytest.mark.parametrize("model", ["one-api/sat-forever", "openai/sat-forever-ra-0.1"])
def test_saturated_for_ever(rig: Rig, model: str) -> None:
    error = error_of(speak(rig, model, budget=2))
    assert error.error_type == "InvokeRateLimitError"
    assert len(rig.seen()) > 1


@pytest.mark.parametrize("family", ["one-api", "new-api", "rix", "openai"])
def test_refused_key(rig: Rig, family: str) -> None:
    key = new_key("sk-wrong")
    session = speak(rig, f"{family}/ok", key=key)
    assert error_of(session).error_type == "InvokeAuthorizationError"
    assert session.chunks == []
    assert len(rig.seen(key)) == 1


@pytest.mark.parametrize(
    ("model", "kind", "requests"),
    [
        ("openai/sound-empty", "InvokeServerUnavailableError", 2),
        ("new-api/empty-body", "InvokeServerUnavailableError", 2),
        ("openai/sound-is-words", "InvokeServerUnavailableError", 4),
        ("openai/sound-is-page", "InvokeBadRequestError", 1),
        ("one-api/html-200", "InvokeBadRequestError", 1),
        ("one-api/e400", "InvokeBadRequestError", 1),
        ("one-api/e404-html", "InvokeServerUnavailableError", 2),
    ],
)
def test_what_is_no_sound_is_an_error_and_never_played(
    rig: Rig, model: str, kind: str, requests: int
) -> None:
    session = speak(rig, model)
    assert error_of(session).error_type == kind
    assert session.chunks == []
    assert len(rig.seen()) == requests


def test_error_in_a_200_is_waited_out(rig: Rig) -> None:
    session = speak(rig, "new-api/error-in-200-no-type", budget=1)
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert session.chunks == []
    assert len(rig.seen()) > 1


@pytest.mark.parametrize("family", ["one-api", "new-api", "rix", "openai"])
def test_sound_that_breaks_off(rig: Rig, family: str) -> None:
    """What came is handed on, then the error, and nothing after it; nothing is replayed."""
    session = speak(rig, f"{family}/cut-after-content")
    assert error_of(session).error_type == "InvokeServerUnavailableError"
    assert session.sound
    assert sound_of(TEXT).startswith(session.sound)
    assert [event.kind for event in session.events][-2:] == ["error", "end"]
    assert len(rig.seen()) == 1


def test_no_connection(rig: Rig) -> None:
    session = speak(rig, "m", endpoint_url="http://127.0.0.1:9/v1", budget=0)
    assert error_of(session).error_type == "InvokeConnectionError"


@pytest.mark.parametrize(
    ("words", "second"),
    [
        ("`response_format` must be one of [wav]", "wav"),
        ("Unrecognized request argument supplied: response_format", None),
    ],
)
def test_format_that_is_refused(rig: Rig, words: str, second: str | None) -> None:
    """Groq's models make WAV alone; it is asked for from the start the next time."""
    refusal = answering(400, {"error": {"message": words, "type": "invalid_request_error"}})

    def answer(connection: socket.socket, asked: Asked) -> None:
        if asked.json.get("response_format") == "mp3":
            refusal(connection, asked)
        else:
            connection.sendall(whole(wave_of()))

    with Scripted(answer) as server:
        for _ in range(2):
            session = succeeded(speak(rig, "m", endpoint_url=server.base_url))
            assert session.sound == wave_of()
        formats = [asked.json.get("response_format") for asked in server.asked]
    assert formats == ["mp3", second, second]


# A long text


@pytest.mark.parametrize("family", ["one-api", "openai"])
def test_long_text_is_spoken_in_order_over_one_connection(rig: Rig, family: str) -> None:
    session = succeeded(speak(rig, f"{family}/ok", LONG))
    assert letters(spoken_in(session.sound)) == letters(LONG)
    parts = [body["input"] for body in rig.bodies()]
    assert len(parts) > 2
    assert all(len(part.encode()) <= 4096 for part in parts)
    assert all(part.endswith(".") for part in parts)
    assert len({seen.connection for seen in rig.seen()}) == 1


def test_word_limit_of_the_model_is_kept(rig: Rig) -> None:
    model = "FunAudioLLM/CosyVoice2-0.5B"
    text = "Words and words. " * 400
    credentials = form(rig, endpoint_model_name="openai/ok")
    succeeded(rig.plugin.speak(model, text, credentials=credentials, voice=f"{model}:anna"))
    parts = [body["input"] for body in rig.bodies()]
    assert max(map(len, parts)) <= 2048
    assert letters("".join(parts)) == letters(text)
    assert {body["voice"] for body in rig.bodies()} == {f"{model}:anna"}


def test_each_part_is_waited_out_on_its_own(rig: Rig) -> None:
    """Every first request of a part is refused, also after the sound of the part before it."""
    refused: set[bytes] = set()

    def answer(connection: socket.socket, asked: Asked) -> None:
        if asked.body not in refused:
            refused.add(asked.body)
            connection.sendall(FULL)
        else:
            connection.sendall(whole(sound_of(asked.json["input"])))

    with Scripted(answer) as server:
        session = succeeded(speak(rig, "m", LONG, endpoint_url=server.base_url))
        assert letters(spoken_in(session.sound)) == letters(LONG)
        assert len(server.asked) == 2 * len(refused)
    assert len(refused) > 2


def test_part_that_breaks_off_ends_the_whole(rig: Rig) -> None:
    def answer(connection: socket.socket, asked: Asked) -> None:
        sound = sound_of(asked.json["input"])
        connection.sendall(whole(sound) if len(server.asked) == 1 else whole(sound)[:-2000])

    with Scripted(answer) as server:
        session = speak(rig, "m", LONG, endpoint_url=server.base_url)
        assert error_of(session).error_type == "InvokeServerUnavailableError"
        assert len(server.asked) == 2
        first, second = (sound_of(asked.json["input"]) for asked in server.asked)
    assert (first + second).startswith(session.sound)
    assert len(session.sound) > len(first)


def test_waves_are_joined_to_one_file(rig: Rig) -> None:
    """A single one is handed on as it is."""
    assert succeeded(speak(rig, "openai/sound-is-wave")).sound == wave_of()
    before = len(rig.seen())
    session = succeeded(speak(rig, "openai/sound-is-wave", LONG))
    parts = len(rig.seen()) - before
    assert parts > 2
    with wave.open(io.BytesIO(wave_of())) as one, wave.open(io.BytesIO(session.sound)) as all_:
        assert all_.readframes(all_.getnframes()) == one.readframes(one.getnframes()) * parts


def test_sound_that_does_not_join_is_refused_before_anything_is_played(rig: Rig) -> None:
    with Scripted(lambda connection, _asked: connection.sendall(whole(b"fLaC" * 9))) as server:
        session = speak(rig, "m", LONG, endpoint_url=server.base_url)
        error = error_of(session)
    assert error.error_type == "InvokeServerUnavailableError"
    assert "应答是 flac，而不是 mp3" in error.message
    assert session.chunks == []


def test_no_line_comes_near_the_daemons_limit(rig: Rig) -> None:
    """Sound goes out as hex: 2.7 MB in one line would kill the process, and every call in it."""
    sound = b"".join(frames(sound_of("a")) * 3000)
    assert len(sound) > LINE_LIMIT // 2
    with Scripted(lambda connection, _asked: connection.sendall(whole(sound))) as server:
        session = succeeded(speak(rig, "m", endpoint_url=server.base_url))
    assert session.sound == sound
    assert max(len(chunk["result"]) for chunk in session.chunks) <= 128 * 1024


# Voices and texts


def test_voices_that_were_typed(rig: Rig) -> None:
    session = rig.plugin.voices("m", form(rig, voices="nova, 晓晓"), "zh-Hans").wait()
    assert session.value == {
        "voices": [{"name": "nova", "value": "nova"}, {"name": "晓晓", "value": "晓晓"}]
    }


def test_voices_of_a_predefined_model(rig: Rig) -> None:
    found = rig.plugin.voices("tts-1", form(rig), "de-DE").wait().value["voices"]
    assert found[0] == {"name": "Alloy", "value": "alloy"}
    assert len(found) == 9


@pytest.mark.parametrize(
    ("asked", "typed", "sent"),
    [("nova", "alloy, nova", "nova"), ("gone", "echo, nova", "echo"), ("any", "", "any")],
)
def test_voice_that_speaks(rig: Rig, asked: str, typed: str, sent: str) -> None:
    succeeded(speak(rig, "openai/ok", voice=asked, voices=typed))
    assert [body["voice"] for body in rig.bodies()] == [sent]


def test_nothing_to_speak_is_refused_before_any_request(rig: Rig) -> None:
    error = error_of(speak(rig, "openai/ok", " \n\n "))
    assert error.error_type == "InvokeBadRequestError"
    assert "there is no text to speak" in error.message
    assert rig.seen() == []


def test_chat_models_of_the_provider_do_not_step_in(rig: Rig) -> None:
    session = speak(rig, "rix/sat-forever", budget=1, fallback_models="rix/ok")
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert {seen.model for seen in rig.seen()} == {"rix/sat-forever"}


def test_schema_of_a_custom_model(rig: Rig) -> None:
    session = rig.plugin.schema("m", form(rig, voices="nova"), "tts").wait()
    schema = session.value["model_schema"]
    assert schema["model_type"] == "tts"
    assert schema["model_properties"]["default_voice"] == "nova"
    assert schema["model_properties"]["audio_type"] == "mp3"


def test_extra_body_goes_along_with_every_part(rig: Rig) -> None:
    extra = '{"speed": 1.25, "response_format": null}'
    succeeded(speak(rig, "openai/ok", LONG, extra_body=extra))
    bodies = rig.bodies()
    assert len(bodies) > 2
    assert all(body["speed"] == 1.25 and "response_format" not in body for body in bodies)


# Saving


def save(rig: Rig, model: str, **how: object) -> Session:
    credentials = form(rig, **how)  # type: ignore[arg-type]
    return rig.plugin.validate_model(model, credentials, "tts").wait()


@pytest.mark.parametrize("model", ["openai/ok", "rix/sat-forever", "one-api/ok"])
def test_good_model_is_saved_after_two_letters(rig: Rig, model: str) -> None:
    """A gateway that is full proves nothing against the model."""
    session = save(rig, model)
    assert session.error is None, session.error
    assert rig.bodies()[0]["input"] == "Hi"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("openai/sound-empty", "The body is empty"),
        ("openai/html-200", "API Base URL"),
        ("openai/unknown-model-x", "was not found"),
    ],
)
def test_model_that_does_not_speak_is_refused(rig: Rig, model: str, words: str) -> None:
    error = error_of(save(rig, model))
    assert error.error_type == "CredentialsValidateFailedError"
    assert words in error.message


def test_voice_that_the_model_has_not_is_told_with_the_field_to_fill_in(rig: Rig) -> None:
    error = error_of(save(rig, "one-api/voice-nova"))
    assert error.error_type == "CredentialsValidateFailedError"
    assert "Invalid value for 'voice'" in error.message
    assert "in Available Voices" in error.message
    assert "可用声音" in error.message
    assert save(rig, "one-api/voice-nova", voices="nova").error is None


def test_refused_key_is_not_saved(rig: Rig) -> None:
    key = new_key("sk-wrong")
    error = error_of(save(rig, "new-api/ok", key=key))
    assert error.error_type == "CredentialsValidateFailedError"
