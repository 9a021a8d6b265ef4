"""A call on its way: what it brings, where it waits, the turn it gets."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.admission.fair_queue import FairQueue, Place
from engine.admission.limits.adaptive import NEVER
from engine.admission.limits.attempt import Attempt
from engine.admission.not_admitted import NoTurn
from engine.admission.routes import Lane, Limits
from engine.admission.token_budget import NO_TOKENS, Charge, Tokens

NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Call:
    """What admission must know of a call.

    Attributes:
        endpoint: The API's base URL.
        keys: A hash of each API key, in the caller's order; never a key itself.
        model: The model's name.
        user: Who calls; calls of one user are served by arrival, users in turn.
        deadline: Clock time after which no attempt may start.
        payload_bytes: Size of the request, held in memory while it waits.
        patient: Whether to wait though the gate has long been closed (document embeddings).
        limits: What the operator knows of the keys.
        tokens: What it is expected to take of them, where tokens are limited.
    """

    endpoint: str
    keys: tuple[str, ...]
    model: str
    user: str = ""
    deadline: float = NEVER
    payload_bytes: int = 0
    patient: bool = False
    limits: Limits = NO_LIMITS
    tokens: Tokens = NO_TOKENS


@dataclass(slots=True, eq=False)
class Line:
    """The calls for one endpoint and model with the same keys, and the lanes they may take."""

    lanes: list[Lane]
    queue: FairQueue = field(default_factory=FairQueue)
    due: float = NEVER
    """When there may be room though nothing happens; seconds of the desk's clock, as all times."""
    used_at: float = 0.0
    """When a call last came or left."""
    callers: int = 0
    """Tickets that have not left."""
    suspects_out: int = 0
    """Suspects that are in flight."""

    @property
    def idle(self) -> bool:
        """Whether no call is under way in it."""
        return not self.callers

    def retry_at(self, now: float) -> float:
        """When a lane may be used again, as far as a server told to wait or a key rests."""
        return min(
            lane.cooling.retry_at
            if self.may_use(lane, now)
            else max(lane.cooling.retry_at, lane.rest_until)
            for lane in self.lanes
        )

    def cooling(self, now: float) -> Lane | None:
        """Of the lanes whose servers told to wait, the one whose wait ends first."""
        told = [lane for lane in self.lanes if lane.cooling.holds(now)]
        return min(told, key=lambda lane: lane.cooling.retry_at, default=None)

    def may_use(self, lane: Lane, now: float) -> bool:
        """Whether a lane may be used: a resting one is passed over, unless it is the only one."""
        return len(self.lanes) == 1 or not lane.resting(now)

    def room(self, lane: Lane, now: float) -> int:
        """Calls that may take a lane now."""
        return lane.room(now) if self.may_use(lane, now) else 0

    def next_due(self, now: float) -> float:
        """Time at which there may be room on a lane though nothing happens."""
        dues = []
        for lane in self.lanes:
            resting = len(self.lanes) > 1 and lane.resting(now)
            if not resting or lane.rest_until > now:
                due = max(lane.due(now), lane.rest_until if resting else now)
                dues.append(max(due, self.tokens_due(lane, now)))
        return min(dues, default=NEVER)

    def tokens_due(self, lane: Lane, now: float) -> float:
        """Time from which on the first call may take a lane as far as its tokens go."""
        first = None if lane.key.token_limit(now) is None else self.queue.first()
        return lane.tokens_due(first.tokens, now) if isinstance(first, Ticket) else now

    def closed_since(self) -> float | None:
        """Since when no lane has let anything in; `None` if one does or may."""
        since = [lane.window.closed_since for lane in self.lanes]
        known = [at for at in since if at is not None]
        return max(known) if len(known) == len(since) else None


@dataclass(slots=True, eq=False)
class Grant:
    """A turn: the call may be sent now, on this lane."""

    lane: Lane
    attempt: Attempt
    position: int
    """Position of the key among those the call came with."""
    ended: bool = False
    charge: Charge | None = None
    """The tokens that it counts for, where they are limited."""


@dataclass(slots=True, eq=False)
class Ticket(Place):
    """A call, from its arrival to its end, with all its attempts."""

    line: Line = field(default_factory=lambda: Line([]))
    lanes: list[Lane] = field(default_factory=list)
    """The line's lanes, in the order of the caller's keys."""
    deadline: float = NEVER
    tokens: Tokens = NO_TOKENS
    patient: bool = False
    """Document embeddings: not refused because the gate has been closed for long."""
    left: bool = False
    asked: bool = False
    """It asked for a turn before: the first is given even to a call that may not wait at all."""
    notify: Callable[[], None] = lambda: None
    outcome: Grant | NoTurn | None = None
    until: float = NEVER
    """When waiting ends: at the deadline, or sooner if the gate has been closed for long."""
    shut_until: float = NEVER
    """When it ends because the gate was found closed for long, and has not opened since."""
