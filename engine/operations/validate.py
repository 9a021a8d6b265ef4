"""Whether what a user typed works: asked when it is saved, in 15 s, in no queue.

A save has to say no to what is wrong, and yes to a good key that happens to be saturated. Silence
proves nothing against a model, which may be loading; a provider whose list of models does not come
is no gateway that anybody can use.
"""

import itertools
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from engine.call.model_list import list_models
from engine.call.policy import RetryLimits
from engine.call.unqueued import UnqueuedCall
from engine.client import Client
from engine.errors import AttemptError, Failure, GatewayError, Kind
from engine.errors.explanation import (
    MAX_TEXT_CHARACTERS,
    RefusedKey,
    explain,
    explain_keys,
    readers_of_form,
)
from engine.errors.kinds import (
    CONNECT_FAILED,
    NO_ANSWER,
    NO_CHANNEL,
    OVERLOADED,
    RATE_LIMITED,
    SATURATED,
    TIME_LIMIT,
    WRONG_URL,
)
from engine.errors.messages import Message
from engine.errors.suggest import suggest_models, suggestion_sentence
from engine.operations.validate_fields import check_fallbacks, right_address
from engine.operations.validate_questions import ListQuestion, ModelQuestion, Question, limits_of
from engine.request import Request
from engine.settings import Settings
from engine.settings.secrets import secrets_of

SAVE_SECONDS = 14.0
"""All of a check; Dify's form waits, and 15 s is what a person does."""

_KEYS_AT_ONCE = 16
_MIN_NAMED_KEY_CHARACTERS = 8

BUSY = frozenset({SATURATED, RATE_LIMITED, OVERLOADED})
"""Kinds that a good key meets as well as a bad one."""

SILENT = frozenset({NO_ANSWER, TIME_LIMIT})
"""Kinds of a gateway that accepts and does not answer in time."""

_LIMITS = RetryLimits(
    max_repeats=1, pause_seconds=0.5, min_seconds_left=5.0, excluded=BUSY | SILENT | {NO_CHANNEL}
)

logger = logging.getLogger("gateway")


def check_key(client: Client, settings: Settings) -> None:
    """Check endpoint and keys by asking for the list of models.

    A gateway without that list (404) is accepted if it has a chat API, and so is a saturated one.

    Raises:
        GatewayError: what was typed does not work; the text says what to change.
        SettingsError: the gateway does not have a fallback model.
    """
    until = time.monotonic() + SAVE_SECONDS
    questions = [ListQuestion(client, one) for one in settings.each_key()]
    _check(client, settings, questions, BUSY, until)
    check_fallbacks(client.transport, settings, limits_of(until))


def check_model[Result](client: Client, settings: Settings, request: Request[Result]) -> None:
    """Check a model by one short request with each key; any complete answer passes.

    Raises:
        GatewayError: it does not work; an unknown model is answered with the nearest names.
        SettingsError: the gateway does not have a fallback model.
    """
    until = time.monotonic() + SAVE_SECONDS
    questions = [ModelQuestion(client, one, request) for one in settings.each_key()]
    _check(client, settings, questions, BUSY | SILENT, until)
    check_fallbacks(client.transport, settings, limits_of(until))


@dataclass(frozen=True, slots=True)
class _Bad:
    """A key that does not work."""

    position: int
    settings: Settings
    failure: Failure

    @property
    def refused(self) -> RefusedKey:
        """As a person is told of it."""
        key = self.settings.api_key
        ending = key[-4:] if len(key) >= _MIN_NAMED_KEY_CHARACTERS else ""
        return RefusedKey(self.position, ending, self.failure)


def _check(
    client: Client,
    settings: Settings,
    questions: Sequence[Question],
    excused: frozenset[Kind],
    until: float,
) -> None:
    """Check every key, several at once; in no queue, as a save waits for nobody's turn.

    Args:
        client: the connections.
        settings: what was typed.
        questions: one for each key.
        excused: kinds of failure that are accepted, and logged.
        until: when it has to be over, on the monotonic clock.
    """
    each = settings.each_key()
    threads = ThreadPoolExecutor(max_workers=min(len(each), _KEYS_AT_ONCE))
    futures = [
        threads.submit(_check_one, position, one, question, excused, until)
        for position, one, question in zip(itertools.count(1), each, questions, strict=False)
    ]
    wait(futures, timeout=SAVE_SECONDS)
    # Whoever is not done by then ends by its own limits; the form does not wait for it.
    threads.shutdown(wait=False, cancel_futures=True)
    judged = [
        _judge(position, one, question, excused, future)
        for position, one, question, future in zip(
            itertools.count(1), each, questions, futures, strict=False
        )
    ]
    bad = [result for result in judged if result]
    if not bad:
        client.limiter.wake(settings.endpoint, tuple(one.key_digest for one in each))
        return
    first = bad[0]

    readers = readers_of_form(settings)

    def text_with(*hints: Message) -> str:
        if len(each) > 1:
            return explain_keys([one.refused for one in bad], len(each), readers, hints)
        return explain(first.failure, readers, until - time.monotonic(), hints)

    if first.failure.kind.is_about_model:
        text = _with_suggestion(client, first.settings, until, text_with)
    elif first.failure.kind is WRONG_URL:
        text = text_with(*right_address(client.transport, first.settings, limits_of(until)))
    else:
        text = text_with()
    raise GatewayError(first.failure, text)


def _check_one(
    position: int,
    settings: Settings,
    question: Question,
    excused: frozenset[Kind],
    until: float,
) -> _Bad | None:
    call = UnqueuedCall(until, _LIMITS)
    try:
        call.run(lambda: question.ask(until), question.request)
    except AttemptError as error:
        failure = error.failure
        if failure.kind not in excused:
            return _Bad(position, settings, failure)
        logger.log(
            logging.WARNING if failure.kind in SILENT else logging.INFO,
            "%s is %s at this moment, which proves nothing against the key; it is accepted",
            settings.origin,
            failure.kind.name,
        )
    return None


def _judge(
    position: int,
    settings: Settings,
    question: Question,
    excused: frozenset[Kind],
    future: "Future[_Bad | None]",
) -> _Bad | None:
    """What became of one key; silence may be excused, but only where somebody was reached."""
    if future.cancelled():
        return None
    if future.done():
        return future.result()
    if question.answered and NO_ANSWER in excused:
        logger.warning("%s took too long; the key is accepted", settings.origin)
        return None
    if NO_ANSWER not in excused:
        return _Bad(position, settings, Failure(NO_ANSWER))
    return _Bad(position, settings, Failure(CONNECT_FAILED))


def _with_suggestion(
    client: Client, settings: Settings, until: float, text_with: Callable[..., str]
) -> str:
    """The text with as many of the nearest names of models as there is room for."""
    try:
        names = list_models(client.transport, settings, limits_of(until))
    except AttemptError:
        return text_with()
    from engine.errors.secrets import redact  # noqa: PLC0415 - start-up is outage time

    secrets = secrets_of(settings)
    near = [redact(name, secrets) for name in suggest_models(settings.model, names)]
    while True:
        text = text_with(suggestion_sentence(near, len(names)))
        if len(text.encode()) <= MAX_TEXT_CHARACTERS:
            return text
        if len(near) < 2:
            return text_with()
        near.pop()
