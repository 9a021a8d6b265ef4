"""Moderation models: a text in, whether anything in it is against the rules out."""

from collections.abc import Mapping
from itertools import batched
from typing import Any, override

from dify_plugin import ModerationModel
from dify_plugin.entities.model import AIModelEntity, ModelPropertyKey, ModelType

from gateway.check import check_model
from gateway.client import shared_client
from gateway.moderations import LONGEST_PIECE, PIECES_AT_ONCE, moderation_request, pieces_of
from models.adapter import GatewayModel, plain_schema, settings_of_one
from models.errors import only_credential_errors, only_invoke_errors


class ResilientModerationModel(GatewayModel, ModerationModel):
    """A moderation model behind a gateway."""

    @override
    def _invoke(
        self, model: str, credentials: dict[str, Any], text: str, user: str | None = None
    ) -> bool:
        """Whether anything in the whole text is flagged; it ends with the first that is."""
        with only_invoke_errors():
            settings = settings_of_one(credentials, model)
            longest, most = self._limits(model, credentials)
            pieces = pieces_of(text, longest)
            requests = (
                moderation_request(settings.model, some, user=user or "")
                for some in batched(pieces, most)
            )
            return any(shared_client().fetch(settings, request) for request in requests)

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by judging one word.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        with only_credential_errors():
            settings = settings_of_one(credentials, model)
            check_model(shared_client(), settings, moderation_request(settings.model, ["ping"]))

    @override
    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        """Describe a customizable model; never raises."""
        like = self._like(model, credentials)
        properties, features = (like.model_properties, like.features) if like else ({}, ())
        return plain_schema(ModelType.MODERATION, model, credentials, properties, features)

    def _limits(self, model: str, credentials: dict[str, Any]) -> tuple[int, int]:
        """Characters of a piece, and pieces of a request."""
        schema = self.get_model_schema(model, credentials)
        known = {} if schema is None else schema.model_properties
        return (
            int(known.get(ModelPropertyKey.MAX_CHARACTERS_PER_CHUNK, LONGEST_PIECE)),
            int(known.get(ModelPropertyKey.MAX_CHUNKS, PIECES_AT_ONCE)),
        )
