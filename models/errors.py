"""From the engine's exceptions to the classes that Dify knows by name."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from dify_plugin.errors.model import (
    CredentialsValidateFailedError,
    InvokeAuthorizationError,
    InvokeBadRequestError,
    InvokeConnectionError,
    InvokeError,
    InvokeRateLimitError,
    InvokeServerUnavailableError,
)

from gateway.explain import LABEL
from gateway.failure import GatewayError, Outcome
from gateway.settings import SettingsError

logger = logging.getLogger("gateway")

INVOKE_ERRORS: dict[Outcome, type[InvokeError]] = {
    Outcome.RATE_LIMIT: InvokeRateLimitError,
    Outcome.AUTHORIZATION: InvokeAuthorizationError,
    Outcome.BAD_REQUEST: InvokeBadRequestError,
    Outcome.UNAVAILABLE: InvokeServerUnavailableError,
    Outcome.CONNECTION: InvokeConnectionError,
}
"""The class of each outcome."""

ERROR_MAPPING: dict[type[InvokeError], list[type[Exception]]] = {
    error: [error] for error in INVOKE_ERRORS.values()
}
"""Each class mapped to itself, or the SDK turns what `_invoke` raises into a bare InvokeError."""

_MAPPED = tuple(ERROR_MAPPING)


def as_invoke_error(error: Exception) -> InvokeError:
    """The exact class that Dify matches by name, with the text that a person reads."""
    if type(error) in _MAPPED and isinstance(error, InvokeError):
        return error
    if isinstance(error, GatewayError):
        return INVOKE_ERRORS[error.outcome](error.text)
    if isinstance(error, SettingsError):
        if error.variable == "api_key" and error.missing:
            return InvokeAuthorizationError(f"{LABEL}: {error}")
        return InvokeBadRequestError(f"{LABEL}: {error}")
    return _unexpected(error)


def _unexpected(error: Exception) -> InvokeError:
    # The error's own text may repeat a prompt or a key; where it happened is enough to mend it.
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    logger.error("unexpected %s at %s", type(error).__name__, places)
    return InvokeServerUnavailableError(
        f"{LABEL}: the plugin itself failed ({type(error).__name__}). Please report this with the "
        f"plugin daemon's log; trying again may help."
    )


@contextmanager
def only_invoke_errors() -> Iterator[None]:
    """Let nothing out but the five classes; also around code that yields.

    The SDK does not map what is raised while a returned generator is consumed.

    Raises:
        InvokeError: one of the five subclasses, without its cause: that would travel on the wire.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - any other class makes Dify show raw JSON
        raise as_invoke_error(error) from None


@contextmanager
def only_credential_errors() -> Iterator[None]:
    """The same for saving: a sentence that says what to type.

    Raises:
        CredentialsValidateFailedError: what was typed does not work.
    """
    try:
        yield
    except CredentialsValidateFailedError:
        raise
    except (SettingsError, GatewayError) as error:
        raise CredentialsValidateFailedError(str(error)) from None
    except Exception as error:  # noqa: BLE001 - any other class makes Dify show raw JSON
        raise CredentialsValidateFailedError(str(_unexpected(error))) from None
