"""Kinds of encoded sound, told by their first bytes: names and endings lie, and Dify keeps none."""

from collections.abc import Callable
from typing import NamedTuple

MAX_SIGNATURE_BYTES = 12
"""Bytes that are enough to tell every kind."""


class Sound(NamedTuple):
    """One kind.

    Attributes:
        ending: of a file's name, as gateways accept it: New API and OpenAI judge by the ending.
        media_type: as registered with IANA.
        joins: files of this kind, one behind the other, are one file, or are made one (``waves``).
        begins: whether a file with this beginning is of this kind.
    """

    ending: str
    media_type: str
    joins: bool
    begins: Callable[[bytes], bool]


def _is_wave(head: bytes) -> bool:
    return head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE"


def _is_aiff(head: bytes) -> bool:
    return head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}


def _is_adts(head: bytes) -> bool:
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def _is_mpeg_audio(head: bytes) -> bool:
    """An ID3 tag, or a frame of layer II or III (ISO/IEC 11172-3, 2.4.1.3)."""
    is_frame = (
        len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 in {2, 4}
    )
    return head[:3] == b"ID3" or is_frame


MP3 = Sound("mp3", "audio/mpeg", joins=True, begins=_is_mpeg_audio)

WAV = Sound("wav", "audio/wav", joins=True, begins=_is_wave)

SOUNDS: tuple[Sound, ...] = (
    WAV,
    Sound("flac", "audio/flac", joins=False, begins=lambda head: head[:4] == b"fLaC"),
    # Chained streams (RFC 3533, 4), Opus and Vorbis alike.
    Sound("ogg", "audio/ogg", joins=True, begins=lambda head: head[:4] == b"OggS"),
    Sound("m4a", "audio/mp4", joins=False, begins=lambda head: head[4:11] == b"ftypM4A"),
    Sound("mp4", "audio/mp4", joins=False, begins=lambda head: head[4:8] == b"ftyp"),
    Sound("webm", "audio/webm", joins=False, begins=lambda head: head[:4] == b"\x1aE\xdf\xa3"),
    Sound("amr", "audio/amr", joins=False, begins=lambda head: head[:5] == b"#!AMR"),
    Sound("aiff", "audio/aiff", joins=False, begins=_is_aiff),
    Sound("wma", "audio/x-ms-wma", joins=False, begins=lambda head: head[:4] == b"0&\xb2u"),
    Sound("aac", "audio/aac", joins=True, begins=_is_adts),
    MP3,
)
"""AAC before MP3: its frames begin with the same bits, and with a layer that MP3 has not."""


def recognise(content: bytes) -> Sound | None:
    """The kind of sound that begins so; ``None`` if it is none that is known."""
    head = content[:MAX_SIGNATURE_BYTES]
    return next((sound for sound in SOUNDS if sound.begins(head)), None)
