"""Whose turn it is: by arrival within one user, round robin over users, suspects aside."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from engine.admission.limits.tuning import ASIDE_FIRST, ASIDE_MAX, STRIKES

_ARRIVAL = attrgetter("arrival")


@dataclass(slots=True, eq=False)
class Place:
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
    """A suspect is not tried before this."""

    @property
    def suspect(self) -> bool:
        """Whether it has been rejected too often while others passed (it may be too large)."""
        return self.strikes >= STRIKES

    def strike(self, now: float) -> None:
        """It was rejected though others passed, or as a suspect again."""
        self.strikes += 1
        if self.suspect:
            pause = ASIDE_FIRST * 2 ** (self.strikes - STRIKES)
            self.try_at = now + min(ASIDE_MAX, pause)


@dataclass(slots=True)
class _User:
    round: int
    """Round in which the first of its waiting calls is served."""
    waiting: list[Place] = field(default_factory=list)


class FairQueue:
    """The waiting calls of one line, in the order in which they are to be served."""

    def __init__(self) -> None:
        self._users: dict[str, _User] = {}
        self._aside: list[Place] = []
        self._round = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count + len(self._aside)

    def __iter__(self) -> Iterator[Place]:
        for user in self._users.values():
            yield from user.waiting
        yield from self._aside

    @property
    def regular(self) -> int:
        """Waiting calls that are no suspects."""
        return self._count

    def push(self, place: Place) -> None:
        """Let a call wait; one that waited before returns to its place."""
        place.waiting = True
        if place.suspect:
            insort(self._aside, place, key=_ARRIVAL)
            return
        user = self._users.get(place.user)
        if user is None:
            user = self._users[place.user] = _User(self._round)
        user.round = max(user.round, self._round) if not user.waiting else user.round
        if place.round is not None:
            user.round = min(user.round, place.round)
        insort(user.waiting, place, key=_ARRIVAL)
        self._count += 1

    def remove(self, place: Place) -> None:
        """Take a call out that is not served: refused, expired or killed."""
        place.waiting = False
        if place.suspect:
            _take(self._aside, place)
            return
        _take(self._users[place.user].waiting, place)
        self._count -= 1

    def serve(self, place: Place) -> None:
        """Take a call out because it is its turn."""
        self.remove(place)
        if place.suspect:
            return
        user = self._users[place.user]
        place.round = user.round
        self._round = max(self._round, user.round)
        user.round += 1
        if len(self._users) > 2 * self._count + 64:
            self._users = {
                name: user
                for name, user in self._users.items()
                if user.waiting or user.round > self._round
            }

    def first(self) -> Place | None:
        """The call whose turn it is, suspects apart."""
        return self._smallest(lambda user: (user.round, user.waiting[0].arrival))

    def prober(self) -> Place | None:
        """The call to try a closed gateway with: never the same again while others wait."""
        best = self.first()
        if best is None or not best.failed_probes:
            return best
        waiting = (place for user in self._users.values() for place in user.waiting)
        return min(waiting, key=lambda place: (place.failed_probes, place.arrival))

    def aside(self, now: float) -> Place | None:
        """A suspect whose pause is over."""
        return next((place for place in self._aside if place.try_at <= now), None)

    def aside_due(self) -> float:
        """Time at which the next suspect is due."""
        return min((place.try_at for place in self._aside), default=float("inf"))

    def ahead(self, place: Place) -> int:
        """Calls that will be served before this one as things stand."""
        if place.suspect:
            return self._count
        own = self._users[place.user]
        index = bisect_left(own.waiting, place.arrival, key=_ARRIVAL)
        turn = own.round + index
        count = index
        for user in self._users.values():
            if user is not own and user.waiting:
                rounds = turn - user.round
                count += max(0, min(len(user.waiting), rounds))
                if 0 <= rounds < len(user.waiting):
                    count += user.waiting[rounds].arrival < place.arrival
        return count

    def _smallest(self, key: Callable[[_User], tuple[int, int]]) -> Place | None:
        waiting = [user for user in self._users.values() if user.waiting]
        return min(waiting, key=key).waiting[0] if waiting else None


def newest_of_greatest(places: Iterable[Place], weigh: Callable[[Place], int]) -> Place | None:
    """The newest call of the user whose calls weigh most."""
    weights: dict[str, int] = {}
    newest: dict[str, Place] = {}
    for place in places:
        weights[place.user] = weights.get(place.user, 0) + weigh(place)
        if place.user not in newest or newest[place.user].arrival < place.arrival:
            newest[place.user] = place
    return newest[max(weights, key=weights.__getitem__)] if weights else None


def _take(places: list[Place], place: Place) -> None:
    index = bisect_left(places, place.arrival, key=_ARRIVAL)
    if index < len(places) and places[index] is place:
        del places[index]
