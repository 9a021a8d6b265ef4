"""Who is served next, on which route: everything but the waiting itself.

No clock and no thread here either: the limiter (or a simulation) calls with the time, one caller
at a time, and is told by `QueueEntry.notify` whose outcome is decided.
"""

from random import Random

from engine.admission.backlog import Backlog
from engine.admission.limits.adaptive import NEVER
from engine.admission.limits.tuning import EJECTION_SECONDS, PROBE_SECONDS, TUNING, Tuning
from engine.admission.load_shedding import LoadShedding, ejected_keys
from engine.admission.not_admitted import Detail, NotAdmitted, Reason
from engine.admission.other_instances import RouteRef
from engine.admission.registry import Registry
from engine.admission.route_queue import AdmissionRequest, Grant, QueueEntry, RouteQueue
from engine.admission.routes import InstanceShare, KeyLimits, KeyState, Route, Told
from engine.admission.token_budget import Tokens
from engine.errors.rate_limit_headers import TokensLeft

UNKNOWN = Told()


class Scheduler:
    """All queues of a process."""

    def __init__(
        self, rng: Random, share: InstanceShare | None = None, tuning: Tuning = TUNING
    ) -> None:
        self._registry = Registry(rng, share or InstanceShare(), tuning)
        self._backlog = Backlog()
        self._load_shedding = LoadShedding(self._registry, self._backlog)
        self._arrivals = 0

    @property
    def waiting(self) -> int:
        """Calls waiting in this process."""
        return self._backlog.calls

    @property
    def registry(self) -> Registry:
        """The routes and queues, for whoever only looks."""
        return self._registry

    # A call comes, waits and goes

    def enter(self, call: AdmissionRequest, now: float) -> QueueEntry:
        """A call arrives; it does not wait yet."""
        queue = self._registry.queue(call, now)
        routes = self._registry.routes(call)
        for route in routes:
            route.key.concurrency.give(call.limits.max_concurrency, now)
            route.key.per_minute.give(call.limits.requests_per_minute, now)
            route.key.tokens_per_minute.give(call.limits.tokens_per_minute, now)
        self._arrivals += 1
        queue.callers += 1
        return QueueEntry(
            call.user,
            self._arrivals,
            call.payload_bytes,
            queue=queue,
            routes=routes,
            deadline=call.deadline,
            tokens=call.tokens,
            waits_for_recovery=call.waits_for_recovery,
        )

    def enqueue(self, entry: QueueEntry, now: float) -> None:
        """The call wants a permit: it gets it, waits for it or is refused."""
        queue = entry.queue
        queue.used_at = now
        entry.outcome = None
        self._load_shedding.limit_wait(entry, now)
        if ejected := ejected_keys(entry, now):
            entry.outcome = NotAdmitted(Reason.EJECTED, detail=Detail(ejected=ejected))
            return
        if now > entry.deadline and entry.asked:
            entry.outcome = NotAdmitted(Reason.DEADLINE, waiting=len(queue.entries))
            return
        entry.asked = True
        queue.entries.push(entry)
        self._backlog.add(entry)
        self._pump(queue, now)
        if entry.waiting and now >= entry.deadline:
            self._send_unqueued(entry, now)
        if entry.waiting:
            self._load_shedding.judge(entry, now)
            self._load_shedding.keep_bounds()

    def expire(self, entry: QueueEntry, now: float) -> None:
        """The time in `until` has come."""
        if entry.outcome is not None or now < entry.until:
            return
        self._load_shedding.expire(entry, now)

    def leave(self, entry: QueueEntry, now: float) -> None:
        """The call ends or its caller was killed, wherever it is: nothing of it stays."""
        if not entry.left:
            entry.left = True
            entry.queue.callers -= 1
            entry.queue.used_at = now
        if entry.waiting:
            self._backlog.pull(entry)
            self._pump(entry.queue, now)
        if isinstance(entry.outcome, Grant):
            self.dropped(entry, entry.outcome, now)

    # What becomes of an attempt

    def first_byte(self, grant: Grant, now: float) -> bool:
        """The answer has begun; returns whether that ends a wait that the server told."""
        if grant.ended:
            return False
        ends_wait = grant.route.admitted(grant.attempt.sent_at, now)
        grant.route.adaptive_limit.first_byte(grant.attempt, now)
        self._serve(grant.route.key, now)
        return ends_wait

    def succeeded(
        self, entry: QueueEntry, grant: Grant, now: float, used: Tokens | None = None
    ) -> bool:
        """The call was answered; returns whether that ends a wait that the server told.

        ``used`` are its tokens as the gateway counted them; ``None`` if it did not.
        """
        if not self._end(entry, grant, now):
            return False
        if grant.charge and used:
            grant.route.key.tokens.answered(grant.charge, used, now)
        ends_wait = grant.route.admitted(grant.attempt.sent_at, now)
        entry.strikes = entry.failed_probes = 0
        grant.route.wake()
        grant.route.throughput.answered(now)
        grant.route.adaptive_limit.succeeded(grant.attempt, now)
        self._serve(grant.route.key, now)
        return ends_wait

    def rejected(
        self,
        entry: QueueEntry,
        grant: Grant,
        wait: float | None,
        now: float,
        reason: Told = UNKNOWN,
    ) -> None:
        """The attempt was rejected for want of room; `wait` if the server told how long."""
        route, attempt = grant.route, grant.attempt
        quarantined = entry.quarantined
        if not self._end(entry, grant, now):
            return
        self._count(grant, 0, now)
        route.wake()
        route.throughput.admitted(attempt.sent_at, -1)
        before = entry.rejected
        passed = before is not None and route.adaptive_limit.others_passed(entry.arrival, before)
        if quarantined or passed:
            entry.strike(now)
        entry.rejected = attempt.number
        if wait is not None:
            route.heard_retry_after(wait, now, attempt.sent_at, reason)
            wait = min(wait, PROBE_SECONDS)  # then a call may try it
        if quarantined:
            route.adaptive_limit.dropped(attempt, now)
        else:
            route.adaptive_limit.rejected(attempt, now, wait)
            if entry.quarantined:
                route.adaptive_limit.forgive(entry.arrival)
        entry.failed_probes += route.adaptive_limit.open_since is not None
        if wait is not None:
            self._load_shedding.heard_retry_after(route.key, now)
        self._serve(route.key, now)

    def dropped(self, entry: QueueEntry, grant: Grant, now: float) -> None:
        """The attempt ended in a way that says nothing about room."""
        if self._end(entry, grant, now):
            if grant.charge:
                self._count(grant, grant.charge.sent, now)
            grant.route.adaptive_limit.dropped(grant.attempt, now)
            self._serve(grant.route.key, now)

    def dead(self, entry: QueueEntry, grant: Grant, reason: str, now: float) -> None:
        """The key was refused or is used up: it cools down, if the call has others."""
        if self._end(entry, grant, now):
            self._count(grant, 0, now)
            grant.route.adaptive_limit.dropped(grant.attempt, now)
            if len(entry.queue.routes) > 1:
                grant.route.key.ejection.begin(reason, now + EJECTION_SECONDS)
                self._load_shedding.cooldown_began(grant.route.key, now)
            self._serve(grant.route.key, now)

    def unfit(self, entry: QueueEntry, grant: Grant, reason: str, now: float) -> bool:
        """The key does not serve this model: it cools down for it, if another key may do.

        Returns:
            Whether there is another.
        """
        queue, route = entry.queue, grant.route
        has_others = any(queue.may_use(one, now) for one in queue.routes if one is not route)
        if self._end(entry, grant, now):
            self._count(grant, 0, now)
            route.adaptive_limit.dropped(grant.attempt, now)
            if has_others:
                route.ejection.begin(reason, now + EJECTION_SECONDS)
            self._serve(route.key, now)
        return has_others

    def exhausted(self, grant: Grant, wait: float, now: float) -> None:
        """The server told that nothing remains of the model's quota for `wait` seconds."""
        grant.route.cooldown.begin(wait, now, "", grant.attempt.sent_at)
        self._load_shedding.heard_retry_after(grant.route.key, now)
        self._serve(grant.route.key, now)

    def tokens_left(self, grant: Grant, left: TokensLeft, now: float) -> None:
        """The server told what is left of the model's tokens, counting the call of this permit."""
        route = grant.route
        if grant.charge:
            since = route.key.tokens.sent_since(grant.charge)
            route.tokens.heard_retry_after(left, grant.charge, since, now)
            self._serve(route.key, now)

    # What the other instances say

    def limits(self, grant: Grant, now: float) -> KeyLimits:
        """The strictest limits that were given for the key of a permit."""
        key = grant.route.key
        return KeyLimits(
            key.concurrency.value(now),
            key.per_minute.value(now),
            key.tokens_per_minute.value(now),
        )

    def lease_granted(self, grant: Grant, now: float) -> None:
        """The other instances leave room for this permit."""
        if grant.route.key.lease_granted():
            self._serve(grant.route.key, now)

    def lease_denied(self, entry: QueueEntry, grant: Grant, until: float, now: float) -> None:
        """They do not, so there is no permit: nothing is sent with this key until then."""
        if not grant.ended:
            grant.ended = True
            entry.queue.quarantined_out -= entry.quarantined
            grant.route.unsent(grant.attempt, now)
            self._count(grant, 0, now)
            grant.route.key.hold(until)

    def heard_retry_after(self, route_ref: RouteRef, wait: float, cause: str, now: float) -> None:
        """Another instance was told to wait so many seconds."""
        if route_ref.model is None:
            if key := self._registry.key(route_ref.endpoint, route_ref.key):
                key.cooldown.begin(wait, now, cause, now)
                self._load_shedding.heard_retry_after(key, now)
        elif route := self._registry.route(route_ref.endpoint, route_ref.key, route_ref.model):
            route.heard_retry_after(wait, now, now, Told(cause))
            self._load_shedding.heard_retry_after(route.key, now)

    def admitted(self, route_ref: RouteRef, now: float) -> None:
        """Another instance's call was admitted in spite of such a wait, which is over."""
        if key := self._registry.key(route_ref.endpoint, route_ref.key):
            if route_ref.model is None:
                key.cooldown.end()
            elif route := self._registry.route(route_ref.endpoint, route_ref.key, route_ref.model):
                route.cooldown.end()
            self._serve(key, now)

    def refused(self, endpoint: str, name: str, reason: str, until: float, now: float) -> None:
        """Another instance's call was refused for its key, which cools down until then."""
        if key := self._registry.key(endpoint, name):
            key.ejection.begin(reason, until)
            self._load_shedding.cooldown_began(key, now)

    def wake(self, endpoint: str, keys: tuple[str, ...], now: float) -> None:
        """Credentials were saved: these keys work, whatever was thought of them."""
        for name in keys:
            if key := self._registry.key(endpoint, name):
                for queue in self._registry.queues_of(key):
                    for route in queue.routes:
                        if route.key is key:
                            route.wake()
                self._serve(key, now)

    def tick(self, now: float) -> float:
        """Serve what time alone has made possible; returns when to come again."""
        for queue in list(self._backlog.queues):
            if queue.due <= now:
                self._pump(queue, now)
        return self.due()

    def due(self) -> float:
        """Time at which to `tick`."""
        return min((queue.due for queue in self._backlog.queues), default=NEVER)

    # Inside

    def _serve(self, key: KeyState, now: float) -> None:
        """Something happened to a key: serve its queues, one call each in turn."""
        queues = self._registry.queues_of(key)
        for queue in list(queues):
            if len(queue.entries) and self._pump(queue, now):
                queues[queue] = queues.pop(queue)  # next time the others come first

    def _pump(self, queue: RouteQueue, now: float) -> int:
        """Send as many calls of a queue as there is room for; returns how many."""
        served = 0
        for route in queue.routes:
            self._press(route, now)
        while len(queue.entries):
            route = max(queue.routes, key=lambda route: self._usable_room(queue, route, now))
            usable = self._usable_room(queue, route, now)
            entry = self._next(queue, route, now) if usable else None
            if entry is None or route.tokens_due(entry.tokens, now) > now:
                break
            self._grant(entry, route, now)
            served += 1
        for route in queue.routes:
            self._press(route, now)
        queue.due = queue.next_due(now)
        if not queue.entries.regular:
            queue.due = max(queue.due, queue.entries.quarantine_due())
        for route in queue.routes:
            elder = self._elder(queue, route, now) if route.key.token_limit(now) else None
            queue.due = max(queue.due, elder.due) if elder else queue.due
        return served

    def _usable_room(self, queue: RouteQueue, route: Route, now: float) -> int:
        """Calls that may take a route now: none while its tokens are too few for the first."""
        room = queue.room(route, now)
        if not room or route.key.token_limit(now) is None:
            return room
        return 0 if queue.tokens_due(route, now) > now or self._elder(queue, route, now) else room

    def _elder(self, queue: RouteQueue, route: Route, now: float) -> RouteQueue | None:
        """Another line of the key whose first call came sooner and waits for tokens alone.

        Without it, small calls for one model would take what a large one for another needs.
        """
        own = queue.entries.first()
        for other in self._registry.queues_of(route.key):
            first = other.entries.first() if other is not queue else None
            if first is None or own is None or first.arrival > own.arrival:
                continue
            way = next(each for each in other.routes if each.key is route.key)
            if other.room(way, now) and other.tokens_due(way, now) > now:
                return other
        return None

    def _send_unqueued(self, entry: QueueEntry, now: float) -> None:
        """A call that may not wait is sent though the limit is reached: the limit is a guess.

        What is no guess holds for it as well: what the server told, and the limits of the key.
        """
        queue = entry.queue
        routes = [
            route
            for route in queue.routes
            if route.allows(now)
            and queue.may_use(route, now)
            and route.tokens_due(entry.tokens, now) <= now
        ]
        if routes:
            self._grant(entry, max(routes, key=lambda route: queue.room(route, now)), now)

    def _grant(self, entry: QueueEntry, route: Route, now: float) -> None:
        entry.queue.entries.serve(entry)
        self._backlog.take(entry)
        entry.queue.quarantined_out += entry.quarantined
        attempt, charge = route.send(now, entry.arrival), route.charge(entry.tokens, now)
        entry.outcome = Grant(route, attempt, entry.routes.index(route), charge=charge)
        entry.notify()

    def _next(self, queue: RouteQueue, route: Route, now: float) -> QueueEntry | None:
        circuit_open = route.adaptive_limit.open_since is not None
        entry = None
        if not queue.quarantined_out and not (circuit_open and queue.entries.regular):
            entry = queue.entries.next_quarantined(now)
        if entry is None:
            entry = queue.entries.prober() if circuit_open else queue.entries.first()
        return entry if isinstance(entry, QueueEntry) else None

    def _press(self, route: Route, now: float) -> None:
        waiting = any(
            len(queue.entries) and route in queue.routes
            for queue in self._registry.queues_of(route.key)
        )
        if waiting != route.adaptive_limit.demand:
            route.adaptive_limit.room(now)  # time passes under the old demand
            route.adaptive_limit.demand = waiting
        route.throughput.pressed(now, waiting=waiting)

    def _end(self, entry: QueueEntry, grant: Grant, now: float) -> bool:
        if grant.ended:
            return False
        grant.ended = True
        grant.route.key.ended(now)
        entry.queue.quarantined_out -= entry.quarantined
        return True

    def _count(self, grant: Grant, tokens: int, now: float) -> None:
        """The attempt counts for so many tokens after all."""
        if grant.charge:
            grant.route.key.tokens.correct(grant.charge, tokens, now)
