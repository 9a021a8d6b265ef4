"""The models that a key may use, as the gateway lists them."""

import fnmatch
from collections.abc import Iterable
from dataclasses import replace

from engine.call.attempt import TimeLimits
from engine.call.key_usage import shared_key_usage
from engine.call.page import Page, read_page
from engine.errors import AttemptError, Failure, classify
from engine.errors.evidence import has_error
from engine.errors.kinds import WRONG_URL
from engine.errors.redact import without_secrets
from engine.http.transport import Transport
from engine.settings import Settings
from engine.settings.secrets import secrets_of


def list_models(transport: Transport, settings: Settings, limits: TimeLimits) -> list[str]:
    """Names of the models that this key may use, as ``GET /models`` tells them.

    Raises:
        AttemptError: there is no such list.
    """
    return [str(entry["id"]) for entry in model_entries(transport, settings, limits)]


def is_listed(model: str, names: Iterable[str]) -> bool:
    """Return whether a list has a model; LiteLLM's have patterns such as ``openai/*`` in them."""
    return any(fnmatch.fnmatchcase(model, one) if "*" in one else model == one for one in names)


def model_entries(
    transport: Transport, settings: Settings, limits: TimeLimits
) -> list[dict[str, object]]:
    """The list of models with all that the gateway tells of each; every entry has an ``id``.

    Raises:
        AttemptError: there is no such list.
    """
    page = read_page(transport, settings, "models", limits)
    models = page.document.get("data") if isinstance(page.document, dict) else page.document
    if not page.found or has_error(page.document) or not isinstance(models, list):
        failure = without_secrets(_no_list(page), secrets_of(settings))
        raise AttemptError(shared_key_usage().explained(transport, settings, failure))
    return [model for model in models if isinstance(model, dict) and model.get("id")]


def _no_list(page: Page) -> Failure:
    failure = classify(page.evidence)
    if page.found and not has_error(page.document):
        return replace(failure, kind=WRONG_URL)
    return failure
