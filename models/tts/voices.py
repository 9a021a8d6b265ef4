"""Which voices a speech model has, and which of them speaks."""

from typing import NamedTuple

from dify_plugin.entities.model import AIModelEntity, ModelPropertyKey

from engine import Credentials, parse_names, text_of

LANGUAGES = ("en-US", "zh-Hans")
"""Dify asks that a voice names its languages; those of today speak whatever they read."""


class Voice(NamedTuple):
    """One voice.

    Attributes:
        mode: what the gateway calls it.
        name: what Dify shows.
    """

    mode: str
    name: str


UNKNOWN_VOICES = (Voice("alloy", "alloy"),)
"""Of a model whose name says nothing and for which none was typed: most gateways know this one."""


def typed_voices(credentials: Credentials) -> tuple[Voice, ...]:
    """The voices that were typed, the default first; none in the provider's form."""
    return tuple(Voice(name, name) for name in parse_names(text_of(credentials, "voices")))


def voices_of(model: AIModelEntity | None) -> tuple[Voice, ...]:
    """The voices of a model of the catalogue, the default first."""
    listed = model.model_properties.get(ModelPropertyKey.VOICES, ()) if model else ()
    return tuple(Voice(voice["mode"], voice["name"]) for voice in listed)


def choose_voice(asked: str, voices: tuple[Voice, ...]) -> str:
    """The voice that was asked for if the model has it, else its default.

    An app keeps its voice when its model is changed. Where no voice is known, any may be right.
    """
    if not voices:
        return asked or UNKNOWN_VOICES[0].mode
    return asked if any(voice.mode == asked for voice in voices) else voices[0].mode
