"""What was found out about models, by endpoint, key and model: bounded, never shared by keys."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from engine.settings import Settings

MAX_ENTRIES = 10_000
"""Models, each counted once for every endpoint and key."""


class RouteStore[Value]:
    """One value for each model; beyond ``MAX_ENTRIES`` those that changed longest ago go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[tuple[str, str, str], Value] = OrderedDict()

    def get(self, settings: Settings) -> Value | None:
        """What is remembered of this model."""
        with self._lock:
            return self._values.get(_key(settings))

    def change(self, settings: Settings, change: Callable[[Value | None], Value]) -> None:
        """Remember something else of this model, made of what was remembered before."""
        with self._lock:
            self._values[_key(settings)] = change(self._values.pop(_key(settings), None))
            while len(self._values) > MAX_ENTRIES:
                self._values.popitem(last=False)


def _key(settings: Settings) -> tuple[str, str, str]:
    return (settings.endpoint, settings.key_digest, settings.model)
