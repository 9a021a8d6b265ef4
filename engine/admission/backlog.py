"""What the waiting calls hold in memory, and who must go when it is too much.

There is no bound of their number: who waits may be served sooner than anybody thinks, and who
cannot be in time is refused for that (``shedding``).
"""

from collections.abc import Iterable

from engine.admission.fair_queue import FairEntry, newest_of_greatest
from engine.admission.limits.tuning import CALL_BYTES, MAX_WAITING_BYTES
from engine.admission.route_queue import QueueEntry, RouteQueue
from engine.admission.routes import KeyState


class Backlog:
    """The waiting calls of the process, and their memory."""

    def __init__(self) -> None:
        self.queues: dict[RouteQueue, None] = {}
        """Queues in which anybody waits."""
        self.calls = 0
        self.bytes = 0

    def add(self, entry: QueueEntry) -> None:
        """A call begins to wait."""
        self.queues[entry.queue] = None
        self._count(entry, 1)

    def take(self, entry: QueueEntry) -> None:
        """A call waits no longer."""
        if not len(entry.queue.entries):
            self.queues.pop(entry.queue, None)
        self._count(entry, -1)

    def pull(self, entry: QueueEntry) -> None:
        """A call leaves its queue unserved."""
        entry.queue.entries.remove(entry)
        self.take(entry)

    def surplus(self) -> FairEntry | None:
        """Who is to be refused now; ``None`` while memory suffices.

        Of the keys those of the line that holds most give way, and of its users the greediest.
        """
        if self.bytes <= MAX_WAITING_BYTES:
            return None
        queue = max(self.queues, key=lambda queue: sum(map(_size, queue.entries)))
        return newest_of_greatest(self._waiting_with([route.key for route in queue.routes]), _size)

    def _count(self, entry: QueueEntry, change: int) -> None:
        self.calls += change
        self.bytes += change * _size(entry)

    def _waiting_with(self, keys: list[KeyState]) -> Iterable[FairEntry]:
        for queue in self.queues:
            if any(route.key in keys for route in queue.routes):
                yield from queue.entries


def _size(entry: FairEntry) -> int:
    return entry.payload_bytes + CALL_BYTES
