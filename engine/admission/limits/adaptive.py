"""How many calls a gateway takes at once, learned from what happened to those that were sent.

The algorithm alone: a pure object fed with events and the time (seconds, any monotonic origin) at
which they happened. It has no clock, no thread and no sleep; who waits is the limiter's business.

Three things make it fit a saturated gateway better than a TCP-like window. A rejection returns in
a fraction of the time that an answer takes, so silence for longer (`Silence`) means let in, and
the window grows without waiting for answers. A rejected call tells the capacity exactly: the calls
in flight before it. And exploring beyond is paid from a budget, so waste stays a small part.

What it does at a time is its phase; the parts (`Concurrency`, `Pace`, `Explorer`, `Closure`) know
each one thing, and nothing of each other.
"""

import math
from random import Random

from engine.admission.limits.attempt import Accused, Attempt
from engine.admission.limits.concurrency import Concurrency
from engine.admission.limits.in_flight import Flight
from engine.admission.limits.phase import Event, Phase, after
from engine.admission.limits.probing import Explorer
from engine.admission.limits.rate import Mark, Pace
from engine.admission.limits.recovery import Closure
from engine.admission.limits.rejection_timeout import Silence
from engine.admission.limits.tuning import TUNING, Tuning

NEVER = math.inf
"""A time that does not come."""
SOON = 1e-6
"""Seconds past a threshold, so that floating point does not wake anybody just before it."""


class Window:
    """Learned number of calls in flight of one model, with one key, at one endpoint."""

    def __init__(self, now: float, rng: Random, tuning: Tuning = TUNING) -> None:
        self._now = now
        self._forgives, self._sought_marks = tuning.forgives, tuning.sought_marks
        self.demand = False
        """Whether calls are waiting: without demand nothing is learned from silence."""
        self.phase = Phase.STARTING
        self.pace = Pace(tuning)
        self._silence = Silence(tuning)
        self._concurrency = Concurrency(now, tuning, self._silence)
        self._explorer = Explorer(tuning)
        self._closure = Closure(rng, tuning)
        self._flight = Flight()
        self._size_before = tuning.first_size  # when the circuit opened
        self._accused: Accused | None = None

    @property
    def size(self) -> float:
        """Calls in flight that are believed to have room."""
        return self._concurrency.size

    @property
    def in_flight(self) -> int:
        """Calls sent and not yet ended."""
        return len(self._flight)

    @property
    def closed_since(self) -> float | None:
        """Since when nothing was let in, if that is so now."""
        return self._closure.since if self.phase is Phase.OPEN else None

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
        if self.phase is Phase.OPEN:
            return int(not self._flight.young and now >= self._closure.try_at)
        if self.phase is Phase.PACED:
            return max(0, min(int(self.pace.tokens(now) + SOON), self._pace_limit() - flying))
        room = self._concurrency.whole - flying
        risk = self._concurrency.risk(self._flight.young)
        left = self._closure.left(self._flight.let_in_ever)
        if risk is not None:
            room = min(room, risk)
        if left is not None:
            room = min(room, left if left > 0 else 1 - self._beyond())
        return max(0, room)

    def due(self, now: float) -> float:
        """Time at which there may be room though nothing happens; `NEVER` if there is none."""
        if self.room(now):
            return now
        if self.phase is Phase.OPEN:
            return self._grown_up() if self._flight.young else self._closure.try_at
        if not self.demand:
            return NEVER
        if self.phase is Phase.PACED:
            return self.pace.due(now) if self._pace_limit() > len(self._flight) else NEVER
        return self._grown_at(now)

    # What happens

    def sent(self, now: float, call: int | None = None) -> Attempt:
        """A call is sent; `call` tells whether two attempts are of the same one."""
        self._advance(now)
        attempt = self._flight.send(now, call)
        self.pace.sent(now)
        if self.phase is Phase.PROBING and len(self._flight) >= self._concurrency.whole:
            self._explorer.sent(attempt)
        return attempt

    def first_byte(self, attempt: Attempt, now: float) -> None:
        """Its answer has begun: it was let in."""
        self._advance(now)
        self._admit(attempt)

    def succeeded(self, attempt: Attempt, now: float) -> None:
        """It was answered."""
        self._advance(now)
        self._admit(attempt)
        self._explorer.earn()
        self._remove(attempt)
        self._concurrency.proof += 1

    def dropped(self, attempt: Attempt, now: float) -> None:
        """It ended in a way that says nothing about room: another failure, a killed caller."""
        self._advance(now)
        self._remove(attempt)

    def rejected(self, attempt: Attempt, now: float, wait: float | None = None) -> None:
        """It was rejected for want of room; `wait` if the gateway told how long (seconds)."""
        self._advance(now)
        self._accuse(attempt)
        sought = self._pay(attempt, now, told=wait is not None)
        climbed = self._climbs
        self._flight.take_back(attempt)
        self._silence.on_rejected(now - attempt.sent_at)
        mark = Mark(
            attempt.sent_at,
            attempt.before,
            attempt.ahead,
            attempt.call,
            sought and not self._sought_marks,
        )
        self.pace.rejected(mark, now, wait, self._flight.let_in_ever - attempt.before)
        if self.pace.active:
            self._on(Event.RATE_FOUND)
            return
        if self.phase is Phase.PACED:
            self._concurrency.size = max(1.0, len(self._flight))
        is_end = self._closure.left(attempt.before) == 0
        if self._flight and self.phase is not Phase.OPEN and not is_end:
            level = self._flight.let_in
            self._concurrency.cut(attempt, now, level, sought=sought or climbed)
            self._on(Event.REJECTED)
        else:
            self._close(now, wait)

    def acquit(self, call: int) -> None:
        """The rejections of this call were its own fault: take back what they did."""
        self.pace.forget(call)
        if self._accused is not None and self._accused.call == call:
            self._restore(self._accused)

    def unsent(self, attempt: Attempt, now: float) -> None:
        """It was not sent after all."""
        self._advance(now)
        self.pace.unsent(now)
        self._flight.take_back(attempt)
        self._explorer.ended(attempt)

    # Inside

    @property
    def _climbs(self) -> bool:
        return self.phase in (Phase.STARTING, Phase.CLIMBING)

    def _on(self, event: Event) -> None:
        self.phase = after(self.phase, event)
        if self.phase is not Phase.PROBING:
            self._explorer.stop()

    def _advance(self, now: float) -> None:
        """Let time pass: calls grow up, the budget grows, the window climbs or explores."""
        elapsed = now - self._now
        if elapsed <= 0:
            return
        size = self._concurrency
        pressed = self.demand and len(self._flight) >= size.whole
        climbs = self._climbs
        self._now = now
        while self._flight.young and self._flight.young[0].sent_at + self._silence.proof <= now:
            self._admit(self._flight.young[0])
        if self.demand:
            self._explorer.wait(elapsed, size.missing(now))
        if not pressed:
            return
        if climbs and self._climbs:
            if size.climb(elapsed, now, self._flight.let_in):
                self._on(Event.REGAINED)
        elif self.phase is Phase.HOLDING and now >= self._probe_at(now):
            size.size = size.whole + 1.0
            self._on(Event.PROBE_DUE)

    def _probe_at(self, now: float) -> float:
        missing = self._concurrency.missing(now)
        return self._explorer.due(now, self._silence.seconds, missing)

    def _grown_at(self, now: float) -> float:
        """Time at which the window will have grown by one call, if nothing happens."""
        size, grown_up = self._concurrency, self._grown_up()
        if len(self._flight) < size.whole or self.phase is Phase.PROBING:
            return grown_up
        if self._climbs:
            if size.bound(self._flight.let_in) < size.whole + 1:
                return grown_up
            return now + size.seconds_to_next() + SOON
        explored = self._probe_at(now) + SOON
        return min(explored, grown_up) if self._accused else explored

    def _grown_up(self) -> float:
        """Time at which the silence about one more call will be proof that it was let in."""
        young = self._flight.young
        return young[0].sent_at + self._silence.proof + SOON if young else NEVER

    def _admit(self, attempt: Attempt) -> None:
        """The call was let in: what does that tell?"""
        if not self._flight.admit(attempt):
            return
        if self._accused is not None and self._accused.is_cleared_by(attempt):
            self._restore(self._accused)
        size = self._concurrency
        size.note(self._flight.let_in, self._now)
        if self.pace.let_in(attempt.sent_at, attempt.before):
            size.size = max(1.0, len(self._flight))
            size.start_slowly()
            self._on(Event.RATE_OUTRUN)
        if self.phase is Phase.OPEN and attempt.sent_at >= self._closure.since:
            self._closure.open(attempt.before)
            size.reopen(self._size_before)
            self._on(Event.TRIAL_ADMITTED)
        elif self._explorer.found(attempt):
            size.start_slowly()
            size.proof, size.target = 0, None
            self._on(Event.PROBE_ADMITTED)
        self._closure.let_in(attempt.sent_at, attempt.before)
        if size.on_admitted(attempt):
            size.start_slowly()
            self._on(Event.CUT_TOO_FAR)

    def _pay(self, attempt: Attempt, now: float, *, told: bool) -> bool:
        """Settle with the budget; returns whether it was the one call more, and cost only that."""
        filled = attempt.ahead + 1 >= self._concurrency.whole
        self._explorer.rejected(now)
        if self.phase is Phase.PROBING and filled:
            self._explorer.lost(self._silence.seconds)
            return True
        held = self.phase in (Phase.HOLDING, Phase.PROBING)
        if held and not told and not self._concurrency.predates_cut(attempt):
            self._explorer.fell()
        return False

    def _close(self, now: float, wait: float | None) -> None:
        if self.phase is not Phase.OPEN:
            self._size_before = self._concurrency.before(now)
            self._closure.close(now, self._flight.let_in_ever)
            self._on(Event.ALONE)
        self._closure.failed(now, wait)
        self._concurrency.close()

    def _accuse(self, attempt: Attempt) -> None:
        """One call alone is rejected: keep the window as it was before, in case it is to blame."""
        accused = self._accused
        if accused is not None and accused.call != attempt.call:
            if attempt.ahead > accused.level:
                accused.narrow(attempt.ahead)
                return
            accused = self._accused = None
        if attempt.call is None or not self._forgives:
            return
        if accused is None:
            size = self._concurrency
            held = size.whole - 1.0 if self.phase is Phase.PROBING else size.size
            speed = size.speed if self._climbs else None
            accused = self._accused = Accused(attempt.call, held, speed, size.target)
        accused.number, accused.level = attempt.number, attempt.ahead

    def _restore(self, accused: Accused) -> None:
        self._accused = None
        if self.phase in (Phase.OPEN, Phase.PACED):
            return
        self._concurrency.restore(accused.size, accused.target)
        if accused.speed is not None and not self._climbs:
            self._concurrency.resume(accused.speed)
            self._on(Event.FORGIVEN)

    def _beyond(self) -> int:
        """Calls sent though the gate took no more of late, of which nothing is known yet."""
        left = [self._closure.left(attempt.before) for attempt in self._flight.young]
        return sum(one is not None and one <= 0 for one in left)

    def _remove(self, attempt: Attempt) -> None:
        self._flight.remove(attempt)
        self._explorer.ended(attempt)

    def _pace_limit(self) -> int:
        """In flight at a pace: twice what was ever let in, in case the gateway hangs."""
        return 2 * self._flight.highest + 2
