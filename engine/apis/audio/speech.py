"""Requests to speak a text, and the sound that answers them."""

import functools
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from engine.apis.audio.formats import MAX_SIGNATURE_BYTES, SOUNDS, Sound, recognise
from engine.apis.audio.written_sound import WrittenSound
from engine.apis.json_answer import fails_for_sure, not_asked_for
from engine.compat.refused import names
from engine.compat.rules import refuses, without
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, Failure, classify
from engine.errors.evidence import evidence_of_document, has_error
from engine.errors.kinds import MALFORMED_ANSWER, TRUNCATED
from engine.errors.messages import Value, message
from engine.http.json_stream import Document, DocumentStream
from engine.request import CompatRule, Payload, Request

FORMAT = "mp3"
"""Pieces of it join to one file, and every gateway and browser knows it."""

_WAVE = re.compile(r"\bwav\b", re.IGNORECASE)
_SOUND_TYPES = ("audio/", "video/", "application/octet-stream", "application/ogg")
_BLANK = b"\xef\xbb\xbf \t\r\n"
_MAX_BLANK_BYTES = 512


type Kinds = tuple[Sound | None, ...]
"""Kinds of sound; ``None`` for those that have no signature, such as bare samples."""

ANY: Kinds = (None, *SOUNDS)
"""What may come where a text is spoken in one part."""

JOINING: Kinds = (None, *(sound for sound in SOUNDS if sound.joins))
"""What may come where parts are put together to one file."""


class Spoken(NamedTuple):
    """What was handed on, when it was whole: of which kind, and how many bytes."""

    sound: Sound | None
    size: int


def speech_request(
    model: str, text: str, voice: str, *, kinds: Kinds = ANY, asker: str = ""
) -> Request[Spoken]:
    """Ask a model to speak.

    Args:
        model: its name at the gateway.
        text: what to speak, no longer than the model takes at once.
        voice: one of the model's.
        kinds: of sound that will do, whatever the gateway makes of the format asked for.
        asker: on whose behalf it is asked.
    """
    payload = {"model": model, "input": text, "voice": voice, "response_format": FORMAT}
    reader = functools.partial(SoundReader, kinds)
    return Request("audio/speech", payload, reader, asker=asker, compat_rules=_COMPAT_RULES)


def _takes_only_wave(failure: Failure, payload: Mapping[str, object]) -> bool:
    """Groq's models and others say that they make WAV alone."""
    return (
        payload.get("response_format") == FORMAT
        and names(failure, "response_format")
        and _WAVE.search(failure.words) is not None
    )


def _as_wave(payload: Mapping[str, object]) -> Payload:
    return {**payload, "response_format": "wav"}


_COMPAT_RULES = (
    CompatRule("sound as WAV", _takes_only_wave, _as_wave, 3600.0, always=True),
    CompatRule(
        "no response_format",
        refuses("response_format"),
        without("response_format"),
        3600.0,
        always=True,
    ),
)


class SoundReader:
    """Hands sound on as it arrives, once its first bytes have shown that it is sound.

    A gateway may answer with an error or a web page and HTTP 200 all the same. The first sound is
    content: nothing may be replayed after it. Sound that is written into JSON, whole or in events,
    is handed on when all of it is there.

    Args:
        kinds: of sound that will do.
        status: of the answer.
        headers: of the answer.
    """

    finished = False
    done = False

    def __init__(self, kinds: Kinds, status: int, headers: Mapping[str, str]) -> None:
        self._kinds = kinds
        self._status = status
        self._headers = headers
        self._head = b""
        self._documents: DocumentStream | None = None
        self._written = WrittenSound()
        self._first: Document | None = None
        self._sound: Sound | None = None
        self._size = 0

    @property
    def content(self) -> bool:
        """Sound has been handed on."""
        return self._size > 0

    def feed(self, chunk: bytes, deltas: list[Delta]) -> None:
        """Add bytes; sound is appended to ``deltas``.

        Raises:
            AttemptError: it is an error, or sound of another kind.
        """
        if self.content:
            self._hand_on(chunk, deltas)
        elif self._documents is not None:
            self._read(self._documents.feed(chunk))
        else:
            self._head += chunk
            shown = self._head.lstrip(_BLANK)
            if len(shown) >= MAX_SIGNATURE_BYTES or len(self._head) > _MAX_BLANK_BYTES:
                self._decide(deltas)

    def close(self, deltas: list[Delta]) -> Spoken:
        """The body has ended; its framing was whole.

        Raises:
            AttemptError: it was no sound.
        """
        if not self.content and self._documents is None:
            if not self._head.strip(_BLANK):
                raise self._malformed("body_empty")
            self._decide(deltas)
        if self._documents is not None:
            self._read(chain(self._documents.close(), self._documents.whole_body()))
            self._accept(self._written_in(self._documents), deltas)
        return Spoken(self._sound, self._size)

    def cut(self, note: str) -> Failure:
        """What it means that the connection broke here."""
        return Failure(TRUNCATED, self._status, after_content=self.content, note=note)

    def _decide(self, deltas: list[Delta]) -> None:
        """Whether it is sound: by its signature, else by the type it claims if it looks so."""
        if recognise(self._head) is None and not self._claims_to_be_sound():
            self._documents = DocumentStream(self._status, self._headers)
            self._read(self._documents.feed(self._head))
            return
        self._accept(self._head, deltas)

    def _accept(self, sound: bytes, deltas: list[Delta]) -> None:
        """Hand the first sound on, if it is of a kind that will do."""
        self._sound = recognise(sound)
        if self._sound not in self._kinds:
            came = self._sound.ending if self._sound else message("facts.unknown_sound")
            raise self._malformed("sound_type", found=came, wanted=FORMAT)
        self._hand_on(sound, deltas)

    def _written_in(self, documents: DocumentStream) -> bytes:
        sound = self._written.sound()
        if sound is None:
            fact, first = message("facts.text_for_sound"), self._first or {}
            raise AttemptError(not_asked_for(self._status, self._headers, first, fact))
        if self._written.open and not documents.done:
            raise AttemptError(self.cut("no end of the events"))
        return sound

    def _claims_to_be_sound(self) -> bool:
        media_type = self._headers.get("Content-Type", "").strip().lower()
        return media_type.startswith(_SOUND_TYPES) and not _is_text(self._head)

    def _hand_on(self, sound: bytes, deltas: list[Delta]) -> None:
        self._size += len(sound)
        deltas.append(Delta(ContentKind.SOUND, sound=sound))

    def _read(self, documents: Iterator[Document]) -> None:
        for document in documents:
            may_be_sound = self._written.take(document)
            if fails_for_sure(document) or (has_error(document) and not may_be_sound):
                raise self._told(document)
            self._first = self._first or document

    def _told(self, document: Document) -> AttemptError:
        evidence = evidence_of_document(self._status, self._headers, document)
        return AttemptError(classify(evidence))

    def _malformed(self, fact: str, **values: Value) -> AttemptError:
        facts = (message(f"facts.{fact}", **values),)
        return AttemptError(Failure(MALFORMED_ANSWER, self._status, facts=facts))


def _is_text(head: bytes) -> bool:
    """Whether a body begins with letters: a document, a page, a sentence; sound does not."""
    shown = head.lstrip(_BLANK)[:MAX_SIGNATURE_BYTES]
    return shown[:1] in {b"{", b"[", b"<"} or all(
        32 <= byte < 127 or byte in b"\t\r\n" for byte in shown
    )
