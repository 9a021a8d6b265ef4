"""What is true now, read from the queue whenever somebody looks; nothing of it is kept twice."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from engine.admission.other_instances import RouteRef
from engine.admission.snapshot import RouteState
from engine.cluster import Connection
from engine.metrics.labels import OTHER, Labels

_CIRCUITS = {"closed": 0, "half_open": 1, "open": 2}


class StateCollector(Collector):
    """Gauges, made when they are scraped.

    Args:
        version: of the plugin.
        look: the state of every route.
        named: the labels that a route has now.
        redis: the operator's Redis, if there is one.
    """

    def __init__(
        self,
        version: str,
        look: Callable[[], list[RouteState]],
        named: Callable[[RouteRef], Labels],
        redis: Connection | None,
    ) -> None:
        self._version = version
        self._look = look
        self._named = named
        self._redis = redis

    def collect(self) -> Iterator[Metric]:
        """All gauges; of the routes without labels of their own only what can be added up."""
        yield InfoMetricFamily(
            "resilient_gateway_build", "The plugin.", value={"version": self._version}
        )
        yield _gauge("threads", "Threads of Python, which are greenlets here.", _threads())
        if self._redis is not None:
            up = int(not self._redis.given_up)
            yield _gauge("redis_up", "Whether the operator's Redis answers.", up)
        yield from self._of_routes()

    def _of_routes(self) -> Iterator[Metric]:
        route = ("host", "model", "key")
        names = {
            "waiting_calls": "Calls in the queue.",
            "in_flight_attempts": "Requests under way.",
            "concurrency_limit": "Requests let out at once, as learned.",
            "cooldown_seconds": "Left of a wait that the gateway told.",
            "circuit_state": "0 closed, 1 half open, 2 open: nothing is admitted.",
        }
        totals: dict[str, defaultdict[Labels, float]] = {name: defaultdict(float) for name in names}
        for state in self._look():
            labels = self._named(state.route)
            totals["waiting_calls"][labels] += state.waiting
            totals["in_flight_attempts"][labels] += state.in_flight
            if labels != OTHER:
                totals["concurrency_limit"][labels] += state.limit
                totals["cooldown_seconds"][labels] += state.cooldown_seconds
                totals["circuit_state"][labels] = _CIRCUITS[state.circuit]
        for name, text in names.items():
            family = GaugeMetricFamily(f"resilient_gateway_{name}", text, labels=route)
            for labels, value in totals[name].items():
                family.add_metric(labels, value)
            yield family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"resilient_gateway_{name}", text, value=value)


def _threads() -> int:
    return threading.active_count()
