"""What a save can say of single fields: which fallback models are missing, the right address."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from engine.apis.chat.request import chat_request
from engine.call.attempt import TimeLimits, send_attempt
from engine.call.channel import Collected
from engine.call.model_list import is_listed, list_models
from engine.errors import AttemptError
from engine.errors.messages import Listed, Message, Value, message
from engine.errors.suggest import suggest_models
from engine.http.transport import Transport
from engine.settings import Settings, SettingsError

_TOKENS = 1
"""Of the answer with which a fallback model shows that it is there."""

_AT_ONCE = 8
_MAX_NAME = 80
"""Characters of a name in a message."""

_MAX_NEAR = 3


def check_fallbacks(transport: Transport, settings: Settings, limits: TimeLimits) -> None:
    """Look fallback models up in the lists of all keys, and ask those that are in none of them.

    Gateways serve models that their list does not name (``-thinking`` and the like), so a name is
    refused only where the gateway itself says that it does not have it.

    Args:
        transport: the connections.
        settings: what was typed.
        limits: of time, for all requests together.

    Raises:
        SettingsError: the gateway does not have a fallback model; near names are given.
    """
    if not settings.fallback_models:
        return
    listed = _listed(transport, settings, limits)
    asked = [name for name in settings.fallback_models if not is_listed(name, listed)]
    if not asked or not listed:
        return
    with ThreadPoolExecutor(max_workers=min(len(asked), _AT_ONCE)) as threads:
        found = threads.map(lambda name: _is_there(transport, settings, name, limits), asked)
        missing = [name for name, is_there in zip(asked, found, strict=True) if not is_there]
    if missing:
        models = Listed(tuple(_with_near_names(name, listed) for name in missing))
        raise SettingsError("fallback_models", "fallback_missing", models=models)


def _with_near_names(name: str, listed: Sequence[str]) -> Value:
    """A name, cut, with those that it may stand for."""
    near = tuple(suggest_models(name, listed)[:_MAX_NEAR])
    if not near:
        return name[:_MAX_NAME]
    return message("settings.fallback_near", name=name[:_MAX_NAME], names=Listed(near))


def _listed(transport: Transport, settings: Settings, limits: TimeLimits) -> list[str]:
    """The models of all keys; empty where a key has no list, as then nothing can be said."""
    names: dict[str, None] = {}
    for one in settings.each_key():
        try:
            names |= dict.fromkeys(list_models(transport, one, limits))
        except AttemptError:
            return []
    return list(names)


def _is_there(transport: Transport, settings: Settings, name: str, limits: TimeLimits) -> bool:
    """Whether a model is not denied by every key; another failure proves nothing."""
    payload = {
        "model": name,
        "messages": [{"role": "user", "content": "ping"}],
        "max_tokens": _TOKENS,
        "stream": True,
    }
    for one in settings.each_key():
        try:
            send_attempt(transport, one, chat_request(payload, "chat"), Collected(), limits)
        except AttemptError as error:
            if error.failure.kind.is_about_model:
                continue
        return True
    return False


def right_address(
    transport: Transport, settings: Settings, limits: TimeLimits
) -> tuple[Message, ...]:
    """Return a sentence with the address of the API, where it is found on the same host.

    Args:
        transport: the connections.
        settings: with an address that leads to no API.
        limits: of time, for all requests together.
    """
    below = settings.endpoint.removesuffix("/v1")
    candidates = (f"{below}/v1", f"{settings.origin}/v1", f"{settings.origin}/api/v1")
    for endpoint in dict.fromkeys(candidates):
        if endpoint == settings.endpoint:
            continue
        try:
            list_models(transport, replace(settings, endpoint=endpoint), limits)
        except AttemptError:
            continue
        return (message("facts.right_address", endpoint=endpoint),)
    return ()
