"""What the adapters of all model types have in common."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import override

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import AIModelEntity, FetchFrom, ModelPropertyKey, ModelType
from dify_plugin.errors.model import InvokeError
from dify_plugin.interfaces.model.ai_model import AIModel

from gateway.settings import Credentials, Settings, parse_settings, text_of
from models.errors import ERROR_MAPPING, as_invoke_error
from models.likeness import Catalogue


class GatewayModel(AIModel):
    """A model behind a gateway: fails in Dify's words, and is looked up by its name."""

    @property
    @override
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return ERROR_MAPPING

    @override
    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        return as_invoke_error(error)

    @functools.cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self.predefined_models())

    def _like(self, model: str, credentials: Credentials) -> AIModelEntity | None:
        """The model of the catalogue that this one is like, by the name that the gateway knows."""
        name = text_of(credentials, "endpoint_model_name")
        return self._catalogue.like(name) or self._catalogue.like(model)


def settings_of_one(credentials: Credentials, model: str) -> Settings:
    """Settings of a model that no other one stands in for.

    The provider's form has fallback models for chat: they cannot speak, listen or embed.

    Raises:
        SettingsError: a value cannot be used.
    """
    return replace(parse_settings(credentials, model), fallback_models=())


def plain_schema(
    kind: ModelType,
    model: str,
    credentials: Credentials,
    properties: Mapping[ModelPropertyKey, object],
) -> AIModelEntity:
    """Describe a customizable model that has properties, but no features or parameters."""
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=text_of(credentials, "display_name") or model),
        model_type=kind,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        model_properties=dict(properties),
    )
