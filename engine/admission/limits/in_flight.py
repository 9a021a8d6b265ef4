"""The calls in flight, and which of them are known to have been admitted."""

from engine.admission.limits.attempt import Attempt

LATEST = 2
"""Calls admitted of late that are remembered: one of them is another than the one asked about."""


class InFlight:
    """Calls of one limit that were sent and have not ended; its length is their number."""

    def __init__(self) -> None:
        self._attempts: dict[Attempt, None] = {}
        self.young: list[Attempt] = []
        """Those of which nothing is known yet, the oldest first."""
        self.admitted = 0
        """How many are known to have been admitted."""
        self.admitted_ever = 0
        """Calls ever admitted, as far as known: of the young ones it is assumed."""
        self.highest = 0
        """Most calls in flight before one that was admitted."""
        self._passed: dict[int | None, int] = {}

    def __len__(self) -> int:
        return len(self._attempts)

    def send(self, now: float, call: int | None) -> Attempt:
        """A call is sent at that time (seconds)."""
        attempt = Attempt(now, len(self._attempts), self.admitted_ever, call)
        self.admitted_ever += 1
        self._attempts[attempt] = None
        self.young.append(attempt)
        return attempt

    def admit(self, attempt: Attempt) -> bool:
        """The call was admitted; returns whether that is news."""
        if attempt.admitted or attempt not in self._attempts:
            return False
        attempt.admitted = True
        self.young.remove(attempt)
        self.admitted += 1
        self.highest = max(self.highest, attempt.ahead)
        self._passed.pop(attempt.call, None)
        self._passed[attempt.call] = attempt.number
        if len(self._passed) > LATEST:
            del self._passed[next(iter(self._passed))]
        return True

    def others_passed(self, call: int, since: int) -> bool:
        """Whether another call than this was admitted, sent after the attempt of that number."""
        return any(number > since for other, number in self._passed.items() if other != call)

    def remove(self, attempt: Attempt) -> None:
        """The call has ended."""
        if attempt not in self._attempts:
            return
        del self._attempts[attempt]
        if attempt.admitted:
            self.admitted -= 1
        else:
            self.young.remove(attempt)

    def take_back(self, attempt: Attempt) -> None:
        """It never was in: those sent later were not behind it."""
        for later in reversed(self._attempts):
            if later is attempt:
                break
            later.ahead -= 1
            later.before -= 1
        self.remove(attempt)
        self.admitted_ever -= 1
