"""Everything that the engine needs to know of an endpoint, its keys and a model."""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from engine.errors.messages import Language
from engine.settings.endpoint import parse_endpoint
from engine.settings.extras import parse_extra_body, parse_extra_headers, secrets_in
from engine.settings.fields import (
    CACHE_SCOPES,
    DEFAULT_MAX_RETRY_SECONDS,
    FORM_SETTINGS,
    MAX_TOKEN_COUNT,
    MESSAGE_LANGUAGES,
    Credentials,
    choice,
    choose,
    parse_cache_ttl,
    parse_limit,
    parse_max_retry_seconds,
    parse_names,
    text_of,
)
from engine.settings.fixed import fixed_endpoint
from engine.settings.forms import read_once
from engine.settings.keys import parse_keys
from engine.text.invisible import trimmed

_LANGUAGES: Mapping[str, Language | None] = {"question": None, "en": "en", "zh": "zh"}


@dataclass(frozen=True)
class Settings:
    """Everything that one call needs to know of its endpoint, key and model.

    Attributes:
        endpoint: base URL without a trailing slash, such as ``https://api.example.com/v1``.
        api_key: the secret in use; never part of ``repr``, a log line or an error.
        api_keys: all that were typed, in their order.
        model: the name that the gateway knows the model by.
        max_retry_seconds: how long the call may wait (queue, pauses, failed attempts), seconds.
        max_concurrency: calls that each key takes at once; ``None`` to find out.
        requests_per_minute: requests that each key takes in a minute; ``None`` to find out.
        tokens_per_minute: tokens that each key takes in a minute; ``None`` to find out.
        fallback_models: names to ask, in order, when the model is saturated or has no channel.
        extra_body: fields that are added to every request's body; they may hold anything.
        extra_headers: headers that are added to every request; they may be secret.
        cache_ttl_seconds: how long answers are kept and given again; 0 is never.
        cache_uncertain: also those that would not be expected to be the same another time.
        wait_is_typed: somebody typed ``max_retry_seconds``: a call waits so long whenever waiting
            can help.
        message_language: the language in which failures are explained, ``en`` or ``zh``; ``None``
            for that of the question.
    """

    endpoint: str
    api_key: str = field(repr=False)
    model: str
    max_retry_seconds: float = DEFAULT_MAX_RETRY_SECONDS
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    max_concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    fallback_models: tuple[str, ...] = ()
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extra_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cache_ttl_seconds: int = 0
    cache_uncertain: bool = False
    wait_is_typed: bool = False
    message_language: Language | None = None

    def each_key(self) -> tuple["Settings", ...]:
        """These settings with each of the keys in use."""
        return tuple(
            self if key == self.api_key else replace(self, api_key=key)
            for key in self.api_keys or (self.api_key,)
        )

    def with_model(self, model: str) -> "Settings":
        """The same for another model."""
        return self if model == self.model else replace(self, model=model)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat: all keys, headers, and secrets in the body by their names."""
        return (
            *(self.api_keys or (self.api_key,)),
            *(value for _, value in self.extra_headers),
            *secrets_in(self.extra_body),
        )

    @functools.cached_property
    def key_digest(self) -> str:
        """SHA-256 of the key, shortened: what state may be keyed by instead of the secret."""
        return hashlib.sha256(self.api_key.encode()).hexdigest()[:24]

    @functools.cached_property
    def origin(self) -> str:
        """Scheme, host and port of the endpoint (RFC 6454)."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"


@read_once
def parse_settings(
    credentials: Credentials, model: str, default_seconds: float = DEFAULT_MAX_RETRY_SECONDS
) -> Settings:
    """Turn Dify's credentials into ``Settings``.

    Args:
        credentials: values of the provider's or the model's form (strings, absent or ``None``).
        model: the model's name in Dify; ``endpoint_model_name`` wins if it is filled in.
        default_seconds: the waiting budget if none was typed, seconds.

    Raises:
        SettingsError: a value is missing or cannot be used.
    """
    choice(credentials, "settings", FORM_SETTINGS)
    keys = parse_keys(text_of(credentials, "api_key"))
    typed_wait = text_of(credentials, "max_retry_seconds")
    return Settings(
        endpoint=parse_endpoint(fixed_endpoint() or text_of(credentials, "endpoint_url")),
        api_key=keys[0],
        api_keys=keys,
        model=text_of(credentials, "endpoint_model_name") or trimmed(model),
        max_retry_seconds=parse_max_retry_seconds(typed_wait, default_seconds),
        wait_is_typed=bool(typed_wait),
        max_concurrency=parse_limit(credentials, "max_concurrency"),
        requests_per_minute=parse_limit(credentials, "requests_per_minute"),
        tokens_per_minute=parse_limit(credentials, "tokens_per_minute", MAX_TOKEN_COUNT),
        fallback_models=parse_names(text_of(credentials, "fallback_models")),
        extra_body=parse_extra_body(credentials),
        extra_headers=parse_extra_headers(credentials),
        cache_ttl_seconds=parse_cache_ttl(credentials),
        cache_uncertain=choose(credentials, "cache_scope", CACHE_SCOPES),
        message_language=_LANGUAGES[choice(credentials, "message_language", MESSAGE_LANGUAGES)],
    )
