"""Who is served next, on which lane: everything but the waiting itself.

No clock and no thread here either: the limiter (or a simulation) calls with the time, one caller
at a time, and is told by `Ticket.notify` whose outcome is decided.
"""

from random import Random

from engine.admission.backlog import Crowd
from engine.admission.limits.adaptive import NEVER
from engine.admission.limits.tuning import PROBE_SECONDS, REST_SECONDS, TUNING, Tuning
from engine.admission.load_shedding import Shedding, resting_keys
from engine.admission.not_admitted import Detail, NoTurn, Reason
from engine.admission.other_instances import RouteRef
from engine.admission.registry import Book
from engine.admission.route_queue import Call, Grant, Line, Ticket
from engine.admission.routes import KeyGate, Lane, Limits, Share, Told
from engine.admission.token_budget import Tokens
from engine.errors.rate_limit_headers import TokensLeft

UNKNOWN = Told()


class Desk:
    """All lines of a process."""

    def __init__(self, rng: Random, share: Share | None = None, tuning: Tuning = TUNING) -> None:
        self._book = Book(rng, share or Share(), tuning)
        self._crowd = Crowd()
        self._shedding = Shedding(self._book, self._crowd)
        self._arrivals = 0

    @property
    def waiting(self) -> int:
        """Calls waiting in this process."""
        return self._crowd.calls

    @property
    def book(self) -> Book:
        """The lanes and lines, for whoever only looks."""
        return self._book

    # A call comes, waits and goes

    def enter(self, call: Call, now: float) -> Ticket:
        """A call arrives; it does not wait yet."""
        line = self._book.line(call, now)
        lanes = self._book.lanes(call)
        for lane in lanes:
            lane.key.concurrency.give(call.limits.max_concurrency, now)
            lane.key.per_minute.give(call.limits.requests_per_minute, now)
            lane.key.tokens_per_minute.give(call.limits.tokens_per_minute, now)
        self._arrivals += 1
        line.callers += 1
        return Ticket(
            call.user,
            self._arrivals,
            call.payload_bytes,
            line=line,
            lanes=lanes,
            deadline=call.deadline,
            tokens=call.tokens,
            patient=call.patient,
        )

    def ask(self, ticket: Ticket, now: float) -> None:
        """The call wants its turn: it gets it, waits for it or is refused."""
        line = ticket.line
        line.used_at = now
        ticket.outcome = None
        self._shedding.lose_patience(ticket, now)
        if resting := resting_keys(ticket, now):
            ticket.outcome = NoTurn(Reason.RESTING, detail=Detail(resting=resting))
            return
        if now > ticket.deadline and ticket.asked:
            ticket.outcome = NoTurn(Reason.DEADLINE, waiting=len(line.queue))
            return
        ticket.asked = True
        line.queue.push(ticket)
        self._crowd.add(ticket)
        self._pump(line, now)
        if ticket.waiting and now >= ticket.deadline:
            self._send_unqueued(ticket, now)
        if ticket.waiting:
            self._shedding.judge(ticket, now)
            self._shedding.keep_bounds()

    def expire(self, ticket: Ticket, now: float) -> None:
        """The time in `until` has come."""
        if ticket.outcome is not None or now < ticket.until:
            return
        self._shedding.expire(ticket, now)

    def leave(self, ticket: Ticket, now: float) -> None:
        """The call ends or its caller was killed, wherever it is: nothing of it stays."""
        if not ticket.left:
            ticket.left = True
            ticket.line.callers -= 1
            ticket.line.used_at = now
        if ticket.waiting:
            self._crowd.pull(ticket)
            self._pump(ticket.line, now)
        if isinstance(ticket.outcome, Grant):
            self.dropped(ticket, ticket.outcome, now)

    # What becomes of an attempt

    def first_byte(self, grant: Grant, now: float) -> bool:
        """The answer has begun; returns whether that ends a wait that the server told."""
        if grant.ended:
            return False
        ends_wait = grant.lane.admitted(grant.attempt.sent_at, now)
        grant.lane.window.first_byte(grant.attempt, now)
        self._serve(grant.lane.key, now)
        return ends_wait

    def succeeded(
        self, ticket: Ticket, grant: Grant, now: float, used: Tokens | None = None
    ) -> bool:
        """The call was answered; returns whether that ends a wait that the server told.

        ``used`` are its tokens as the gateway counted them; ``None`` if it did not.
        """
        if not self._end(ticket, grant, now):
            return False
        if grant.charge and used:
            grant.lane.key.tokens.answered(grant.charge, used, now)
        ends_wait = grant.lane.admitted(grant.attempt.sent_at, now)
        ticket.strikes = ticket.failed_probes = 0
        grant.lane.wake()
        grant.lane.throughput.answered(now)
        grant.lane.window.succeeded(grant.attempt, now)
        self._serve(grant.lane.key, now)
        return ends_wait

    def rejected(
        self, ticket: Ticket, grant: Grant, wait: float | None, now: float, reason: Told = UNKNOWN
    ) -> None:
        """The attempt was rejected for want of room; `wait` if the server told how long."""
        lane, attempt = grant.lane, grant.attempt
        suspect = ticket.suspect
        if not self._end(ticket, grant, now):
            return
        self._count(grant, 0, now)
        lane.wake()
        lane.throughput.let_in(attempt.sent_at, -1)
        before = ticket.rejected
        passed = before is not None and lane.window.others_passed(ticket.arrival, before)
        if suspect or passed:
            ticket.strike(now)
        ticket.rejected = attempt.number
        if wait is not None:
            lane.told(wait, now, attempt.sent_at, reason)
            wait = min(wait, PROBE_SECONDS)  # then a call may try it
        if suspect:
            lane.window.dropped(attempt, now)
        else:
            lane.window.rejected(attempt, now, wait)
            if ticket.suspect:
                lane.window.acquit(ticket.arrival)
        ticket.failed_probes += lane.window.closed_since is not None
        if wait is not None:
            self._shedding.told(lane.key, now)
        self._serve(lane.key, now)

    def dropped(self, ticket: Ticket, grant: Grant, now: float) -> None:
        """The attempt ended in a way that says nothing about room."""
        if self._end(ticket, grant, now):
            if grant.charge:
                self._count(grant, grant.charge.sent, now)
            grant.lane.window.dropped(grant.attempt, now)
            self._serve(grant.lane.key, now)

    def dead(self, ticket: Ticket, grant: Grant, reason: str, now: float) -> None:
        """The key was refused or is used up: it rests, if the call has others."""
        if self._end(ticket, grant, now):
            self._count(grant, 0, now)
            grant.lane.window.dropped(grant.attempt, now)
            if len(ticket.line.lanes) > 1:
                grant.lane.key.rest.begin(reason, now + REST_SECONDS)
                self._shedding.rests(grant.lane.key, now)
            self._serve(grant.lane.key, now)

    def unfit(self, ticket: Ticket, grant: Grant, reason: str, now: float) -> bool:
        """The key does not serve this model: it rests for it, if another of the call's keys may do.

        Returns:
            Whether there is another.
        """
        line, lane = ticket.line, grant.lane
        has_others = any(line.may_use(one, now) for one in line.lanes if one is not lane)
        if self._end(ticket, grant, now):
            self._count(grant, 0, now)
            lane.window.dropped(grant.attempt, now)
            if has_others:
                lane.rest.begin(reason, now + REST_SECONDS)
            self._serve(lane.key, now)
        return has_others

    def exhausted(self, grant: Grant, wait: float, now: float) -> None:
        """The server told that nothing remains of the model's quota for `wait` seconds."""
        grant.lane.cooldown.begin(wait, now, "", grant.attempt.sent_at)
        self._shedding.told(grant.lane.key, now)
        self._serve(grant.lane.key, now)

    def tokens_left(self, grant: Grant, left: TokensLeft, now: float) -> None:
        """The server told what is left of the model's tokens, counting the call of this turn."""
        lane = grant.lane
        if grant.charge:
            since = lane.key.tokens.sent_since(grant.charge)
            lane.tokens.told(left, grant.charge, since, now)
            self._serve(lane.key, now)

    # What the other nodes say

    def limits(self, grant: Grant, now: float) -> Limits:
        """The strictest limits that were given for the key of a turn."""
        key = grant.lane.key
        return Limits(
            key.concurrency.value(now),
            key.per_minute.value(now),
            key.tokens_per_minute.value(now),
        )

    def permitted(self, grant: Grant, now: float) -> None:
        """The other nodes leave room for this turn."""
        if grant.lane.key.permitted():
            self._serve(grant.lane.key, now)

    def withheld(self, ticket: Ticket, grant: Grant, until: float, now: float) -> None:
        """They do not, so it is no turn: nothing is sent with this key until then."""
        if not grant.ended:
            grant.ended = True
            ticket.line.suspects_out -= ticket.suspect
            grant.lane.unsent(grant.attempt, now)
            self._count(grant, 0, now)
            grant.lane.key.hold(until)

    def told(self, place: RouteRef, wait: float, cause: str, now: float) -> None:
        """Another instance was told to wait so many seconds."""
        if place.model is None:
            if key := self._book.key(place.endpoint, place.key):
                key.cooldown.begin(wait, now, cause, now)
                self._shedding.told(key, now)
        elif lane := self._book.lane(place.endpoint, place.key, place.model):
            lane.told(wait, now, now, Told(cause))
            self._shedding.told(lane.key, now)

    def admitted(self, place: RouteRef, now: float) -> None:
        """Another instance's call was admitted in spite of such a wait, which is over."""
        if key := self._book.key(place.endpoint, place.key):
            if place.model is None:
                key.cooldown.end()
            elif lane := self._book.lane(place.endpoint, place.key, place.model):
                lane.cooldown.end()
            self._serve(key, now)

    def refused(self, endpoint: str, name: str, reason: str, until: float, now: float) -> None:
        """Another node's call was refused for its key, which rests until then."""
        if key := self._book.key(endpoint, name):
            key.rest.begin(reason, until)
            self._shedding.rests(key, now)

    def wake(self, endpoint: str, keys: tuple[str, ...], now: float) -> None:
        """Credentials were saved: these keys work, whatever was thought of them."""
        for name in keys:
            if key := self._book.key(endpoint, name):
                for line in self._book.lines_of(key):
                    for lane in line.lanes:
                        if lane.key is key:
                            lane.wake()
                self._serve(key, now)

    def tick(self, now: float) -> float:
        """Serve what time alone has made possible; returns when to come again."""
        for line in list(self._crowd.lines):
            if line.due <= now:
                self._pump(line, now)
        return self.due()

    def due(self) -> float:
        """Time at which to `tick`."""
        return min((line.due for line in self._crowd.lines), default=NEVER)

    # Inside

    def _serve(self, key: KeyGate, now: float) -> None:
        """Something happened to a key: serve its lines, one call each in turn."""
        lines = self._book.lines_of(key)
        for line in list(lines):
            if len(line.queue) and self._pump(line, now):
                lines[line] = lines.pop(line)  # next time the others come first

    def _pump(self, line: Line, now: float) -> int:
        """Send as many calls of a line as there is room for; returns how many."""
        served = 0
        for lane in line.lanes:
            self._press(lane, now)
        while len(line.queue):
            lane = max(line.lanes, key=lambda lane: self._usable_room(line, lane, now))
            usable = self._usable_room(line, lane, now)
            ticket = self._next(line, lane, now) if usable else None
            if ticket is None or lane.tokens_due(ticket.tokens, now) > now:
                break
            self._grant(ticket, lane, now)
            served += 1
        for lane in line.lanes:
            self._press(lane, now)
        line.due = line.next_due(now)
        if not line.queue.regular:
            line.due = max(line.due, line.queue.aside_due())
        for lane in line.lanes:
            elder = self._elder(line, lane, now) if lane.key.token_limit(now) else None
            line.due = max(line.due, elder.due) if elder else line.due
        return served

    def _usable_room(self, line: Line, lane: Lane, now: float) -> int:
        """Calls that may take a lane now: none while its tokens are too few for the first."""
        room = line.room(lane, now)
        if not room or lane.key.token_limit(now) is None:
            return room
        return 0 if line.tokens_due(lane, now) > now or self._elder(line, lane, now) else room

    def _elder(self, line: Line, lane: Lane, now: float) -> Line | None:
        """Another line of the key whose first call came sooner and waits for tokens alone.

        Without it, small calls for one model would take what a large one for another needs.
        """
        own = line.queue.first()
        for other in self._book.lines_of(lane.key):
            first = other.queue.first() if other is not line else None
            if first is None or own is None or first.arrival > own.arrival:
                continue
            way = next(each for each in other.lanes if each.key is lane.key)
            if other.room(way, now) and other.tokens_due(way, now) > now:
                return other
        return None

    def _send_unqueued(self, ticket: Ticket, now: float) -> None:
        """A call that may not wait is sent though the window is full: a window is a guess.

        What is no guess holds for it as well: what the server told, and the limits of the key.
        """
        line = ticket.line
        lanes = [
            lane
            for lane in line.lanes
            if lane.allows(now)
            and line.may_use(lane, now)
            and lane.tokens_due(ticket.tokens, now) <= now
        ]
        if lanes:
            self._grant(ticket, max(lanes, key=lambda lane: line.room(lane, now)), now)

    def _grant(self, ticket: Ticket, lane: Lane, now: float) -> None:
        ticket.line.queue.serve(ticket)
        self._crowd.take(ticket)
        ticket.line.suspects_out += ticket.suspect
        attempt, charge = lane.send(now, ticket.arrival), lane.charge(ticket.tokens, now)
        ticket.outcome = Grant(lane, attempt, ticket.lanes.index(lane), charge=charge)
        ticket.notify()

    def _next(self, line: Line, lane: Lane, now: float) -> Ticket | None:
        closed = lane.window.closed_since is not None
        place = None
        if not line.suspects_out and not (closed and line.queue.regular):
            place = line.queue.aside(now)
        if place is None:
            place = line.queue.prober() if closed else line.queue.first()
        return place if isinstance(place, Ticket) else None

    def _press(self, lane: Lane, now: float) -> None:
        waiting = any(
            len(line.queue) and lane in line.lanes for line in self._book.lines_of(lane.key)
        )
        if waiting != lane.window.demand:
            lane.window.room(now)  # time passes under the old demand
            lane.window.demand = waiting
        lane.throughput.pressed(now, waiting=waiting)

    def _end(self, ticket: Ticket, grant: Grant, now: float) -> bool:
        if grant.ended:
            return False
        grant.ended = True
        grant.lane.key.ended(now)
        ticket.line.suspects_out -= ticket.suspect
        return True

    def _count(self, grant: Grant, tokens: int, now: float) -> None:
        """The attempt counts for so many tokens after all."""
        if grant.charge:
            grant.lane.key.tokens.correct(grant.charge, tokens, now)
