"""The calls in flight, and which of them are known to have been let in."""

from engine.admission.limits.attempt import Attempt

LATEST = 2
"""Calls let in of late that are remembered: one of them is another than the one asked about."""


class Flight:
    """Calls of one window that were sent and have not ended; its length is their number."""

    def __init__(self) -> None:
        self._flying: dict[Attempt, None] = {}
        self.young: list[Attempt] = []
        """Those of which nothing is known yet, the oldest first."""
        self.let_in = 0
        """How many are known to have been let in."""
        self.let_in_ever = 0
        """Calls ever let in, as far as known: of the young ones it is assumed."""
        self.highest = 0
        """Most calls in flight before one that was let in."""
        self._passed: dict[int | None, int] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def send(self, now: float, call: int | None) -> Attempt:
        """A call is sent at that time (seconds)."""
        attempt = Attempt(now, len(self._flying), self.let_in_ever, call)
        self.let_in_ever += 1
        self._flying[attempt] = None
        self.young.append(attempt)
        return attempt

    def admit(self, attempt: Attempt) -> bool:
        """The call was let in; returns whether that is news."""
        if attempt.let_in or attempt not in self._flying:
            return False
        attempt.let_in = True
        self.young.remove(attempt)
        self.let_in += 1
        self.highest = max(self.highest, attempt.ahead)
        self._passed.pop(attempt.call, None)
        self._passed[attempt.call] = attempt.number
        if len(self._passed) > LATEST:
            del self._passed[next(iter(self._passed))]
        return True

    def others_passed(self, call: int, since: int) -> bool:
        """Whether another call than this was let in, sent after the attempt of that number."""
        return any(number > since for other, number in self._passed.items() if other != call)

    def remove(self, attempt: Attempt) -> None:
        """The call has ended."""
        if attempt not in self._flying:
            return
        del self._flying[attempt]
        if attempt.let_in:
            self.let_in -= 1
        else:
            self.young.remove(attempt)

    def take_back(self, attempt: Attempt) -> None:
        """It never was in: those sent later were not behind it."""
        for later in reversed(self._flying):
            if later is attempt:
                break
            later.ahead -= 1
            later.before -= 1
        self.remove(attempt)
        self.let_in_ever -= 1
