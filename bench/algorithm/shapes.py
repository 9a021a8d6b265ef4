"""Gateways as they fail, in virtual time: each shape says whether it lets a call in."""

import bisect
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random


class Server:
    """Decides over a call that arrives `now`; `None` lets it in, a number rejects it.

    The number is the `Retry-After` in seconds, NaN if none is told.
    """

    reject_after = 0.1

    def arrive(self, now: float) -> float | None:
        raise NotImplementedError

    def leave(self, now: float) -> None:
        """A call that was let in has been answered."""

    def service(self, usual: float) -> float:
        """Seconds that the call just let in will take; `usual` is what its shape drew."""
        return usual

    def opens(self, now: float) -> float:
        """Earliest time from `now` on at which a call would be let in if nothing else happens."""
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

    def arrive(self, now: float) -> float | None:
        if self.busy >= self.capacity(now):
            return self.retry_after
        self.busy += 1
        return None

    def leave(self, now: float) -> None:  # noqa: ARG002 - others count by time
        self.busy -= 1

    def opens(self, now: float) -> float:
        if self.busy < self.capacity(now):
            return now
        for at, slots in self.steps:
            if at > now and slots > self.busy:
                return at
        return math.inf


@dataclass
class Bucket(Server):
    rate: float
    burst: float
    reject_after: float = 0.1
    tells: bool = False
    tokens: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def _fill(self, now: float) -> None:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now

    def arrive(self, now: float) -> float | None:
        self._fill(now)
        if self.tokens < 1 - 1e-9:
            return math.ceil((1 - self.tokens) / self.rate) if self.tells else NAN
        self.tokens -= 1
        return None

    def opens(self, now: float) -> float:
        self._fill(now)
        return now if self.tokens >= 1 - 1e-9 else now + (1 - self.tokens) / self.rate + 1e-9


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

    def arrive(self, now: float) -> float | None:
        full = self._full(now)
        if not full or self.counts_rejected:
            self.count += 1
            self.log.append(now)
            if self.sliding and len(self.log) > self.limit:
                self.log.popleft()
        return (self.opens(now) - now if self.tells else NAN) if full else None

    def opens(self, now: float) -> float:
        if not self._full(now):
            return now
        if self.sliding:
            return self.log[0] + self.period + 1e-6
        return self.offset + (self.window + 1) * self.period + 1e-6


@dataclass
class Outage(Server):
    """Another shape, gone from `start` for `length` seconds."""

    inner: Server
    start: float
    length: float
    reject_after: float = 0.1

    def _gone(self, now: float) -> bool:
        return self.start <= now < self.start + self.length

    def arrive(self, now: float) -> float | None:
        return NAN if self._gone(now) else self.inner.arrive(now)

    def leave(self, now: float) -> None:
        self.inner.leave(now)

    def opens(self, now: float) -> float:
        return self.inner.opens(self.start + self.length if self._gone(now) else now)


def random_walk(
    rng: Random, low: int, high: int, start: int, step: int, every: float
) -> list[tuple[float, int]]:
    at, level, steps = 0.0, start, [(0.0, start)]
    while at < 1500:
        at += rng.expovariate(1 / every)
        level = min(high, max(low, level + rng.choice([-1, 1]) * rng.randint(1, step)))
        steps.append((at, level))
    return steps


def strangers(rng: Random, slots: int, load: float, service: float) -> list[tuple[float, int]]:
    """Slots left over by others who take `load` of them on average, each for `service` seconds."""
    at, others = 0.0, int(load)
    steps = [(0.0, slots - others)]
    while at < 1500:
        rate_in, rate_out = load / service, others / service
        at += rng.expovariate(rate_in + rate_out)
        others += 1 if rng.random() * (rate_in + rate_out) < rate_in else -1
        others = min(slots, others)
        steps.append((at, slots - others))
    return steps


def lognormal(mean: float, sigma: float) -> Callable[[Random], float]:
    return lambda rng: rng.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma)


def pareto(mean: float, alpha: float) -> Callable[[Random], float]:
    low = mean * (alpha - 1) / alpha
    return lambda rng: min(low * rng.paretovariate(alpha), 40 * mean)


USUAL = lognormal(2.0, 0.6)


@dataclass(frozen=True)
class Shape:
    name: str
    kind: str
    calls: int
    build: Callable[[Random], Server]
    service: Callable[[Random], float] = USUAL
    first_byte: float | None = None
    poison_at: int | None = None
    """After so many calls comes one that is always rejected; only its attempts count."""


def slots(
    count: int, reject_after: float = 0.1, retry_after: float = NAN
) -> Callable[[Random], Server]:
    return lambda _rng: Slots([(0.0, count)], reject_after, retry_after)


def stepping(*steps: tuple[float, int], reject_after: float = 0.1) -> Callable[[Random], Server]:
    """Steps at about these times (up to 8 s later, by the seed): no tuning to a lucky moment."""

    def build(rng: Random) -> Slots:
        return Slots([(at and at + rng.uniform(0, 8), count) for at, count in steps], reject_after)

    return build


C, V, W = "constant", "changing", "window"
HEAVY = pareto(2.0, 1.6)
SHAPES = [
    Shape("slots 1", C, 200, slots(1)),
    Shape("slots 1 slow no", C, 200, slots(1, 1.0)),
    Shape("slots 3", C, 300, slots(3)),
    Shape("slots 3, N=40", C, 40, slots(3)),
    Shape("slots 20", C, 300, slots(20)),
    Shape("slots 20 N=1000", C, 1000, slots(20)),
    Shape("slots 20 slow no", C, 300, slots(20, 1.0)),
    Shape("slots 20 fast no", C, 300, slots(20, 0.05)),
    Shape("slots 20 heavy", C, 300, slots(20), HEAVY),
    Shape("slots 20 of 20 s", C, 300, slots(20), lognormal(20.0, 0.6)),
    Shape("slots 20 of .2 s", C, 1000, slots(20), lognormal(0.2, 0.6)),
    Shape("slots 20 stream", C, 300, slots(20), first_byte=0.3),
    Shape("slots 20, RA 1", C, 300, slots(20, 0.1, 1.0)),
    Shape("slots 20 poison first", C, 300, slots(20), poison_at=0),
    Shape("slots 20 poison 10th", C, 300, slots(20), poison_at=10),
    Shape("slots 20 poison 200th", C, 300, slots(20), poison_at=200),
    Shape("slots 100", C, 1000, slots(100)),
    Shape("slots 100 stream", C, 1000, slots(100), first_byte=0.3),
    Shape("bucket 10/s", C, 300, lambda _r: Bucket(10, 10)),
    Shape("bucket 10/s N=1000", C, 1000, lambda _r: Bucket(10, 10)),
    Shape("bucket 10/s slow no", C, 300, lambda _r: Bucket(10, 10, 1.0)),
    Shape("bucket 10/s RA", C, 300, lambda _r: Bucket(10, 10, tells=True)),
    Shape("bucket 2/s, 5", C, 300, lambda _r: Bucket(2, 5)),
    Shape("bucket .5/s, 3", C, 150, lambda _r: Bucket(0.5, 3)),
    Shape("steps 20-5-40", V, 600, stepping((0, 20), (20, 5), (40, 40))),
    Shape("steps slow no", V, 600, stepping((0, 20), (20, 5), (40, 40), reject_after=1.0)),
    Shape("drop 40-10", V, 600, stepping((0, 40), (15, 10))),
    Shape("rise 5-30", V, 500, stepping((0, 5), (30, 30))),
    Shape("rise 1-20", V, 300, stepping((0, 1), (40, 20))),
    Shape("walk 2-40", V, 600, lambda r: Slots(random_walk(r, 2, 40, 20, 4, 2.0))),
    Shape("walk slow no", V, 600, lambda r: Slots(random_walk(r, 2, 40, 20, 4, 2.0), 1.0)),
    Shape("gone 40 s", V, 300, lambda _r: Outage(Slots([(0.0, 20)]), 10, 40)),
    Shape("gone 40 s N=600", V, 600, lambda _r: Outage(Slots([(0.0, 20)]), 10, 40)),
    Shape("strangers 8 of 20", V, 400, lambda r: Slots(strangers(r, 20, 8, 2.0))),
    Shape("strangers 8/20 of 10 s", V, 400, lambda r: Slots(strangers(r, 20, 8, 10.0))),
    Shape("600 a minute", W, 1000, lambda _r: FixedWindow(600, 60)),
    Shape("600/min, phase", W, 1000, lambda r: FixedWindow(600, 60, r.uniform(-60, 0))),
    Shape("600/min counts all", W, 1000, lambda _r: FixedWindow(600, 60, 0.0, True, True)),
    Shape("600/min sliding", W, 1000, lambda _r: FixedWindow(600, 60, sliding=True)),
    Shape("600/min RA", W, 1000, lambda _r: FixedWindow(600, 60, tells=True)),
    Shape("60/min", W, 300, lambda _r: FixedWindow(60, 60)),
    Shape("100/10 s", W, 600, lambda _r: FixedWindow(100, 10)),
]
