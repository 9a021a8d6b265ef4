"""The waiting: parks callers until the scheduler serves them.

Right under gevent (whose patched `threading` parks greenlets) and under plain threads. One lock
guards the scheduler; it is never held over I/O or a sleep, and under gevent nothing switches while
it is held. A caller may be killed wherever it waits (`GreenletExit` and gevent's `Timeout` are
`BaseException`): `QueuedCall.leave` in a `finally` gives back whatever it held. A caller who went
away without being killed cannot be seen; its call runs on.
"""

import threading
import time
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Self

from engine import observe
from engine.admission import route_queue, scheduler
from engine.admission.limits.tuning import MAX_TICK_SECONDS, MIN_TICK_SECONDS
from engine.admission.not_admitted import NotAdmitted, Reason
from engine.admission.other_instances import (
    KeyRef,
    Lease,
    LeaseDenied,
    LocalLease,
    NoOtherInstances,
    OtherInstances,
    RouteRef,
)
from engine.admission.route_queue import NO_LIMITS, AdmissionRequest
from engine.admission.routes import Told
from engine.admission.token_budget import Tokens
from engine.errors.rate_limit_headers import TokensLeft

if TYPE_CHECKING:
    from engine.admission.snapshot import RouteState


class Limiter:
    """Whose turn it is, for all calls of this process. Thread-safe; use one per process.

    Args:
        other_instances: The other instances, if there are any.
    """

    def __init__(self, other_instances: OtherInstances | None = None) -> None:
        self._other_instances = other_instances or NoOtherInstances()
        self._scheduler = scheduler.Scheduler(Random(), self._other_instances.share)
        self._lock = threading.Lock()
        self._ticking = False
        self._tick_at = float("inf")
        self._sooner = threading.Event()

    @property
    def waiting(self) -> int:
        """Calls waiting in this process."""
        return self._scheduler.waiting

    def enter(self, call: AdmissionRequest) -> "QueuedCall":
        """Take a place in the queue for a call and all its attempts; never blocks."""
        with self._lock:
            entry = self._scheduler.enter(call, time.monotonic())
        routes = tuple(RouteRef(call.endpoint, key, call.model) for key in call.keys)
        self._other_instances.entered(routes)
        return QueuedCall(self, entry, routes)

    def wake(self, endpoint: str, keys: tuple[str, ...]) -> None:
        """Credentials were saved successfully: end every ejection of these keys."""
        self.hear_woken(endpoint, keys)
        for key in keys:
            self._other_instances.woken(KeyRef(endpoint, key))

    def snapshot(self) -> "list[RouteState]":
        """What there is to see of every route now; computed when asked, kept nowhere."""
        from engine.admission.snapshot import states  # noqa: PLC0415

        with self._lock:
            return states(self._scheduler.registry, time.monotonic())

    def hear_retry_after(self, route: RouteRef, seconds: float, cause: str) -> None:
        """Another instance was told to wait so many seconds."""
        with self._lock:
            self._scheduler.heard_retry_after(route, seconds, cause, time.monotonic())

    def hear_admitted(self, route: RouteRef) -> None:
        """Another instance's call was admitted in spite of such a wait."""
        with self._lock:
            self._scheduler.admitted(route, time.monotonic())

    def hear_refused(self, key_ref: KeyRef, reason: str, seconds: float) -> None:
        """Another instance's call was refused for its key, which cools down for so many seconds."""
        with self._lock:
            now = time.monotonic()
            self._scheduler.refused(key_ref.endpoint, key_ref.key, reason, now + seconds, now)

    def hear_woken(self, endpoint: str, keys: tuple[str, ...]) -> None:
        """These keys work, whatever was thought of them."""
        with self._lock:
            self._scheduler.wake(endpoint, keys, time.monotonic())

    def _acquire(self, entry: route_queue.QueueEntry) -> route_queue.Grant:
        with self._lock:
            self._scheduler.enqueue(entry, time.monotonic())
            parked, starts = None, False
            if entry.outcome is None:
                parked = threading.Event()
                entry.notify = parked.set
                starts = self._has_to_start()
        if parked is not None:
            if starts:
                # Not under the lock: under gevent the start of a thread lets others run.
                threading.Thread(target=self._tick, name="admission", daemon=True).start()
            self._park(entry, parked)
        if isinstance(entry.outcome, route_queue.Grant):
            return entry.outcome
        raise entry.outcome or NotAdmitted(Reason.DEADLINE)

    def _lease(
        self, entry: route_queue.QueueEntry, grant: route_queue.Grant, key_ref: KeyRef
    ) -> Lease | None:
        """The other instances' lease where the key has limits; `None`: no permit now."""
        with self._lock:
            limits = self._scheduler.limits(grant, time.monotonic())
        if limits == NO_LIMITS:
            return LocalLease()
        tokens = grant.charge.tokens if grant.charge else 0
        lease = self._other_instances.lease(key_ref, limits, tokens)
        if isinstance(lease, LeaseDenied):
            with self._lock:
                now = time.monotonic()
                self._scheduler.lease_denied(entry, grant, now + lease.seconds, now)
            return None
        try:
            with self._lock:
                self._scheduler.lease_granted(grant, time.monotonic())
        except BaseException:  # killed while it waited for the lock
            lease.release()
            raise
        return lease

    def _park(self, entry: route_queue.QueueEntry, parked: threading.Event) -> None:
        """Wait for the outcome; a kill here is cleaned up by `QueuedCall.leave`."""
        while True:
            with self._lock:
                now = time.monotonic()
                self._scheduler.expire(entry, now)
                if entry.outcome is not None:
                    return
                left = entry.until - now
            parked.wait(min(left, threading.TIMEOUT_MAX) + MIN_TICK_SECONDS)

    def _has_to_start(self) -> bool:
        """Whether the thread that serves what time alone makes possible has to be started.

        Called under the lock.
        """
        if not self._ticking:
            self._ticking = True
            return True
        if self._scheduler.due() < self._tick_at:
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
            self._tick_at = self._scheduler.tick(now)
            if not self._scheduler.waiting:
                self._ticking = False
                return None
            self._sooner.clear()
            return min(MAX_TICK_SECONDS, max(MIN_TICK_SECONDS, self._tick_at - now))


class QueuedCall:
    """A call's place, kept through all its attempts; `leave` it in a `finally`, or use `with`."""

    def __init__(
        self, limiter: Limiter, entry: route_queue.QueueEntry, routes: tuple[RouteRef, ...]
    ) -> None:
        self._limiter = limiter
        self._entry = entry
        self._routes = routes

    def acquire(self, *, anew: bool = False) -> "Permit":
        """Block until the call may be sent.

        Args:
            anew: The request is another one than before (revised, or for another key): like a
                first one it is sent after the deadline too, if there is room at once.

        Raises:
            NotAdmitted: It may not be sent in its time; the reason says why.
        """
        if anew:
            self._entry.asked = False
        began = time.monotonic()
        while True:
            grant = self._limiter._acquire(self._entry)
            route = self._routes[grant.position]
            lease = self._limiter._lease(self._entry, grant, route.key_ref)
            if lease is not None:
                observe.current.permit_acquired(route, time.monotonic() - began)
                return Permit(self._limiter, self._entry, grant, route, lease)

    def leave(self) -> None:
        """The call is over; gives back a permit that was not released."""
        limiter = self._limiter
        with limiter._lock:
            was_there = not self._entry.left
            limiter._scheduler.leave(self._entry, time.monotonic())
        if was_there:
            limiter._other_instances.left(self._routes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()


class Permit:
    """The right to send one attempt, with one key. Counts as sent from the moment it is given.

    Exactly one of the endings counts, the first; `release` without one means `failed`. The other
    instances' lease goes back before the permit does, so that this instance's next call may have
    it.
    """

    def __init__(
        self,
        limiter: Limiter,
        entry: route_queue.QueueEntry,
        grant: route_queue.Grant,
        route: RouteRef,
        lease: Lease,
    ) -> None:
        self._other_instances = limiter._other_instances
        self._route = route
        self._lease = lease
        self._scheduler = limiter._scheduler
        self._lock = limiter._lock
        self._entry = entry
        self._grant = grant
        self._has_ended = False

    @property
    def position(self) -> int:
        """Position of the key to use, among those of the call."""
        return self._grant.position

    def first_byte(self) -> None:
        """The answer has begun (a 2xx status, not yet content): the attempt was admitted."""
        with self._lock:
            ends_wait = self._scheduler.first_byte(self._grant, time.monotonic())
        if ends_wait:
            self._other_instances.admitted(self._route)

    def succeeded(self, tokens: Tokens | None = None) -> None:
        """The call was answered completely.

        Args:
            tokens: As the gateway counted them; ``None`` if it did not.
        """
        charge = self._grant.charge
        self._end("succeeded", charge.settled(tokens) if charge else None)
        with self._lock:
            now = time.monotonic()
            ends_wait = self._scheduler.succeeded(self._entry, self._grant, now, tokens)
        if ends_wait:
            self._other_instances.admitted(self._route)

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
            self._other_instances.heard_retry_after(told, wait, cause)
        with self._lock:
            now, reason = time.monotonic(), Told(cause, of_key)
            self._scheduler.rejected(self._entry, self._grant, wait, now, reason)

    def failed(self) -> None:
        """Ended in a way that says nothing about room: another failure, a broken connection."""
        charge = self._grant.charge
        self._end("failed", (charge.sent, 0) if charge else None)
        with self._lock:
            self._scheduler.dropped(self._entry, self._grant, time.monotonic())

    def key_dead(self, reason: str) -> None:
        """The key was refused or its quota is used up: it cools down, if the call has others."""
        self._end("key_refused", (0, 0))
        if len(self._entry.routes) > 1:
            self._other_instances.refused(self._route.key_ref, reason)
        with self._lock:
            self._scheduler.dead(self._entry, self._grant, reason, time.monotonic())

    def unfit(self, reason: str) -> bool:
        """The key does not serve this model: it cools down for it, if another key may do.

        Returns:
            Whether there is another.
        """
        self._end("model_refused", (0, 0))
        with self._lock:
            return self._scheduler.unfit(self._entry, self._grant, reason, time.monotonic())

    def exhausted(self, wait: float) -> None:
        """A header said that nothing is left of the model's quota for `wait` seconds."""
        self._other_instances.heard_retry_after(self._route, wait, "")
        with self._lock:
            self._scheduler.exhausted(self._grant, wait, time.monotonic())

    def tokens_left(self, left: TokensLeft) -> None:
        """A header said what is left of the model's tokens, this call counted."""
        with self._lock:
            self._scheduler.tokens_left(self._grant, left, time.monotonic())

    def release(self) -> None:
        """Give the permit back, in a `finally`."""
        self.failed()

    def _end(self, outcome: str, spent: tuple[int, int] | None) -> None:
        """It ends, with the tokens that were spent.

        Whoever measures is told of the first ending, which is the one that counts.
        """
        if spent is not None and self._grant.charge:
            self._lease.spent(*spent)
        self._lease.release()
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
