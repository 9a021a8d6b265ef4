"""The last minutes of every busy route, and what an instance tells the others of itself."""

import json
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from engine.admission.other_instances import RouteRef
from engine.admission.snapshot import RouteState
from engine.cluster import Connection, UnavailableError, names
from engine.metrics.labels import labels_of
from engine.metrics.meter import GivenUp

if TYPE_CHECKING:
    from redis import Redis

EVERY_SECONDS = 5.0
SAMPLES = 60
"""Five minutes of limits, a sample every 5 s."""

MAX_ROUTES = 100
"""Routes that are shown: those with most calls."""

MAX_INSTANCES = 32
EXPIRES_SECONDS = 20
"""An instance that said nothing for so long is gone."""

_INSTANCES = f"{names.PREFIX}instances"
_STATUS = f"{names.PREFIX}status:"

type Status = dict[str, Any]
"""What one instance shows, as JSON knows it."""


class History:
    """Samples limits, and shares what there is to see through the operator's Redis.

    Args:
        version: of the plugin.
        look: the state of every route.
        failures: the calls that were given up lately.
        redis: the operator's, if there is one.
    """

    def __init__(
        self,
        version: str,
        look: Callable[[], list[RouteState]],
        failures: Iterable[GivenUp],
        redis: Connection | None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._version = version
        self._look = look
        self._failures = failures
        self._redis = redis
        self._limits: dict[RouteRef, deque[int]] = {}

    def start(self) -> None:
        """Sample from now on, as long as the process lives."""
        threading.Thread(target=self._sample_for_ever, name="metrics-history", daemon=True).start()

    def sample(self) -> None:
        """Take one sample, and tell the other instances."""
        busiest = self._busiest()
        limits = {}
        for state in busiest:
            kept = self._limits.get(state.route) or deque(maxlen=SAMPLES)
            kept.append(state.limit)
            limits[state.route] = kept
        self._limits = limits
        if self._redis is not None:
            self._publish(self._redis)

    def own(self) -> Status:
        """What there is to see of this instance now."""
        return {
            "instance": self.name,
            "version": self._version,
            "routes": [self._route(state) for state in self._busiest()],
            "failures": [
                {"at": one.at, **one.labels._asdict(), "kind": one.kind, "en": one.en, "zh": one.zh}
                for one in tuple(self._failures)
            ],
        }

    def all(self) -> list[Status]:
        """This instance, and the others if there is a Redis that answers."""
        others = self._others(self._redis) if self._redis is not None else []
        return [self.own(), *others]

    def _busiest(self) -> list[RouteState]:
        states = sorted(self._look(), key=lambda one: (one.waiting, one.in_flight), reverse=True)
        return states[:MAX_ROUTES]

    def _route(self, state: RouteState) -> Status:
        return {
            **labels_of(state.route)._asdict(),
            "waiting": state.waiting,
            "in_flight": state.in_flight,
            "limit": state.limit,
            "cooldown": round(state.cooldown_seconds),
            "rest": round(state.rest_seconds),
            "circuit": state.circuit,
            "limits": list(self._limits.get(state.route, ())),
        }

    def _sample_for_ever(self) -> None:
        while True:
            self.sample()
            time.sleep(EVERY_SECONDS)

    def _publish(self, connection: Connection) -> None:
        content = json.dumps(self.own(), ensure_ascii=False)

        def write(redis: "Redis") -> None:
            pipeline = redis.pipeline(transaction=False)
            pipeline.set(_STATUS + self.name, content, ex=EXPIRES_SECONDS)
            pipeline.sadd(_INSTANCES, self.name)
            pipeline.execute()

        try:
            connection.run(write)
        except UnavailableError:
            return

    def _others(self, connection: Connection) -> list[Status]:
        def read(redis: "Redis") -> list[bytes]:
            members = cast("set[bytes]", redis.smembers(_INSTANCES))
            known = sorted(member.decode() for member in members)[:MAX_INSTANCES]
            found = cast(
                "list[bytes | None]", redis.mget([_STATUS + name for name in known] or [_STATUS])
            )
            if gone := [name for name, one in zip(known, found, strict=False) if one is None]:
                redis.srem(_INSTANCES, *gone)
            return [one for one in found if one is not None]

        try:
            documents = [json.loads(one) for one in connection.run(read)]
        except (UnavailableError, ValueError):
            return []
        return [one for one in documents if one.get("instance") != self.name]
