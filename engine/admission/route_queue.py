"""A call on its way: what it brings, where it waits, the permit it gets."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.admission.fair_queue import FairEntry, FairQueue
from engine.admission.limits.adaptive import NEVER
from engine.admission.limits.attempt import Attempt
from engine.admission.not_admitted import NotAdmitted
from engine.admission.routes import KeyLimits, Route
from engine.admission.token_budget import NO_TOKENS, Charge, Tokens

NO_LIMITS = KeyLimits()


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """What admission must know of a call.

    Attributes:
        endpoint: The API's base URL.
        keys: A hash of each API key, in the caller's order; never a key itself.
        model: The model's name.
        user: Who calls; calls of one user are served by arrival, users in turn.
        deadline: Clock time after which no attempt may start.
        payload_bytes: Size of the request, held in memory while it waits.
        waits_for_recovery: Whether to wait though the circuit has been open for long (document
            embeddings).
        limits: What the operator knows of the keys.
        tokens: What it is expected to take of them, where tokens are limited.
    """

    endpoint: str
    keys: tuple[str, ...]
    model: str
    user: str = ""
    deadline: float = NEVER
    payload_bytes: int = 0
    waits_for_recovery: bool = False
    limits: KeyLimits = NO_LIMITS
    tokens: Tokens = NO_TOKENS


@dataclass(slots=True, eq=False)
class RouteQueue:
    """The calls for one endpoint and model with the same keys, and the routes they may take."""

    routes: list[Route]
    entries: FairQueue = field(default_factory=FairQueue)
    due: float = NEVER
    """When there may be room though nothing happens; seconds of the scheduler's clock, as all
    times."""
    used_at: float = 0.0
    """When a call last came or left."""
    callers: int = 0
    """Entries that have not left."""
    quarantined_out: int = 0
    """Quarantined calls that are in flight."""

    @property
    def idle(self) -> bool:
        """Whether no call is under way in it."""
        return not self.callers

    def retry_at(self, now: float) -> float:
        """When a route may be used again, as far as a server told to wait or a key is ejected."""
        return min(
            route.cooling.retry_at
            if self.may_use(route, now)
            else max(route.cooling.retry_at, route.ejected_until)
            for route in self.routes
        )

    def cooling(self, now: float) -> Route | None:
        """Of the routes whose servers told to wait, the one whose wait ends first."""
        told = [route for route in self.routes if route.cooling.holds(now)]
        return min(told, key=lambda route: route.cooling.retry_at, default=None)

    def may_use(self, route: Route, now: float) -> bool:
        """Whether a route may be used: a ejected one is passed over, unless it is the only one."""
        return len(self.routes) == 1 or not route.ejected(now)

    def room(self, route: Route, now: float) -> int:
        """Calls that may take a route now."""
        return route.room(now) if self.may_use(route, now) else 0

    def next_due(self, now: float) -> float:
        """Time at which there may be room on a route though nothing happens."""
        dues = []
        for route in self.routes:
            ejected = len(self.routes) > 1 and route.ejected(now)
            if not ejected or route.ejected_until > now:
                due = max(route.due(now), route.ejected_until if ejected else now)
                dues.append(max(due, self.tokens_due(route, now)))
        return min(dues, default=NEVER)

    def tokens_due(self, route: Route, now: float) -> float:
        """Time from which on the first call may take a route as far as its tokens go."""
        first = None if route.key.token_limit(now) is None else self.entries.first()
        return route.tokens_due(first.tokens, now) if isinstance(first, QueueEntry) else now

    def open_since(self) -> float | None:
        """Since when no route has admitted anything; `None` if one does or may."""
        since = [route.adaptive_limit.open_since for route in self.routes]
        known = [at for at in since if at is not None]
        return max(known) if len(known) == len(since) else None


@dataclass(slots=True, eq=False)
class Grant:
    """A permit: the call may be sent now, on this route."""

    route: Route
    attempt: Attempt
    position: int
    """Position of the key among those the call came with."""
    ended: bool = False
    charge: Charge | None = None
    """The tokens that it counts for, where they are limited."""


@dataclass(slots=True, eq=False)
class QueueEntry(FairEntry):
    """A call, from its arrival to its end, with all its attempts."""

    queue: RouteQueue = field(default_factory=lambda: RouteQueue([]))
    routes: list[Route] = field(default_factory=list)
    """The queue's routes, in the order of the caller's keys."""
    deadline: float = NEVER
    tokens: Tokens = NO_TOKENS
    waits_for_recovery: bool = False
    """Document embeddings: not refused because the circuit has been open for long."""
    left: bool = False
    asked: bool = False
    """It asked for a permit before: the first is given even to a call that may not wait at all."""
    notify: Callable[[], None] = lambda: None
    outcome: Grant | NotAdmitted | None = None
    until: float = NEVER
    """When waiting ends: at the deadline, or sooner if the circuit has been open for long."""
    recovery_deadline: float = NEVER
    """When it ends because the circuit was found open for long, and has not closed since."""
