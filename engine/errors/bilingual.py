"""Sentences in both languages."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.errors.messages import Language


class Both(NamedTuple):
    """A sentence in both languages."""

    en: str
    zh: str

    def say(self, language: "Language") -> str:
        """The sentence in that language."""
        return self.zh if language == "zh" else self.en


NOTHING = Both("", "")
