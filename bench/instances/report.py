"""The measurements as one JSON file, the tables that follow from it, and whether it is enough."""

import datetime
import json
import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.report import machine
from bench.saturation.figures import Run, line_of

from .many_calls import MODES, PROCESSES, name_of

RESULTS = ROOT / "bench/results/instances.json"
MAX_ADDED_SECONDS = 500.0
"""Milliseconds that a stopped Redis may add to any call."""
MAX_OPEN_SECONDS = 2.0
"""The same for the middle call while the breaker is open: none, as far as can be resolved."""

type Json = dict[str, Any]


@dataclass(slots=True)
class Measured:
    """Everything measured."""

    seeds: Sequence[int]
    runs: list[Run]
    outage: Json
    date: str = ""
    machine: Json = field(default_factory=dict)


def new(seeds: Sequence[int]) -> Measured:
    """Nothing yet."""
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Measured(list(seeds), [], {}, date, machine())


def save(measured: Measured, path: Path = RESULTS) -> None:
    """Write it, a run a line."""
    found = asdict(measured)
    runs = ",\n".join(f"  {line_of(run)}" for run in found.pop("runs"))
    rest = json.dumps(found)
    path.write_text(f'{rest[:-1]}, "runs": [\n{runs}\n]}}\n', encoding="utf-8")


def load(path: Path = RESULTS) -> Measured:
    """Read what `save` wrote; raises FileNotFoundError."""
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return Measured(**{**found, "runs": [Run(**run) for run in found["runs"]]})


def added(outage: Json) -> dict[str, float]:
    """Milliseconds that were added: at most to any call, and to the middle one while it is open."""
    usual, crowded = statistics.median(outage["before"]), max(outage["together_before"])
    one_by_one = [*outage["while_open"], *outage["trying"]]
    return {
        "most": max(max(outage["together"]) - crowded, max(one_by_one) - usual),
        "open": statistics.median(outage["while_open"]) - statistics.median(outage["meanwhile"]),
    }


def missed(measured: Measured) -> list[str]:
    """The targets that were missed, as sentences."""
    found = added(measured.outage)
    failures = [
        f"{run.client}, seed {run.seed}: {run.calls - run.answered} of {run.calls} calls failed"
        for run in measured.runs
        if run.answered < run.calls
    ]
    if measured.outage["failed"]:
        failures.append(f"Redis stopped: {measured.outage['failed']} calls failed")
    if found["most"] > MAX_ADDED_SECONDS:
        failures.append(
            f"Redis stopped: {found['most']:.0f} ms added, at most {MAX_ADDED_SECONDS:.0f}"
        )
    if found["open"] > MAX_OPEN_SECONDS:
        failures.append(
            f"breaker open: {found['open']:.1f} ms added, at most {MAX_OPEN_SECONDS:.0f}"
        )
    return failures


WORDS = {
    "head": "900 calls, 20 slots | 1 process | 2 processes | 4 processes",
    "alone": "without Redis",
    "redis": "with Redis",
    "strict": "with Redis and Max Concurrency 20",
    "outage": "When Redis stops answering, {failed} calls fail, and at most {most:.2f} s are "
    "added to any; while it is left alone, {open:.1f} ms.",
}


def table(measured: Measured) -> str:
    """Time over the limit and requests an answer, by mode and number of processes."""
    rows = [f"| {WORDS['head']} |", "|---|---|---|---|"]
    rows += [
        f"| {WORDS[mode]} | {' | '.join(_cell(measured, mode, n) for n in PROCESSES)} |"
        for mode in MODES
    ]
    return "\n".join(rows)


def outage_sentence(measured: Measured) -> str:
    """What a Redis that stops costs."""
    found = added(measured.outage)
    return WORDS["outage"].format(
        failed=measured.outage["failed"] or "no",
        most=found["most"] / 1000,
        open=max(0.0, found["open"]),
    )


def _cell(measured: Measured, mode: str, processes: int) -> str:
    runs = [run for run in measured.runs if run.client == name_of(mode, processes)]
    ratio = statistics.median(run.ratio for run in runs)
    attempts = statistics.median(run.attempts for run in runs)
    answered = statistics.median(run.success for run in runs)
    return f"{ratio:.2f} · {attempts:.2f}" if answered == 1 else f"{answered:.0%}"


PAGE = ROOT / "docs/benchmarks.md"


def redrawn(text: str, measured: Measured) -> str:
    """A page with the table as it follows from the measurements."""
    shown = f"{table(measured)}\n\n{outage_sentence(measured)}"
    drawn = f"<!-- nodes:begin -->\n{shown}\n<!-- nodes:end -->"
    return re.sub(r"<!-- nodes:begin -->.*<!-- nodes:end -->", lambda _: drawn, text, flags=re.S)


def draw(measured: Measured) -> None:
    """Write the table into the documentation."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(redrawn(text, measured), encoding="utf-8")
