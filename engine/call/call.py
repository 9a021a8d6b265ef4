"""One call: its permits, its attempts, its keys and models, until it succeeds or is given up."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import backoff

from engine.admission import AdmissionRequest, KeyLimits, Limiter, NotAdmitted, Permit, Tokens
from engine.call.attempt import MAX_CALL_SECONDS, Closable, Sink, TimeLimits, send_attempt
from engine.call.channel import ConsumerGoneError
from engine.call.key_usage import shared_key_usage
from engine.call.log import CallLog
from engine.call.loop import AttemptHistory, run_attempts
from engine.call.model_lists import ModelLists
from engine.call.not_admitted import failure_of_keys, failure_of_not_admitted
from engine.call.policy import (
    Action,
    GiveUp,
    NextKey,
    NextModel,
    QueueAgain,
    RetryLater,
    Revise,
    decide,
)
from engine.call.target import Target
from engine.call.token_estimate import expected_tokens, used_tokens
from engine.compat.learned import LearnedRules
from engine.compat.media import worded_for
from engine.compat.rules import RevisedRequest
from engine.delta import Delta
from engine.errors import AttemptError, Failure, GatewayError
from engine.errors.explanation import given_up, reader_of
from engine.errors.messages import language_of
from engine.errors.rate_limit_headers import exhausted_for, tokens_left
from engine.http.transport import READ_SECONDS, Transport
from engine.request import Request
from engine.settings import Settings
from engine.text.asked import asked_text

SHARE_BEFORE_FALLBACK = 0.5
"""Part of the waiting budget that a model gets before the next one is asked."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the calls of a process share; all of it is keyed by endpoint, key and model."""

    transport: Transport
    learned_rules: LearnedRules
    call_log: CallLog
    limiter: Limiter
    lists: ModelLists = field(default_factory=ModelLists)


class GatewayCall[Result]:
    """One call: attempts with its keys, and on its models, in one loop.

    Args:
        engine: what calls share.
        settings: endpoint, keys, models and waiting budget.
        request: what is asked.
        sink: gets the answer as it arrives.
        until: when it has to be over, on the monotonic clock; 590 s from now at the latest.
        progress: told ``True`` when a request goes out, ``False`` when the call waits for a permit.

    Attributes:
        model: the model being asked.
        sent: the request that was sent last, in the words that it was sent in.
        began: when the call began, on the monotonic clock.
        until: when it has to be over.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        request: Request[Result],
        sink: Sink,
        until: float | None = None,
        progress: Callable[[bool], None] = lambda _asking: None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._request = request
        self._sink = sink
        self._requests = 0
        self.progress = progress
        self.sent = request
        self.began = time.monotonic()
        latest = self.began + MAX_CALL_SECONDS
        self.until = latest if until is None else min(until, latest)
        self._models = deque((settings.model, *settings.fallback_models))
        self.model = settings.model

    def run(self) -> Result:
        """Ask the model, and the fallback models in their order.

        Raises:
            AttemptError: the last model's failure.
        """
        self._target = self._enter(self._models.popleft())
        try:
            return run_attempts(self._attempt, self._decide, self._perform, self._is_late)
        finally:
            self._target.queued.leave()

    def first_request(self) -> Request[Result]:
        """The request as it would be sent now, with what its model is known to need."""
        known = self._engine.learned_rules.recall(self._settings)
        return RevisedRequest(self._request_to(self._settings.model), known).current

    def failed(self, failure: Failure) -> GatewayError:
        """The exception that ends the call."""
        seconds = time.monotonic() - self.began
        self._engine.call_log.failure(self._settings, failure, self._requests, seconds)
        reader = reader_of(self._settings, language_of(asked_text(self._request.payload)))
        return given_up(failure, reader, self._settings.max_retry_seconds - seconds)

    def _request_to(self, model: str) -> Request[Result]:
        request = self._request.with_model(model)
        return request.with_payload(worded_for(model, request.payload))

    def _enter(self, model: str) -> Target[Result]:
        """Begin to ask a model: with its part of the waiting budget, behind those who wait."""
        left = self._settings.max_retry_seconds - (time.monotonic() - self.began)
        budget = max(0.0, left * SHARE_BEFORE_FALLBACK if self._models else left)
        self.model = model
        settings = self._settings.with_model(model)
        keys = settings.each_key()
        request = self._request_to(model)
        history = AttemptHistory(budget)
        call = AdmissionRequest(
            endpoint=settings.endpoint,
            keys=tuple(each.key_digest for each in keys),
            model=model,
            user=self._request.user,
            deadline=history.deadline,
            payload_bytes=self._request.size,
            # Where another model can be asked, it is asked rather than waited for a gateway.
            waits_for_recovery=not self._models
            and (self._request.waits_for_recovery or self._settings.wait_is_typed),
            limits=KeyLimits(
                settings.max_concurrency,
                settings.requests_per_minute,
                settings.tokens_per_minute,
            ),
            tokens=self._expected_tokens(request),
        )
        revised = RevisedRequest(request, self._engine.learned_rules.recall(settings))
        return Target(settings, keys, revised, history, self._engine.limiter.enter(call))

    def _expected_tokens(self, request: Request[Result]) -> Tokens:
        if self._settings.tokens_per_minute is None:
            return Tokens()
        return expected_tokens(self.model, request.payload)

    def _attempt(self) -> Result:
        """One attempt, when its turn has come.

        Raises:
            AttemptError: it failed, or it was not admitted.
            ConsumerGoneError: nobody waits for an answer any more; nothing was sent.
        """
        target = self._target
        self.progress(False)
        try:
            permit = target.queued.acquire(anew=target.anew)
        except NotAdmitted as refusal:
            target.key = None
            raise AttemptError(failure_of_not_admitted(refusal, target.history.last)) from None
        self.progress(True)
        with permit:
            try:
                result = self._send(target.keys[permit.position], target.request.current, permit)
            except AttemptError as error:
                target.failed(permit, error.failure)
                raise
            permit.succeeded(used_tokens(target.request.current, result))
        if target.request.lasting:
            self._engine.learned_rules.learn(target.settings, target.request.lasting)
        return result

    def _send(self, settings: Settings, request: Request[Result], permit: Permit) -> Result:
        if self._sink.closed:
            raise ConsumerGoneError
        self._requests += 1
        self.sent = request
        read_seconds = READ_SECONDS if request.read_seconds is None else request.read_seconds
        limits = TimeLimits(self.until, read_seconds=read_seconds)
        sink = _FirstContent(self._sink, permit)

        def begins(headers: Mapping[str, str]) -> None:
            if wait := exhausted_for(headers):
                permit.exhausted(wait)
            if settings.tokens_per_minute and (left := tokens_left(headers)):
                permit.tokens_left(left)

        try:
            return send_attempt(self._engine.transport, settings, request, sink, limits, begins)
        except AttemptError as error:
            transport = self._engine.transport
            explained = shared_key_usage().explained(transport, settings, error.failure)
            raise AttemptError(explained) from None

    def _decide(self, failure: Failure) -> Action:
        """What to do, asking the key's own list of models where its answer may tell more."""
        target = self._target
        state = target.state(failure, self._requests, has_next_model=bool(self._models))
        action = decide(failure, state, backoff.full_jitter)
        if state.key is not None:
            target.history.add(failure, state.key, has_fit_key=state.has_fit_key)
        if state.key is None or isinstance(action, NextKey | Revise | QueueAgain):
            return action
        told = self._engine.lists.explained(
            self._engine.transport, target.keys[state.key], failure, self.until
        )
        if isinstance(action, GiveUp) and action.refused_keys:
            keys = failure_of_keys(action.refused_keys)
            return GiveUp(replace(keys, facts=(*keys.facts, *told.facts)))
        if told is failure:
            return action
        return decide(told, replace(state, key=None), backoff.full_jitter)

    def _perform(self, action: Action) -> None:
        target, call_log = self._target, self._engine.call_log
        target.anew = isinstance(action, NextKey | Revise)
        match action:
            case Revise(failure, rule):
                target.request.apply(rule, failure)
                what = f"repeated with a revised request ({rule.name})"
                call_log.event(target.settings, what)
            case RetryLater(failure, seconds):
                self._wait(failure, seconds)
            case QueueAgain(failure):
                self._wait(failure, 0.0)
            case NextModel(failure):
                what = f"{failure.kind.name}, asking the next fallback model"
                call_log.event(target.settings, what)
                target.queued.leave()
                self._target = self._enter(self._models.popleft())

    def _wait(self, failure: Failure, seconds: float) -> None:
        self._target.history.count_repeat(failure.kind)
        self.progress(False)
        self._engine.call_log.wait(self._target.settings, failure, seconds, self._requests)
        if seconds:
            time.sleep(seconds)

    def _is_late(self) -> bool:
        self._target.key = None
        return self._target.history.seconds_left < 0


class _FirstContent:
    """A sink that tells the queue when the first content arrives: then the call was admitted.

    The status alone proves nothing, as New API answers 200 before a late refusal.
    """

    def __init__(self, sink: Sink, permit: Permit) -> None:
        self._sink = sink
        self._permit: Permit | None = permit

    @property
    def closed(self) -> bool:
        """Nobody waits for the answer any more."""
        return self._sink.closed

    def put(self, deltas: list[Delta]) -> None:
        """Pass deltas on."""
        if self._permit is not None:
            self._permit.first_byte()
            self._permit = None
        self._sink.put(deltas)

    def read_from(self, source: Closable | None) -> None:
        """Pass on what has to be shut down."""
        self._sink.read_from(source)
