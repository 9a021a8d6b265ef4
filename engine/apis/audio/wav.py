"""WAV files, one behind the other, as one file: one header, then the samples of all.

A header names the length of what follows, which nobody knows before the last part is spoken; the
largest number there is means that it goes on to the end, as OpenAI's own streams of WAV have it.
"""

from engine.apis.audio.formats import WAV, recognise
from engine.errors.messages import message

_UNKNOWN = b"\xff\xff\xff\xff"
_RIFF = 12
"""Bytes: `RIFF`, a length, `WAVE`."""

_CHUNK = 8
"""Bytes: a name and a length."""

MAX_HEADER_BYTES = 64 * 1024
"""Bytes before the samples; what has more is no WAV of a speech model."""


class WaveError(ValueError):
    """It is no WAV, or one that does not join.

    Args:
        fact: which: the sentence's key below ``facts``.

    Attributes:
        fact: the sentence, for people.
    """

    def __init__(self, fact: str) -> None:
        self.fact = message(f"facts.{fact}")
        super().__init__(self.fact.say("en"))


class JoinedWaves:
    """Takes files in pieces, and gives back the pieces of the one file; other sound as it is."""

    def __init__(self) -> None:
        self._form = b""
        self._head: bytearray | None = None
        self._left = -1
        self._began = False

    def begin(self) -> None:
        """The next file begins."""
        self._began = False

    def take(self, sound: bytes) -> bytes:
        """What a piece adds to the one file; empty while its header is not whole.

        Args:
            sound: the first one of a file is enough to tell its kind.

        Raises:
            WaveError: its samples are not those of the file before, or it has none.
        """
        if not self._began:
            self._began, self._left = True, -1
            self._head = bytearray() if recognise(sound) is WAV else None
        if self._head is None:
            return self._samples(sound)
        self._head += sound
        start = _RIFF
        form = b""
        while start + _CHUNK <= len(self._head):
            name = bytes(self._head[start : start + 4])
            length = int.from_bytes(self._head[start + 4 : start + _CHUNK], "little")
            start += _CHUNK
            if name == b"data":
                return self._opened(form, length, start)
            form = bytes(self._head[start : start + length]) if name == b"fmt " else form
            start += length + length % 2
        if len(self._head) > MAX_HEADER_BYTES:
            raise WaveError("wav_empty")
        return b""

    def _opened(self, form: bytes, length: int, start: int) -> bytes:
        head, self._head = bytes(self._head or b""), None
        unknown = length in (0, int.from_bytes(_UNKNOWN, "little"))
        self._left = -1 if unknown else length
        samples = self._samples(head[start:])
        if not self._form:
            self._form = form
            return b"".join(
                (
                    *(b"RIFF", _UNKNOWN, b"WAVE"),
                    *(b"fmt ", len(form).to_bytes(4, "little"), form),
                    *(b"data", _UNKNOWN, samples),
                )
            )
        if form != self._form:
            raise WaveError("wav_differs")
        return samples

    def _samples(self, sound: bytes) -> bytes:
        """Without what may follow the samples."""
        if self._left < 0:
            return sound
        taken = sound[: self._left]
        self._left -= len(taken)
        return taken
