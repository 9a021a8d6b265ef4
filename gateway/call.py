"""One call: its turns, its attempts, its keys and models, until it succeeds or is given up."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from gateway.admission import Admission, Call, Limits, NoTurn, Ticket, Tokens, Turn
from gateway.exchange import LONGEST_CALL, Closable, Sink, exchange
from gateway.exchange import Limits as TimeLimits
from gateway.explain import given_up, spoken
from gateway.failure import AttemptError, Failure, GatewayError
from gateway.failure.kinds import EMPTY_ANSWER, GATEWAY_SHUT, NO_CHANNEL, QUEUE_TOO_LONG
from gateway.journal import Journal
from gateway.key_usage import shared_key_usage
from gateway.media import worded_for
from gateway.memory import Memory
from gateway.model_lists import ModelLists
from gateway.pieces import Piece
from gateway.queueing import cause_of, failure_of_keys, failure_of_no_turn
from gateway.quota import exhausted_for, tokens_left
from gateway.relay import ConsumerGoneError
from gateway.request import Request
from gateway.retry import Retry, Wait
from gateway.revise import RevisedRequest
from gateway.settings import Settings
from gateway.token_estimate import expected_tokens, used_tokens
from gateway.transport import READ_SECONDS, Transport

SHARE_BEFORE_FALLBACK = 0.5
"""Part of the waiting budget that a model gets before the next one is asked."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the calls of a process share; all of it is keyed by endpoint, key and model."""

    transport: Transport
    memory: Memory
    journal: Journal
    admission: Admission
    lists: ModelLists = field(default_factory=ModelLists)


class GatewayCall[Result]:
    """The attempts of one call.

    Args:
        engine: what calls share.
        settings: endpoint, keys, models and waiting budget.
        request: what is asked.
        sink: gets the answer as it arrives.
        until: when it has to be over, on the monotonic clock; 590 s from now at the latest.
        progress: told ``True`` when a request goes out, ``False`` when the call waits for its turn.

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
        self.model = settings.model
        self.sent = request
        self.began = time.monotonic()
        latest = self.began + LONGEST_CALL
        self.until = latest if until is None else min(until, latest)

    def run(self) -> Result:
        """Ask the model, and the fallback models in their order.

        Raises:
            AttemptError: the last model's failure.
        """
        models = (self._settings.model, *self._settings.fallback_models)
        for model in models[:-1]:
            try:
                return self._ask_model(model, is_last=False)
            except AttemptError as error:
                failure = error.failure
                if failure.after_content or not _is_full(failure):
                    raise
                what = f"{failure.kind.name}, asking the next fallback model"
                self._engine.journal.event(self._settings.with_model(model), what)
        return self._ask_model(models[-1], is_last=True)

    def first_request(self) -> Request[Result]:
        """The request as it would be sent now, with what its model is known to need."""
        known = self._engine.memory.recall(self._settings)
        return RevisedRequest(self._request_to(self._settings.model), known).current

    def _request_to(self, model: str) -> Request[Result]:
        request = self._request.with_model(model)
        return request.with_payload(worded_for(model, request.payload))

    def failed(self, failure: Failure) -> GatewayError:
        """The exception that ends the call."""
        seconds = time.monotonic() - self.began
        self._engine.journal.failure(self._settings, failure, self._requests, seconds)
        return given_up(failure, self._requests, seconds, self._settings.max_retry_seconds)

    def _ask_model(self, model: str, *, is_last: bool) -> Result:
        left = self._settings.max_retry_seconds - (time.monotonic() - self.began)
        budget = max(0.0, left if is_last else left * SHARE_BEFORE_FALLBACK)
        self.model = model
        settings = self._settings.with_model(model)
        attempts = _Attempts(self, settings, self._request_to(model))
        retry = Retry(budget, attempts.wait)
        call = Call(
            endpoint=settings.endpoint,
            keys=tuple(each.key_digest for each in settings.each_key()),
            model=model,
            user=self._request.user,
            deadline=time.monotonic() + budget,
            payload_bytes=self._request.size,
            # Where another model can be asked, it is asked rather than waited for a gateway.
            patient=is_last and (self._request.patient or self._settings.wait_is_typed),
            limits=Limits(
                settings.max_concurrency,
                settings.requests_per_minute,
                settings.tokens_per_minute,
            ),
            tokens=self._expected_tokens(model),
        )
        with self._engine.admission.enter(call) as ticket:
            return retry.run(lambda: attempts.make(ticket))

    def _expected_tokens(self, model: str) -> Tokens:
        if self._settings.tokens_per_minute is None:
            return Tokens()
        return expected_tokens(model, self._request_to(model).payload)

    def send(self, settings: Settings, request: Request[Result], turn: Turn) -> Result:
        """Send one request.

        Raises:
            AttemptError: it failed.
            ConsumerGoneError: nobody waits for an answer any more; nothing was sent.
        """
        if self._sink.closed:
            raise ConsumerGoneError
        self._requests += 1
        self.sent = request
        silence = READ_SECONDS if request.silence is None else request.silence
        limits = TimeLimits(self.until, silence=silence)
        sink = _FirstContent(self._sink, turn)

        def begins(headers: Mapping[str, str]) -> None:
            if wait := exhausted_for(headers):
                turn.exhausted(wait)
            if settings.tokens_per_minute and (left := tokens_left(headers)):
                turn.tokens_left(left)

        try:
            return exchange(self._engine.transport, settings, request, sink, limits, begins)
        except AttemptError as error:
            transport = self._engine.transport
            explained = shared_key_usage().explained(transport, settings, error.failure)
            raise AttemptError(explained) from None

    @property
    def engine(self) -> Engine:
        """What calls share."""
        return self._engine

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self._requests


class _Attempts[Result]:
    """The attempts on one model: with which key, and on which request."""

    def __init__(
        self, call: GatewayCall[Result], settings: Settings, request: Request[Result]
    ) -> None:
        self._call = call
        self._engine = call.engine
        self._settings = settings
        self._keys = settings.each_key()
        self._request = RevisedRequest(request, self._engine.memory.recall(settings))
        self._condemned: dict[int, str] = {}
        self._full: set[int] = set()
        self._hands_over = False
        self._last: Failure | None = None

    def make(self, ticket: Ticket) -> Result:
        """One attempt; at once another one with another key or a revised request where that helps.

        Raises:
            AttemptError: the attempt failed, or its turn did not come.
        """
        anew = False
        while True:
            with self._turn(ticket, anew=anew) as turn:
                try:
                    settings = self._keys[turn.position]
                    result = self._call.send(settings, self._request.current, turn)
                except AttemptError as error:
                    self._report(turn, error.failure)
                    if not self._goes_on(turn, error.failure):
                        judged = self._judged(error.failure)
                        raise AttemptError(self._explained(turn.position, judged)) from None
                    anew = True
                    continue
                turn.succeeded(used_tokens(self._request.current, result))
            if self._request.lasting:
                self._engine.memory.remember(self._settings, self._request.lasting)
            return result

    def wait(self, wait: Wait) -> None:
        """Log a pause."""
        self._call.progress(False)
        self._engine.journal.wait(self._settings, wait, self._call.requests)

    @contextmanager
    def _turn(self, ticket: Ticket, *, anew: bool) -> Iterator[Turn]:
        self._call.progress(False)
        try:
            turn = ticket.acquire(anew=anew)
        except NoTurn as refusal:
            raise AttemptError(failure_of_no_turn(refusal, self._last)) from None
        self._call.progress(True)
        with turn:
            yield turn

    def _report(self, turn: Turn, failure: Failure) -> None:
        self._last = failure
        if failure.kind.is_rejection and not failure.after_content:
            # No wait at all is as good as none told: the queue knows better.
            wait, cause = failure.told_wait or None, cause_of(failure)
            turn.rejected(wait, of_key=failure.limits_key, cause=cause)
        elif failure.kind.condemns_key:
            turn.key_dead(failure.kind.headline)
        elif failure.kind.condemns_lane and not failure.after_content:
            self._hands_over = turn.unfit(failure.kind.headline)
        else:
            turn.failed()

    def _goes_on(self, turn: Turn, failure: Failure) -> bool:
        """Whether another key, or a revised request, is worth another request at once.

        Raises:
            AttemptError: no key can be used; it tells of all of them.
        """
        if failure.after_content:
            return False
        if failure.kind.condemns_key:
            return self._has_another_key(turn.position, failure)
        if failure.kind.condemns_lane and self._hands_over:
            return self._has_another_key(turn.position, failure)
        if failure.kind.is_rejection:
            is_news = turn.position not in self._full
            self._full.add(turn.position)
            return is_news and len(self._full) < len(self._keys)
        revision = self._request.revise(failure)
        if revision is not None:
            what = f"repeated with a revised request ({revision.name})"
            self._engine.journal.event(self._settings, what)
        return revision is not None

    def _judged(self, failure: Failure) -> Failure:
        """The failure; final, if an empty answer was asked for once more without a stream."""
        is_repeated = (
            self._call.requests > 1 and self._request.current.payload.get("stream") is False
        )
        return replace(
            failure, final=failure.final or (failure.kind is EMPTY_ANSWER and is_repeated)
        )

    def _explained(self, position: int, failure: Failure) -> Failure:
        """The failure with near names, where the key's own list says that it lacks the model."""
        return self._engine.lists.explained(
            self._engine.transport, self._keys[position], failure, self._call.until
        )

    def _has_another_key(self, position: int, failure: Failure) -> bool:
        if position in self._condemned or len(self._keys) == 1:
            return False
        self._condemned[position] = failure.kind.headline
        if len(self._condemned) == len(self._keys):
            reasons = tuple(sorted(self._condemned.items()))
            keys = failure_of_keys(reasons, spoken(failure))
            told = self._explained(position, failure)
            raise AttemptError(
                replace(
                    keys,
                    detail=f"{keys.detail} {told.detail}".strip(),
                    detail_zh=f"{keys.detail_zh}{told.detail_zh}",
                )
            )
        return True


class _FirstContent:
    """A sink that tells the queue when the first content arrives: then the call was let in.

    The status alone proves nothing, as New API answers 200 before a late refusal.
    """

    def __init__(self, sink: Sink, turn: Turn) -> None:
        self._sink = sink
        self._turn: Turn | None = turn

    @property
    def closed(self) -> bool:
        """Nobody waits for the answer any more."""
        return self._sink.closed

    def put(self, pieces: list[Piece]) -> None:
        """Pass pieces on."""
        if self._turn is not None:
            self._turn.first_byte()
            self._turn = None
        self._sink.put(pieces)

    def read_from(self, source: Closable | None) -> None:
        """Pass on what has to be shut down."""
        self._sink.read_from(source)


def _is_full(failure: Failure) -> bool:
    """Whether another model may have the room or the channel that this one lacks."""
    return failure.kind.is_rejection or failure.kind in (NO_CHANNEL, QUEUE_TOO_LONG, GATEWAY_SHUT)
