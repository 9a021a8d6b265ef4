"""Gateways as they fail, in virtual time: each decides whether it admits a call."""

import bisect
import math
from collections import deque
from dataclasses import dataclass, field
from random import Random


class Server:
    """Decides over a call that arrives `now`; `None` admits it, a number rejects it.

    The number is the `Retry-After` in seconds, NaN if none is told. `tokens` is the size of the
    call, which counts only where tokens do.
    """

    reject_after = 0.1
    """Seconds that a rejection takes."""

    def arrive(self, now: float, tokens: float = 1.0) -> float | None:
        raise NotImplementedError

    def rejection_seconds(self) -> float:
        """Seconds that the rejection just given takes."""
        return self.reject_after

    def leave(self, now: float) -> None:
        """A call that was admitted has been answered."""

    def service(self, usual: float) -> float:
        """Seconds that the call just admitted will take; `usual` is what its shape drew."""
        return usual

    def opens(self, now: float, tokens: float = 1.0) -> float:
        """Earliest time from `now` on at which the call would be admitted if nothing happens."""
        raise NotImplementedError


NAN = math.nan


@dataclass
class Slots(Server):
    """At most `capacity(now)` calls in flight; steps are (time, slots)."""

    steps: list[tuple[float, int]]
    reject_after: float = 0.1
    retry_after: float = NAN
    busy: int = 0

    def capacity(self, now: float) -> int:
        i = bisect.bisect_right(self.steps, (now, 1 << 30)) - 1
        return self.steps[i][1]

    def arrive(self, now: float, tokens: float = 1.0) -> float | None:  # noqa: ARG002 - others count tokens
        if self.busy >= self.capacity(now):
            return self.retry_after
        self.busy += 1
        return None

    def leave(self, now: float) -> None:  # noqa: ARG002 - others count by time
        self.busy -= 1

    def opens(self, now: float, tokens: float = 1.0) -> float:  # noqa: ARG002 - others count tokens
        if self.busy < self.capacity(now):
            return now
        for at, slots in self.steps:
            if at > now and slots > self.busy:
                return at
        return math.inf


@dataclass
class Bucket(Server):
    """`rate` calls a second and `burst` at once; or tokens, if `of_tokens`."""

    rate: float
    burst: float
    reject_after: float = 0.1
    tells: bool = False
    of_tokens: bool = False
    left: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.burst

    def _needs(self, tokens: float) -> float:
        """What is taken for a call; one that is larger than the burst takes all of it."""
        return min(tokens, self.burst) if self.of_tokens else 1.0

    def _fill(self, now: float) -> None:
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now

    def arrive(self, now: float, tokens: float = 1.0) -> float | None:
        self._fill(now)
        missing = self._needs(tokens) - self.left
        if missing > 1e-9:
            return math.ceil(missing / self.rate) if self.tells else NAN
        self.left -= self._needs(tokens)
        return None

    def opens(self, now: float, tokens: float = 1.0) -> float:
        self._fill(now)
        missing = self._needs(tokens) - self.left
        return now if missing <= 1e-9 else now + missing / self.rate + 1e-9


@dataclass
class FixedWindow(Server):
    """`limit` calls per `period`; the window starts with the first call, or at `offset`."""

    limit: int
    period: float
    offset: float = 0.0
    counts_rejected: bool = False
    sliding: bool = False
    tells: bool = False
    reject_after: float = 0.1
    count: int = 0
    window: int = -1
    log: deque[float] = field(default_factory=deque)

    def _full(self, now: float) -> bool:
        if self.sliding:
            while self.log and self.log[0] <= now - self.period:
                self.log.popleft()
            return len(self.log) >= self.limit
        window = math.floor((now - self.offset) / self.period + 1e-9)
        if window != self.window:
            self.window, self.count = window, 0
        return self.count >= self.limit

    def arrive(self, now: float, tokens: float = 1.0) -> float | None:  # noqa: ARG002 - others count tokens
        full = self._full(now)
        if not full or self.counts_rejected:
            self.count += 1
            self.log.append(now)
            if self.sliding and len(self.log) > self.limit:
                self.log.popleft()
        return (self.opens(now) - now if self.tells else NAN) if full else None

    def opens(self, now: float, tokens: float = 1.0) -> float:  # noqa: ARG002 - others count tokens
        if not self._full(now):
            return now
        if self.sliding:
            return self.log[0] + self.period + 1e-6
        return self.offset + (self.window + 1) * self.period + 1e-6


@dataclass
class Outage(Server):
    """Another gateway, gone from `start` for `length` seconds, and again each `every` seconds."""

    inner: Server
    start: float
    length: float
    every: float = math.inf
    reject_after: float = 0.1

    def _back(self, now: float) -> float:
        """When it is there: `now`, or the end of the outage."""
        if now < self.start or now == math.inf:
            return now
        since = math.fmod(now - self.start, self.every)
        return now - since + self.length if since < self.length else now

    def arrive(self, now: float, tokens: float = 1.0) -> float | None:
        return NAN if self._back(now) > now else self.inner.arrive(now, tokens)

    def leave(self, now: float) -> None:
        self.inner.leave(now)

    def opens(self, now: float, tokens: float = 1.0) -> float:
        at = self._back(now)
        while True:
            opens = self.inner.opens(at, tokens)
            at = self._back(opens)
            if at == opens:
                return opens


@dataclass
class Punishing(Server):
    """Another gateway, which counts rejected calls too: each closes it for `seconds`."""

    inner: Server
    seconds: float = 1.0
    closed_until: float = 0.0
    reject_after: float = 0.1

    def arrive(self, now: float, tokens: float = 1.0) -> float | None:
        if now >= self.closed_until and self.inner.arrive(now, tokens) is None:
            return None
        self.closed_until = now + self.seconds
        return NAN

    def leave(self, now: float) -> None:
        self.inner.leave(now)

    def opens(self, now: float, tokens: float = 1.0) -> float:
        return self.inner.opens(max(now, self.closed_until), tokens)


class Uneven(Slots):
    """Slots whose rejections take from a twentieth of a second to two, at random."""

    def __init__(self, count: int, rng: Random) -> None:
        super().__init__([(0.0, count)])
        self._rng = rng

    def rejection_seconds(self) -> float:
        return min(2.0, 0.05 + self._rng.lognormvariate(math.log(0.15), 1.0))
