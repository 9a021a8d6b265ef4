"""Requests to write down what is spoken."""

import io
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from engine.apis.audio.formats import MP3, recognise
from engine.apis.indexed import layers_of
from engine.apis.json_answer import MalformedError, json_reader
from engine.errors import AttemptError, Failure
from engine.errors.evidence import has_error, is_page
from engine.errors.kinds import TRUNCATED
from engine.http.json_stream import Document
from engine.request import Request, Upload
from engine.text.characters import whole_characters

_TEXTS = ("text", "transcript", "transcription")
"""Names of the words: OpenAI's, and those of other speech servers."""

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
        json_reader(_text_of, plain=str.strip, name_of_list="segments", join=_joined),
        Upload(f"audio.{sound.ending}", sound.media_type, recording),
        asker,
    )


def _text_of(document: Mapping[str, object]) -> str:
    """The words; none where nobody spoke, which is an answer too.

    A web page is none: LiteLLM hands on whatever its upstream answered as what was said.
    """
    text = whole_characters(_said_in(document)).strip()
    if is_page(text):
        raise MalformedError("text_is_page")
    return text


def _said_in(document: Mapping[str, object]) -> str:
    """The text as it was sent; an empty one beside an error's words is none."""
    for layer in layers_of(document):
        for name in _TEXTS:
            text = layer.get(name)
            if isinstance(text, str) and (text or not has_error(document)):
                return text
    parts = _texts(_mappings(document.get("segments")))
    if not parts:
        raise MalformedError("no_text")
    return "".join(parts)


def _joined(events: Sequence[Document], done: bool) -> Document:
    """One document of a transcription that came in events.

    OpenAI's (``transcript.text.delta``, and ``.done`` with the whole text), vLLM's (chunks as in a
    chat) and those of servers that send segment by segment, or all so far each time.

    Raises:
        AttemptError: the stream broke off within the text.
    """
    whole = next((one for one in reversed(events) if _is_end(one)), None)
    if whole is not None and isinstance(whole.get("text"), str):
        return whole
    choices = [choice for one in events for choice in _mappings(one.get("choices"))]
    deltas = [one["delta"] for one in events if isinstance(one.get("delta"), str)]
    for choice in choices:
        delta = choice.get("delta")
        deltas += [delta.get("content")] if isinstance(delta, Mapping) else []
    if deltas:
        if not done and whole is None and not any(one.get("finish_reason") for one in choices):
            raise AttemptError(Failure(TRUNCATED, note="no end of a streamed transcription"))
        return {"text": "".join(delta for delta in deltas if isinstance(delta, str))}
    texts = _texts(events)
    if len(texts) < 2:
        return events[-1] if not texts else {"text": texts[0]}
    grows = all(later.startswith(earlier) for earlier, later in pairwise(texts))
    return {"text": texts[-1] if grows else "".join(texts)}


def _is_end(event: Document) -> bool:
    return str(event.get("type")).endswith((".done", ".completed"))


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _texts(events: Sequence[Mapping[str, object]]) -> list[str]:
    return [text for one in events if isinstance(text := one.get("text"), str)]


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
