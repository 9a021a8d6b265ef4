"""The way into the engine: ask a model, and get its answer through."""

import functools
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.answer import Finish
from gateway.exchange import Limits, Sink, exchange
from gateway.explain import explain
from gateway.failure import AttemptError, Failure, GatewayError
from gateway.failure.kinds import TIME_LIMIT
from gateway.journal import Journal
from gateway.memory import Memory
from gateway.pieces import Piece
from gateway.relay import Collected, ConsumerGoneError, Relay, merge
from gateway.retry import Retry, Wait
from gateway.revise import Payload, Revision, revision_for
from gateway.settings import Settings
from gateway.transport import Transport

LABEL = "Resilient Gateway"
"""How messages name us: the provider's label in Dify."""

LONGEST_CALL = 590.0
"""Seconds; the daemon kills an invocation at 600."""

FIRST_PULSE = 1.0
PULSE_EVERY = 10.0
"""Seconds; an empty delta gives Dify's page the task id that its Stop button needs."""

logger = logging.getLogger("gateway")


@dataclass(frozen=True, slots=True)
class Pulse:
    """Nothing has arrived yet, and the call is alive."""


type AnswerEvent = Pulse | Piece | Finish


class Client:
    """Asks gateways; one for the process, shared by all workspaces.

    Whatever it keeps is keyed by endpoint, a digest of the key, and model.
    """

    def __init__(self) -> None:
        self.transport = Transport()
        self.memory = Memory()
        self.journal = Journal()

    def ask(
        self, settings: Settings, payload: Mapping[str, object], *, live: bool = True
    ) -> Iterator[AnswerEvent]:
        """Ask a model and yield its answer; the last event is a ``Finish``.

        The payload is not changed.

        Args:
            settings: endpoint, key, model and waiting budget.
            payload: a chat or completion request.
            live: yield text as it arrives, and until the first of it a ``Pulse`` after 1 s and
                then every 10 s. Else nothing is yielded before the answer is complete.

        Raises:
            GatewayError: the call failed for good. Live, what was received has been yielded.
        """
        if live:
            return self._ask_live(settings, payload)
        return self._ask_whole(settings, payload)

    def _ask_whole(
        self, settings: Settings, payload: Mapping[str, object]
    ) -> Iterator[AnswerEvent]:
        collected = Collected()
        call = _Call(self, settings, dict(payload), collected)
        try:
            finish = call.run()
        except AttemptError as error:
            raise call.failed(error.failure) from None
        yield from merge(collected.pieces)
        yield finish

    def _ask_live(self, settings: Settings, payload: Mapping[str, object]) -> Iterator[AnswerEvent]:
        relay: Relay[Finish] = Relay()
        call = _Call(self, settings, dict(payload), relay)
        relay.start(call.run, name="gateway-call")
        try:
            yield from _follow(relay, call.began)
            yield relay.result()
        except AttemptError as error:
            raise call.failed(error.failure) from None
        finally:
            relay.close()


@functools.cache
def shared_client() -> Client:
    """The client of this process."""
    return Client()


def _follow(relay: Relay[Finish], began: float) -> Iterator[Pulse | Piece]:
    """Yield what arrives until the relay has ended, with signs of life before the first."""
    over = began + LONGEST_CALL
    next_pulse = began + FIRST_PULSE
    content = False
    while not relay.ended:
        now = time.monotonic()
        if now >= over:
            raise AttemptError(Failure(TIME_LIMIT, after_content=content))
        pieces = relay.take((over if content else min(over, next_pulse)) - now)
        yield from pieces
        content = content or bool(pieces)
        if not content and time.monotonic() >= next_pulse:
            next_pulse += PULSE_EVERY
            yield Pulse()


class _Call:
    """One call: its attempts, on which request, until it succeeds or is given up."""

    def __init__(self, client: Client, settings: Settings, payload: Payload, sink: Sink) -> None:
        self._client = client
        self._settings = settings
        self._payload = payload
        self._sink = sink
        self._retry = Retry(settings.max_retry_seconds, self._waits)
        self._requests = 0
        self.began = time.monotonic()

    def run(self) -> Finish:
        """Make the attempts."""
        revisions = list(self._client.memory.recall(self._settings))
        for revision in revisions:
            self._payload = revision.apply(self._payload)
        found: list[Revision] = []
        finish = self._retry.run(lambda: self._attempt(found, frozenset(revisions)))
        if found:
            self._client.memory.remember(self._settings, found)
        return finish

    def _attempt(self, found: list[Revision], known: frozenset[Revision]) -> Finish:
        """One attempt, and at once another with a revised request if that may cure a refusal."""
        while True:
            if self._sink.closed:
                raise ConsumerGoneError
            self._requests += 1
            try:
                return exchange(
                    self._client.transport,
                    self._settings,
                    self._payload,
                    self._sink,
                    Limits(until=self.began + LONGEST_CALL),
                )
            except AttemptError as error:
                tried = frozenset(revision.name for revision in (*found, *known))
                revision = revision_for(error.failure, self._payload, tried)
                if revision is None:
                    raise
                found.append(revision)
                self._payload = revision.apply(self._payload)
                logger.info(
                    "%s at %s: repeated with a revised request (%s)",
                    self._settings.model,
                    self._settings.origin,
                    revision.name,
                )

    def _waits(self, wait: Wait) -> None:
        self._client.journal.wait(self._settings, replace(wait, attempt=self._requests))

    def failed(self, failure: Failure) -> GatewayError:
        """The exception that ends the call."""
        seconds = time.monotonic() - self.began
        self._client.journal.failure(self._settings, failure, self._requests, seconds)
        text = explain(LABEL, failure, self._requests, seconds, self._settings.max_retry_seconds)
        return GatewayError(failure, text)
