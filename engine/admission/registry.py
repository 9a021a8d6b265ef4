"""Which keys, routes and queues there are; what nobody used for an hour is forgotten."""

from collections.abc import Iterator
from random import Random

from engine.admission.limits.tuning import IDLE_SECONDS, MAX_QUEUES, SWEEP_SECONDS, Tuning
from engine.admission.route_queue import AdmissionRequest, RouteQueue
from engine.admission.routes import InstanceShare, KeyState, Route

type QueueName = tuple[str, str, tuple[str, ...]]


class Registry:
    """Everything that is kept, by endpoint, key hash and model; nothing crosses between keys."""

    def __init__(self, rng: Random, share: InstanceShare, tuning: Tuning) -> None:
        self._rng = rng
        self._tuning = tuning
        self._share = share
        self._keys: dict[tuple[str, str], KeyState] = {}
        self._routes: dict[tuple[str, str, str], Route] = {}
        self._queues: dict[QueueName, RouteQueue] = {}
        self._queues_of: dict[KeyState, dict[RouteQueue, None]] = {}
        self._swept_at = 0.0

    def __len__(self) -> int:
        return len(self._queues)

    def queue(self, call: AdmissionRequest, now: float) -> RouteQueue:
        """The queue in which a call waits; made if nobody used it lately."""
        name = (call.endpoint, call.model, tuple(sorted(set(call.keys))))
        queue = self._queues.get(name)
        if queue is None:
            self._sweep(now)
            queue = self._queues[name] = RouteQueue(self._open(call, name[2], now))
            for route in queue.routes:
                self._queues_of.setdefault(route.key, {})[queue] = None
        queue.used_at = now
        return queue

    def routes(self, call: AdmissionRequest) -> list[Route]:
        """The routes of a call's queue, in the order of its keys."""
        return [self._routes[call.endpoint, key, call.model] for key in call.keys]

    def queues_of(self, key: KeyState) -> dict[RouteQueue, None]:
        """The queues that use a key; the one to be served first comes first."""
        return self._queues_of[key]

    def key(self, endpoint: str, name: str) -> KeyState | None:
        """What is known of a key."""
        return self._keys.get((endpoint, name))

    def route(self, endpoint: str, key: str, model: str) -> Route | None:
        """What is known of a model with a key."""
        return self._routes.get((endpoint, key, model))

    def all_lanes(self) -> Iterator[tuple[str, str, str, Route]]:
        """Endpoint, key hash, model and route of everything that was used lately."""
        for (endpoint, key, model), route in self._routes.items():
            yield endpoint, key, model, route

    def all_lines(self) -> Iterator[RouteQueue]:
        """All queues."""
        yield from self._queues.values()

    def _open(self, call: AdmissionRequest, keys: tuple[str, ...], now: float) -> list[Route]:
        routes = []
        for name in keys:
            key = self._keys.setdefault((call.endpoint, name), KeyState(self._share))
            route_name = (call.endpoint, name, call.model)
            if route_name not in self._routes:
                self._routes[route_name] = Route.new(key, now, self._rng, self._tuning)
            routes.append(self._routes[route_name])
        return routes

    def _sweep(self, now: float) -> None:
        """Forget what was idle for an hour and, of too many, the half that is idle longest."""
        if now - self._swept_at < SWEEP_SECONDS and len(self._queues) < MAX_QUEUES:
            return
        self._swept_at = now
        idle = sorted(
            ((name, queue) for name, queue in self._queues.items() if queue.idle),
            key=lambda item: item[1].used_at,
        )
        surplus = len(self._queues) - MAX_QUEUES // 2 if len(self._queues) >= MAX_QUEUES else 0
        for i, (name, queue) in enumerate(idle):
            if i < surplus or now - queue.used_at >= IDLE_SECONDS:
                self._forget(name, queue)

    def _forget(self, name: QueueName, queue: RouteQueue) -> None:
        endpoint, model, keys = name
        del self._queues[name]
        for key_name in keys:
            key = self._keys[endpoint, key_name]
            route = self._routes[endpoint, key_name, model]
            others = self._queues_of[key]
            del others[queue]
            if not any(route in other.routes for other in others):
                del self._routes[endpoint, key_name, model]
            if not others:
                del self._keys[endpoint, key_name], self._queues_of[key]
