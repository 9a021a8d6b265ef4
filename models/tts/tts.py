"""Speech models: a text of Dify's in, its sound out."""

from collections.abc import Generator, Mapping
from typing import Any, override

from dify_plugin import TTSModel
from dify_plugin.entities.model import AIModelEntity, ModelPropertyKey, ModelType

from engine import (
    MAX_TEXT_CHARACTERS,
    GatewayError,
    check_model,
    in_all,
    message,
    readers_of_form,
    shared_client,
)
from models.adapter import GatewayModel, plain_schema, settings_of_one
from models.errors import RefusedError, only_credential_errors, only_invoke_errors
from models.tts.voices import (
    LANGUAGES,
    UNKNOWN_VOICES,
    Voice,
    choose_voice,
    typed_voices,
    voices_of,
)

UNKNOWN_WORD_LIMIT = 4096
"""Characters that a model takes at once whose name says nothing: OpenAI's limit."""

CHECK_TEXT = "Hi"
"""What is spoken when a form is saved."""

VOICE_HINT = message("facts.voice")
"""What a user can do about a voice that the model does not know."""

AUDIO_TYPE = "mp3"
"""What is asked for, whatever the model (``engine.apis.audio.speech``)."""


class ResilientTTSModel(GatewayModel, TTSModel):
    """A speech model behind a gateway."""

    @override
    def _invoke(
        self,
        model: str,
        tenant_id: str,
        credentials: dict[str, Any],
        content_text: str,
        voice: str,
        user: str | None = None,
    ) -> Generator[bytes, None, None]:
        """Speak; sound is handed on as it arrives, never an empty piece."""
        # Imported with the first call: start-up is outage time.
        from engine import shared_lengths, speak  # noqa: PLC0415

        with only_invoke_errors(credentials, lambda: content_text):
            settings = settings_of_one(credentials, model)
            if not content_text.strip():
                raise RefusedError("nothing_to_speak")
            yield from speak(
                shared_client(),
                shared_lengths(),
                settings,
                content_text,
                voice=choose_voice(voice, self._voices(model, credentials)),
                longest=self._get_model_word_limit(model, credentials) or UNKNOWN_WORD_LIMIT,
                asker=user or "",
            )

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by two letters.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        from engine import speech_request  # noqa: PLC0415

        with only_credential_errors(credentials):
            settings = settings_of_one(credentials, model)
            voice = choose_voice("", self._voices(model, credentials))
            request = speech_request(settings.model, CHECK_TEXT, voice)
            try:
                check_model(shared_client(), settings, request)
            except GatewayError as error:
                text = f"{error.text} {in_all(VOICE_HINT, readers_of_form(settings))}"
                if (
                    "voice" not in error.failure.words.lower()
                    or len(text.encode()) > MAX_TEXT_CHARACTERS
                ):
                    raise
                raise GatewayError(error.failure, text) from None

    @override
    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        """Describe a customizable model; never raises."""
        like = self._like(model, credentials)
        known = dict(like.model_properties) if like else {}
        voices = self._voices(model, credentials) or UNKNOWN_VOICES
        properties = {
            ModelPropertyKey.WORD_LIMIT: UNKNOWN_WORD_LIMIT,
            **known,
            ModelPropertyKey.AUDIO_TYPE: AUDIO_TYPE,
            ModelPropertyKey.DEFAULT_VOICE: voices[0].mode,
            ModelPropertyKey.VOICES: [
                {"mode": voice.mode, "name": voice.name, "language": list(LANGUAGES)}
                for voice in voices
            ],
        }
        return plain_schema(ModelType.TTS, model, credentials, properties)

    @override
    def get_tts_model_voices(
        self, model: str, credentials: dict[str, Any], language: str | None = None
    ) -> list[dict[str, str]]:
        """The voices to choose from, in every language: those of today speak all."""
        voices = self._voices(model, credentials) or UNKNOWN_VOICES
        return [{"name": voice.name, "value": voice.mode} for voice in voices]

    def _voices(self, model: str, credentials: Mapping[str, Any]) -> tuple[Voice, ...]:
        """Those that were typed, also for a name that the catalogue has; the default first."""
        return typed_voices(credentials) or voices_of(self._like(model, credentials))
