"""How many calls a gateway takes at once, learned from what happened to those that were sent.

The algorithm alone: a pure object fed with events and the time (seconds, any monotonic origin) at
which they happened. It has no clock, no thread and no sleep; who waits is the limiter's business.

Three things make it fit a saturated gateway better than a TCP-like window. A rejection returns in
a fraction of the time that an answer takes, so silence for longer (`RejectionTimeout`) means
admitted, and the limit grows without waiting for answers. A rejected call tells the capacity
exactly: the calls in flight before it. And probing beyond is paid from a budget, so waste stays a
small part.

What it does at a time is its phase; the parts (`ConcurrencyLimit`, `RateEstimate`, `Probing`,
`Recovery`) know each one thing, and nothing of each other.
"""

import math
from random import Random

from engine.admission.limits.attempt import Attempt, PoisonCandidate
from engine.admission.limits.concurrency import ConcurrencyLimit
from engine.admission.limits.in_flight import InFlight
from engine.admission.limits.phase import Event, Phase, after
from engine.admission.limits.probing import Probing
from engine.admission.limits.rate import Mark, RateEstimate
from engine.admission.limits.recovery import Recovery
from engine.admission.limits.rejection_timeout import RejectionTimeout
from engine.admission.limits.tuning import TUNING, Tuning

NEVER = math.inf
"""A time that does not come."""
SOON = 1e-6
"""Seconds past a threshold, so that floating point does not wake anybody just before it."""


class AdaptiveLimit:
    """Learned number of calls in flight of one model, with one key, at one endpoint."""

    def __init__(self, now: float, rng: Random, tuning: Tuning = TUNING) -> None:
        self._now = now
        self._forgives, self._sought_marks = tuning.forgives, tuning.sought_marks
        self.demand = False
        """Whether calls are waiting: without demand nothing is learned from silence."""
        self.phase = Phase.STARTING
        self.rate_estimate = RateEstimate(tuning)
        self._silence = RejectionTimeout(tuning)
        self._concurrency = ConcurrencyLimit(now, tuning, self._silence)
        self._probing = Probing(tuning)
        self._recovery = Recovery(rng, tuning)
        self._in_flight = InFlight()
        self._size_before = tuning.first_size  # when the circuit opened
        self._candidate: PoisonCandidate | None = None

    @property
    def size(self) -> float:
        """Calls in flight that are believed to have room."""
        return self._concurrency.size

    @property
    def in_flight(self) -> int:
        """Calls sent and not yet ended."""
        return len(self._in_flight)

    @property
    def open_since(self) -> float | None:
        """Since when nothing was admitted, if that is so now."""
        return self._recovery.since if self.phase is Phase.OPEN else None

    @property
    def try_at(self) -> float:
        """When a gateway behind an open circuit may be tried by one call."""
        return self._recovery.try_at

    def others_passed(self, call: int, since: int) -> bool:
        """Whether another call than this was admitted, sent after the attempt of that number."""
        return self._in_flight.others_passed(call, since)

    # What the limiter asks

    def room(self, now: float) -> int:
        """Calls that may be sent now."""
        self._advance(now)
        sent = len(self._in_flight)
        if self.phase is Phase.OPEN:
            return int(not self._in_flight.young and now >= self._recovery.try_at)
        if self.phase is Phase.PACED:
            return max(
                0, min(int(self.rate_estimate.tokens(now) + SOON), self._in_flight_limit() - sent)
            )
        room = self._concurrency.whole - sent
        risk = self._concurrency.risk(self._in_flight.young)
        left = self._recovery.left(self._in_flight.admitted_ever)
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
            return self._grown_up() if self._in_flight.young else self._recovery.try_at
        if not self.demand:
            return NEVER
        if self.phase is Phase.PACED:
            return (
                self.rate_estimate.due(now)
                if self._in_flight_limit() > len(self._in_flight)
                else NEVER
            )
        return self._grown_at(now)

    # What happens

    def sent(self, now: float, call: int | None = None) -> Attempt:
        """A call is sent; `call` tells whether two attempts are of the same one."""
        self._advance(now)
        attempt = self._in_flight.send(now, call)
        self.rate_estimate.sent(now)
        if self.phase is Phase.PROBING and len(self._in_flight) >= self._concurrency.whole:
            self._probing.sent(attempt)
        return attempt

    def first_byte(self, attempt: Attempt, now: float) -> None:
        """Its answer has begun: it was admitted."""
        self._advance(now)
        self._admit(attempt)

    def succeeded(self, attempt: Attempt, now: float) -> None:
        """It was answered."""
        self._advance(now)
        self._admit(attempt)
        self._probing.earn()
        self._remove(attempt)
        self._concurrency.proof += 1

    def dropped(self, attempt: Attempt, now: float) -> None:
        """It ended in a way that says nothing about room: another failure, a killed caller."""
        self._advance(now)
        self._remove(attempt)

    def rejected(self, attempt: Attempt, now: float, wait: float | None = None) -> None:
        """It was rejected for want of room; `wait` if the gateway told how long (seconds)."""
        self._advance(now)
        self._note_candidate(attempt)
        sought = self._pay(attempt, now, has_retry_after=wait is not None)
        climbed = self._climbs
        self._in_flight.take_back(attempt)
        self._silence.on_rejected(now - attempt.sent_at)
        mark = Mark(
            attempt.sent_at,
            attempt.before,
            attempt.ahead,
            attempt.call,
            sought and not self._sought_marks,
        )
        self.rate_estimate.rejected(mark, now, wait, self._in_flight.admitted_ever - attempt.before)
        if self.rate_estimate.active:
            self._on(Event.RATE_FOUND)
            return
        if self.phase is Phase.PACED:
            self._concurrency.size = max(1.0, len(self._in_flight))
        is_end = self._recovery.left(attempt.before) == 0
        if self._in_flight and self.phase is not Phase.OPEN and not is_end:
            level = self._in_flight.admitted
            self._concurrency.cut(attempt, now, level, sought=sought or climbed)
            self._on(Event.REJECTED)
        else:
            self._trip(now, wait)

    def forgive(self, call: int) -> None:
        """The rejections of this call were its own fault: take back what they did."""
        self.rate_estimate.forget(call)
        if self._candidate is not None and self._candidate.call == call:
            self._restore(self._candidate)

    def unsent(self, attempt: Attempt, now: float) -> None:
        """It was not sent after all."""
        self._advance(now)
        self.rate_estimate.unsent(now)
        self._in_flight.take_back(attempt)
        self._probing.ended(attempt)

    # Inside

    @property
    def _climbs(self) -> bool:
        return self.phase in (Phase.STARTING, Phase.CLIMBING)

    def _on(self, event: Event) -> None:
        self.phase = after(self.phase, event)
        if self.phase is not Phase.PROBING:
            self._probing.stop()

    def _advance(self, now: float) -> None:
        """Let time pass: calls grow up, the budget grows, the limit climbs or probes."""
        elapsed = now - self._now
        if elapsed <= 0:
            return
        size = self._concurrency
        pressed = self.demand and len(self._in_flight) >= size.whole
        climbs = self._climbs
        self._now = now
        while (
            self._in_flight.young and self._in_flight.young[0].sent_at + self._silence.proof <= now
        ):
            self._admit(self._in_flight.young[0])
        if self.demand:
            self._probing.wait(elapsed, size.missing(now))
        if not pressed:
            return
        if climbs and self._climbs:
            if size.climb(elapsed, now, self._in_flight.admitted):
                self._on(Event.REGAINED)
        elif self.phase is Phase.HOLDING and now >= self._probe_at(now):
            size.size = size.whole + 1.0
            self._on(Event.PROBE_DUE)

    def _probe_at(self, now: float) -> float:
        missing = self._concurrency.missing(now)
        return self._probing.due(now, self._silence.seconds, missing)

    def _grown_at(self, now: float) -> float:
        """Time at which the limit will have grown by one call, if nothing happens."""
        size, grown_up = self._concurrency, self._grown_up()
        if len(self._in_flight) < size.whole or self.phase is Phase.PROBING:
            return grown_up
        if self._climbs:
            if size.bound(self._in_flight.admitted) < size.whole + 1:
                return grown_up
            return now + size.seconds_to_next() + SOON
        probed = self._probe_at(now) + SOON
        return min(probed, grown_up) if self._candidate else probed

    def _grown_up(self) -> float:
        """Time at which the silence about one more call will be proof that it was admitted."""
        young = self._in_flight.young
        return young[0].sent_at + self._silence.proof + SOON if young else NEVER

    def _admit(self, attempt: Attempt) -> None:
        """The call was admitted: what does that tell?"""
        if not self._in_flight.admit(attempt):
            return
        if self._candidate is not None and self._candidate.is_cleared_by(attempt):
            self._restore(self._candidate)
        size = self._concurrency
        size.note(self._in_flight.admitted, self._now)
        if self.rate_estimate.admitted(attempt.sent_at, attempt.before):
            size.size = max(1.0, len(self._in_flight))
            size.start_slowly()
            self._on(Event.RATE_OUTRUN)
        if self.phase is Phase.OPEN and attempt.sent_at >= self._recovery.since:
            self._recovery.reset(attempt.before)
            size.reopen(self._size_before)
            self._on(Event.TRIAL_ADMITTED)
        elif self._probing.found(attempt):
            size.start_slowly()
            size.proof, size.target = 0, None
            self._on(Event.PROBE_ADMITTED)
        self._recovery.admitted(attempt.sent_at, attempt.before)
        if size.on_admitted(attempt):
            size.start_slowly()
            self._on(Event.CUT_TOO_FAR)

    def _pay(self, attempt: Attempt, now: float, *, has_retry_after: bool) -> bool:
        """Settle with the budget; returns whether it was the one call more, and cost only that."""
        filled = attempt.ahead + 1 >= self._concurrency.whole
        self._probing.rejected(now)
        if self.phase is Phase.PROBING and filled:
            self._probing.lost(self._silence.seconds)
            return True
        held = self.phase in (Phase.HOLDING, Phase.PROBING)
        if held and not has_retry_after and not self._concurrency.predates_cut(attempt):
            self._probing.fell()
        return False

    def _trip(self, now: float, wait: float | None) -> None:
        if self.phase is not Phase.OPEN:
            self._size_before = self._concurrency.before(now)
            self._recovery.trip(now, self._in_flight.admitted_ever)
            self._on(Event.ALONE)
        self._recovery.failed(now, wait)
        self._concurrency.trip()

    def _note_candidate(self, attempt: Attempt) -> None:
        """One call alone is rejected: keep the limit as it was before, in case it is to blame."""
        candidate = self._candidate
        if candidate is not None and candidate.call != attempt.call:
            if attempt.ahead > candidate.level:
                candidate.narrow(attempt.ahead)
                return
            candidate = self._candidate = None
        if attempt.call is None or not self._forgives:
            return
        if candidate is None:
            size = self._concurrency
            held = size.whole - 1.0 if self.phase is Phase.PROBING else size.size
            speed = size.speed if self._climbs else None
            candidate = self._candidate = PoisonCandidate(attempt.call, held, speed, size.target)
        candidate.number, candidate.level = attempt.number, attempt.ahead

    def _restore(self, candidate: PoisonCandidate) -> None:
        self._candidate = None
        if self.phase in (Phase.OPEN, Phase.PACED):
            return
        self._concurrency.restore(candidate.size, candidate.target)
        if candidate.speed is not None and not self._climbs:
            self._concurrency.resume(candidate.speed)
            self._on(Event.FORGIVEN)

    def _beyond(self) -> int:
        """Calls sent though the gateway took no more of late, of which nothing is known yet."""
        left = [self._recovery.left(attempt.before) for attempt in self._in_flight.young]
        return sum(one is not None and one <= 0 for one in left)

    def _remove(self, attempt: Attempt) -> None:
        self._in_flight.remove(attempt)
        self._probing.ended(attempt)

    def _in_flight_limit(self) -> int:
        """In flight at a rate: twice what was ever admitted, in case the gateway hangs."""
        return 2 * self._in_flight.highest + 2
