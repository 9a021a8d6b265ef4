"""Whether what a user typed works: asked when it is saved, in 15 s, in no queue.

A save has to say no to what is wrong, and yes to a good key that happens to be saturated.
"""

import itertools
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from gateway.bilingual import NOTHING, Both
from gateway.client import Client
from gateway.exchange import Limits, Sink, exchange
from gateway.explain import LONGEST_TEXT, RefusedKey, explain, explain_keys
from gateway.failure import AttemptError, Failure, GatewayError
from gateway.failure.kinds import (
    CONNECT_FAILED,
    EMPTY_ANSWER,
    NO_ANSWER,
    NO_CHANNEL,
    OVERLOADED,
    RATE_LIMITED,
    SATURATED,
    TIME_LIMIT,
)
from gateway.key_usage import shared_key_usage
from gateway.model_list import list_models
from gateway.nearest import nearest_models, nearest_sentence
from gateway.relay import Collected
from gateway.request import Request
from gateway.retry import repeats_allowed
from gateway.revise import RevisedRequest
from gateway.settings import Settings
from gateway.transport import Transport

SAVE_SECONDS = 14.0
"""All of a check; Dify's form waits, and 15 s is what a person does."""

_CONNECT_SECONDS = 4.0
_READ_SECONDS = 8.0
_LEAST_SECONDS_FOR_REPEAT = 5.0
_PAUSE_BEFORE_REPEAT = 0.5
_KEYS_AT_ONCE = 16
_SHORTEST_KEY_NAMED = 8
_NOT_FOUND = 404

PROOF_OF_NOTHING = frozenset({SATURATED, RATE_LIMITED, OVERLOADED, NO_ANSWER, TIME_LIMIT})
"""Kinds that a good key meets as well as a bad one."""

logger = logging.getLogger("gateway")


class _Question(Protocol):
    """One request that tells whether a key works; asked again, it goes on where it was."""

    def ask(self, until: float) -> None:
        """Ask; raises AttemptError."""

    @property
    def answered(self) -> bool:
        """An answer has begun: the gateway was reached."""


def check_key(client: Client, settings: Settings) -> None:
    """Check endpoint and keys by asking for the list of models.

    A gateway without that list (404) is accepted, and so is one that is saturated or silent.

    Raises:
        GatewayError: what was typed does not work; the text says what to change.
    """
    _check(client, settings, [_ListQuestion(client, one) for one in settings.each_key()])


def check_model[Result](client: Client, settings: Settings, request: Request[Result]) -> None:
    """Check a model by one short request with each key; any complete answer passes.

    Raises:
        GatewayError: it does not work; an unknown model is answered with the nearest names.
    """
    _check(client, settings, [_ModelQuestion(client, one, request) for one in settings.each_key()])


class _ListQuestion:
    """Asks for the list of models."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self.answered = False

    def ask(self, until: float) -> None:
        """Ask for the list; a gateway that has none passes."""
        try:
            list_models(self._client.transport, self._settings, _limits(until))
        except AttemptError as error:
            if error.failure.status != _NOT_FOUND:
                raise
            origin = self._settings.origin
            logger.info("%s has no list of models (HTTP 404); the key is accepted", origin)


class _ModelQuestion[Result]:
    """Asks a model for a short answer."""

    def __init__(self, client: Client, settings: Settings, request: Request[Result]) -> None:
        self._client = client
        self._settings = settings
        self._request = RevisedRequest(request.extended(settings.extra_body))
        self.answered = False

    def ask(self, until: float) -> None:
        """Send the request, revised where the gateway names what it refuses."""
        try:
            ask_revised(
                self._client.transport,
                self._settings,
                self._request,
                Collected(),
                _limits(until),
                self._begins,
            )
        except AttemptError as error:
            if error.failure.kind is not EMPTY_ANSWER:
                raise

    def _begins(self, _headers: Mapping[str, str]) -> None:
        self.answered = True


def ask_revised[Result](
    transport: Transport,
    settings: Settings,
    request: RevisedRequest[Result],
    sink: Sink,
    limits: Limits,
    on_admitted: Callable[[Mapping[str, str]], None] = lambda _headers: None,
) -> Result:
    """Ask in no queue, and at once again where the gateway names what it refuses.

    Args:
        transport: the connections.
        settings: endpoint, key.
        request: what is asked; what it learns of the model, it keeps.
        sink: gets the text as it arrives.
        limits: of time, for all attempts together.
        on_admitted: as for ``exchange``.

    Raises:
        AttemptError: the last attempt failed.
    """
    while True:
        try:
            return exchange(transport, settings, request.current, sink, limits, on_admitted)
        except AttemptError as error:
            if time.monotonic() >= limits.until or request.revise(error.failure) is None:
                failure = shared_key_usage().explained(transport, settings, error.failure)
                raise AttemptError(failure) from None


def _limits(until: float) -> Limits:
    """Of one request; ``until`` is when the whole check has to be over."""
    return Limits(until, _CONNECT_SECONDS, _READ_SECONDS)


@dataclass(frozen=True, slots=True)
class _Bad:
    """A key that does not work."""

    position: int
    settings: Settings
    failure: Failure
    attempts: int = 1

    @property
    def refused(self) -> RefusedKey:
        """As a person is told of it."""
        key = self.settings.api_key
        ending = key[-4:] if len(key) >= _SHORTEST_KEY_NAMED else ""
        return RefusedKey(self.position, ending, self.failure)


def _check(client: Client, settings: Settings, questions: list[_Question]) -> None:
    """Check every key, several at once; in no queue, as a save waits for nobody's turn."""
    began = time.monotonic()
    until = began + SAVE_SECONDS
    each = settings.each_key()
    threads = ThreadPoolExecutor(max_workers=min(len(each), _KEYS_AT_ONCE))
    futures = [
        threads.submit(_check_one, position, one, question, until)
        for position, one, question in zip(itertools.count(1), each, questions, strict=False)
    ]
    wait(futures, timeout=SAVE_SECONDS)
    # Whoever is not done by then ends by its own limits; the form does not wait for it.
    threads.shutdown(wait=False, cancel_futures=True)
    judged = map(_judge, itertools.count(1), each, questions, futures)
    bad = [result for result in judged if result]
    if not bad:
        client.admission.wake(settings.endpoint, tuple(one.key_digest for one in each))
        return
    first = bad[0]
    seconds = time.monotonic() - began

    def text_with(hint: Both) -> str:
        if len(each) > 1:
            return explain_keys([one.refused for one in bad], len(each), hint)
        return explain(first.failure, first.attempts, seconds, SAVE_SECONDS, hint)

    if first.failure.kind.is_about_model:
        text = _with_nearest(client, first.settings, until, text_with)
    else:
        text = text_with(NOTHING)
    raise GatewayError(first.failure, text)


def _check_one(position: int, settings: Settings, question: _Question, until: float) -> _Bad | None:
    attempts = 1
    try:
        try:
            question.ask(until)
        except AttemptError as error:
            if not _worth_repeating(error.failure, until - time.monotonic()):
                raise
            time.sleep(_PAUSE_BEFORE_REPEAT)
            attempts = 2
            question.ask(until)
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


def _judge(
    position: int, settings: Settings, question: _Question, future: "Future[_Bad | None]"
) -> _Bad | None:
    """What became of one key; silence proves nothing, but only where somebody was reached."""
    if future.cancelled():
        return None
    if future.done():
        return future.result()
    if question.answered:
        logger.info("%s took too long; the key is accepted", settings.origin)
        return None
    return _Bad(position, settings, Failure(CONNECT_FAILED))


def _worth_repeating(failure: Failure, seconds_left: float) -> bool:
    return (
        failure.kind not in PROOF_OF_NOTHING
        and failure.kind is not NO_CHANNEL
        and repeats_allowed(failure) != 0
        and seconds_left > _LEAST_SECONDS_FOR_REPEAT
    )


def _with_nearest(
    client: Client, settings: Settings, until: float, text_with: Callable[[Both], str]
) -> str:
    """The text with as many of the nearest names of models as there is room for."""
    try:
        names = list_models(client.transport, settings, _limits(until))
    except AttemptError:
        return text_with(NOTHING)
    near = nearest_models(settings.model, names)
    while True:
        text = text_with(nearest_sentence(near, len(names)))
        if len(text.encode()) <= LONGEST_TEXT:
            return text
        if len(near) < 2:
            return text_with(NOTHING)
        near.pop()
