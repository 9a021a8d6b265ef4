"""Whether what a user typed works: asked when it is saved, in 15 s, in no queue.

A save has to say no to what is wrong, and yes to a good key that happens to be saturated.
"""

import difflib
import itertools
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from gateway.answer import Finish
from gateway.client import LABEL, Client
from gateway.documents import parse_document
from gateway.exchange import Limits, exchange, read_body
from gateway.explain import LONGEST_TEXT, explain
from gateway.failure import AttemptError, Evidence, Failure, GatewayError, classify, without_key
from gateway.failure.evidence import has_error, read_evidence
from gateway.failure.kinds import (
    EMPTY_ANSWER,
    MODEL_NOT_FOUND,
    NO_ANSWER,
    NO_CHANNEL,
    OVERLOADED,
    RATE_LIMITED,
    SATURATED,
    TIME_LIMIT,
    WRONG_URL,
)
from gateway.relay import Collected
from gateway.revise import Payload, revision_for
from gateway.settings import Settings

SAVE_SECONDS = 14.0
"""All of a check; Dify's form waits, and 15 s is what a person does."""

_CONNECT_SECONDS = 4.0
_READ_SECONDS = 8.0
_LEAST_SECONDS_FOR_REPEAT = 5.0
_PAUSE_BEFORE_REPEAT = 0.5
_KEYS_AT_ONCE = 16
_KEYS_NAMED = 10
_LARGEST_MODEL_LIST = 4 * 1024 * 1024
_NEAREST_NAMES = 5
_LONGEST_NAME = 80  # characters
_NOT_FOUND = 404

PROOF_OF_NOTHING = frozenset({SATURATED, RATE_LIMITED, OVERLOADED, NO_ANSWER, TIME_LIMIT})
"""Kinds that a good key meets as well as a bad one."""

logger = logging.getLogger("gateway")


def check_key(client: Client, settings: Settings) -> None:
    """Check endpoint and keys by asking for the list of models.

    A gateway without that list (404) is accepted, and so is one that is saturated or silent.

    Raises:
        GatewayError: what was typed does not work; the text says what to change.
    """

    def ask(one: Settings, until: float) -> None:
        try:
            list_models(client, one, until)
        except AttemptError as error:
            failure = error.failure
            if failure.status != _NOT_FOUND or failure.kind is not WRONG_URL:
                raise
            logger.info("%s has no list of models (HTTP 404); the key is accepted", one.origin)

    _check(client, settings, ask)


def check_model(client: Client, settings: Settings, payload: Mapping[str, object]) -> None:
    """Check a model by one short request with each key; any finish reason passes.

    Raises:
        GatewayError: it does not work; an unknown model is answered with the nearest names.
    """

    def ask(one: Settings, until: float) -> None:
        try:
            _ask_revised(client, one, dict(payload), until)
        except AttemptError as error:
            if error.failure.kind is not EMPTY_ANSWER:
                raise

    _check(client, settings, ask)


def list_models(client: Client, settings: Settings, until: float) -> list[str]:
    """Names of the models that this key may use, as ``GET /models`` tells them.

    Raises:
        AttemptError: there is no such list.
    """
    response = client.transport.get(
        settings,
        "models",
        connect_seconds=_CONNECT_SECONDS,
        read_seconds=Limits(until, silence=_READ_SECONDS).silence_from(time.monotonic()),
    )
    try:
        body = read_body(response, _LARGEST_MODEL_LIST, until)
        evidence = read_evidence(response.status_code, response.headers, body)
    finally:
        response.close()
    try:
        document = parse_document(body.decode("utf-8", "replace"))
    except ValueError:
        document = None
    models = document.get("data") if isinstance(document, dict) else None
    if evidence.status >= 300 or has_error(document) or not isinstance(models, list):
        raise AttemptError(without_key(_no_list(evidence, document), settings.api_key))
    return [str(model["id"]) for model in models if isinstance(model, dict) and model.get("id")]


def _no_list(evidence: Evidence, document: object) -> Failure:
    failure = classify(evidence)
    if evidence.status < 300 and not has_error(document):
        return replace(failure, kind=WRONG_URL)
    return failure


@dataclass(frozen=True, slots=True)
class _Bad:
    """A key that does not work."""

    position: int
    settings: Settings
    failure: Failure
    attempts: int

    @property
    def name(self) -> str:
        """How a person recognises it."""
        return f"key {self.position} (…{self.settings.api_key[-4:]})"


def _check(client: Client, settings: Settings, ask: Callable[[Settings, float], None]) -> None:
    """Check every key at once; in no queue, as a save does not wait for anybody's turn."""
    began = time.monotonic()
    until = began + SAVE_SECONDS
    each = settings.each_key()
    with ThreadPoolExecutor(max_workers=min(len(each), _KEYS_AT_ONCE)) as threads:
        results = threads.map(
            _check_one, itertools.count(1), each, itertools.repeat(ask), itertools.repeat(until)
        )
        bad = [result for result in results if result]
    if not bad:
        client.admission.wake(settings.endpoint, tuple(one.key_digest for one in each))
        return
    failure = bad[0].failure
    if len(each) == 1:
        seconds = time.monotonic() - began
        text = explain(LABEL, failure, bad[0].attempts, seconds, SAVE_SECONDS)
    else:
        text = _which_keys(bad, len(each))
    room = LONGEST_TEXT - len(text.encode())
    text += _nearest_models(client, bad[0].settings, failure, until, room)
    raise GatewayError(failure, text)


def _which_keys(bad: list[_Bad], total: int) -> str:
    listed = "; ".join(f"{one.name}: {one.failure.kind.headline}" for one in bad[:_KEYS_NAMED])
    more = f"; and {len(bad) - _KEYS_NAMED} more" if len(bad) > _KEYS_NAMED else ""
    return (
        f"{LABEL}: {len(bad)} of {total} API keys do not work. {listed}{more}. "
        f"{bad[0].failure.kind.remedy}"
    )


def _check_one(
    position: int, settings: Settings, ask: Callable[[Settings, float], None], until: float
) -> _Bad | None:
    attempts = 1
    if time.monotonic() >= until:
        # So many keys and so slow a gateway: what could not be asked is not proven wrong.
        return None
    try:
        try:
            ask(settings, until)
        except AttemptError as error:
            if not _worth_repeating(error.failure, until - time.monotonic()):
                raise
            time.sleep(_PAUSE_BEFORE_REPEAT)
            attempts = 2
            ask(settings, until)
    except AttemptError as error:
        failure = error.failure
        if failure.kind not in PROOF_OF_NOTHING:
            return _Bad(position, settings, failure, attempts)
        logger.info(
            "%s is %s at this moment, which proves nothing against the key; it is accepted",
            settings.origin,
            failure.kind.name,
        )
    return None


def _worth_repeating(failure: Failure, seconds_left: float) -> bool:
    return (
        failure.kind not in PROOF_OF_NOTHING
        and failure.kind is not NO_CHANNEL
        and failure.kind.repeats != 0
        and seconds_left > _LEAST_SECONDS_FOR_REPEAT
    )


def _ask_revised(client: Client, settings: Settings, payload: Payload, until: float) -> Finish:
    """One request, and others where the gateway names what it refuses."""
    tried: set[str] = set()
    while True:
        try:
            return exchange(
                client.transport,
                settings,
                payload,
                Collected(),
                Limits(until, _CONNECT_SECONDS, _READ_SECONDS),
            )
        except AttemptError as error:
            revision = revision_for(error.failure, payload, frozenset(tried))
            if revision is None or time.monotonic() >= until:
                raise
            tried.add(revision.name)
            payload = revision.apply(payload)


def _nearest_models(
    client: Client, settings: Settings, failure: Failure, until: float, room: int
) -> str:
    """The names that a misspelt model may stand for, in at most ``room`` bytes."""
    if failure.kind not in (MODEL_NOT_FOUND, NO_CHANNEL):
        return ""
    try:
        names = list_models(client, settings, until)
    except AttemptError:
        return ""
    wanted = settings.model.lower()
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(wanted, by_lower, _NEAREST_NAMES, cutoff=0.4)
    near += [name for name in by_lower if wanted in name and name not in near]
    if not near:
        return f" None of the {len(names)} models that this key may use has a similar name."
    beginning = " Models of this key with similar names: "
    listed = beginning
    for name in near[:_NEAREST_NAMES]:
        item = f"{'' if listed == beginning else ', '}{by_lower[name][:_LONGEST_NAME]}"
        if len(f"{listed}{item}.".encode()) > room:
            break
        listed += item
    return "" if listed == beginning else f"{listed}."
