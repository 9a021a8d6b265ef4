"""The way into the engine: ask a model, and get its answer through."""

import functools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from engine import observe
from engine.call.attempt import Sink
from engine.call.channel import Channel, Collected, merge
from engine.call.log import CallLog
from engine.compat.learned import LearnedRules
from engine.delta import Delta
from engine.errors import AttemptError, Failure
from engine.errors.kinds import TIME_LIMIT
from engine.http.transport import Transport
from engine.request import Questions, Request
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.admission import Limiter
    from engine.cache import CachedCall
    from engine.cache.parts import Ask
    from engine.call.call import GatewayCall
    from engine.cluster import Connection

FIRST_KEEP_ALIVE_SECONDS = 1.0
KEEP_ALIVE_INTERVAL_SECONDS = 10.0
"""Seconds; an empty delta gives Dify's page the task id that its Stop button needs."""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """Nothing has arrived yet, and the call is alive."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Another model than the one that was asked answers: a fallback model."""

    model: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """The answer was given before, to an equal question: nothing was paid for it."""


type AnswerEvent[Result] = KeepAlive | Answering | Replayed | Delta | Result


class Client:
    """Asks gateways; one for the process, shared by all workspaces.

    Whatever it keeps is keyed by endpoint, a digest of the key, and model.
    """

    def __init__(self) -> None:
        # Imported with the first client, not with the process: the queue is a twentieth of the
        # start-up, and start-up is outage time.
        from engine.cache import Cache, CachedCall, PartsCall  # noqa: PLC0415
        from engine.call.call import Engine  # noqa: PLC0415
        from engine.cluster import from_environment  # noqa: PLC0415

        self.transport = Transport()
        self.redis = connection = from_environment(os.environ)
        self.limiter = _limiter(connection)
        self._engine = Engine(self.transport, LearnedRules(), CallLog(), self.limiter)
        self._cache = Cache(connection)
        self._cached_call = CachedCall
        self._parts_call = PartsCall

    def stream[Result](
        self,
        settings: Settings,
        request: Request[Result],
        *,
        live: bool = True,
        until: float | None = None,
    ) -> Iterator[AnswerEvent[Result]]:
        """Ask a model and yield its answer; the last event is what the request's reader made.

        Args:
            settings: endpoint, key, model and waiting budget.
            request: what is asked; it is not changed.
            live: yield text as it arrives, and until the first of it a ``KeepAlive`` after 1 s and
                then every 10 s. Else nothing is yielded before the answer is complete.
            until: when a live call has to be over, on the monotonic clock, if it is a part of a
                longer one; 590 s after it began in any case.

        Raises:
            GatewayError: the call failed for good. Live, what was received has been yielded.
        """
        request = request.extended(settings.extra_body)
        if live:
            return self._ask_live(settings, request, until)
        return self._ask_whole(settings, request)

    def complete[Result](
        self, settings: Settings, request: Request[Result], *, until: float | None = None
    ) -> Result:
        """Ask for an answer that is of use only as a whole.

        Args:
            settings: endpoint, key, model and waiting budget.
            request: what is asked; it is not changed.
            until: when it has to be over, as for ``ask``.

        Raises:
            GatewayError: the call failed for good.
        """
        request = request.extended(settings.extra_body)
        return self._run(settings, self._new_call(settings, request, Collected(), until))

    def complete_many[Part](
        self, settings: Settings, questions: Questions[Part], ask: "Ask[Part]"
    ) -> tuple[list[Part], set[int]]:
        """Ask for one part for each question, where each part may have been paid for before.

        Args:
            settings: endpoint, key, model and waiting budget.
            questions: what would be sent for each part alone; never changed.
            ask: asks the gateway (by ``fetch``) for the parts at some positions; yields them in
                order, as they come.

        Returns:
            All parts, and the positions of those that nothing was paid for.

        Raises:
            GatewayError: a request failed for good; what came before it is kept.
        """
        if not settings.cache_ttl_seconds:
            every = ask(range(len(questions.payloads)))
            return [part for parts in every for part in parts], set()
        call = self._parts_call(self._cache, settings, questions, ask)
        parts = call.run()
        if call.replayed:
            observe.current.parts_cached(settings, questions.path, len(call.replayed))
            self._engine.call_log.event(settings, "answered in part or whole from the cache")
        return parts, call.replayed

    def note(self, settings: Settings, what: str, *numbers: int) -> None:
        """Log what was done about a failure, once in 5 s for each model; nothing of a prompt."""
        self._engine.call_log.event(settings, what, *numbers)

    def _new_call[Result](
        self,
        settings: Settings,
        request: Request[Result],
        sink: Sink,
        until: float | None = None,
    ) -> "CachedCall[Result]":
        return self._cached_call(self._engine, self._cache, settings, request, sink, until)

    def _run[Result](self, settings: Settings, cached: "CachedCall[Result]") -> Result:
        with _Observed(settings, cached.call) as observed:
            try:
                result = cached.run()
            except AttemptError as error:
                observed.outcome = error.failure.kind.name
                raise cached.call.failed(error.failure) from None
            observed.answered(result, replayed=cached.replayed)
            return result

    def _ask_whole[Result](
        self, settings: Settings, request: Request[Result]
    ) -> Iterator[AnswerEvent[Result]]:
        collected = Collected()
        cached = self._new_call(settings, request, collected)
        result = self._run(settings, cached)
        if cached.call.model != settings.model:
            yield Answering(cached.call.model)
        if cached.replayed:
            yield Replayed()
        yield from merge(collected.deltas)
        yield result

    def _ask_live[Result](
        self, settings: Settings, request: Request[Result], until: float | None
    ) -> Iterator[AnswerEvent[Result]]:
        channel: Channel[Result] = Channel()
        cached = self._new_call(settings, request, channel, until)
        call = cached.call
        observed = _Observed(settings, call)
        channel.start(cached.run, name="gateway-call")
        try:
            asked = settings.model
            for event in _follow(channel, call.began, call.until):
                if isinstance(event, Delta):
                    observed.content()
                    if call.model != asked:
                        asked = call.model
                        yield Answering(asked)
                yield event
            result = channel.result()
            observed.answered(result, replayed=cached.replayed)
            if call.model != asked:
                yield Answering(call.model)
            if cached.replayed:
                yield Replayed()
            yield result
        except AttemptError as error:
            observed.outcome = error.failure.kind.name
            raise call.failed(error.failure) from None
        finally:
            observed.end()
            channel.close()


class _Observed:
    """A call, told of to whoever measures it.

    Attributes:
        outcome: as ``observe.Listener.call_ended`` has it; nobody waited, unless it is set.
    """

    def __init__(self, settings: Settings, call: "GatewayCall[Any]") -> None:
        self._settings = settings
        self._call = call
        self._has_content = False
        self.outcome = "abandoned"

    def content(self) -> None:
        """Content arrived, for the first time or again."""
        if not self._has_content:
            self._has_content = True
            seconds = time.monotonic() - self._call.began
            observe.current.first_content(self._settings, self._call.sent.path, seconds)

    def answered(self, result: object, *, replayed: bool) -> None:
        """It was answered."""
        self.outcome = "cached" if replayed else "answered"
        if not replayed:
            observe.current.tokens(self._settings, result)

    def end(self) -> None:
        """It is over."""
        seconds = time.monotonic() - self._call.began
        observe.current.call_ended(self._settings, self._call.sent.path, self.outcome, seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()


def _limiter(connection: "Connection | None") -> "Limiter":
    """The queue of this process; where the operator has a Redis, one that knows other instances."""
    if connection is None:
        from engine.admission import Limiter  # noqa: PLC0415

        return Limiter()
    from engine.cluster.instances import RedisInstances  # noqa: PLC0415

    return RedisInstances(connection).limiter


@functools.cache
def shared_client() -> Client:
    """The client of this process."""
    return Client()


def _follow[Result](
    channel: Channel[Result], began: float, over: float
) -> Iterator[KeepAlive | Delta]:
    """Yield what arrives until the channel has ended, with keep-alives before the first."""
    next_keep_alive = began + FIRST_KEEP_ALIVE_SECONDS
    content = False
    while not channel.ended:
        now = time.monotonic()
        if now >= over:
            raise AttemptError(Failure(TIME_LIMIT, after_content=content))
        deltas = channel.take((over if content else min(over, next_keep_alive)) - now)
        yield from deltas
        content = content or bool(deltas)
        if not content and time.monotonic() >= next_keep_alive:
            next_keep_alive += KEEP_ALIVE_INTERVAL_SECONDS
            yield KeepAlive()
