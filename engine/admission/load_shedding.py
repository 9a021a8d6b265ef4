"""Load shedding: who waits in vain, or is one too many, is refused, and told why."""

from engine.admission.backlog import Crowd
from engine.admission.limits.adaptive import NEVER
from engine.admission.limits.tuning import SHUT_PATIENCE, SHUT_SECONDS
from engine.admission.not_admitted import Detail, NoTurn, Reason
from engine.admission.registry import Book
from engine.admission.route_queue import Line, Ticket
from engine.admission.routes import KeyGate


class Shedding:
    """Takes calls out of the queue, and tells each why. All times are the desk's, in seconds."""

    def __init__(self, book: Book, crowd: Crowd) -> None:
        self._book = book
        self._crowd = crowd

    def lose_patience(self, ticket: Ticket, now: float) -> None:
        """Who finds the gate long closed waits for the next probe only, and may be it himself."""
        shut = ticket.line.closed_since()
        if shut is None:
            ticket.shut_until = NEVER
        elif not ticket.asked and not ticket.patient and now - shut >= SHUT_SECONDS:
            ticket.shut_until = now + SHUT_PATIENCE
        ticket.until = min(ticket.deadline, ticket.shut_until)

    def judge(self, ticket: Ticket, now: float) -> None:
        """Fail early, with the true reason, what cannot be served in time."""
        line = ticket.line
        self._keep_to_told(line, [ticket], now)
        if not ticket.waiting:
            return
        rates = [lane.throughput.best(now) for lane in line.lanes]
        known = [rate for rate in rates if rate is not None]
        ahead = line.queue.ahead(ticket)
        # Only at its arrival: a call that was sent and rejected is a probe, and what was let in
        # while the gate was closed says nothing about the rate at which it opens.
        is_new = ticket.rejected is None
        if is_new and len(known) == len(rates) and ahead / sum(known) > ticket.deadline - now:
            self.refuse(ticket, Reason.HOPELESS, Detail(ahead=ahead, rate=sum(known)))
        # What the owner of the keys typed is no guess, and needs no rate that was seen.
        left = ticket.deadline - now
        if is_new and ahead >= sum(lane.key.most_within(left, now) for lane in line.lanes):
            self.refuse(ticket, Reason.HOPELESS, Detail(ahead=ahead))

    def expire(self, ticket: Ticket, now: float) -> None:
        """The call has waited as long as it may."""
        shut = ticket.line.closed_since()
        if now < ticket.deadline:
            if shut is None:
                ticket.until, ticket.shut_until = ticket.deadline, NEVER
                return
            self.refuse(ticket, Reason.SHUT, Detail(closed_for=now - shut))
            return
        ahead = ticket.line.queue.ahead(ticket)
        closed_for = None if shut is None else now - shut
        self.refuse(ticket, Reason.DEADLINE, Detail(ahead=ahead, closed_for=closed_for))

    def told(self, key: KeyGate, now: float) -> None:
        """The server told this key to wait: refuse the calls that may not wait so long."""
        for line in self._book.lines_of(key):
            waiting = [place for place in line.queue if isinstance(place, Ticket)]
            self._keep_to_told(line, waiting, now)

    def _keep_to_told(self, line: Line, tickets: list[Ticket], now: float) -> None:
        """Refuse those who may not wait as long as the server told each of their keys."""
        lane, until = line.cooling(now), line.retry_at(now)
        if lane is None:
            return
        told = lane.cooling
        is_keys = told is lane.key.cooldown
        detail = Detail(wait=told.retry_at - now, cause=told.cause, of_key=is_keys)
        for ticket in tickets:
            if until > ticket.deadline:
                self.refuse(ticket, Reason.TOLD, detail)

    def rests(self, key: KeyGate, now: float) -> None:
        """This key rests: refuse the calls of which all keys do."""
        for line in self._book.lines_of(key):
            for ticket in [place for place in line.queue if isinstance(place, Ticket)]:
                if resting := resting_keys(ticket, now):
                    self.refuse(ticket, Reason.RESTING, Detail(resting=resting))

    def keep_bounds(self) -> None:
        """One more call waits: refuse whose memory is too much now."""
        while isinstance(surplus := self._crowd.surplus(), Ticket):
            self.refuse(surplus, Reason.FULL)

    def refuse(self, ticket: Ticket, reason: Reason, detail: Detail | None = None) -> None:
        """The call gets no turn, if it waits for one."""
        if ticket.waiting:
            waiting = len(ticket.line.queue)
            self._crowd.pull(ticket)
            ticket.outcome = NoTurn(reason, waiting=waiting, detail=detail)
            ticket.notify()


def resting_keys(ticket: Ticket, now: float) -> tuple[tuple[int, str], ...]:
    """Position of each of the call's keys and why it rests, if all of them do."""
    lanes = ticket.lanes
    if len(lanes) < 2 or not all(lane.resting(now) for lane in lanes):
        return ()
    for lane in lanes:  # a key that only lacked the model is tried before nobody is
        lane.rest.end()
    if not all(lane.resting(now) for lane in lanes):
        return ()
    return tuple((i, lane.rest_reason) for i, lane in enumerate(lanes))
