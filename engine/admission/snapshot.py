"""What there is to see of the queue at one moment, for metrics and the status page."""

from collections import Counter
from dataclasses import dataclass

from engine.admission.other_instances import RouteRef
from engine.admission.registry import Registry
from engine.admission.routes import Route


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


def states(registry: Registry, now: float) -> list[RouteState]:
    """The state of every route; called under the lock of the admission."""
    waiting: Counter[int] = Counter()
    for queue in registry.all_lines():
        waiting[id(queue.routes[0])] += len(queue.entries)
    return [
        RouteState(
            route=RouteRef(endpoint, key, model),
            waiting=waiting[id(route)],
            in_flight=route.adaptive_limit.in_flight,
            limit=max(1, int(route.adaptive_limit.size)),
            rate=route.adaptive_limit.rate_estimate.rate,
            cooldown_seconds=_left(route.cooling.retry_at, now),
            rest_seconds=_left(route.ejected_until, now) if route.ejection_reason else 0.0,
            circuit=_circuit(route, now),
        )
        for endpoint, key, model, route in registry.all_lanes()
    ]


def _circuit(route: Route, now: float) -> str:
    if route.adaptive_limit.open_since is None:
        return "closed"
    return "half_open" if now >= route.adaptive_limit.try_at else "open"


def _left(until: float, now: float) -> float:
    return max(0.0, until - now)
