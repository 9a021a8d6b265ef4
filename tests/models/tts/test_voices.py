"""Which voices a speech model offers, and which one speaks."""

from pathlib import Path

import pytest
import yaml
from dify_plugin.entities.model import AIModelEntity, ModelPropertyKey

from engine.apis.audio.speech import FORMAT
from models.tts.tts import AUDIO_TYPE, ResilientTTSModel
from models.tts.voices import Voice, choose_voice, typed_voices, voices_of

ROOT = Path(__file__).resolve().parents[3]
MODELS = [
    AIModelEntity(**yaml.safe_load(path.read_text("utf-8")))
    for path in sorted((ROOT / "models" / "tts").glob("*.yaml"))
    if path.name != "_position.yaml"
]
A, B = Voice("a", "A"), Voice("b", "B")


@pytest.fixture
def tts() -> ResilientTTSModel:
    return ResilientTTSModel(MODELS)


def modes(tts: ResilientTTSModel, model: str, **credentials: str) -> list[str]:
    return [voice["value"] for voice in tts.get_tts_model_voices(model, credentials, "zh-Hans")]


def test_typed_voices() -> None:
    typed = typed_voices({"voices": " nova, 晓晓，nova ,, alloy"})
    assert typed == (Voice("nova", "nova"), Voice("晓晓", "晓晓"), Voice("alloy", "alloy"))
    assert typed_voices({}) == ()


@pytest.mark.parametrize(
    ("asked", "voices", "voice"),
    [
        ("b", (A, B), "b"),
        ("", (A, B), "a"),
        ("of another model", (A, B), "a"),
        ("anything", (), "anything"),
        ("", (), "alloy"),
    ],
)
def test_voice_that_speaks(asked: str, voices: tuple[Voice, ...], voice: str) -> None:
    assert choose_voice(asked, voices) == voice


def test_voices_are_those_of_the_model(tts: ResilientTTSModel) -> None:
    assert modes(tts, "tts-1")[:2] == ["alloy", "ash"]
    assert modes(tts, "gpt-4o-mini-tts-2025-12-15")[-1] == "cedar", "by its likeness"
    assert modes(tts, "mine", endpoint_model_name="tts-1-hd") == modes(tts, "tts-1-hd")
    assert modes(tts, "unheard-of") == ["alloy"]


def test_typed_voices_come_first_also_for_a_known_name(tts: ResilientTTSModel) -> None:
    assert modes(tts, "tts-1", voices="x, y") == ["x", "y"]
    assert modes(tts, "unheard-of", voices="x") == ["x"]


def test_schema_of_a_custom_model(tts: ResilientTTSModel) -> None:
    form = {"voices": "x, y", "display_name": "Mine"}
    schema = tts.get_customizable_model_schema("unheard-of", form)
    properties = schema.model_properties
    assert schema.label.en_us == "Mine"
    assert properties[ModelPropertyKey.DEFAULT_VOICE] == "x"
    assert [voice["mode"] for voice in properties[ModelPropertyKey.VOICES]] == ["x", "y"]
    assert properties[ModelPropertyKey.AUDIO_TYPE] == "mp3"
    assert properties[ModelPropertyKey.WORD_LIMIT] == 4096
    like = tts.get_customizable_model_schema("FunAudioLLM/CosyVoice2-0.5B-pro", {})
    assert like.model_properties[ModelPropertyKey.WORD_LIMIT] == 2048


def test_what_is_said_of_the_sound_is_what_is_asked_for() -> None:
    assert AUDIO_TYPE == FORMAT


def test_every_model_of_the_catalogue_speaks_mp3_with_a_voice_of_its_own() -> None:
    """Parts of a long text are joined, and only MP3 is asked for."""
    assert MODELS
    for model in MODELS:
        properties = model.model_properties
        assert properties[ModelPropertyKey.AUDIO_TYPE] == "mp3"
        assert voices_of(model)[0].mode == properties[ModelPropertyKey.DEFAULT_VOICE]
