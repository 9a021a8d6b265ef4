"""When one call more than the limit is tried, and what became of it."""

from engine.admission.limits.attempt import Attempt
from engine.admission.limits.tuning import Tuning


class Probing:
    """Looks for room above a limit that holds, as far as its budget allows.

    Successes pay for it, so that a capacity that stays costs one rejection in fifty calls, and
    time does, the more the further the limit is below what was in flight of late. Where room that
    was held is gone, capacity moves, and what is gone may come back: that pays as well.
    """

    def __init__(self, tuning: Tuning) -> None:
        self._t = tuning
        self.balance = 0.0
        """Rejections that may be risked."""
        self._probe: Attempt | None = None
        self._rejected_at = 0.0
        self._alone = 0.0  # seconds to leave the ceiling alone
        self._pause = tuning.lost_first

    def due(self, now: float, silence: float, missing: float) -> float:
        """Time from which on one more call than the limit may be tried, if it holds until then.

        Args:
            now: Seconds, as all times.
            silence: Seconds in which a rejection would come.
            missing: How many times as much as now was in flight of late.
        """
        paid = now if self.balance >= 1 else now + (1 - self.balance) / self._rate(missing)
        pause = max(silence, self._t.probe_pause, self._alone / missing)
        return max(paid, self._rejected_at + pause)

    def sent(self, attempt: Attempt) -> None:
        """This call is the one more, unless another is."""
        if self._probe is None:
            self._probe = attempt

    def ended(self, attempt: Attempt) -> None:
        """A call ended; if it was to tell and did not, the next one has to."""
        if self._probe is attempt:
            self._probe = None

    def stop(self) -> None:
        """Nobody looks for room any more."""
        self._probe = None

    def found(self, attempt: Attempt) -> bool:
        """A call was admitted; returns whether that tells of room above the limit."""
        if self._probe is not attempt:
            return False
        self._pause = self._t.lost_first
        return True

    def wait(self, seconds: float, missing: float) -> None:
        """Time passed while calls were waiting."""
        self._add(self._rate(missing) * seconds)

    def earn(self) -> None:
        """A call was answered."""
        self._add(self._t.earned_per_success)

    def rejected(self, now: float) -> None:
        """A call was rejected: the gateway is full now."""
        self._rejected_at = now

    def lost(self, silence: float) -> None:
        """The one more was rejected: look again later."""
        self.balance = max(0.0, self.balance - 1)
        self._alone = self._pause + self._t.lost_timeouts * silence
        self._pause = min(2 * self._pause, self._t.lost_pause)

    def fell(self) -> None:
        """Room that was held is gone, and may come back."""
        self._add(self._t.fell_pays)
        self._pause, self._alone = self._t.lost_first, 0.0

    def _rate(self, missing: float) -> float:
        return self._t.probe_rate * float(missing**self._t.missing_power)

    def _add(self, amount: float) -> None:
        self.balance = min(self._t.budget_max, self.balance + amount)
