"""What the waiting calls hold in memory, and who must go when it is too much.

There is no bound of their number: who waits may be served sooner than anybody thinks, and who
cannot be in time is refused for that (``shedding``).
"""

from collections.abc import Iterable

from engine.admission.fair_queue import Place, newest_of_greatest
from engine.admission.limits.tuning import BYTES_WAITING_MAX, CALL_BYTES
from engine.admission.route_queue import Line, Ticket
from engine.admission.routes import KeyGate


class Crowd:
    """The waiting calls of the process, and their memory."""

    def __init__(self) -> None:
        self.lines: dict[Line, None] = {}
        """Lines in which anybody waits."""
        self.calls = 0
        self.bytes = 0

    def add(self, ticket: Ticket) -> None:
        """A call begins to wait."""
        self.lines[ticket.line] = None
        self._count(ticket, 1)

    def take(self, ticket: Ticket) -> None:
        """A call waits no longer."""
        if not len(ticket.line.queue):
            self.lines.pop(ticket.line, None)
        self._count(ticket, -1)

    def pull(self, ticket: Ticket) -> None:
        """A call leaves its queue unserved."""
        ticket.line.queue.remove(ticket)
        self.take(ticket)

    def surplus(self) -> Place | None:
        """Who is to be refused now; ``None`` while memory suffices.

        Of the keys those of the line that holds most give way, and of its users the greediest.
        """
        if self.bytes <= BYTES_WAITING_MAX:
            return None
        line = max(self.lines, key=lambda line: sum(map(_size, line.queue)))
        return newest_of_greatest(self._waiting_with([lane.key for lane in line.lanes]), _size)

    def _count(self, ticket: Ticket, change: int) -> None:
        self.calls += change
        self.bytes += change * _size(ticket)

    def _waiting_with(self, keys: list[KeyGate]) -> Iterable[Place]:
        for line in self.lines:
            if any(lane.key in keys for lane in line.lanes):
                yield from line.queue


def _size(place: Place) -> int:
    return place.payload_bytes + CALL_BYTES
