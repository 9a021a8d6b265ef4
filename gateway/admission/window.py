"""How many calls a gateway takes at once, learned from what happened to those that were sent.

The algorithm alone: a pure object fed with events and the time (seconds, any monotonic origin) at
which they happened. It has no clock, no thread and no sleep; who waits is the limiter's business.

Three things make it fit a saturated gateway better than a TCP-like window. A rejection returns in
a fraction of the time that an answer takes, so silence for longer (`patience`) means let in, and
the window grows without waiting for answers. A rejected call tells the capacity exactly: the calls
in flight before it. And exploring beyond is paid from savings, so waste stays a small part.
"""

import math
from random import Random

from gateway.admission.attempt import Accused, Attempt
from gateway.admission.closure import Closure
from gateway.admission.explorer import Explorer
from gateway.admission.flight import Flight
from gateway.admission.pace import Mark, Pace
from gateway.admission.tuning import DOUBLINGS_MAX, TUNING, Tuning

NEVER = math.inf
"""A time that does not come."""
SOON = 1e-6
"""Seconds past a threshold, so that floating point does not wake anybody just before it."""


class Window:
    """Learned number of calls in flight of one model, with one key, at one endpoint."""

    def __init__(self, now: float, rng: Random, tuning: Tuning = TUNING) -> None:
        self._t = tuning
        self._now = now
        self.size = tuning.first_size
        self.demand = False
        """Whether calls are waiting: without demand nothing is learned from silence."""
        self._closure = Closure(rng, tuning)
        self.pace = Pace(tuning)
        self._flight = Flight()
        self._proof = 0  # answered since the climb began
        self._peak = 0
        self._peak_at = now
        self._patience = tuning.first_patience
        self._rejection_time: float | None = None
        self._speed = NEVER  # calls a second by which it grows; 0: it holds
        self._reach = 0.0  # where a climb over known ground ends
        self._explorer = Explorer(tuning)
        self._savings = self._explorer.savings
        self._cuts = 0
        self._cut_at = -NEVER
        self._level = NEVER  # calls in flight at the latest cut
        self._slack = 0  # so many calls less are no fall: 1 if more room was sought
        self._before_cuts = 0.0
        self._size_before = tuning.first_size
        self._accused: Accused | None = None

    @property
    def in_flight(self) -> int:
        """Calls sent and not yet ended."""
        return len(self._flight)

    @property
    def closed_since(self) -> float | None:
        """Since when nothing was let in, if that is so now."""
        return self._closure.since

    @property
    def try_at(self) -> float:
        """When a closed gateway may be tried by one call."""
        return self._closure.try_at

    def others_passed(self, call: int, since: int) -> bool:
        """Whether another call than this was let in, sent after the attempt of that number."""
        return self._flight.others_passed(call, since)

    # What the limiter asks

    def room(self, now: float) -> int:
        """Calls that may be sent now."""
        self._advance(now)
        flying = len(self._flight)
        if self.closed_since is not None:
            return int(not self._flight.young and now >= self._closure.try_at)
        if self.pace.active:
            return max(0, min(int(self.pace.tokens(now) + SOON), self._pace_limit() - flying))
        room = self._whole() - flying
        if room > 0 and self._cuts:
            room = min(
                room, self._risk() - sum(a.sent_at >= self._cut_at for a in self._flight.young)
            )
        left = self._closure.left(self._flight.let_in_ever)
        return int(max(0, min(room, left if left > 0 else 1 - self._beyond())))

    def due(self, now: float) -> float:
        """Time at which there may be room though nothing happens; `NEVER` if there is none."""
        if self.room(now):
            return now
        if self.closed_since is not None:
            return self._grown_up() if self._flight.young else self._closure.try_at
        if not self.demand:
            return NEVER
        if self.pace.active:
            return self.pace.due(now) if self._pace_limit() > len(self._flight) else NEVER
        return self._grown_at(now)

    # What happens

    def sent(self, now: float, call: int | None = None) -> Attempt:
        """A call is sent; `call` tells whether two attempts are of the same one."""
        self._advance(now)
        attempt = self._flight.send(now, call)
        self.pace.sent(now)
        if len(self._flight) >= self._whole():
            self._explorer.filled(attempt)
        return attempt

    def first_byte(self, attempt: Attempt, now: float) -> None:
        """Its answer has begun: it was let in."""
        self._advance(now)
        self._admit(attempt)

    def succeeded(self, attempt: Attempt, now: float) -> None:
        """It was answered."""
        self._advance(now)
        self._admit(attempt)
        self._savings.earn()
        self._remove(attempt)
        self._proof += 1

    def dropped(self, attempt: Attempt, now: float) -> None:
        """It ended in a way that says nothing about room: another failure, a killed caller."""
        self._advance(now)
        self._remove(attempt)

    def rejected(self, attempt: Attempt, now: float, wait: float | None = None) -> None:
        """It was rejected for want of room; `wait` if the gateway told how long (seconds)."""
        self._advance(now)
        self._accuse(attempt)
        climbed, filled = self._speed > 0, attempt.ahead + 1 >= self._whole()
        told = wait is not None
        explored = self._explorer.rejected(
            attempt, now, self._patience, filled=filled, told=told, climbing=climbed
        )
        self._flight.take_back(attempt)
        self._time_rejection(now - attempt.sent_at)
        self._speed = 0.0
        paced = self.pace.active
        mark = Mark(attempt.sent_at, attempt.before, attempt.ahead, attempt.call, explored)
        self.pace.rejected(mark, now, wait, self._flight.let_in_ever - attempt.before)
        if self.pace.active:
            return
        if paced:
            self.size = max(1.0, len(self._flight))
        is_end = self._closure.left(attempt.before) == 0
        if self._flight and self.closed_since is None and not is_end:
            self._shrink(attempt, now, sought=explored or climbed)
        else:
            self._close(now, wait)

    def acquit(self, call: int) -> None:
        """The rejections of this call were its own fault: take back what they did."""
        self.pace.forget(call)
        self._savings.calm()
        if self._accused is not None and self._accused.call == call:
            self._restore(self._accused)

    def unsent(self, attempt: Attempt, now: float) -> None:
        """It was not sent after all."""
        self._advance(now)
        self.pace.unsent(now)
        self._flight.take_back(attempt)
        self._explorer.ended(attempt)

    # Inside

    def _accuse(self, attempt: Attempt) -> None:
        """One call alone is rejected: keep the window as it was before, in case it is to blame."""
        accused = self._accused
        if accused is not None and accused.call != attempt.call:
            if attempt.ahead > accused.level:
                accused.narrow(attempt.ahead)
                return
            accused = self._accused = None
        if attempt.call is None:
            return
        if accused is None:
            held = self._whole() - 1.0 if self._explorer.exploring else self.size
            accused = Accused(attempt.call, held, self._speed, self._reach)
            self._accused = accused
        accused.number, accused.level = attempt.number, attempt.ahead

    def _restore(self, accused: Accused) -> None:
        self._accused = None
        if self.closed_since is None and not self.pace.active:
            self.size = max(self.size, accused.size)
            self._speed = max(self._speed, min(accused.speed, self._t.resume * self._fastest()))
            self._reach = accused.reach
            self._cuts = 0

    def _advance(self, now: float) -> None:
        """Let time pass: calls grow up, savings grow, the window climbs or explores."""
        elapsed = now - self._now
        if elapsed <= 0:
            return
        pressed = self.demand and len(self._flight) >= self._whole()
        climbs = self._speed > 0
        self._now = now
        while self._flight.young and self._flight.young[0].sent_at + self._doubt() <= now:
            self._admit(self._flight.young[0])
        if self.demand:
            self._savings.wait(elapsed)
        if self.closed_since is not None or self.pace.active or not pressed:
            return
        if climbs:
            self._climb(elapsed)
        elif not self._speed and now >= self._explorer.due(now, self._patience):
            self.size = self._whole() + 1.0
            self._explorer.begin()

    def _grown_at(self, now: float) -> float:
        """Time at which the window will have grown by one call, if nothing happens."""
        grown_up = self._grown_up()
        if len(self._flight) < self._whole() or self._explorer.exploring:
            return grown_up
        if self._speed > 0:
            if self._limit() < self._whole() + 1:
                return grown_up
            missing = self._whole() + 1 - self.size
            return now + min(self._patience, missing / min(self._speed, self._fastest()) + SOON)
        explored = self._explorer.due(now, self._patience) + SOON
        return min(explored, grown_up) if self._accused else explored

    def _grown_up(self) -> float:
        """Time at which the silence about one more call will be proof that it was let in."""
        return self._flight.young[0].sent_at + self._doubt() + SOON if self._flight.young else NEVER

    def _climb(self, elapsed: float) -> None:
        fastest = self._fastest()
        grown = self.size + min(self._speed, fastest) * elapsed
        self.size = max(self.size, min(grown, self._limit()))
        if not self._explorer.is_cautious(self.size):
            self._speed *= 2 ** min(elapsed / self._patience, DOUBLINGS_MAX)
        self._speed = min(self._speed, fastest)
        if self._reach and self.size >= self._reach:
            self.size = max(1.0, self._reach)
            self._speed = self._reach = 0.0

    def _admit(self, attempt: Attempt) -> None:
        """The call was let in: what does that tell?"""
        if not self._flight.admit(attempt):
            return
        if self._accused is not None and self._accused.is_cleared_by(attempt):
            self._restore(self._accused)
        if self._flight.let_in >= self._lately(self._now):
            self._peak, self._peak_at = self._flight.let_in, self._now
        if self.pace.let_in(attempt.sent_at, attempt.before):
            self.size = max(1.0, len(self._flight))
            self._speed = 1 / self._patience
        if self.closed_since is not None and attempt.sent_at >= self.closed_since:
            self._open(attempt)
        elif self._explorer.let_in(attempt):
            self._speed = 1 / self._patience
            self._proof = 0
            self._reach = 0.0
        self._closure.let_in(attempt.sent_at, attempt.before)
        if self._cuts and attempt.sent_at >= self._cut_at:
            if self._cuts > 1 and self.size < self._reach - 1:
                self._speed = 1 / self._patience
            self._cuts = 0

    def _shrink(self, attempt: Attempt, now: float, *, sought: bool) -> None:
        level, factor = max(attempt.ahead, self._flight.let_in), 1.0
        fell = level < self._level - self._slack
        if attempt.sent_at >= self._cut_at:
            self._cuts = self._cuts + 1 if fell else 1
            self._level, self._slack = level, int(sought)
            if self._cuts == 1:
                self._before_cuts = self.size
            self._cut_at = now
            self._reach = level
            factor = self._t.cut ** (self._cuts - 1)
            if self._cuts > 1:
                self._savings.fell()
        else:
            if fell:
                self._savings.fell()
            self._reach = self._level = min(self._level, level)
        self.size = max(1.0, min(self.size, level) * factor)
        if self.size < self._t.drop_part * self._lately(now):
            self._savings.alarm()

    def _risk(self) -> int:
        """Calls that may be sent after a cut before one of them is known to have been let in."""
        t = self._t
        if self._cuts == 1:
            return max(t.trial_least, int(self.size * t.trial_first))
        return max(1, int(self.size * t.trial_part))

    def _beyond(self) -> int:
        """Calls sent though the gate took no more of late, of which nothing is known yet."""
        return sum(self._closure.left(attempt.before) <= 0 for attempt in self._flight.young)

    def _lately(self, now: float) -> float:
        """Most calls in flight at once of late; what was long ago counts for little."""
        return self._peak * math.exp((self._peak_at - now) / self._t.peak_seconds)

    def _close(self, now: float, wait: float | None) -> None:
        if self.closed_since is None:
            self._size_before = max(self.size, self._before_cuts, self._lately(now))
        self._closure.close(now, wait, self._flight.let_in_ever)
        self.size = 1.0
        self._cuts = 0

    def _open(self, attempt: Attempt) -> None:
        self._closure.open(attempt.before)
        self._savings.calm()
        self._proof = self._cuts = 0
        self.size = max(1.0, self._size_before * self._t.reopen)
        self._speed = NEVER
        self._reach = self._size_before if self._before_cuts else 0.0

    def _remove(self, attempt: Attempt) -> None:
        self._flight.remove(attempt)
        self._explorer.ended(attempt)

    def _time_rejection(self, seconds: float) -> None:
        t, old = self._t, self._rejection_time
        self._rejection_time = seconds if old is None else old + 0.2 * (seconds - old)
        patience = t.patience_extra + t.patience_factor * self._rejection_time
        self._patience = min(t.patience_max, max(t.patience_min, patience))

    def _whole(self) -> int:
        return int(self.size + 1e-9)

    def _pace_limit(self) -> int:
        """In flight at a pace: twice what was ever let in, in case the gateway hangs."""
        return 2 * self._flight.highest + 2

    def _doubt(self) -> float:
        return self._t.doubt if self._rejection_time is None else self._patience

    def _limit(self) -> float:
        return max(self._t.unproven, self._t.proven_factor * (self._flight.let_in + self._proof))

    def _fastest(self) -> float:
        t = self._t
        growth = t.growth if self._rejection_time is None else t.regrowth
        growth *= t.first_patience / self._patience
        return min(growth * self.size, t.step_limit / self._patience)
