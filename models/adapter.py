"""What the adapters of all model types have in common."""

import functools
import operator
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, override

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
)
from dify_plugin.entities.model.text_embedding import MultiModalContent, MultiModalContentType
from dify_plugin.errors.model import InvokeError
from dify_plugin.interfaces.model.ai_model import AIModel

from engine import (
    DEFAULT_MAX_RETRY_SECONDS,
    Credentials,
    Form,
    Settings,
    form_of,
    parse_settings,
    text_of,
)
from models.errors import ERROR_MAPPING, as_invoke_error
from models.likeness import Catalogue

_NAME = operator.attrgetter("model")

_catalogues: dict[tuple[ModelType, tuple[str, ...]], Catalogue[AIModelEntity]] = {}


class GatewayModel(AIModel):
    """A model behind a gateway: fails in Dify's words, and is looked up by its name."""

    @property
    @override
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return ERROR_MAPPING

    @override
    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        return as_invoke_error(error)

    @override
    def get_model_schema(
        self, model: str, credentials: Mapping[str, Any] | None = None
    ) -> AIModelEntity | None:
        """As the SDK describes a model, but once for a form: a call asks for it four times.

        Nobody changes what he gets, as it is with the predefined models'.
        """
        form = form_of({**credentials, "api_key": ""} if credentials else {})
        return _describe(type(self), self._catalogue, model, form)

    @override
    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        """Describe a customizable model as the one that it is like; never raises."""
        like = self._like(model, credentials)
        properties, features = (like.model_properties, like.features) if like else ({}, ())
        return plain_schema(self.model_type, model, credentials, properties, features)

    @functools.cached_property
    def _catalogue(self) -> Catalogue[AIModelEntity]:
        """The predefined models of this type.

        It is kept for the process, as the SDK makes a new adapter for every call.
        """
        models = self.predefined_models()
        key = (self.model_type, tuple(map(_NAME, models)))
        if key not in _catalogues:
            _catalogues[key] = Catalogue(models)
        return _catalogues[key]

    def _like(self, model: str, credentials: Credentials) -> AIModelEntity | None:
        """The model of the catalogue that this one is like, by the name that the gateway knows."""
        name = text_of(credentials, "endpoint_model_name")
        return self._catalogue.like(name) or self._catalogue.like(model)


@functools.lru_cache(maxsize=1024)
def _describe(
    adapter: type[GatewayModel], catalogue: Catalogue[AIModelEntity], model: str, form: Form
) -> AIModelEntity | None:
    return AIModel.get_model_schema(adapter(list(catalogue.models)), model, dict(form))


def name_at_gateway(model: str, credentials: Credentials) -> str:
    """A customizable model's name as the gateway spells it: that of Dify if none was typed."""
    return text_of(credentials, "endpoint_model_name") or model


def settings_of_one(
    credentials: Credentials, model: str, default_seconds: float = DEFAULT_MAX_RETRY_SECONDS
) -> Settings:
    """Settings of a model that no other one stands in for.

    The provider's form has fallback models for chat: they cannot speak, listen or embed, and
    vectors of two models cannot be compared.

    Args:
        credentials: values of the provider's or the model's form.
        model: the model's name in Dify.
        default_seconds: the waiting budget if none was typed, seconds.

    Raises:
        SettingsError: a value cannot be used.
    """
    return replace(parse_settings(credentials, model, default_seconds), fallback_models=())


def plain_schema(
    kind: ModelType,
    model: str,
    credentials: Credentials,
    properties: Mapping[ModelPropertyKey, object],
    features: Iterable[ModelFeature] | None = (),
) -> AIModelEntity:
    """Describe a customizable model that has properties, but no parameters.

    Args:
        kind: its type.
        model: its name in Dify.
        credentials: its form; its name for people is in there.
        properties: figures by Dify's names of them.
        features: what it takes besides text.
    """
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=text_of(credentials, "display_name") or model),
        model_type=kind,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        features=list(features or ()),
        model_properties=dict(properties),
    )


def wire_part(content: MultiModalContent) -> dict[str, str]:
    """A text or an image as the gateways' multimodal models take it (Jina's form, in base64)."""
    is_image = content.content_type is MultiModalContentType.IMAGE
    return {"image" if is_image else "text": content.content}
