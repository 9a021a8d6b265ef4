"""What leaves the plugin: one of five classes, by exact name, with no cause on the wire."""

import logging
import traceback
from collections.abc import Generator

import pytest
from dify_plugin.errors.model import (
    CredentialsValidateFailedError,
    InvokeAuthorizationError,
    InvokeBadRequestError,
    InvokeConnectionError,
    InvokeError,
    InvokeRateLimitError,
    InvokeServerUnavailableError,
)

from engine.errors import KINDS, Failure, GatewayError, Kind, Outcome
from engine.settings import SettingsError
from models.errors import (
    ERROR_MAPPING,
    INVOKE_ERRORS,
    as_invoke_error,
    only_credential_errors,
    only_invoke_errors,
)

SECRET = "sk-secret-0123456789"
FIVE = (
    InvokeRateLimitError,
    InvokeAuthorizationError,
    InvokeBadRequestError,
    InvokeServerUnavailableError,
    InvokeConnectionError,
)


class SubclassedError(InvokeRateLimitError):
    """Dify matches exact names: this one would be shown as raw JSON."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_ends_in_the_class_of_its_outcome(kind: Kind) -> None:
    error = as_invoke_error(GatewayError(Failure(kind), "what a person reads"))
    assert type(error).__name__ == kind.outcome.value
    assert str(error) == "what a person reads"


def test_five_classes_and_no_other() -> None:
    assert set(INVOKE_ERRORS.values()) == set(FIVE)
    assert set(INVOKE_ERRORS) == set(Outcome)
    assert {error: [error] for error in FIVE} == ERROR_MAPPING


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (
            SettingsError("api_key", "key_empty", missing=True),
            InvokeAuthorizationError,
            "is empty",
        ),
        (
            SettingsError("api_key", "keys_too_many", most=100),
            InvokeBadRequestError,
            "too many API keys",
        ),
        (
            SettingsError("endpoint_url", "endpoint_empty", missing=True),
            InvokeBadRequestError,
            "is empty",
        ),
        (InvokeConnectionError("as it is"), InvokeConnectionError, "as it is"),
        (InvokeError("bare"), InvokeServerUnavailableError, "InvokeError"),
        (SubclassedError("sub"), InvokeServerUnavailableError, "SubclassedError"),
        (ValueError(SECRET), InvokeServerUnavailableError, "ValueError"),
        (KeyError(SECRET), InvokeServerUnavailableError, "KeyError"),
        (RecursionError(SECRET), InvokeServerUnavailableError, "RecursionError"),
    ],
)
def test_class_and_text(error: Exception, kind: type[InvokeError], text: str) -> None:
    found = as_invoke_error(error)
    assert type(found) is kind
    assert text in str(found)
    assert SECRET not in str(found)
    assert "\n" not in str(found)


def raising() -> Generator[int]:
    with only_invoke_errors():
        yield 1
        raise_with_a_cause()


def raise_with_a_cause() -> None:
    try:
        int(f"{SECRET} " * 1000)
    except ValueError as error:
        raise LookupError(SECRET) from error


def test_also_while_a_generator_is_consumed_and_without_its_cause() -> None:
    items = raising()
    assert next(items) == 1
    with pytest.raises(InvokeServerUnavailableError) as raised:
        next(items)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    printed = "".join(traceback.format_exception(raised.value))
    assert SECRET not in printed, "the traceback travels on the wire"


def test_what_was_unexpected_is_logged_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InvokeServerUnavailableError), only_invoke_errors():
        raise_with_a_cause()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "unexpected LookupError at raise_with_a_cause:" in record.getMessage()
    assert SECRET not in caplog.text


def test_a_consumer_that_stops_is_no_error() -> None:
    items = raising()
    next(items)
    items.close()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SettingsError("api_key", "key_empty"), "API Key is empty;"),
        (GatewayError(Failure(KINDS[0]), "what a person reads"), "what a person reads"),
        (CredentialsValidateFailedError("as it is"), "as it is"),
        (ValueError(SECRET), "the plugin itself failed (ValueError)"),
    ],
)
def test_saving_fails_with_one_class(error: Exception, text: str) -> None:
    with pytest.raises(CredentialsValidateFailedError) as raised, only_credential_errors():
        raise error
    assert type(raised.value) is CredentialsValidateFailedError
    assert text in str(raised.value)
    assert SECRET not in "".join(traceback.format_exception(raised.value))
