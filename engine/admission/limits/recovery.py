"""When to try a gateway again that admits nothing."""

from random import Random

from engine.admission.limits.tuning import Tuning


class Recovery:
    """Whether the circuit is open, and when one call may try it."""

    def __init__(self, rng: Random, tuning: Tuning) -> None:
        self._t = tuning
        self._rng = rng
        self.since = 0.0
        """Since when nothing was admitted, while that is so."""
        self.try_at = 0.0
        self._pauses = 0
        self._admitted = 0
        self._began = 0.0
        self._before = 0
        self._quota: int | None = None  # calls taken when it was open the last time

    def admitted(self, sent_at: float, before: int) -> None:
        """The gateway admitted a call that was sent then, with so many admitted before it, ever."""
        if not self._admitted:
            self._began = sent_at
        self._admitted += 1
        if self._quota is not None and before - self._before >= self._quota:
            self._quota = None

    def left(self, before: int) -> int | None:
        """Calls until the gateway has taken as many as when it was open the last time, if known."""
        return None if self._quota is None else self._quota - (before - self._before)

    def trip(self, now: float, before: int) -> None:
        """Nothing is admitted any more."""
        self.since = now
        taken = before - self._before
        self._quota = taken if taken >= self._t.quota_least else None

    def failed(self, now: float, wait: float | None) -> None:
        """A call was rejected meanwhile; `wait` if the server told how long."""
        t = self._t
        longest = max(t.recovery_min, t.recovery_worth / max(1, self._admitted))
        pause = min(longest, t.recovery_max, t.recovery_first * 2**self._pauses)
        self._pauses = min(self._pauses + 1, 10)
        if wait is not None:
            self.try_at = now + wait
            return
        self.try_at = now + pause * self._rng.uniform(0.7, 1)
        for period in t.periods if self._admitted else ():
            ends = self._began + period + t.period_margin
            if now < ends < now + pause:
                self.try_at = ends

    def reset(self, before: int) -> None:
        """The call that tried it was admitted, with so many admitted before it, ever."""
        self._before = before
        self._pauses = self._admitted = 0
