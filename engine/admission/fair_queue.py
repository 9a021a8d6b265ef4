"""Whose turn it is: by arrival within one user, round robin over users, the quarantined aside."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from engine.admission.limits.tuning import FIRST_QUARANTINE_SECONDS, MAX_QUARANTINE_SECONDS, STRIKES

_ARRIVAL = attrgetter("arrival")


@dataclass(slots=True, eq=False)
class FairEntry:
    """A call's place in the queue, which it keeps through all its retries."""

    user: str
    arrival: int
    """Number of its arrival in this process."""
    payload_bytes: int = 0
    waiting: bool = False
    round: int | None = None
    """Round in which it was served first; a retry comes back to it."""
    failed_probes: int = 0
    rejected: int | None = None
    """Number of its latest attempt that was rejected."""
    strikes: int = 0
    """Rejections after others, sent later than its previous attempt, had passed."""
    try_at: float = 0.0
    """A quarantined call is not tried before this."""

    @property
    def quarantined(self) -> bool:
        """Whether it has been rejected too often while others passed (it may be too large)."""
        return self.strikes >= STRIKES

    def strike(self, now: float) -> None:
        """It was rejected though others passed, or as a quarantined call again."""
        self.strikes += 1
        if self.quarantined:
            pause = FIRST_QUARANTINE_SECONDS * 2 ** (self.strikes - STRIKES)
            self.try_at = now + min(MAX_QUARANTINE_SECONDS, pause)


@dataclass(slots=True)
class _User:
    round: int
    """Round in which the first of its waiting calls is served."""
    waiting: list[FairEntry] = field(default_factory=list)


class FairQueue:
    """The waiting calls of one line, in the order in which they are to be served."""

    def __init__(self) -> None:
        self._users: dict[str, _User] = {}
        self._quarantine: list[FairEntry] = []
        self._round = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count + len(self._quarantine)

    def __iter__(self) -> Iterator[FairEntry]:
        for user in self._users.values():
            yield from user.waiting
        yield from self._quarantine

    @property
    def regular(self) -> int:
        """Waiting calls that are not quarantined."""
        return self._count

    def push(self, entry: FairEntry) -> None:
        """Let a call wait; one that waited before returns to its place."""
        entry.waiting = True
        if entry.quarantined:
            insort(self._quarantine, entry, key=_ARRIVAL)
            return
        user = self._users.get(entry.user)
        if user is None:
            user = self._users[entry.user] = _User(self._round)
        user.round = max(user.round, self._round) if not user.waiting else user.round
        if entry.round is not None:
            user.round = min(user.round, entry.round)
        insort(user.waiting, entry, key=_ARRIVAL)
        self._count += 1

    def remove(self, entry: FairEntry) -> None:
        """Take a call out that is not served: refused, expired or killed."""
        entry.waiting = False
        if entry.quarantined:
            _take(self._quarantine, entry)
            return
        _take(self._users[entry.user].waiting, entry)
        self._count -= 1

    def serve(self, entry: FairEntry) -> None:
        """Take a call out because it is its turn."""
        self.remove(entry)
        if entry.quarantined:
            return
        user = self._users[entry.user]
        entry.round = user.round
        self._round = max(self._round, user.round)
        user.round += 1
        if len(self._users) > 2 * self._count + 64:
            self._users = {
                name: user
                for name, user in self._users.items()
                if user.waiting or user.round > self._round
            }

    def first(self) -> FairEntry | None:
        """The call whose turn it is, the quarantined apart."""
        return self._smallest(lambda user: (user.round, user.waiting[0].arrival))

    def prober(self) -> FairEntry | None:
        """The call to probe an open circuit with: never the same again while others wait."""
        best = self.first()
        if best is None or not best.failed_probes:
            return best
        waiting = (entry for user in self._users.values() for entry in user.waiting)
        return min(waiting, key=lambda entry: (entry.failed_probes, entry.arrival))

    def next_quarantined(self, now: float) -> FairEntry | None:
        """A quarantined call whose pause is over."""
        return next((entry for entry in self._quarantine if entry.try_at <= now), None)

    def quarantine_due(self) -> float:
        """Time at which the next quarantined call is due."""
        return min((entry.try_at for entry in self._quarantine), default=float("inf"))

    def ahead(self, entry: FairEntry) -> int:
        """Calls that will be served before this one as things stand."""
        if entry.quarantined:
            return self._count
        own = self._users[entry.user]
        index = bisect_left(own.waiting, entry.arrival, key=_ARRIVAL)
        permit = own.round + index
        count = index
        for user in self._users.values():
            if user is not own and user.waiting:
                rounds = permit - user.round
                count += max(0, min(len(user.waiting), rounds))
                if 0 <= rounds < len(user.waiting):
                    count += user.waiting[rounds].arrival < entry.arrival
        return count

    def _smallest(self, key: Callable[[_User], tuple[int, int]]) -> FairEntry | None:
        waiting = [user for user in self._users.values() if user.waiting]
        return min(waiting, key=key).waiting[0] if waiting else None


def newest_of_greatest(
    entries: Iterable[FairEntry], weigh: Callable[[FairEntry], int]
) -> FairEntry | None:
    """The newest call of the user whose calls weigh most."""
    weights: dict[str, int] = {}
    newest: dict[str, FairEntry] = {}
    for entry in entries:
        weights[entry.user] = weights.get(entry.user, 0) + weigh(entry)
        if entry.user not in newest or newest[entry.user].arrival < entry.arrival:
            newest[entry.user] = entry
    return newest[max(weights, key=weights.__getitem__)] if weights else None


def _take(entries: list[FairEntry], entry: FairEntry) -> None:
    index = bisect_left(entries, entry.arrival, key=_ARRIVAL)
    if index < len(entries) and entries[index] is entry:
        del entries[index]
