"""Equal questions under way at once: one asks, the others wait for its answer."""

import threading


class Flight:
    """A question that is being asked."""

    def __init__(self) -> None:
        self._landed = threading.Event()
        self._answer: bytes | None = None

    def land(self, answer: bytes | None) -> None:
        """It is over; ``None`` if there is no answer that others may have."""
        self._answer = answer
        self._landed.set()

    def wait(self, seconds: float) -> bytes | None:
        """The answer, if it comes in time and there is one for others."""
        self._landed.wait(max(0.0, seconds))
        return self._answer


class Flights:
    """The questions that this process is asking, by their keys."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[str, Flight] = {}

    def join(self, key: str) -> tuple[Flight, bool]:
        """The flight of this question, and whether it is the caller who has to ask it."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Flight()
            return flight, True

    def land(self, key: str, answer: bytes | None) -> None:
        """The one who asked has ended, in whatever way; it belongs into a ``finally``."""
        with self._lock:
            flight = self._flights.pop(key)
        flight.land(answer)
