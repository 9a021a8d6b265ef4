"""Requests to write down what is spoken."""

import io
import math

from gateway.json_answer import MalformedError, json_reader
from gateway.request import Request, Upload
from gateway.sound import MP3, recognise

_SAMPLES = 16_000
"""A second: the rate that speech models work with."""


def transcription_request(
    model: str, recording: bytes, language: str = "", prompt: str = "", asker: str = ""
) -> Request[str]:
    """Ask a model for the text of a recording.

    The file is named by what it holds, as gateways judge it by its name; what is not recognised
    goes as MP3, whose beginning may be anything.

    Args:
        model: its name at the gateway.
        recording: a file of encoded sound, as it is.
        language: an ISO 639 code; empty to have it found out.
        prompt: words that the recording may hold; may be empty.
        asker: on whose behalf it is asked.
    """
    sound = recognise(recording) or MP3
    payload = {"model": model, "language": language, "prompt": prompt}
    return Request(
        "audio/transcriptions",
        {name: value for name, value in payload.items() if value},
        json_reader(_text_of, plain=str.strip),
        Upload(f"audio.{sound.ending}", sound.media_type, recording),
        asker,
    )


def _text_of(document: dict[str, object]) -> str:
    """The words; none where nobody spoke, which is an answer too."""
    text = document.get("text")
    if not isinstance(text, str):
        raise MalformedError("It holds no text.")
    return text.strip()


def sample_recording() -> bytes:
    """One second of a quiet, falling tone as WAV, to try a model with; it says nothing."""
    import wave  # noqa: PLC0415 - for saving only; start-up is outage time

    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(_SAMPLES)
        tone = (
            round(2000 * math.sin(math.tau * (440 - 100 * at / _SAMPLES) * at / _SAMPLES))
            for at in range(_SAMPLES)
        )
        recording.writeframes(b"".join(value.to_bytes(2, "little", signed=True) for value in tone))
    return file.getvalue()
