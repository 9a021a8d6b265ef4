"""What a run amounts to: plain figures from what the client and the server recorded."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call as its caller saw it; monotonic seconds."""

    number: int
    sent: float
    done: float
    ok: bool
    why: str = ""
    """The error's type and the beginning of its text, if it failed and is known."""


@dataclass(frozen=True, slots=True)
class Run:
    """One client, one shape, one seed. Seconds; `requests` were counted by the server.

    Attributes:
        limit: makespan of a oracle.
        answered: calls that succeeded, of `calls`.
        makespan: from the first call's start to the last answer.
        admitted_displacement: mean |rank let in - rank of arrival| over the number of calls.
        finish_displacement: the same by when a call was answered, which chance alone reorders...
        finish_displacement_limit: ...so much for a oracle.
        answers: when each answer came, sorted; only for the job of the plot.
        errors: why calls failed, and how many of each.
    """

    shape: str
    client: str
    seed: int
    calls: int
    answered: int
    limit: float
    makespan: float
    requests: int
    admitted_displacement: float
    finish_displacement: float
    finish_displacement_limit: float
    p50: float
    p99: float
    answers: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def success(self) -> float:
        """Part of the calls that were answered."""
        return self.answered / self.calls

    @property
    def ratio(self) -> float:
        """Makespan over the limit; infinite if a call failed, for the job was never done."""
        return self.makespan / self.limit if self.answered == self.calls else math.inf

    @property
    def attempts(self) -> float:
        """Requests for each answer."""
        return self.requests / self.answered if self.answered else math.inf


def displacement(order: Sequence[int]) -> float:
    """Mean |place in `order` - place by number| over the length; 0 is perfect, 1/3 is random."""
    if not order:
        return 0.0
    rank = {number: place for place, number in enumerate(sorted(order))}
    return statistics.fmean(abs(rank[n] - i) for i, n in enumerate(order)) / len(order)


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; NaN of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def line_of(run: dict[str, Any]) -> str:
    """A run as a line of a committed file, rounded to more than can be resolved."""
    return json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in run.items()})
