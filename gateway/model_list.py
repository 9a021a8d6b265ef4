"""The models that a key may use, as the gateway lists them."""

import time
from dataclasses import replace

from gateway.documents import parse_document
from gateway.exchange import Limits, read_body
from gateway.failure import AttemptError, Evidence, Failure, classify, without_secrets
from gateway.failure.evidence import has_error, read_evidence
from gateway.failure.kinds import NO_ANSWER, WRONG_URL
from gateway.settings import Settings
from gateway.transport import Transport

_CONNECT_SECONDS = 4.0
_READ_SECONDS = 8.0
_LARGEST_LIST = 4 * 1024 * 1024
_NO_SUCCESS = 300


def list_models(transport: Transport, settings: Settings, until: float) -> list[str]:
    """Names of the models that this key may use, as ``GET /models`` tells them.

    Raises:
        AttemptError: there is no such list.
    """
    return [str(entry["id"]) for entry in model_entries(transport, settings, until)]


def model_entries(
    transport: Transport, settings: Settings, until: float
) -> list[dict[str, object]]:
    """The list of models with all that the gateway tells of each; every entry has an ``id``.

    Raises:
        AttemptError: there is no such list.
    """
    response = transport.get(
        settings,
        "models",
        connect_seconds=_CONNECT_SECONDS,
        read_seconds=Limits(until, silence=_READ_SECONDS).silence_from(time.monotonic()),
    )
    try:
        body, whole = read_body(response, _LARGEST_LIST, until)
        evidence = read_evidence(response.status_code, response.headers, body)
    finally:
        response.close()
    if evidence.status < _NO_SUCCESS and not whole:
        raise AttemptError(Failure(NO_ANSWER, evidence.status))
    try:
        document = parse_document(body.decode("utf-8", "replace"))
    except ValueError:
        document = None
    models = document.get("data") if isinstance(document, dict) else document
    if evidence.status >= _NO_SUCCESS or has_error(document) or not isinstance(models, list):
        raise AttemptError(without_secrets(_no_list(evidence, document), settings.secrets))
    return [model for model in models if isinstance(model, dict) and model.get("id")]


def _no_list(evidence: Evidence, document: object) -> Failure:
    failure = classify(evidence)
    if evidence.status < _NO_SUCCESS and not has_error(document):
        return replace(failure, kind=WRONG_URL)
    return failure
