"""The shapes of the measurement through the whole process, in virtual time.

The simulator's own capacity stands behind the interface of the other shapes, so that a change is
tried in seconds on what `bench.saturation` measures in minutes.
"""

import math

from bench.saturation import shapes as measured
from bench.saturation.oracle import oracle_bound_of
from bench.saturation.plugins import POISON_AT, budget_for
from engine.admission.limits.tuning import TUNING, Tuning
from simulator.scenario import CrowdedModel

from .servers import NAN, Server
from .sim import LIKE_REAL, Host, Job, Result, Simulation


class SimulatedProcess(Server):
    """The simulator's model with a capacity."""

    def __init__(self, shape: measured.Shape, seed: int) -> None:
        self._place = CrowdedModel.build(measured.MODEL, shape.spec, seed)
        self.reject_after = shape.reject_latency
        self._seconds = 0.0

    def arrive(self, now: float, tokens: float = 1.0) -> float | None:  # noqa: ARG002 - it counts calls
        seconds = self._place.enter(now, 0)
        if seconds is None:
            told = self._place.retry_after(now)
            return NAN if told is None else told
        self._seconds = seconds
        return None

    def service(self, usual: float) -> float:  # noqa: ARG002 - the simulator draws it
        return self._seconds

    def leave(self, now: float) -> None:
        self._place.leave(now)


def run(
    shape: measured.Shape, seed: int, host: Host = LIKE_REAL, *, tuning: Tuning = TUNING
) -> tuple[Result, float]:
    """One run of a shape with all calls at once, and its limit."""
    best = oracle_bound_of(shape, seed).makespan
    jobs = [Job(i, "batch", i * host.spacing, math.nan) for i in range(shape.calls)]
    if shape.poison:
        at = POISON_AT * host.spacing
        jobs.insert(POISON_AT, Job(shape.calls, "batch", at, math.nan, poison=True))
    server = SimulatedProcess(shape, seed)
    first_byte = (lambda seconds: seconds / 4) if shape.stream else None
    budget = budget_for(shape, best)
    simulation = Simulation(jobs, [server], seed, budget, first_byte, host, tuning)
    return simulation.run(), best
