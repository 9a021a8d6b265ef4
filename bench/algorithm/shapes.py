"""The gateways and the calls made to them: what the algorithm is measured with."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .servers import NAN, Bucket, FixedWindow, Outage, Punishing, Server, Slots, Uneven


def random_walk(
    rng: Random, low: int, high: int, start: int, step: int, every: float
) -> list[tuple[float, int]]:
    at, level, steps = 0.0, start, [(0.0, start)]
    while at < 1500:
        at += rng.expovariate(1 / every)
        level = min(high, max(low, level + rng.choice([-1, 1]) * rng.randint(1, step)))
        steps.append((at, level))
    return steps


def other_tenants(rng: Random, slots: int, load: float, service: float) -> list[tuple[float, int]]:
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


def sine(mean: int, swing: int, period: float) -> list[tuple[float, int]]:
    """Slots that swing about `mean` by `swing`, once in `period` seconds."""
    ticks = [period * i / 80 for i in range(int(1500 / period) * 80)]
    return [(at, mean + round(swing * math.sin(math.tau * at / period))) for at in ticks]


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
    models: int = 1
    """So many models in turn, each with a limit of its own to learn, behind one capacity."""
    tokens: Callable[[Random], float] = lambda _rng: 1.0
    gap: float = 0.0
    """Mean seconds between two calls that arrive by chance; 0: all come at once."""


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
PROMPTS = lognormal(1_000.0, 1.0)
"""Tokens."""
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
    Shape("strangers 8 of 20", V, 400, lambda r: Slots(other_tenants(r, 20, 8, 2.0))),
    Shape("strangers 8/20 of 10 s", V, 400, lambda r: Slots(other_tenants(r, 20, 8, 10.0))),
    Shape("600 a minute", W, 1000, lambda _r: FixedWindow(600, 60)),
    Shape("600/min, phase", W, 1000, lambda r: FixedWindow(600, 60, r.uniform(-60, 0))),
    Shape("600/min counts all", W, 1000, lambda _r: FixedWindow(600, 60, 0.0, True, True)),
    Shape("600/min sliding", W, 1000, lambda _r: FixedWindow(600, 60, sliding=True)),
    Shape("600/min RA", W, 1000, lambda _r: FixedWindow(600, 60, tells=True)),
    Shape("60/min", W, 300, lambda _r: FixedWindow(60, 60)),
    Shape("100/10 s", W, 600, lambda _r: FixedWindow(100, 10)),
    Shape("three models", V, 600, slots(20), models=3),
    Shape("sine of 20 s", V, 600, lambda _r: Slots(sine(20, 15, 20.0))),
    Shape(
        "600k tokens/min", V, 300, lambda _r: Bucket(10_000, 20_000, of_tokens=True), tokens=PROMPTS
    ),
    Shape("slots 20 uneven no", C, 300, lambda r: Uneven(20, r)),
    Shape("100/10 s punishes", W, 600, lambda _r: Punishing(FixedWindow(100, 10, 0.0, True))),
    Shape("slots 20 punish", C, 600, lambda _r: Punishing(Slots([(0.0, 20)]))),
    Shape("restarts", V, 900, lambda r: Outage(slots(20)(r), 10 + r.uniform(0, 20), 3, 60)),
    Shape("trickle", C, 1000, slots(20), gap=0.22),
    Shape("streams of 20 s", C, 300, slots(20), lognormal(20.0, 0.6), first_byte=1.0),
]
