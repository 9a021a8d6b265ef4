"""Tells a limit on calls per time from a limit on calls in flight, and keeps to the former.

A gateway with N slots rejects whenever N calls are in flight, however long ago the last one was
sent. A token bucket rejects when its tokens are spent, however many are in flight: between two
rejections it admitted exactly rate x time calls. So the question is: was the number in flight the
same at the rejections seen, or the number admitted per second? What looks like a bucket is sent to
a little faster than it fills; it proves itself by rejecting at once, or it was none.
"""

import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from engine.admission.limits.tuning import MAX_DOUBLINGS, Tuning


@dataclass(frozen=True, slots=True)
class Mark:
    """A rejection, as a point on the line of calls admitted over time."""

    at: float
    """When the rejected call was sent."""
    admitted: int
    """Calls admitted before it, ever."""
    level: int
    """Calls in flight before it."""
    call: int | None = None
    """Number of the call that was rejected."""
    sought: bool = False
    """It was sent to try one more than the limit: that a full gateway rejects it is no news."""


class RateEstimate:
    """Learned calls per second; not `active` as long as the gateway does not look like that."""

    def __init__(self, tuning: Tuning) -> None:
        self._t = tuning
        self._marks: deque[Mark] = deque(maxlen=tuning.marks)
        self._needed = tuning.marks_needed
        self.active = False
        """Whether calls are to be sent at this rate, whatever the number in flight."""
        self.rate = 1.0
        """Calls a second, while that is so."""
        self._stage = 0
        self._recent: deque[bool] = deque(maxlen=tuning.trial)
        self._row = 0
        self._base = Mark(0.0, 0, 0)
        self._tokens = 0.0
        self._room = 1.0
        self._at = 0.0

    def tokens(self, now: float) -> float:
        """Calls that the rate allows now."""
        self._fill(now)
        return self._tokens

    def due(self, now: float) -> float:
        """Time at which the rate allows a call."""
        self._fill(now)
        return now + max(0.0, 1 - self._tokens) / (self.rate * (1 + self._excess(now))) + 1e-6

    def sent(self, now: float) -> None:
        """A call is sent."""
        if self.active:
            self._fill(now)
            self._tokens -= 1

    def unsent(self, now: float) -> None:
        """It was not sent after all."""
        if self.active:
            self._fill(now)
            self._tokens += 1

    def admitted(self, sent_at: float, before: int) -> bool:
        """A call sent then, with so many admitted before it, was admitted.

        Returns:
            Whether that ends the rate limiting: so much faster than believed is no such rate.
        """
        if not self.active:
            return False
        self._row = 0
        self._recent.append(False)
        surplus = before + 1 - self._base.admitted - self.rate * (sent_at - self._base.at)
        if surplus <= self._t.surplus:
            return False
        self._end()
        return True

    def rejected(self, mark: Mark, now: float, wait: float | None, sent: int) -> None:
        """A rejection, `sent` calls after the one rejected; may begin or end the rate limiting."""
        t = self._t
        last = self._marks[-1] if self._marks else None
        apart = last is None or (
            mark.at - last.at >= t.mark_seconds and mark.admitted - last.admitted >= t.mark_calls
        )
        if apart:
            self._marks.append(mark)
        if wait is not None and wait < t.retry_after_least:
            wait = None
        has_retry_after = wait is not None and wait <= t.short_wait
        if not self.active:
            if apart and (has_retry_after or self._looks_rate_limited()):
                self._begin(mark, now, wait if has_retry_after else None)
            return
        if mark.at < self._base.at:
            return
        self._fill(now)
        self._recent.append(True)
        self._row += 1
        if sum(self._recent) > t.trial_rejections or self._row >= t.trial_row:
            self._end()
            return
        if apart:
            self._stage += 1
            self._learn(mark, has_retry_after=has_retry_after)
            levels = _levels(list(self._marks)[-t.marks_needed - 1 :])
            if len(levels) > t.marks_needed and levels[0] == levels[-1]:
                self._end()
                return
        if wait is None:
            self._base = mark
            self._tokens = min(
                self._tokens, max(self._tokens - 1, self.rate * (now - mark.at) - sent)
            )
        else:
            self._after(mark, now, wait)

    def forget(self, call: int) -> None:
        """That call's rejections say nothing."""
        kept = [mark for mark in self._marks if mark.call != call]
        self._marks = deque(kept, maxlen=self._t.marks)

    def _after(self, mark: Mark, now: float, wait: float) -> None:
        """The gateway told how long to wait: meanwhile it saves up calls, which go out at once."""
        saved = max(1.0, self.rate * (now + wait - mark.at))
        self._room = saved
        self._tokens = saved - self.rate * (1 + self._excess(now)) * wait
        self._base = Mark(now + wait, mark.admitted + int(saved), mark.level)

    def _learn(self, mark: Mark, *, has_retry_after: bool) -> None:
        base = self._base if self._base.at > self._marks[0].at else self._marks[0]
        if self._room <= 1:
            base = self._marks[0]
        if mark.admitted - base.admitted >= self._t.learn_calls and mark.at > base.at:
            self.rate = _slope(base, mark)
        elif has_retry_after:
            self.rate *= self._t.retry_after_cut

    def _line(self) -> list[Mark]:
        """The latest rejections, so many that enough of them were not sought; else none."""
        unsought = [i for i, mark in enumerate(self._marks) if not mark.sought]
        if len(unsought) < self._needed:
            return []
        return list(self._marks)[unsought[-self._needed] :]

    def _looks_rate_limited(self) -> bool:
        marks = self._line()
        if not marks:
            return False
        first, rate = marks[0], _slope(marks[0], marks[-1])
        off = [mark.admitted - first.admitted - rate * (mark.at - first.at) for mark in marks]
        levels = _levels(marks)
        commonest = max(levels.count(level) for level in levels)
        varied = levels[-1] - levels[0] >= 2 and commonest <= self._t.same_part * len(levels)
        return varied and max(off) - min(off) <= self._t.mark_spread

    def _begin(self, mark: Mark, now: float, wait: float | None) -> None:
        if wait is not None:
            if (
                len(self._marks) < self._t.retry_after_marks
                or self._needed > self._t.retry_after_trials
            ):
                return
            self.rate = max(itertools.starmap(_slope, itertools.pairwise(self._marks)))
        else:
            self._marks = deque(self._line(), maxlen=self._t.marks)
            self.rate = _slope(self._marks[0], mark)
        self.active = True
        self._base, self._at = mark, now
        self._tokens, self._room = 0.0, 1.0
        if wait is not None:
            self._after(mark, now, wait)
        self._stage = self._row = 0
        self._recent.clear()

    def _end(self) -> None:
        self.active = False
        self._marks.clear()
        self._needed = min(self._needed + 1, self._t.marks)

    def _excess(self, now: float) -> float:
        """How much faster than the rate believed to send: the more, the longer all goes well."""
        t = self._t
        stage = t.excess[min(self._stage, len(t.excess) - 1)]
        expected = self._base.at + min(t.overdue_max, t.overdue / (stage * self.rate))
        overdue = max(0.0, now - expected) / max(t.calm_seconds, t.calm_calls / self.rate)
        return min(t.excess_max, stage * 2 ** min(overdue, MAX_DOUBLINGS))

    def _fill(self, now: float) -> None:
        if self.active:
            earned = (now - self._at) * self.rate * (1 + self._excess(now))
            self._tokens = min(self._room, self._tokens + earned)
        self._at = now


def _levels(marks: Iterable[Mark]) -> list[int]:
    """How many calls were in flight at each rejection, in order of size."""
    return sorted(mark.level for mark in marks)


def _slope(first: Mark, last: Mark) -> float:
    return (last.admitted - first.admitted) / (last.at - first.at)
