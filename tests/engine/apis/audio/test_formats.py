"""Sound is told by its first bytes."""

import pytest

from engine.apis.audio.formats import SOUNDS, recognise

BEGINNINGS = {
    "wav": [b"RIFF\x24\x08\x00\x00WAVEfmt ", b"RF64\xff\xff\xff\xffWAVEds64"],
    "flac": [b"fLaC\x00\x00\x00\x22"],
    "ogg": [b"OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"],
    "m4a": [b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00"],
    "mp4": [b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", b"\x00\x00\x00\x18ftyp3gp4\x00"],
    "webm": [b"\x1aE\xdf\xa3\x9fB\x86\x81\x01"],
    "amr": [b"#!AMR\n\x3c", b"#!AMR-WB\n"],
    "aiff": [b"FORM\x00\x00\x00\x00AIFFCOMM", b"FORM\x00\x00\x00\x00AIFCFVER"],
    "wma": [b"0&\xb2u\x8ef\xcf\x11\xa6\xd9"],
    "aac": [b"\xff\xf1\x50\x80\x02\x1f\xfc", b"\xff\xf9\x50\x80"],
    # An ID3 tag; MPEG-1 layer III, MPEG-2 layer III, MPEG-1 layer II.
    "mp3": [b"ID3\x04\x00\x00", b"\xff\xfb\x90\x64", b"\xff\xf3\x40\xc4", b"\xff\xfd\x90\x64"],
}
NO_SOUND = [
    b"",
    b"\xff",
    b"RIFF\x24\x08\x00\x00WEBPVP8 ",
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"\xff\xfe<\x00h\x00",
    b'{"error": {"message": "x"}}',
    b"<!DOCTYPE html>",
    b"%PDF-1.7",
    b"\x00" * 16,
]


def test_every_kind_is_tested() -> None:
    assert list(BEGINNINGS) == [sound.ending for sound in SOUNDS]


@pytest.mark.parametrize(
    ("ending", "content"),
    [(ending, content) for ending, contents in BEGINNINGS.items() for content in contents],
)
def test_kind_is_told_by_the_first_bytes(ending: str, content: bytes) -> None:
    sound = recognise(content)
    assert sound is not None
    assert sound.ending == ending
    assert sound.media_type.startswith("audio/")


@pytest.mark.parametrize("content", NO_SOUND)
def test_what_is_no_sound(content: bytes) -> None:
    assert recognise(content) is None


def test_only_what_has_no_frame_of_its_own_joins_or_can_be_made_to() -> None:
    assert {sound.ending for sound in SOUNDS if sound.joins} == {"mp3", "aac", "ogg", "wav"}
