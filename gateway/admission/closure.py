"""When to try a gateway again that lets nothing in."""

from random import Random

from gateway.admission.tuning import Tuning


class Closure:
    """Whether a gate is closed, and when one call may try it."""

    def __init__(self, rng: Random, tuning: Tuning) -> None:
        self._t = tuning
        self._rng = rng
        self.since: float | None = None
        """Since when nothing was let in, if that is so now."""
        self.try_at = 0.0
        self._pauses = 0
        self._let_in = 0

    def let_in(self) -> None:
        """The gate let a call in."""
        self._let_in += 1

    def close(self, now: float, wait: float | None) -> None:
        """A call was rejected with nothing in flight; `wait` if the server told how long."""
        t = self._t
        if self.since is None:
            self.since = now
        longest = max(t.closed_min, t.closed_worth / max(1, self._let_in))
        pause = min(longest, t.closed_max, t.closed_first * 2**self._pauses)
        self.try_at = now + (pause * self._rng.uniform(0.5, 1) if wait is None else wait)
        self._pauses = min(self._pauses + 1, 10)

    def open(self) -> None:
        """The call that tried it was let in."""
        self.since = None
        self._pauses = self._let_in = 0
