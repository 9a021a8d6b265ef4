"""The theoretical limit: what a oracle would reach on the same gateway with the same seed.

The simulator's own capacity is run in virtual time, and each call is sent in the very moment in
which it would be let in. So service times, steps, walks and other tenants are those of the measured
run; other tenants find a place only where the oracle leaves one, as they would in reality.
"""

import heapq
import math
from dataclasses import dataclass

from simulator.scenario import CrowdedModel

from .figures import displacement
from .shapes import MODEL, Shape

STEP = 0.002
"""Seconds between two looks whether something but the end of a call has made room."""
START = 1.0
"""The first call's time; only differences count."""


@dataclass(frozen=True, slots=True)
class OracleBound:
    """What nobody can better: seconds to the last answer, and what chance alone reorders."""

    makespan: float
    finish_displacement: float
    service_seconds: float


def oracle_bound_of(shape: Shape, seed: int) -> OracleBound:
    """The limit of a shape; takes some tens of milliseconds."""
    place = CrowdedModel.build(MODEL, shape.spec, seed)
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
    return OracleBound(max(finishes) - START, displacement(order), place.service_seconds)
