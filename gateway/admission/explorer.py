"""When one call more than the window is tried, and what became of it."""

import math

from gateway.admission.attempt import Attempt
from gateway.admission.savings import Savings
from gateway.admission.tuning import Tuning


class Explorer:
    """Looks for room above a window that holds, as far as its savings allow."""

    def __init__(self, tuning: Tuning) -> None:
        self._t = tuning
        self.savings = Savings(tuning)
        self.exploring = False
        """One call more than the window held is tried, and has not told yet."""
        self._probe: Attempt | None = None
        self._found_from: int | None = None  # the ceiling that room was found above
        self._rejected_at = -math.inf
        self._topped_at = math.inf  # when the first climb ended; infinity: it has not

    def due(self, now: float, patience: float) -> float:
        """Time from which on one more call than the window may be tried, if it holds until then."""
        if self.exploring:
            return math.inf
        pause = max(patience, self._t.probe_pause)
        return max(self._rejected_at + pause, self.savings.due(now))

    def begin(self) -> None:
        """The window was raised by one call; who fills it tells whether there is room."""
        self.exploring = True

    def filled(self, attempt: Attempt) -> None:
        """This call filled the window."""
        if self.exploring and self._probe is None:
            self._probe = attempt

    def let_in(self, attempt: Attempt) -> bool:
        """A call was let in; returns whether that tells of room above the window."""
        if self._probe is not attempt:
            return False
        self.stop()
        self.savings.won()
        self._found_from = attempt.ahead
        return True

    def stop(self) -> None:
        """Nobody looks for room any more."""
        self.exploring, self._probe = False, None

    def ended(self, attempt: Attempt) -> None:
        """A call ended; if it was to tell and did not, the next one has to."""
        if self._probe is attempt:
            self._probe = None

    def rejected(
        self,
        attempt: Attempt,
        now: float,
        patience: float,
        *,
        filled: bool,
        told: bool,
        climbing: bool,
    ) -> bool:
        """A call was rejected: pay for it, and explore the less or the more for what it tells.

        Returns:
            Whether it was one call more than the window held, so that only exploring is lost.
        """
        explored = self.exploring and filled
        self.stop()
        if explored:
            self.savings.lost(now, patience)
        elif not told and self._is_shared(attempt, climbing=climbing):
            self.savings.shared()
        self._found_from = None
        self._rejected_at = now
        if now < self._topped_at:
            self._topped_at = now
            self.savings.topped(now)
        late = attempt.sent_at > self._topped_at
        if told or late or attempt.ahead < self._t.look_size:
            self.savings.pay()
        return explored

    def is_cautious(self, size: float) -> bool:
        """Whether a climb to this size tries one call after the other: others come and go."""
        if self._found_from is None or self.savings.unsteady < self._t.one_by_one:
            return False
        return size <= self._found_from + 1 + self._t.found_little

    def _is_shared(self, attempt: Attempt, *, climbing: bool) -> bool:
        """Whether others come and go: room that was held is lost, or little was found."""
        if not climbing:
            return attempt.sent_at > self._rejected_at
        found_from = self._found_from
        return found_from is not None and 0 < attempt.ahead - found_from <= self._t.found_little
