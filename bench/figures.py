"""What was measured, and whether it is good enough.

Samples go in, figures come out: medians, 99th percentiles, and the ratio to the peer measured
in the same run. A ratio is judged as it is printed, to two decimals: the runs resolve no more.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

type Samples = dict[str, dict[str, list[float]]]
"""Figure name → subject name → samples, in the figure's unit."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure of one subject, in the figure's unit."""

    median: float
    p25: float
    p75: float
    p99: float
    least: float
    most: float
    samples: int


def summarise(samples: Sequence[float]) -> Summary:
    """Order statistics of at least one sample (nearest rank, so each figure really occurred)."""
    ordered = sorted(samples)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Summary(
        median=statistics.median(ordered),
        p25=rank(0.25),
        p75=rank(0.75),
        p99=rank(0.99),
        least=ordered[0],
        most=ordered[-1],
        samples=len(ordered),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A thing that is measured: its unit, and the scenario that measures it."""

    title: str
    unit: str
    scenario: str


FIGURES: Mapping[str, Figure] = {
    "connections": Figure("connections for 200 calls, 20 in flight", "", "fresh"),
    "tokens_per_second": Figure("8 long streams at once", "tokens/s", "streams"),
    "start_up": Figure("start of the process to first heartbeat", "ms", "fresh"),
    "blocking": Figure("added latency, blocking call", "ms", "latency"),
    "first_token": Figure("added latency, first token", "ms", "latency"),
    "rss_start": Figure("resident memory at start", "MiB", "fresh"),
    "rss_after": Figure("resident memory after 200 calls and 8 streams", "MiB", "fresh"),
}

IN_FLIGHT = 20
"""Calls that the connections scenario keeps in flight at once."""


@dataclass(frozen=True, slots=True)
class Target:
    """Ours, by one statistic, against a peer's ("ratio") or a number ("value").

    `bound` is the most that is allowed, or the least where `at_least`. `noise` is how far apart
    a plugin and itself may come out: less than that is no difference.
    """

    figure: str
    statistic: Literal["median", "p99", "most"]
    bound: float
    peer: str | None
    at_least: bool = False
    noise: float = 0.0


LATENCY_NOISE = 0.02
"""How far from 1 the ratio of medians may be by chance. Measured with the SDK's class as both
subjects: 0.99 and 1.01 in 30 runs, 1.01 and 1.02 in 4."""

TARGETS: Sequence[Target] = (
    Target("connections", "most", IN_FLIGHT, None),
    Target("tokens_per_second", "median", 5.0, "sdk_class", at_least=True),
    Target("start_up", "median", 1.1, "bare"),
    Target("blocking", "median", 1.0, "sdk_class", noise=LATENCY_NOISE),
    Target("blocking", "p99", 1.2, "sdk_class"),
    Target("first_token", "median", 1.0, "sdk_class", noise=LATENCY_NOISE),
    Target("first_token", "p99", 1.2, "sdk_class"),
    Target("rss_start", "median", 1.0, "sdk_class"),
    Target("rss_after", "median", 1.0, "sdk_class"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target with what was found; `found` is the ratio to the peer, or ours where none is."""

    target: Target
    ours: float
    peer: float | None
    found: float
    met: bool


def judge(summaries: Mapping[str, Mapping[str, Summary]]) -> list[Verdict]:
    """Every target whose figure was measured, in the order of `TARGETS`."""
    return [
        _verdict(target, summaries[target.figure])
        for target in TARGETS
        if target.figure in summaries
    ]


def _verdict(target: Target, found: Mapping[str, Summary]) -> Verdict:
    ours: float = getattr(found["ours"], target.statistic)
    peer: float | None = None
    value = ours
    if target.peer is not None:
        peer = float(getattr(found[target.peer], target.statistic))
        # an added latency may be lost in the noise around nothing: then there is no ratio
        value = round(ours / peer, 2) if peer > 0 else math.inf
    allowed = target.bound + (-target.noise if target.at_least else target.noise)
    met = value >= allowed if target.at_least else value <= allowed
    return Verdict(target, ours, peer, value, met)
