"""What each mechanism buys and costs: all shapes again, without it.

A mechanism is taken out by values of the pure configuration with which it does nothing; the code is
the same. Differences are taken run by run: the same shape, the same seed.
"""

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.admission.limits.tuning import TUNING, Tuning

from .measure import ALL, Figures, Progress, Run, Task, measure

HUGE = 10**9
MECHANISMS: Mapping[str, dict[str, Any]] = {
    "concurrency: proof before growing on": {"unproven": 1e9},
    "concurrency: a most for a step": {"step_limit": 1e9},
    "concurrency: slower on known ground": {"regrowth": TUNING.growth},
    "concurrency: deeper cuts in a row": {"cut": 1.0},
    "concurrency: trial after a cut": {"trial_least": HUGE},
    "silence: learned from rejections": {
        "rejection_timeout_min": 0.2,
        "rejection_timeout_max": 0.2,
    },
    "silence: longer until one is timed": {"doubt": 0.2},
    "poison: rejections are forgiven": {"forgives": False},
    "poison: careful afterwards": {"resume": 1.0},
    "probing": {"earned_per_success": 0.0, "probe_rate": 1e-9, "fell_pays": 0.0},
    "probing: time pays too": {"probe_rate": 1e-9},
    "probing: falls pay too": {"fell_pays": 0.0},
    "probing: sooner far below the peak": {"missing_power": 0.0},
    "probing: a pause after a lost one": {"lost_first": 0.0, "lost_pause": 0.0},
    "probing: a pause by rejections' time": {"lost_timeouts": 0.0},
    "probing: a pause after any rejection": {"probe_pause": 0.0},
    "rate": {"marks_needed": HUGE, "short_wait": 0.0},
    "rate: begun by waits that are told": {"short_wait": 0.0},
    "rate: growing excess": {"excess_max": 0.01},
    "rate: refuted by rejections": {"trial_rejections": HUGE, "trial_row": HUGE},
    "rate: refuted by surplus": {"surplus": 1e9},
    "rate: sought rejections are no marks": {"sought_marks": True},
    "recovery: longest pause by worth": {"recovery_worth": 1e9},
    "recovery: quota of the last time": {"quota_least": HUGE},
    "recovery: usual periods": {"periods": ()},
    "recovery: part of the former size": {"reopen": 0.0},
}
"""Mechanism, and the values without it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference with half of its 95 % interval."""

    mean: float
    half: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Difference":
        """That of paired values."""
        spread = statistics.stdev(values) if len(values) > 1 else math.inf
        return cls(statistics.fmean(values), 1.96 * spread / math.sqrt(len(values)))

    @property
    def certain(self) -> bool:
        """Whether the interval leaves zero out."""
        return abs(self.mean) > self.half


@dataclass(frozen=True, slots=True)
class Ablated:
    """All shapes without a mechanism, against the same runs with it."""

    mechanism: str
    lost: Difference
    """Calls more that are lost, as a part of all."""
    makespan: Difference
    requests: Difference
    misses: int
    """Shapes more that miss a bound."""
    worse: Sequence[str]
    """Shapes where what a user meets is worse by more than 0.05 without it."""
    better: Sequence[str]


def without(changes: dict[str, Any]) -> Tuning:
    """The tuning without a mechanism."""
    return dataclasses.replace(TUNING, **changes)


def ablate(names: Sequence[str], seeds: Sequence[int], processes: int) -> list[Ablated]:
    """Take out each mechanism in turn."""
    base = _all(names, seeds, TUNING, processes, "with everything")
    found = []
    for number, (mechanism, changes) in enumerate(MECHANISMS.items(), 1):
        what = f"{number:2} of {len(MECHANISMS)}"
        runs = _all(names, seeds, without(changes), processes, what)
        found.append(_compare(mechanism, base, runs))
    return found


def _all(
    names: Sequence[str], seeds: Sequence[int], tuning: Tuning, processes: int, what: str
) -> dict[str, Figures]:
    tasks = [Task(name, seed, tuning) for name in names for seed in seeds]
    done = iter(measure(tasks, processes, Progress(what)))
    return {name: Figures(name, [_run(next(done)) for _ in seeds]) for name in names}


def _run(one: Run | float) -> Run:
    assert isinstance(one, Run)
    return one


def _compare(mechanism: str, base: Mapping[str, Figures], runs: Mapping[str, Figures]) -> Ablated:
    pairs = [
        (before, after)
        for name in base
        for before, after in zip(base[name].runs, runs[name].runs, strict=True)
    ]
    harm = {name: _harm(base[name], runs[name]) for name in base}
    return Ablated(
        mechanism,
        Difference.of([before.success - after.success for before, after in pairs]),
        Difference.of([after.makespan - before.makespan for before, after in pairs]),
        Difference.of([after.requests - before.requests for before, after in pairs]),
        sum(any(one.misses) for one in runs.values())
        - sum(any(one.misses) for one in base.values()),
        [name for name in sorted(harm, key=lambda name: -harm[name]) if harm[name] > 0.05],
        [name for name in sorted(harm, key=lambda name: harm[name]) if harm[name] < -0.05],
    )


def _harm(before: Figures, after: Figures) -> float:
    """By how much a user meets it: calls lost, or time; requests beside."""
    lost = before.success - after.success
    return max((lost, after.makespan - before.makespan, after.requests - before.requests), key=abs)


def names_of(part: str) -> list[str]:
    """Shapes with this in their name."""
    return [name for name in ALL if part in name]
