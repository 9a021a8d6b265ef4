"""What only transcription models have in their form."""

import re
from typing import NamedTuple

from engine import AUTO, Credentials, SettingsError, text_of

_CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


class TranscriptionForm(NamedTuple):
    """The fields of a transcription model.

    Attributes:
        language: an ISO 639 code; empty to have it found out.
        initial_prompt: words that recordings may hold; may be empty.
    """

    language: str
    initial_prompt: str


def parse_form(credentials: Credentials) -> TranscriptionForm:
    """Read the form of a transcription model, or the provider's, which has none of these fields.

    Raises:
        SettingsError: a value cannot be used.
    """
    language = text_of(credentials, "language")
    if language == AUTO:
        language = ""
    if language and not _CODE.fullmatch(language):
        raise SettingsError("language", "spoken_language")
    return TranscriptionForm(language, text_of(credentials, "initial_prompt"))
