"""Transcription models: a recording of Dify's in, its text out."""

from collections.abc import Mapping
from typing import IO, Any, override

from dify_plugin import Speech2TextModel

from engine import check_model, shared_client, text_of
from models.adapter import GatewayModel, settings_of_one
from models.errors import RefusedError, only_credential_errors, only_invoke_errors
from models.speech2text.form import parse_form


class ResilientSpeech2TextModel(GatewayModel, Speech2TextModel):
    """A transcription model behind a gateway."""

    @override
    def _invoke(
        self,
        model: str,
        credentials: dict[str, Any],
        file: IO[bytes],
        user: str | None = None,
    ) -> str:
        """Write down what is spoken; empty where nobody spoke."""
        # Imported with the first call: start-up is outage time.
        from engine import transcription_request  # noqa: PLC0415

        with only_invoke_errors(credentials, lambda: text_of(credentials, "initial_prompt")):
            settings, form = settings_of_one(credentials, model), parse_form(credentials)
            recording = file.read()
            if not recording:
                raise RefusedError("recording_empty")
            request = transcription_request(
                settings.model, recording, form.language, form.initial_prompt, user or ""
            )
            return shared_client().complete(settings, request)

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by a recording of one second.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        from engine import sample_recording, transcription_request  # noqa: PLC0415

        with only_credential_errors(credentials):
            settings, form = settings_of_one(credentials, model), parse_form(credentials)
            request = transcription_request(
                settings.model, sample_recording(), form.language, form.initial_prompt
            )
            check_model(shared_client(), settings, request)
