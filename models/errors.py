"""From the engine's exceptions to the classes that Dify knows by name."""

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
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

from engine import (
    BOTH,
    Credentials,
    GatewayError,
    Language,
    Message,
    Outcome,
    SettingsError,
    Value,
    in_all,
    language_of,
    message,
    opened,
    text_of,
)

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


class RefusedError(InvokeBadRequestError):
    """A call that this plugin itself does not send, or an answer that it cannot hand on.

    It leaves the plugin as its parent class, which Dify knows by name.

    Args:
        sentence: what is wrong and what to do: its key below ``refusals`` in the locales.
        values: of the sentence's placeholders.

    Attributes:
        message: the sentence.
    """

    def __init__(self, sentence: str, /, **values: Value) -> None:
        self.message = message(f"refusals.{sentence}", **values)
        super().__init__(_opened(self.message, ("en",)))


def as_invoke_error(error: Exception, languages: Sequence[Language] = BOTH) -> InvokeError:
    """Return the exact class that Dify matches by name, with the text that a person reads.

    Args:
        error: whatever was raised.
        languages: of the reader; an engine's error has been told in them before.
    """
    if type(error) in _MAPPED and isinstance(error, InvokeError):
        return error
    if isinstance(error, GatewayError):
        return INVOKE_ERRORS[error.outcome](error.text)
    if isinstance(error, RefusedError):
        return InvokeBadRequestError(_opened(error.message, languages))
    if isinstance(error, SettingsError):
        is_unauthorized = error.variable == "api_key" and error.missing
        refused = InvokeAuthorizationError if is_unauthorized else InvokeBadRequestError
        return refused(_opened(error.message, languages))
    return _unexpected(error, languages)


def _opened(said: Message, languages: Sequence[Language]) -> str:
    texts = (opened("frame.between", [said.say(one)], one) for one in languages)
    return " ".join(sorted(texts, key=len))


def _unexpected(error: Exception, languages: Sequence[Language]) -> InvokeError:
    # The error's own text may repeat a prompt or a key; where it happened is enough to mend it.
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    logger.error("unexpected %s at %s", type(error).__name__, places)
    failed = message("refusals.plugin_failed", error=type(error).__name__)
    return InvokeServerUnavailableError(_opened(failed, languages))


@contextmanager
def only_invoke_errors(
    credentials: Credentials | None = None, asked: Callable[[], str] = str
) -> Iterator[None]:
    """Let nothing out but the five classes; also around code that yields.

    The SDK does not map what is raised while a returned generator is consumed.

    Args:
        credentials: the form, whose field Language of Messages settles the language.
        asked: the last question, or the text to embed, rank or speak, which tells it else.

    Raises:
        InvokeError: one of the five subclasses, without its cause: that would travel on the wire.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - any other class makes Dify show raw JSON
        reader = _language_typed(credentials) or (language_of(asked()),)
        raise as_invoke_error(error, reader) from None


@contextmanager
def only_credential_errors(credentials: Credentials | None = None) -> Iterator[None]:
    """The same for saving: a sentence that says what to enter, in all languages unless one is set.

    Args:
        credentials: the form, whose field Language of Messages settles the language.

    Raises:
        CredentialsValidateFailedError: what was typed does not work.
    """
    try:
        yield
    except CredentialsValidateFailedError:
        raise
    except GatewayError as error:
        raise CredentialsValidateFailedError(error.text) from None
    except Exception as error:  # noqa: BLE001 - any other class makes Dify show raw JSON
        languages = _language_typed(credentials) or BOTH
        if isinstance(error, SettingsError):
            raise CredentialsValidateFailedError(in_all(error.message, languages)) from None
        raise CredentialsValidateFailedError(str(as_invoke_error(error, languages))) from None


def _language_typed(credentials: Credentials | None) -> tuple[Language, ...]:
    """The language that the form settles; none where it does not, or holds what is no language."""
    typed = text_of(credentials or {}, "message_language")
    return tuple(one for one in BOTH if one == typed)
