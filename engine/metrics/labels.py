"""Which routes have series of their own: the most used ones; the rest are counted as "other"."""

import functools
import threading
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from engine.admission.other_instances import RouteRef

MAX_ROUTES = 50
"""Routes with series of their own: three histograms and some counters each."""

MAX_COUNTED = 5_000
"""Routes whose uses are counted, to find the most used ones."""

USES_TO_LEAD = 2
"""A route takes another's place once it was used so many times as often: no two take turns."""

HALVED_AFTER = 10_000
"""Uses after which all counts are halved: what was used yesterday makes room."""

_LONGEST_MODEL = 60
_HASH = 8


class Labels(NamedTuple):
    """Of a route: nothing of a person, and no secret."""

    host: str
    model: str
    key: str


OTHER = Labels("other", "other", "other")


@functools.lru_cache(maxsize=4 * MAX_ROUTES)
def labels_of(route: RouteRef) -> Labels:
    """The endpoint's host, the model's name, and the beginning of the key's hash."""
    host = urlsplit(route.endpoint).netloc.rpartition("@")[2]
    return Labels(host, (route.model or "")[:_LONGEST_MODEL], route.key[:_HASH])


class RouteLabels:
    """Gives labels to routes; thread-safe.

    Args:
        on_dropped: told of labels whose series are to be forgotten.
    """

    def __init__(self, on_dropped: Callable[[Labels], None]) -> None:
        self._on_dropped = on_dropped
        self._lock = threading.Lock()
        self._uses: Counter[Labels] = Counter()
        self._all_uses = 0
        self._named: set[Labels] = set()

    def used(self, route: RouteRef) -> Labels:
        """Count a use; returns the labels to count it under."""
        labels, dropped = labels_of(route), None
        with self._lock:
            self._count(labels)
            if labels not in self._named:
                dropped = self._make_room(labels)
            named = labels in self._named
        if dropped is not None:
            self._on_dropped(dropped)
        return labels if named else OTHER

    def named(self, route: RouteRef) -> Labels:
        """The labels that a route has now, without counting a use."""
        labels = labels_of(route)
        return labels if labels in self._named else OTHER

    def _count(self, labels: Labels) -> None:
        self._uses[labels] += 1
        self._all_uses += 1
        if self._all_uses >= HALVED_AFTER or len(self._uses) > MAX_COUNTED:
            self._all_uses = 0
            # What has a name keeps one use: what comes once does not take its place.
            halves = {one: max(uses // 2, one in self._named) for one, uses in self._uses.items()}
            self._uses = Counter({one: uses for one, uses in halves.items() if uses})

    def _make_room(self, labels: Labels) -> Labels | None:
        """Name a route if it is used enough; returns whose place it takes."""
        if len(self._named) < MAX_ROUTES:
            self._named.add(labels)
            return None
        least = min(self._named, key=self._uses.__getitem__)
        if self._uses[labels] <= USES_TO_LEAD * self._uses[least]:
            return None
        self._named.remove(least)
        self._named.add(labels)
        return least
