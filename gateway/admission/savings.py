"""What exploring may cost: rejections are paid for in advance, by successes and by time.

Those of a large window's first climb cost nothing, so that it explores soon after.
"""

import math

from gateway.admission.tuning import Tuning


class Savings:
    """Rejections that the window may risk."""

    def __init__(self, tuning: Tuning) -> None:
        self._t = tuning
        self.balance = 1.0
        self.unsteady = 0.0
        """How much room seems to come and go without our doing: 0 to 1."""
        self.rate = tuning.probe_rate
        """Rejections a second that time pays for."""
        self._leave_until = -math.inf
        self._pause = tuning.lost_first

    def wait(self, seconds: float) -> None:
        """Time passed while calls were waiting."""
        self._add(self.rate * seconds)

    def earn(self) -> None:
        """A call was answered."""
        self._add(self._t.save_per_success + self._t.save_unsteady * self.unsteady)

    def pay(self) -> None:
        """A call was rejected."""
        self.balance = max(0.0, self.balance - 1)

    def due(self, now: float) -> float:
        """Time at which exploring is paid for and worth it, if nothing else happens."""
        steady = self.rate <= self._t.probe_rate
        paid = now + max(0.0, 1 - self.balance) / self.rate
        return max(paid, self._leave_until) if steady else paid

    def topped(self, now: float) -> None:
        """The first climb has ended: what others let go is found after a while only."""
        self._leave_until = now + self._t.look_pause

    def lost(self, now: float, patience: float) -> None:
        """Exploring found nothing, which took so long to know: do it less often."""
        self._leave_until = now + self._pause + self._t.lost_patience * patience
        self._pause = min(2 * self._pause, self._t.lost_pause)
        self.rate = max(self._t.probe_rate_min, self.rate * self._t.probe_lost)
        self.unsteady *= self._t.unsteady_lost

    def won(self) -> None:
        """Exploring found room: do it more often."""
        self.rate = min(self._t.probe_rate_max, self.rate * self._t.probe_won)

    def alarm(self) -> None:
        """The gateway takes much less than of late, and may recover: it is not others who come."""
        self.rate = max(self.rate, self._t.probe_drop)
        self.unsteady = 0.0

    def shared(self) -> None:
        """Others come and go on the same account, and leave room, for whoever is first."""
        self.rate = self._t.probe_rate_max
        self.unsteady = 1.0

    def fell(self) -> None:
        """Room for more than one call is gone at once: that is less like others who come and go."""
        self.unsteady *= self._t.unsteady_fell

    def calm(self) -> None:
        """What looked unsteady had another reason."""
        self.rate = min(self.rate, self._t.probe_rate)
        self.unsteady = 0.0

    def _add(self, amount: float) -> None:
        self.balance = min(self._t.savings_max, self.balance + amount)
