"""The waiting: parks callers until the desk serves them.

Right under gevent (whose patched `threading` parks greenlets) and under plain threads. One lock
guards the desk; it is never held over I/O or a sleep, and under gevent nothing switches while it
is held. A caller may be killed wherever it waits (`GreenletExit` and gevent's `Timeout` are
`BaseException`): `Ticket.leave` in a `finally` gives back whatever it held. A caller who went away
without being killed cannot be seen; its call runs on.
"""

import threading
import time
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Self

from engine import observe
from engine.admission import route_queue, scheduler
from engine.admission.limits.tuning import IDLE_TICK, SHORTEST_TICK
from engine.admission.not_admitted import NoTurn, Reason
from engine.admission.other_instances import (
    Alone,
    Gate,
    Granted,
    Neighbours,
    NotNow,
    Permit,
    RouteRef,
)
from engine.admission.route_queue import NO_LIMITS, Call
from engine.admission.routes import Told
from engine.admission.token_budget import Tokens
from engine.errors.rate_limit_headers import TokensLeft

if TYPE_CHECKING:
    from engine.admission.snapshot import RouteState


class Admission:
    """Whose turn it is, for all calls of this process. Thread-safe; use one per process.

    Args:
        neighbours: The other nodes, if there are any.
    """

    def __init__(self, neighbours: Neighbours | None = None) -> None:
        self._neighbours = neighbours or Alone()
        self._desk = scheduler.Desk(Random(), self._neighbours.share)
        self._lock = threading.Lock()
        self._ticking = False
        self._tick_at = float("inf")
        self._sooner = threading.Event()

    @property
    def waiting(self) -> int:
        """Calls waiting in this process."""
        return self._desk.waiting

    def enter(self, call: Call) -> "Ticket":
        """Take a place in the queue for a call and all its attempts; never blocks."""
        with self._lock:
            ticket = self._desk.enter(call, time.monotonic())
        routes = tuple(RouteRef(call.endpoint, key, call.model) for key in call.keys)
        self._neighbours.entered(routes)
        return Ticket(self, ticket, routes)

    def wake(self, endpoint: str, keys: tuple[str, ...]) -> None:
        """Credentials were saved successfully: end every rest of these keys."""
        self.hear_woken(endpoint, keys)
        for key in keys:
            self._neighbours.woken(Gate(endpoint, key))

    def snapshot(self) -> "list[RouteState]":
        """What there is to see of every route now; computed when asked, kept nowhere."""
        from engine.admission.snapshot import states  # noqa: PLC0415

        with self._lock:
            return states(self._desk.book, time.monotonic())

    def hear_told(self, route: RouteRef, seconds: float, cause: str) -> None:
        """Another instance was told to wait so many seconds."""
        with self._lock:
            self._desk.told(route, seconds, cause, time.monotonic())

    def hear_admitted(self, route: RouteRef) -> None:
        """Another instance's call was admitted in spite of such a wait."""
        with self._lock:
            self._desk.admitted(route, time.monotonic())

    def hear_refused(self, gate: Gate, reason: str, seconds: float) -> None:
        """Another node's call was refused for its key, which rests for so many seconds."""
        with self._lock:
            now = time.monotonic()
            self._desk.refused(gate.endpoint, gate.key, reason, now + seconds, now)

    def hear_woken(self, endpoint: str, keys: tuple[str, ...]) -> None:
        """These keys work, whatever was thought of them."""
        with self._lock:
            self._desk.wake(endpoint, keys, time.monotonic())

    def _acquire(self, ticket: route_queue.Ticket) -> route_queue.Grant:
        with self._lock:
            self._desk.ask(ticket, time.monotonic())
            parked, starts = None, False
            if ticket.outcome is None:
                parked = threading.Event()
                ticket.notify = parked.set
                starts = self._has_to_start()
        if parked is not None:
            if starts:
                # Not under the lock: under gevent the start of a thread lets others run.
                threading.Thread(target=self._tick, name="admission", daemon=True).start()
            self._park(ticket, parked)
        if isinstance(ticket.outcome, route_queue.Grant):
            return ticket.outcome
        raise ticket.outcome or NoTurn(Reason.DEADLINE)

    def _permit(
        self, ticket: route_queue.Ticket, grant: route_queue.Grant, gate: Gate
    ) -> Permit | None:
        """The other nodes' leave for a turn where the key has limits; `None`: it is no turn now."""
        with self._lock:
            limits = self._desk.limits(grant, time.monotonic())
        if limits == NO_LIMITS:
            return Granted()
        tokens = grant.charge.tokens if grant.charge else 0
        permit = self._neighbours.permit(gate, limits, tokens)
        if isinstance(permit, NotNow):
            with self._lock:
                now = time.monotonic()
                self._desk.withheld(ticket, grant, now + permit.seconds, now)
            return None
        try:
            with self._lock:
                self._desk.permitted(grant, time.monotonic())
        except BaseException:  # killed while it waited for the lock
            permit.release()
            raise
        return permit

    def _park(self, ticket: route_queue.Ticket, parked: threading.Event) -> None:
        """Wait for the outcome; a kill here is cleaned up by `Ticket.leave`."""
        while True:
            with self._lock:
                now = time.monotonic()
                self._desk.expire(ticket, now)
                if ticket.outcome is not None:
                    return
                left = ticket.until - now
            parked.wait(min(left, threading.TIMEOUT_MAX) + SHORTEST_TICK)

    def _has_to_start(self) -> bool:
        """Whether the thread that serves what time alone makes possible has to be started.

        Called under the lock.
        """
        if not self._ticking:
            self._ticking = True
            return True
        if self._desk.due() < self._tick_at:
            self._sooner.set()
        return False

    def _tick(self) -> None:
        try:
            while (pause := self._serve()) is not None:
                self._sooner.wait(pause)
        except BaseException:  # killed: the next caller who parks starts another
            self._ticking = False
            raise

    def _serve(self) -> float | None:
        """Serve what is due; returns the seconds until the next time, `None` if nobody waits."""
        with self._lock:
            now = time.monotonic()
            self._tick_at = self._desk.tick(now)
            if not self._desk.waiting:
                self._ticking = False
                return None
            self._sooner.clear()
            return min(IDLE_TICK, max(SHORTEST_TICK, self._tick_at - now))


class Ticket:
    """A call's place, kept through all its attempts; `leave` it in a `finally`, or use `with`."""

    def __init__(
        self, admission: Admission, ticket: route_queue.Ticket, routes: tuple[RouteRef, ...]
    ) -> None:
        self._admission = admission
        self._ticket = ticket
        self._routes = routes

    def acquire(self, *, anew: bool = False) -> "Turn":
        """Block until the call may be sent.

        Args:
            anew: The request is another one than before (revised, or for another key): like a
                first one it is sent after the deadline too, if there is room at once.

        Raises:
            NoTurn: It may not be sent in its time; the reason says why.
        """
        if anew:
            self._ticket.asked = False
        began = time.monotonic()
        while True:
            grant = self._admission._acquire(self._ticket)
            route = self._routes[grant.position]
            permit = self._admission._permit(self._ticket, grant, route.gate)
            if permit is not None:
                observe.current.permit_acquired(route, time.monotonic() - began)
                return Turn(self._admission, self._ticket, grant, route, permit)

    def leave(self) -> None:
        """The call is over; gives back a turn that was not released."""
        admission = self._admission
        with admission._lock:
            was_there = not self._ticket.left
            admission._desk.leave(self._ticket, time.monotonic())
        if was_there:
            admission._neighbours.left(self._routes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()


class Turn:
    """The right to send one attempt, with one key. Counts as sent from the moment it is given.

    Exactly one of the endings counts, the first; `release` without one means `failed`. The other
    nodes' permit goes back before the turn does, so that this node's next call may have it.
    """

    def __init__(
        self,
        admission: Admission,
        ticket: route_queue.Ticket,
        grant: route_queue.Grant,
        route: RouteRef,
        permit: Permit,
    ) -> None:
        self._neighbours = admission._neighbours
        self._route = route
        self._permit = permit
        self._desk = admission._desk
        self._lock = admission._lock
        self._ticket = ticket
        self._grant = grant
        self._has_ended = False

    @property
    def position(self) -> int:
        """Position of the key to use, among those of the call."""
        return self._grant.position

    def first_byte(self) -> None:
        """The answer has begun (a 2xx status, not yet content): the attempt was let in."""
        with self._lock:
            ends_wait = self._desk.first_byte(self._grant, time.monotonic())
        if ends_wait:
            self._neighbours.admitted(self._route)

    def succeeded(self, tokens: Tokens | None = None) -> None:
        """The call was answered completely.

        Args:
            tokens: As the gateway counted them; ``None`` if it did not.
        """
        charge = self._grant.charge
        self._end("succeeded", charge.settled(tokens) if charge else None)
        with self._lock:
            now = time.monotonic()
            ends_wait = self._desk.succeeded(self._ticket, self._grant, now, tokens)
        if ends_wait:
            self._neighbours.admitted(self._route)

    def rejected(self, wait: float | None = None, *, of_key: bool = False, cause: str = "") -> None:
        """Rejected for want of room (429, 503 overloaded, 529).

        Args:
            wait: Seconds that the server told to wait, if it did.
            of_key: Every model of the key has to wait so long, as the server said; else this one.
            cause: The failure, as a text: calls that are refused meanwhile are handed it.
        """
        self._end("rejected", (0, 0))
        if wait is not None:
            told = self._route.whole_key if of_key else self._route
            self._neighbours.told(told, wait, cause)
        with self._lock:
            now, reason = time.monotonic(), Told(cause, of_key)
            self._desk.rejected(self._ticket, self._grant, wait, now, reason)

    def failed(self) -> None:
        """Ended in a way that says nothing about room: another failure, a broken connection."""
        charge = self._grant.charge
        self._end("failed", (charge.sent, 0) if charge else None)
        with self._lock:
            self._desk.dropped(self._ticket, self._grant, time.monotonic())

    def key_dead(self, reason: str) -> None:
        """The key was refused or its quota is used up: it rests, if the call has others."""
        self._end("key_refused", (0, 0))
        if len(self._ticket.lanes) > 1:
            self._neighbours.refused(self._route.gate, reason)
        with self._lock:
            self._desk.dead(self._ticket, self._grant, reason, time.monotonic())

    def unfit(self, reason: str) -> bool:
        """The key does not serve this model: it rests for it, if another of the call's keys may do.

        Returns:
            Whether there is another.
        """
        self._end("model_refused", (0, 0))
        with self._lock:
            return self._desk.unfit(self._ticket, self._grant, reason, time.monotonic())

    def exhausted(self, wait: float) -> None:
        """A header said that nothing is left of the model's quota for `wait` seconds."""
        self._neighbours.told(self._route, wait, "")
        with self._lock:
            self._desk.exhausted(self._grant, wait, time.monotonic())

    def tokens_left(self, left: TokensLeft) -> None:
        """A header said what is left of the model's tokens, this call counted."""
        with self._lock:
            self._desk.tokens_left(self._grant, left, time.monotonic())

    def release(self) -> None:
        """Give the turn back, in a `finally`."""
        self.failed()

    def _end(self, outcome: str, spent: tuple[int, int] | None) -> None:
        """It ends, with the tokens that were spent.

        Whoever measures is told of the first ending, which is the one that counts.
        """
        if spent is not None and self._grant.charge:
            self._permit.spent(*spent)
        self._permit.release()
        if not self._has_ended:
            self._has_ended = True
            observe.current.attempt_ended(self._route, outcome)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
