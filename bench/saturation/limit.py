"""The theoretical limit: what a clairvoyant would reach on the same gateway with the same seed.

The simulator's own capacity is run in virtual time, and each call is sent in the very moment in
which it would be let in. So service times, steps and walks are those of the measured run. Strangers
get all that they ask for: whoever pushes them out by never leaving a slot free is not the measure.
"""

import heapq
import math
import random
from dataclasses import dataclass

from simulator.scenario import CrowdedModel

from .figures import displacement
from .shapes import MODEL, Json, Shape

STEP = 0.002
"""Seconds between two looks whether something but the end of a call has made room."""
HORIZON = 120.0
"""Seconds for which strangers keep coming."""
START = 1.0
"""The first call's time; only differences count."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What nobody can better: seconds to the last answer, and what chance alone reorders."""

    makespan: float
    finish_displacement: float
    service_seconds: float


def limit_of(shape: Shape, seed: int) -> Limit:
    """The limit of a shape; takes some tens of milliseconds."""
    place = CrowdedModel.build(MODEL, _beside_strangers(shape.spec, seed), seed)
    now = START
    leaving: list[float] = []
    finishes: list[float] = []
    for _ in range(shape.calls):
        while (seconds := place.enter(now, 0)) is None:
            now = min(now + STEP, leaving[0] if leaving else math.inf)
            while leaving and leaving[0] <= now:
                place.leave(heapq.heappop(leaving))
        heapq.heappush(leaving, now + seconds)
        finishes.append(now + seconds)
    order = sorted(range(shape.calls), key=finishes.__getitem__)
    return Limit(max(finishes) - START, displacement(order), place.service_seconds)


def _beside_strangers(spec: Json, seed: int) -> Json:
    """The scenario with the slots that strangers leave, if there are any, instead of strangers."""
    if "strangers" not in spec:
        return spec
    rest = {key: value for key, value in spec.items() if key != "strangers"}
    rng = random.Random(f"{seed}/{MODEL}/strangers")
    rate, stay = (float(spec["strangers"][key]) for key in ("rate", "service"))
    changes: list[tuple[float, int]] = []
    at = rng.expovariate(rate)
    while at < HORIZON:
        changes += [(at, -1), (at + rng.expovariate(1 / stay), 1)]
        at += rng.expovariate(rate)
    left, steps = int(spec["capacity"]["slots"]), []
    for at, change in sorted(changes):
        left += change
        steps.append([at, max(0, left)])
    return {**rest, "capacity": {**spec["capacity"], "steps": steps}}
