"""Sound that is written as text into JSON: in base64 or in hexadecimal, at once or in events.

OpenAI's events hold it under ``audio`` or ``delta``, MiniMax's answers in ``data.audio`` (hex),
Google's in ``audioContent``, and the chat API's in ``audio.data``. MiniMax repeats all of it in the
last event.
"""

import binascii
import re
from collections.abc import Iterator, Mapping

from engine.apis.audio.formats import recognise
from engine.apis.indexed import layers_of
from engine.text.base64_text import base64_bytes

_NAMES = (
    "audio",
    "audio_data",
    "audio_content",
    "audioContent",
    "audio_base64",
    "b64_json",
    "base64",
    "speech",
    "delta",
    "data",
    "result",
)
"""Under which it stands, in the document, in an envelope, or in a list of such."""

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_DATA_URL = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)


class WrittenSound:
    """Takes the documents of an answer, and gives back the sound that is written in them.

    Attributes:
        open: an event said that more follows.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.open = False

    def take(self, document: Mapping[str, object]) -> bool:
        """Look for sound in a document; returns whether it holds something that may be some."""
        told = str(document.get("type"))
        if told.endswith((".delta", ".done")):
            self.open = told.endswith(".delta")
        found = next(_texts_of(document), "")
        if found:
            self._parts.append(_DATA_URL.sub("", found, count=1))
        return bool(found)

    def sound(self) -> bytes | None:
        """All of it; ``None`` if it is no sound."""
        for read in (_from_hex, _from_base64):
            parts = [read(part) for part in self._parts]
            whole = _joined([part for part in parts if part is not None])
            if whole and None not in parts and recognise(whole) is not None:
                return whole
        return None


def _texts_of(document: Mapping[str, object]) -> Iterator[str]:
    """Texts under a name that sound stands under, those of the outermost layer first."""
    for layer in layers_of(document):
        for name in _NAMES:
            value = layer.get(name)
            if isinstance(value, list):
                value = value[0] if value else None
            if isinstance(value, str) and value:
                yield value
            elif isinstance(value, Mapping) and value is not layer.get("data"):
                yield from _texts_of(value)


def _joined(parts: list[bytes]) -> bytes:
    """Parts one behind the other; a last one that repeats all before it stands for all."""
    before = b"".join(parts[:-1])
    if before and parts[-1].startswith(before):
        return parts[-1]
    return before + b"".join(parts[-1:])


def _from_hex(text: str) -> bytes | None:
    bare = "".join(text.split())
    return bytes.fromhex(bare) if _HEX.fullmatch(bare) else None


def _from_base64(text: str) -> bytes | None:
    try:
        return base64_bytes(text)
    except binascii.Error:
        return None
