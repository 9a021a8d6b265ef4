"""Moderation models: a text in, whether anything in it is against the rules out."""

from collections.abc import Mapping
from typing import Any, override

from dify_plugin import ModerationModel
from dify_plugin.entities.model import ModelPropertyKey

from engine import check_model, shared_client
from models.adapter import GatewayModel, settings_of_one
from models.errors import only_credential_errors, only_invoke_errors


class ResilientModerationModel(GatewayModel, ModerationModel):
    """A moderation model behind a gateway."""

    @override
    def _invoke(
        self, model: str, credentials: dict[str, Any], text: str, user: str | None = None
    ) -> bool:
        """Whether anything in the whole text is flagged; it ends with the first that is."""
        # Imported with the first question, not with the process: start-up is outage time.
        from engine import moderate  # noqa: PLC0415

        with only_invoke_errors(credentials, lambda: text):
            schema = self.get_model_schema(model, credentials)
            known = {} if schema is None else schema.model_properties
            return moderate(
                shared_client(),
                settings_of_one(credentials, model),
                text,
                longest=known.get(ModelPropertyKey.MAX_CHARACTERS_PER_CHUNK),
                at_once=known.get(ModelPropertyKey.MAX_CHUNKS),
                user=user or "",
            )

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by judging one word.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        from engine import moderation_request  # noqa: PLC0415

        with only_credential_errors(credentials):
            settings = settings_of_one(credentials, model)
            check_model(shared_client(), settings, moderation_request(settings.model, ["ping"]))
