"""Equal questions under way at once: one asks, the others wait for its answer."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import Failure

type Clock = Callable[[], float]

HELD_SECONDS = 0.5
"""A call that has waited for its permit for so long is held up: whoever is in a hurry goes
alone."""

NO_USE_SECONDS = 60.0
"""An answer that could not be kept will be no other so soon: nobody waits for the next one."""

MAX_NO_USE = 10_000
"""Requests of which that is remembered."""


@dataclass(frozen=True, slots=True)
class Landing:
    """How a flight ended.

    Attributes:
        answer: the entry, if there is one that others may have.
        failure: why there is none, if that is what the one who asked was told.
    """

    answer: bytes | None = None
    failure: Failure | None = None


class Flight:
    """A question that is being asked."""

    def __init__(self, key: str, clock: Clock = time.monotonic) -> None:
        self.key = key
        self._clock = clock
        self._changed = threading.Condition()
        self._result: Landing | None = None
        self._held_since: float | None = None
        self._followers: list[Callable[[], bool]] = []

    def follow(self, gone: Callable[[], bool]) -> None:
        """Somebody waits for the answer, until he has gone."""
        self._followers.append(gone)

    @property
    def is_wanted(self) -> bool:
        """Somebody else than the one who asks waits for the answer."""
        return not all(gone() for gone in self._followers)

    def progress(self, *, asking: bool) -> None:
        """A request goes out; or, if not ``asking``, the call waits for a permit."""
        with self._changed:
            if asking:
                self._held_since = None
            elif self._held_since is None:
                self._held_since = self._clock()
                self._changed.notify_all()

    def complete(self, result: Landing) -> None:
        """It is over; what is told first counts."""
        with self._changed:
            self._result = self._result or result
            self._changed.notify_all()

    def wait(self, budget_ends: float, until: float) -> Landing:
        """How it ended; an empty result if that comes too late.

        Args:
            budget_ends: until when the one who waits may stand in a queue. While a request is
                under way he would stand in none, and the answer is waited for beyond that.
            until: when his call has to be over.
        """
        with self._changed:
            while self._result is None:
                ends = until
                if self._held_since is not None:
                    ends = min(until, max(budget_ends, self._held_since + HELD_SECONDS))
                left = ends - self._clock()
                if left <= 0:
                    return Landing()
                self._changed.wait(left)
            return self._result


class SingleFlight:
    """The questions that this process is asking, by their keys."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._flights: dict[str, Flight] = {}
        self._no_use: OrderedDict[str, float] = OrderedDict()

    def join(self, key: str, gone: Callable[[], bool] = lambda: False) -> tuple[Flight, bool]:
        """The flight of this question, and whether it is the caller who has to ask it.

        Args:
            key: what is asked.
            gone: whether the caller waits no more.
        """
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                flight.follow(gone)
                return flight, False
            flight = Flight(key, self._clock)
            if self._no_use.get(key, 0.0) <= self._clock():
                self._flights[key] = flight
            return flight, True

    def goes_on(self, flight: Flight) -> bool:
        """Whether others wait for what the one who asked no longer wants; else none will."""
        with self._lock:
            is_wanted = flight.is_wanted
            if not is_wanted:
                self._take_out(flight)
            return is_wanted

    def is_of_no_use(self, flight: Flight) -> None:
        """The answer will not be kept: nobody is to wait for it, nor for the next ones."""
        with self._lock:
            self._take_out(flight)
            self._no_use.pop(flight.key, None)
            self._no_use[flight.key] = self._clock() + NO_USE_SECONDS
            while len(self._no_use) > MAX_NO_USE:
                self._no_use.popitem(last=False)
        flight.complete(Landing())

    def complete(
        self, flight: Flight, answer: bytes | None = None, failure: Failure | None = None
    ) -> None:
        """The one who asked has ended, in whatever way; it belongs into a ``finally``."""
        with self._lock:
            self._take_out(flight)
            if answer is not None:
                self._no_use.pop(flight.key, None)
        flight.complete(Landing(answer, failure))

    def _take_out(self, flight: Flight) -> None:
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
