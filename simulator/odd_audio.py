"""Audio that is wrong or oddly written, by name: what a client has to notice or to put up with."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace

from simulator.answer import Answer, Framing, json_answer
from simulator.call import Call
from simulator.errors import INVALID, error
from simulator.pages import index_page
from simulator.results import HEARD
from simulator.sound import frames, sound_of, wave_of
from simulator.streams import UPSTREAM_HEADERS

type Behaviour = Callable[[Call], Answer]

_ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x00"
"""A tag without any text, as many encoders begin a file."""


def _sound(sound: bytes, media_type: str) -> Answer:
    return Answer(200, (("Content-Type", media_type), *UPSTREAM_HEADERS), (sound,))


def _in_chunks(call: Call) -> Answer:
    answer = _sound(b"", "audio/mpeg")
    return replace(answer, steps=tuple(frames(sound_of(call.prompt))), framing=Framing.CHUNKED)


def _until_closed(call: Call) -> Answer:
    headers = (("Connection", "close"),)
    answer = _sound(sound_of(call.prompt), "audio/mpeg")
    return replace(answer, headers=(*answer.headers, *headers), framing=Framing.CLOSE)


def _in_json(call: Call) -> Answer:
    return json_answer(200, {"audio": base64.b64encode(sound_of(call.prompt)).decode()})


SPEECH: dict[str, Behaviour] = {
    "sound-in-chunks": _in_chunks,
    "sound-until-closed": _until_closed,
    "sound-with-tag": lambda call: _sound(_ID3 + sound_of(call.prompt), "audio/mpeg"),
    "sound-as-json-type": lambda call: _sound(sound_of(call.prompt), "application/json"),
    "sound-as-bytes": lambda call: _sound(sound_of(call.prompt), "application/octet-stream"),
    "sound-is-wave": lambda _call: _sound(wave_of(), "audio/wav"),
    "sound-in-json": _in_json,
    "sound-is-page": lambda _call: replace(index_page("New API"), status=200),
    "sound-is-words": lambda _call: _sound(b"no audio for you", "audio/mpeg"),
    "sound-empty": lambda _call: _sound(b"", "audio/mpeg"),
}

TRANSCRIPTIONS: dict[str, Behaviour] = {
    "text-plain": lambda _call: _sound(f"{HEARD}\n".encode(), "text/plain; charset=utf-8"),
    "text-verbose": lambda _call: json_answer(200, {"task": "transcribe", "text": HEARD}),
    "text-empty": lambda _call: json_answer(200, {"text": ""}),
    "text-null": lambda _call: json_answer(200, {"text": None}),
    "text-missing": lambda _call: json_answer(200, {"result": HEARD}),
}


_LIMIT = re.compile(r"characters-(?P<most>\d+)")
_VOICE = re.compile(r"voice-(?P<name>\w+)")


def _limited(call: Call, most: int) -> Answer:
    """Sound of a text that is not too long; OpenAI's words for one that is."""
    if len(call.prompt) <= most:
        return _sound(sound_of(call.prompt), "audio/mpeg")
    told = f"'msg': 'String should have at most {most} characters'"
    words = f"[{{'type': 'string_too_long', 'loc': ('body', 'input'), {told}}}]"
    return json_answer(400, error(words, INVALID), UPSTREAM_HEADERS)


def _with_voice(call: Call, voice: str) -> Answer:
    """Sound in the one voice that is known; OpenAI's words for any other."""
    if call.body.get("voice") == voice:
        return _sound(sound_of(call.prompt), "audio/mpeg")
    words = f"Invalid value for 'voice': expected {voice!r}, got {call.body.get('voice')!r}."
    return json_answer(400, error(words, INVALID, "invalid_value", "voice"), UPSTREAM_HEADERS)


def play(call: Call) -> Answer | None:
    """The answer of one of these behaviours, or None if the name is none at this endpoint."""
    if call.endpoint == "speech" and (limit := _LIMIT.fullmatch(call.behaviour)):
        return _limited(call, int(limit["most"]))
    if call.endpoint == "speech" and (voice := _VOICE.fullmatch(call.behaviour)):
        return _with_voice(call, voice["name"])
    known = {"speech": SPEECH, "transcriptions": TRANSCRIPTIONS}.get(call.endpoint, {})
    behaviour = known.get(call.behaviour)
    return behaviour(call) if behaviour else None
