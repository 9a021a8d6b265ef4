"""How many calls wait, and who must go when there are too many."""

from collections.abc import Callable, Iterable

from gateway.admission.gates import KeyGate
from gateway.admission.line import Line, Ticket
from gateway.admission.queue import Place, newest_of_greatest
from gateway.admission.tuning import BYTES_WAITING_MAX, KEY_WAITING_MAX, WAITING_MAX


class Crowd:
    """The waiting calls of the process, counted by key."""

    def __init__(self) -> None:
        self.lines: dict[Line, None] = {}
        """Lines in which anybody waits."""
        self.calls = 0
        self.payload_bytes = 0
        self._of_key: dict[KeyGate, int] = {}

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

    def surplus(self, ticket: Ticket) -> Place | None:
        """Who is to be refused now that this call waits too; `None` if the bounds are kept."""
        keys = [lane.key for lane in ticket.line.lanes]
        if full := next((key for key in keys if self._of_key.get(key, 0) > KEY_WAITING_MAX), None):
            return newest_of_greatest(self._waiting_with([full]), _one)
        if self.calls > WAITING_MAX:
            return newest_of_greatest(self._waiting_with(self._greatest(_one)), _one)
        if self.payload_bytes > BYTES_WAITING_MAX:
            return newest_of_greatest(self._waiting_with(self._greatest(_size)), _size)
        return None

    def _count(self, ticket: Ticket, change: int) -> None:
        self.calls += change
        self.payload_bytes += change * ticket.payload_bytes
        for lane in ticket.line.lanes:
            count = self._of_key.get(lane.key, 0) + change
            self._of_key[lane.key] = count
            if not count:
                del self._of_key[lane.key]

    def _greatest(self, weigh: Callable[[Place], int]) -> list[KeyGate]:
        line = max(self.lines, key=lambda line: sum(map(weigh, line.queue)))
        return [lane.key for lane in line.lanes]

    def _waiting_with(self, keys: list[KeyGate]) -> Iterable[Place]:
        for line in self.lines:
            if any(lane.key in keys for lane in line.lanes):
                yield from line.queue


def _one(_place: Place) -> int:
    return 1


def _size(place: Place) -> int:
    return place.payload_bytes
