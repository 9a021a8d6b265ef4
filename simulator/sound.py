"""Sound that is made by code: real MP3, silent, and it carries the text that it speaks.

A frame without any scale factors or samples decodes to silence; what is left of it is ancillary
data (ISO/IEC 11172-3, 2.4.1.4), where a text has room. So whoever hears the sound can tell what
was spoken, and in which order, while a player plays it.
"""

_HEADER = b"\xff\xfb\x90\xc4"
"""MPEG-1 layer III, no checksum, 128 kbit/s, 44.1 kHz, mono."""

_SIZE = 417
"""Bytes of such a frame: 144 x 128,000 / 44,100, rounded down."""

_SIDE_INFORMATION = bytes(17)
"""Of a mono frame; all zero, nothing is coded."""

_ROOM = 64
"""Bytes of text in one frame, which lasts 26 ms."""

MIN_FRAMES = 3


def sound_of(text: str) -> bytes:
    """An MP3 file that speaks the text; it never holds the bits of another frame's beginning."""
    letters = text.encode()
    count = max(MIN_FRAMES, -(-len(letters) // _ROOM))
    parts = [letters[at * _ROOM : (at + 1) * _ROOM] for at in range(count)]
    return b"".join(_frame(part) for part in parts)


def _frame(letters: bytes) -> bytes:
    return (_HEADER + _SIDE_INFORMATION + letters).ljust(_SIZE, b"\0")


def frames(sound: bytes) -> list[bytes]:
    """Sound that was made here, frame by frame."""
    return [sound[at : at + _SIZE] for at in range(0, len(sound), _SIZE)]


def spoken_in(sound: bytes) -> str:
    """The text of sound that was made here, whole or put together of several files.

    Raises:
        ValueError: it is no sequence of whole frames.
    """
    found = frames(sound)
    if any(not frame.startswith(_HEADER) or len(frame) != _SIZE for frame in found):
        raise ValueError("no whole frames")
    start = len(_HEADER) + len(_SIDE_INFORMATION)
    return b"".join(frame[start:].rstrip(b"\0") for frame in found).decode()


def wave_of(seconds: float = 0.1, rate: int = 8000) -> bytes:
    """A silent WAV file of 16-bit mono samples."""
    samples = bytes(2 * int(seconds * rate))
    format_ = (
        b"fmt \x10\0\0\0\x01\0\x01\0"
        + rate.to_bytes(4, "little")
        + (2 * rate).to_bytes(4, "little")
        + b"\x02\0\x10\0"
    )
    data = b"data" + len(samples).to_bytes(4, "little") + samples
    body = b"WAVE" + format_ + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body
