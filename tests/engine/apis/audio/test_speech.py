"""Sound is handed on as it arrives, and only if it is sound."""

import base64
import json

import pytest

from engine.apis.audio import formats
from engine.apis.audio.formats import SOUNDS, Sound
from engine.apis.audio.speech import JOINING, Kinds, SoundReader, speech_request
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, Failure, Kind, kinds
from tests.support.details import details

MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x64" + bytes(413)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28)
PCM = bytes(range(200, 240))
ANY: Kinds = (None, *SOUNDS)
AUDIO = {"Content-Type": "audio/mpeg"}
JSON = {"Content-Type": "application/json"}
TYPES = [AUDIO, JSON, {"Content-Type": "text/html"}, {"Content-Type": "text/event-stream"}, {}]


def read(
    *chunks: bytes, headers: dict[str, str] | None = None, wanted: Kinds = ANY
) -> tuple[bytes, Sound | None]:
    reader = SoundReader(wanted, 200, AUDIO if headers is None else headers)
    deltas: list[Delta] = []
    for chunk in chunks:
        reader.feed(chunk, deltas)
    spoken = reader.close(deltas)
    assert all(delta.content_kind is ContentKind.SOUND for delta in deltas)
    heard = b"".join(delta.sound for delta in deltas)
    assert spoken.size == len(heard)
    return heard, spoken.sound


def failure(*chunks: bytes, headers: dict[str, str] | None = None, wanted: Kinds = ANY) -> Failure:
    with pytest.raises(AttemptError) as raised:
        read(*chunks, headers=headers, wanted=wanted)
    assert not raised.value.failure.after_content
    return raised.value.failure


def test_request() -> None:
    request = speech_request("tts-1", "你好", "alloy", asker="u1")
    assert request.path == "audio/speech"
    assert request.payload == {
        "model": "tts-1",
        "input": "你好",
        "voice": "alloy",
        "response_format": "mp3",
    }
    assert request.user == "u1", (
        "who asks is not sent: upstreams refuse fields that they do not know"
    )
    assert request.upload is None


@pytest.mark.parametrize("headers", TYPES, ids=str)
@pytest.mark.parametrize("size", [1, 5, 12, 64, 10_000])
def test_sound_passes_whatever_its_type_says(headers: dict[str, str], size: int) -> None:
    chunks = [MP3[start : start + size] for start in range(0, len(MP3), size)]
    assert read(*chunks, headers=headers) == (MP3, formats.MP3)


def test_sound_without_a_signature_passes_by_its_type() -> None:
    for name in ("audio/L16; rate=24000", "application/octet-stream"):
        assert read(PCM, headers={"Content-Type": name}) == (PCM, None)
    assert failure(PCM, headers={}).kind is kinds.SERVER_ERROR


def test_sound_is_handed_on_at_once_and_is_content_then() -> None:
    reader = SoundReader(ANY, 200, AUDIO)
    deltas: list[Delta] = []
    reader.feed(MP3[:11], deltas)
    assert (deltas, reader.content) == ([], False)
    reader.feed(MP3[11:40], deltas)
    assert deltas == [Delta(ContentKind.SOUND, sound=MP3[:40])]
    assert reader.content
    cut = reader.cut("IncompleteRead")
    assert (cut.kind, cut.after_content, cut.note) == (kinds.TRUNCATED, True, "IncompleteRead")


def test_cut_before_the_first_sound_may_be_repeated() -> None:
    reader = SoundReader(ANY, 200, AUDIO)
    reader.feed(MP3[:5], [])
    assert not reader.cut("x").after_content


BROKEN: dict[str, tuple[bytes, Kind]] = {
    "nothing": (b"", kinds.MALFORMED_ANSWER),
    "blank": (b" \r\n", kinds.MALFORMED_ANSWER),
    "json": (b'{"audio": "AAAA"}', kinds.MALFORMED_ANSWER),
    "json of several lines": (b'{\n  "audio": "AAAA"\n}', kinds.MALFORMED_ANSWER),
    "an empty object": (b"{}", kinds.MALFORMED_ANSWER),
    "a page": (b"\n\n<!doctype html><title>Welcome</title>", kinds.WRONG_URL),
    "words": (b"upstream failed", kinds.SERVER_ERROR),
    "few words": (b"no", kinds.SERVER_ERROR),
    "saturated": (b'{"error":{"message":"x","code":"rate_limit_exceeded"}}', kinds.RATE_LIMITED),
    "saturated, several lines": (
        b'{\n "error": {\n "message": "x",\n "code": 429}\n}',
        kinds.RATE_LIMITED,
    ),
    "busy": (b'{"error":{"message":"busy","code":"busy"}}', kinds.OVERLOADED),
    "an event": (b'data: {"error":{"message":"x","code":"429"}}\n\n', kinds.RATE_LIMITED),
    "an event after a ping": (
        b': PING\n\n{"error":{"message":"x","code":429}}',
        kinds.RATE_LIMITED,
    ),
}


@pytest.mark.parametrize("headers", TYPES, ids=str)
@pytest.mark.parametrize(("body", "kind"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_is_no_sound_is_never_handed_on(
    body: bytes, kind: Kind, headers: dict[str, str], size: int
) -> None:
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    assert failure(*chunks, headers=headers).kind is kind


def in_json(document: object) -> bytes:
    return json.dumps(document).encode()


def in_events(*documents: object, end: bytes = b"") -> bytes:
    return b"".join(b"data: " + in_json(one) + b"\n\n" for one in documents) + end


ENCODED = base64.b64encode(MP3).decode()
HALVES = [base64.b64encode(half).decode() for half in (MP3[:200], MP3[200:])]
DELTAS = [{"type": "speech.audio.delta", "audio": half} for half in HALVES]
WRITTEN = {
    "base64": in_json({"audio": ENCODED}),
    "base64 with line ends": in_json({"audio": "\r\n".join([ENCODED[:76], ENCODED[76:]])}),
    "base64 for URLs": in_json({"audio": ENCODED.replace("+", "-").replace("/", "_").rstrip("=")}),
    "a data URL": in_json({"audio": f"data:audio/mpeg;base64,{ENCODED}"}),
    "hex": in_json({"audio": MP3.hex()}),
    "MiniMax": in_json(
        {
            "data": {"audio": MP3.hex(), "status": 2},
            "extra_info": {},
            "base_resp": {"status_code": 0, "status_msg": "success"},
        }
    ),
    "Google": in_json({"audioContent": ENCODED}),
    "as in a chat": in_json({"audio": {"id": "a", "data": ENCODED}}),
    "OpenAI's pictures": in_json({"data": [{"b64_json": ENCODED}]}),
    "success told": in_json({"code": 0, "message": "success", "data": ENCODED}),
    "several lines": json.dumps({"audio": ENCODED}, indent=2).encode(),
    "events": in_events(*DELTAS, {"type": "speech.audio.done", "usage": {}}),
    "events and an end": in_events(*DELTAS, end=b"data: [DONE]\n\n"),
    "events of which the last has all": in_events(
        {"data": {"audio": MP3[:200].hex(), "status": 1}},
        {"data": {"audio": MP3[200:].hex(), "status": 1}},
        {"data": {"audio": MP3.hex(), "status": 2}},
    ),
}


@pytest.mark.parametrize("headers", TYPES, ids=str)
@pytest.mark.parametrize("body", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("size", [7, 100_000])
def test_sound_that_is_written_into_json(body: bytes, headers: dict[str, str], size: int) -> None:
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    assert read(*chunks, headers=headers) == (MP3, formats.MP3)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (in_events(*DELTAS), kinds.TRUNCATED),
        (in_events(DELTAS[0], {"error": {"message": "x", "code": 429}}), kinds.RATE_LIMITED),
        (in_json({"code": 429, "data": "no", "message": "slow down"}), kinds.RATE_LIMITED),
        (in_json({"audio": ENCODED, "success": False, "message": "x"}), kinds.SERVER_ERROR),
        (in_json({"audio": "https://cdn.example/a.mp3"}), kinds.MALFORMED_ANSWER),
    ],
)
def test_what_is_written_into_json_and_is_no_sound(body: bytes, kind: Kind) -> None:
    assert failure(body, headers=JSON).kind is kind


def test_failure_says_what_came_instead() -> None:
    assert details(failure(b"{}")) == "It is text instead of audio."
    vllm = failure(b'{"object": "error", "message": "no such voice", "code": 400}')
    assert (vllm.kind, vllm.words) == (kinds.BAD_REQUEST, "no such voice")
    odd = failure(b'{"object": "x", "message": "odd"}')
    assert (odd.kind, odd.words) == (kinds.MALFORMED_ANSWER, "odd")
    assert details(failure(b"")) == "The body is empty."


def test_parts_that_do_not_join_are_refused_before_the_first() -> None:
    assert read(WAV)[0] == WAV
    assert read(MP3, wanted=JOINING) == (MP3, formats.MP3)
    assert read(PCM, wanted=JOINING) == (PCM, None)
    assert read(WAV, wanted=JOINING)[0] == WAV
    refused = failure(b"fLaC" + WAV, wanted=JOINING)
    assert refused.kind is kinds.MALFORMED_ANSWER
    assert "It is flac instead of mp3" in details(refused)


def test_parts_are_of_one_kind() -> None:
    assert failure(MP3, wanted=(None,)).kind is kinds.MALFORMED_ANSWER
    refused = failure(PCM, wanted=(formats.MP3,))
    assert "It is audio of an unknown format" in details(refused)
