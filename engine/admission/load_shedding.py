"""Load shedding: who waits in vain, or is one too many, is refused, and told why."""

from engine.admission.backlog import Backlog
from engine.admission.limits.adaptive import NEVER
from engine.admission.limits.tuning import CIRCUIT_OPEN_SECONDS, RECOVERY_MAX_WAIT_SECONDS
from engine.admission.not_admitted import Detail, NotAdmitted, Reason
from engine.admission.registry import Registry
from engine.admission.route_queue import QueueEntry, RouteQueue
from engine.admission.routes import KeyState


class LoadShedding:
    """Takes calls out of the queue, and tells each why. All times are the scheduler's."""

    def __init__(self, registry: Registry, backlog: Backlog) -> None:
        self._registry = registry
        self._backlog = backlog

    def limit_wait(self, entry: QueueEntry, now: float) -> None:
        """Who finds the circuit long open waits for the next probe only, and may be it himself."""
        open_since = entry.queue.open_since()
        if open_since is None:
            entry.recovery_deadline = NEVER
        elif (
            not entry.asked
            and not entry.waits_for_recovery
            and now - open_since >= CIRCUIT_OPEN_SECONDS
        ):
            entry.recovery_deadline = now + RECOVERY_MAX_WAIT_SECONDS
        entry.until = min(entry.deadline, entry.recovery_deadline)

    def judge(self, entry: QueueEntry, now: float) -> None:
        """Fail early, with the true reason, what cannot be served in time."""
        queue = entry.queue
        self._keep_to_told(queue, [entry], now)
        if not entry.waiting:
            return
        rates = [route.throughput.best(now) for route in queue.routes]
        known = [rate for rate in rates if rate is not None]
        ahead = queue.entries.ahead(entry)
        # Only at its arrival: a call that was sent and rejected is a probe, and what was admitted
        # while the circuit was open says nothing about the rate after it.
        is_new = entry.rejected is None
        if is_new and len(known) == len(rates) and ahead / sum(known) > entry.deadline - now:
            self.refuse(entry, Reason.HOPELESS, Detail(ahead=ahead, rate=sum(known)))
        # What the owner of the keys typed is no guess, and needs no rate that was seen.
        left = entry.deadline - now
        if is_new and ahead >= sum(route.key.most_within(left, now) for route in queue.routes):
            self.refuse(entry, Reason.HOPELESS, Detail(ahead=ahead))

    def expire(self, entry: QueueEntry, now: float) -> None:
        """The call has waited as long as it may."""
        open_since = entry.queue.open_since()
        if now < entry.deadline:
            if open_since is None:
                entry.until, entry.recovery_deadline = entry.deadline, NEVER
                return
            self.refuse(entry, Reason.CIRCUIT_OPEN, Detail(open_seconds=now - open_since))
            return
        ahead = entry.queue.entries.ahead(entry)
        open_seconds = None if open_since is None else now - open_since
        self.refuse(entry, Reason.DEADLINE, Detail(ahead=ahead, open_seconds=open_seconds))

    def heard_retry_after(self, key: KeyState, now: float) -> None:
        """The server told this key to wait: refuse the calls that may not wait so long."""
        for queue in self._registry.queues_of(key):
            waiting = [entry for entry in queue.entries if isinstance(entry, QueueEntry)]
            self._keep_to_told(queue, waiting, now)

    def _keep_to_told(self, queue: RouteQueue, entries: list[QueueEntry], now: float) -> None:
        """Refuse those who may not wait as long as the server told each of their keys."""
        route, until = queue.cooling(now), queue.retry_at(now)
        if route is None:
            return
        retry_at = route.cooling
        is_keys = retry_at is route.key.cooldown
        detail = Detail(wait=retry_at.retry_at - now, cause=retry_at.cause, of_key=is_keys)
        for entry in entries:
            if until > entry.deadline:
                self.refuse(entry, Reason.RETRY_AFTER, detail)

    def cooldown_began(self, key: KeyState, now: float) -> None:
        """This key is ejected: refuse the calls of which all keys do."""
        for queue in self._registry.queues_of(key):
            for entry in [entry for entry in queue.entries if isinstance(entry, QueueEntry)]:
                if ejected := ejected_keys(entry, now):
                    self.refuse(entry, Reason.EJECTED, Detail(ejected=ejected))

    def keep_bounds(self) -> None:
        """One more call waits: refuse whose memory is too much now."""
        while isinstance(surplus := self._backlog.surplus(), QueueEntry):
            self.refuse(surplus, Reason.FULL)

    def refuse(self, entry: QueueEntry, reason: Reason, detail: Detail | None = None) -> None:
        """A call that waits is not admitted."""
        if entry.waiting:
            waiting = len(entry.queue.entries)
            self._backlog.pull(entry)
            entry.outcome = NotAdmitted(reason, waiting=waiting, detail=detail)
            entry.notify()


def ejected_keys(entry: QueueEntry, now: float) -> tuple[tuple[int, str], ...]:
    """Position of each of the call's keys and why it cools down, if all of them do."""
    routes = entry.routes
    if len(routes) < 2 or not all(route.ejected(now) for route in routes):
        return ()
    for route in routes:  # a key that only lacked the model is tried before nobody is
        route.ejection.end()
    if not all(route.ejected(now) for route in routes):
        return ()
    return tuple((i, route.ejection_reason) for i, route in enumerate(routes))
