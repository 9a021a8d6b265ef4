"""The measurements as one JSON file, and as a table and verdicts that are drawn from it alone."""

import datetime
import json
import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.report import machine

RESULTS = ROOT / "bench/results/indexing.json"
MAX_RATIO = 1.15
"""Seconds over the limit: the last batches of ten threads cannot always fill five slots."""
MAX_REQUESTS_RATIO = 1.05
"""Requests over those that would be needed if nothing was ever refused."""
NAMES = {
    "ours": "**this plugin**, batches of {batch}",
    "sdk_class": "`openai_api_compatible`'s way: one text a call, no retry (the SDK's class)",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One plugin and one seed; seconds, and requests as the gateway counted them.

    Attributes:
        client: who: a key of `NAMES`.
        batch: texts in a request.
        chunks: of the document.
        stored: chunks that were stored.
        needed: requests if each batch needs only one.
        limit: seconds that those take at least.
    """

    client: str
    seed: int
    batch: int
    chunks: int
    stored: int
    seconds: float
    limit: float
    requests: int
    needed: int
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Seconds over the limit; infinite if the document was never done."""
        return self.seconds / self.limit if self.stored == self.chunks else math.inf

    @property
    def waste(self) -> float:
        """Requests over those that were needed."""
        return self.requests / self.needed


@dataclass(frozen=True, slots=True)
class Measured:
    """All runs, and where they come from."""

    command: str
    runs: list[Run]
    date: str = field(
        default_factory=lambda: datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    )
    machine: dict[str, Any] = field(default_factory=machine)


def save(measured: Measured, path: Path = RESULTS) -> None:
    """Write it as JSON."""
    text = json.dumps(asdict(measured), indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def load(path: Path = RESULTS) -> Measured:
    """Read what `save` wrote; raises FileNotFoundError."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Measured(**{**found, "runs": [Run(**run) for run in found["runs"]]})


def missed(measured: Measured) -> list[str]:
    """One sentence for each target of ours that was not met."""
    runs = [run for run in measured.runs if run.client == "ours"]
    stored = min(run.stored / run.chunks for run in runs)
    ratio, waste = _median(runs, lambda run: run.ratio), _median(runs, lambda run: run.waste)
    verdicts = (
        (stored >= 1, f"chunks stored: {stored:.1%} in the worst run, wanted all"),
        (ratio <= MAX_RATIO, f"seconds / limit: {ratio:.2f}, wanted {MAX_RATIO}"),
        (
            waste <= MAX_REQUESTS_RATIO,
            f"requests / needed: {waste:.2f}, wanted {MAX_REQUESTS_RATIO}",
        ),
    )
    return [f"missed: {text}" for met, text in verdicts if not met]


def table(measured: Measured) -> str:
    """The table of the documentation, in Markdown."""
    chunks = measured.runs[0].chunks
    lines = [
        f"| {chunks:,} chunks, 10 threads, 5 slots | chunks stored | seconds (limit) | requests |",
        "|---|---|---|---|",
    ]
    for client, name in NAMES.items():
        runs = [run for run in measured.runs if run.client == client]
        if runs:
            lines.append(f"| {name.format(batch=runs[0].batch)} | {_cells(runs)} |")
    return "\n".join(lines)


def _cells(runs: Sequence[Run]) -> str:
    stored, done = (
        _median(runs, lambda run: run.stored),
        all(run.ratio < math.inf for run in runs),
    )
    seconds, limit = _median(runs, lambda run: run.seconds), _median(runs, lambda run: run.limit)
    errors = sum((Counter(run.errors) for run in runs), Counter[str]())
    why = "" if done else f": {errors.most_common(1)[0][0]}"
    time = f"{seconds:.1f} ({limit:.1f})" if done else f"never done ({limit:.0f}){why}"
    return f"{stored:,.0f} | {time} | {_median(runs, lambda run: run.requests):,.0f}"


def _median(runs: Sequence[Run], figure: Callable[[Run], float]) -> float:
    return statistics.median(figure(run) for run in runs)
