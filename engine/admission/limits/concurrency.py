"""How many calls are sent at once: the size that climbs, and is cut by rejections.

A rejected call tells the capacity exactly: the calls in flight before it. So a cut goes there, not
to a part of the size; only rejections that follow each other, with nothing admitted in between,
cut deeper each time, for then capacity is falling.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from engine.admission.limits.attempt import Attempt
from engine.admission.limits.rejection_timeout import RejectionTimeout
from engine.admission.limits.tuning import MAX_DOUBLINGS, Tuning


@dataclass(slots=True)
class Cut:
    """The latest cut."""

    at: float
    level: int
    """Calls in flight then."""
    slack: int
    """So many calls less are no fall: 1 if more room was sought."""
    row: int = 1
    """Cuts with nothing admitted in between; 0 once something was."""


class ConcurrencyLimit:
    """A number of calls; the caller says when it climbs."""

    def __init__(self, now: float, tuning: Tuning, silence: RejectionTimeout) -> None:
        self._t = tuning
        self._silence = silence
        self.size = tuning.first_size
        self.speed = self.fastest
        """Calls a second by which it grows, when it climbs."""
        self.target: float | None = None
        """Where a climb over known ground ends."""
        self.proof = 0
        """Calls answered since the climb began."""
        self._cut: Cut | None = None
        self._before_cuts: float | None = None
        self._peak, self._peak_at = 0, now

    @property
    def whole(self) -> int:
        """The size as a number of calls."""
        return int(self.size + 1e-9)

    @property
    def fastest(self) -> float:
        """Calls a second: what is under way when a rejection returns stays a part of the size."""
        t, seconds = self._t, self._silence.seconds
        growth = (
            (t.regrowth if self._silence.known else t.growth) * t.first_rejection_timeout / seconds
        )
        return min(growth * self.size, t.step_limit / seconds)

    def predates_cut(self, attempt: Attempt) -> bool:
        """Whether a call was sent before the latest cut, so that its rejection is no news."""
        return self._cut is not None and attempt.sent_at < self._cut.at

    # Climbing

    def start_slowly(self) -> None:
        """There is room: one call more in the time that a rejection takes, then twice as fast."""
        self.speed = 1 / self._silence.seconds

    def bound(self, admitted: int) -> float:
        """The most that it may grow to with so many calls in flight known to be admitted."""
        return max(self._t.unproven, self._t.proven_factor * (admitted + self.proof))

    def climb(self, seconds: float, now: float, admitted: int) -> bool:
        """Grow for so long; returns whether it has regained its known ground."""
        speedup = max(self._t.speedup, self.missing(now))
        grown = self.size + min(self.speed, self.fastest) * seconds
        self.size = max(self.size, min(grown, self.bound(admitted)))
        times = min(seconds / self._silence.seconds, MAX_DOUBLINGS)
        self.speed = min(self.speed * speedup**times, self.fastest)
        if self.target is None or self.size < self.target:
            return False
        self.size, self.target = max(1.0, self.target), None
        return True

    def seconds_to_next(self) -> float:
        """Until it will have grown by a call, as it climbs now."""
        missing = self.whole + 1 - self.size
        return min(self._silence.seconds, missing / min(self.speed, self.fastest))

    # Being cut

    def cut(self, attempt: Attempt, now: float, admitted: int, *, sought: bool) -> None:
        """A call was rejected while others were in flight, so many of them known as admitted."""
        level, factor, last = max(attempt.ahead, admitted), 1.0, self._cut
        if last is None or attempt.sent_at >= last.at:
            fell = last is not None and level < last.level - last.slack
            row = last.row + 1 if last is not None and fell else 1
            if row == 1:
                self._before_cuts = self.size
            self._cut = Cut(now, level, int(sought), row)
            self.target = level
            factor = self._t.cut ** (row - 1)
        else:
            last.level = level = min(last.level, level)
            self.target = level
        self.size = max(1.0, min(self.size, level) * factor)

    def on_admitted(self, attempt: Attempt) -> bool:
        """A call was admitted; returns whether it shows that the latest cuts were too deep."""
        if self._cut is None or not self._cut.row or attempt.sent_at < self._cut.at:
            return False
        row, self._cut.row = self._cut.row, 0
        return row > 1 and self.target is not None and self.size < self.target - 1

    def risk(self, young: Iterable[Attempt]) -> int | None:
        """Calls that may be sent after a cut until one is known as admitted; `None`: any number."""
        cut = self._cut
        if cut is None or not cut.row:
            return None
        if cut.row == 1:
            allowed = max(self._t.trial_least, int(self.size * self._t.trial_first))
        else:
            allowed = max(1, int(self.size * self._t.trial_part))
        return allowed - sum(attempt.sent_at >= cut.at for attempt in young)

    # What it was before

    def note(self, level: int, now: float) -> None:
        """So many calls are in flight and admitted."""
        if level >= self.lately(now):
            self._peak, self._peak_at = level, now

    def lately(self, now: float) -> float:
        """Most calls in flight at once of late; what was long ago counts for little."""
        return self._peak * math.exp((self._peak_at - now) / self._t.peak_seconds)

    def missing(self, now: float) -> float:
        """How many times as much as now was in flight of late, 1 at least."""
        return max(1.0, self.lately(now) / self.size)

    def before(self, now: float) -> float:
        """The size to come back to when the gateway admits calls again."""
        return max(self.size, self._before_cuts or 0.0, self.lately(now))

    def trip(self) -> None:
        """Nothing is admitted."""
        self.size = 1.0
        self._settle()

    def reopen(self, before: float) -> None:
        """A call was admitted again; of the former size a part is used at once."""
        self._settle()
        self.proof = 0
        self.size = max(1.0, before * self._t.reopen)
        self.speed = self.fastest
        self.target = before if self._before_cuts is not None else None

    def restore(self, size: float, target: float | None) -> None:
        """A rejection was the call's own fault: be as large as before."""
        self.size, self.target = max(self.size, size), target
        self._settle()

    def resume(self, speed: float) -> None:
        """Climb on, carefully."""
        self.speed = min(speed, self._t.resume * self.fastest)

    def _settle(self) -> None:
        if self._cut is not None:
            self._cut.row = 0
