"""What there is to see of the queue at one moment, for metrics and the status page."""

from collections import Counter
from dataclasses import dataclass

from engine.admission.other_instances import RouteRef
from engine.admission.registry import Book
from engine.admission.routes import Lane


@dataclass(frozen=True, slots=True)
class RouteState:
    """One endpoint, key and model now.

    Attributes:
        route: which.
        waiting: calls in the queue; those that may go with any of several keys count for the
            first of them.
        in_flight: attempts under way.
        limit: attempts that are let out at once, as learned.
        rate: attempts a second instead, where the gateway counts by time; 0 elsewhere.
        cooldown_seconds: left of a wait that the server told; 0 if none.
        rest_seconds: left of the time for which a refused key is left alone; 0 if none.
        circuit: ``closed``; ``open`` while nothing is admitted; ``half_open`` once one may try.
    """

    route: RouteRef
    waiting: int
    in_flight: int
    limit: int
    rate: float
    cooldown_seconds: float
    rest_seconds: float
    circuit: str


def states(book: Book, now: float) -> list[RouteState]:
    """The state of every route; called under the lock of the admission."""
    waiting: Counter[int] = Counter()
    for line in book.all_lines():
        waiting[id(line.lanes[0])] += len(line.queue)
    return [
        RouteState(
            route=RouteRef(endpoint, key, model),
            waiting=waiting[id(lane)],
            in_flight=lane.window.in_flight,
            limit=max(1, int(lane.window.size)),
            rate=lane.window.pace.rate,
            cooldown_seconds=_left(lane.cooling.retry_at, now),
            rest_seconds=_left(lane.rest_until, now) if lane.rest_reason else 0.0,
            circuit=_circuit(lane, now),
        )
        for endpoint, key, model, lane in book.all_lanes()
    ]


def _circuit(lane: Lane, now: float) -> str:
    if lane.window.closed_since is None:
        return "closed"
    return "half_open" if now >= lane.window.try_at else "open"


def _left(until: float, now: float) -> float:
    return max(0.0, until - now)
