"""The measurements as one JSON file, and as tables and verdicts that are drawn from it alone."""

import datetime
import importlib.metadata
import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.report import machine

from .figures import Run, line_of, percentile
from .peers import PEERS
from .shapes import BY_NAME, JOB, SHAPES, Shape

RESULTS = ROOT / "bench/results/saturation.json"
"""The committed result of a full run with the held-out seeds."""
PARTIAL = ROOT / "bench/results/saturation-partial.json"
"""The last run of a part, or with the seeds for tuning; not committed."""

OURS = "ours"
MAX_RATIO = {"constant": 1.05, "window": 1.05, "changing": 1.15}
MAX_ATTEMPTS = {"constant": 1.05, "window": 1.20, "changing": 1.12}
MAX_DISPLACEMENT = 0.02
MAX_CHAT_SECONDS = 2.0
"""Service times until another user's chat is answered."""
MAX_LONE_MS = 2.0
"""Milliseconds."""
MAX_MASKED = 2.0
"""Requests until a permanent failure is told: one repeat, for another channel may answer."""
NAMES = {OURS: "**this plugin**", **PEERS}

type Json = dict[str, Any]


@dataclass(slots=True)
class Measured:
    """Everything measured so far; grows from several threads, one append at a time."""

    command: str
    seeds: str
    runs: list[Run]
    masked: list[Json]
    second_user: list[Json]
    lone: Json | None = None
    alone: Json | None = None
    seconds: float = 0.0
    date: str = ""
    machine: Json | None = None
    versions: Json | None = None
    updates: list[str] = field(default_factory=list)
    """Commands that measured a part again later; their runs replaced the former ones."""


def new(command: str, seeds: str, versions: Json) -> Measured:
    """Nothing yet."""
    ours = {
        name: importlib.metadata.version(name) for name in ("dify_plugin", "gevent", "requests")
    }
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Measured(
        command, seeds, [], [], [], date=date, machine=machine(), versions={**ours, **versions}
    )


def save(measured: Measured, path: Path) -> None:
    """Write it, a run a line."""
    found = asdict(measured)
    runs = ",\n".join(f"  {line_of(run)}" for run in found.pop("runs"))
    rest = json.dumps(found, indent=1, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{rest[:-2]},\n "runs": [\n{runs}\n ]\n}}\n', encoding="utf-8")


def load(path: Path) -> Measured:
    """Read what `save` wrote; raises FileNotFoundError."""
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return Measured(**{**found, "runs": [Run(**run) for run in found["runs"]]})


def merged(old: Measured, new: Measured) -> Measured:
    """The old result with everything that was measured again replaced."""
    again = {(run.shape, run.client) for run in new.runs}
    kept = [run for run in old.runs if (run.shape, run.client) not in again]
    update = f"{new.command} ({new.date[:16]})"
    return replace(
        old,
        runs=[*kept, *new.runs],
        masked=new.masked or old.masked,
        second_user=new.second_user or old.second_user,
        lone=new.lone or old.lone,
        alone=new.alone or old.alone,
        updates=[update] if "--only" not in new.command else [*old.updates, update],
    )


def runs_of(measured: Measured, shape: str, client: str = OURS) -> list[Run]:
    """The runs of one client on one shape as it is now, by seed."""
    calls = BY_NAME[shape].calls
    wanted = (shape, client, calls)
    found = [run for run in measured.runs if (run.shape, run.client, run.calls) == wanted]
    return sorted(found, key=lambda run: run.seed)


def median(runs: Sequence[Run], figure: Callable[[Run], float]) -> float:
    """The median of one figure."""
    return statistics.median(figure(run) for run in runs)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target on one shape: what was found, and the most (or, for success, least) wanted."""

    what: str
    found: float
    bound: float
    met: bool


def judge(measured: Measured) -> list[Verdict]:
    """Every target that was measured. Success is judged by the worst run, the rest by medians."""
    found = [verdict for shape in SHAPES for verdict in _judge_shape(measured, shape)]
    chats = [latency for row in measured.second_user for latency in row["latencies"]]
    if chats:
        worst = max(chats)
        found.append(
            Verdict(
                "a second user's chat, service times",
                worst,
                MAX_CHAT_SECONDS,
                worst <= MAX_CHAT_SECONDS,
            )
        )
    if measured.lone:
        added = measured.lone["added"]
        found.append(Verdict("a lone call, added ms", added, MAX_LONE_MS, added <= MAX_LONE_MS))
    if measured.masked:
        waste = max(row["requests"] / row["calls"] for row in measured.masked)
        name = "masked permanent 429, requests a call"
        found.append(Verdict(name, waste, MAX_MASKED, waste <= MAX_MASKED))
    return found


def _judge_shape(measured: Measured, shape: Shape) -> list[Verdict]:
    runs = runs_of(measured, shape.name)
    if not runs:
        return []
    success = min(run.success for run in runs)
    most = (
        ("makespan / limit", printed(median(runs, lambda r: r.ratio)), MAX_RATIO[shape.kind]),
        (
            "attempts / success",
            printed(median(runs, lambda r: r.attempts)),
            MAX_ATTEMPTS[shape.kind],
        ),
        ("displacement", median(runs, lambda r: r.admitted_displacement), MAX_DISPLACEMENT),
    )
    return [
        Verdict(f"{shape.name}: success", success, 1.0, success >= 1.0),
        *(Verdict(f"{shape.name}: {what}", got, by, got <= by) for what, got, by in most),
    ]


def missed(measured: Measured) -> list[str]:
    """One sentence for each target that was not met."""
    return [
        f"missed: {verdict.what} is {verdict.found:.3f}, wanted {verdict.bound:g}"
        for verdict in judge(measured)
        if not verdict.met
    ]


def tables(measured: Measured) -> str:
    """All tables in Markdown."""
    parts = [_ours(measured), _single(measured), peers_table(measured), origin(measured)]
    return "\n\n".join(part for part in parts if part)


def _ours(measured: Measured) -> str:
    lines = [
        "| gateway | calls | limit, s | answered | makespan / limit | requests per answer "
        "| displacement: let in | answered (limit) | latency p50 / p99, s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for shape in SHAPES:
        if runs := runs_of(measured, shape.name):
            lines.append(_our_row(shape, runs))
    return "\n".join(lines) if len(lines) > 2 else ""


def _our_row(shape: Shape, runs: Sequence[Run]) -> str:
    ratio, attempts = MAX_RATIO[shape.kind], MAX_ATTEMPTS[shape.kind]
    cells = [
        shape.title,
        str(shape.calls),
        f"{median(runs, lambda r: r.limit):.1f}",
        percent(min(run.success for run in runs)),
        _judged([run.ratio for run in runs], ratio),
        _judged([run.attempts for run in runs], attempts),
        f"{median(runs, lambda r: r.admitted_displacement):.2%}",
        f"{median(runs, lambda r: r.finish_displacement):.1%} "
        f"({median(runs, lambda r: r.finish_displacement_limit):.1%})",
        f"{median(runs, lambda r: r.p50):.1f} / {median(runs, lambda r: r.p99):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def spread(values: Sequence[float]) -> str:
    """Median, and in parentheses least and most."""
    middle = statistics.median(values)
    return f"{number(middle)} ({number(min(values))}–{number(max(values))})"


def _judged(values: Sequence[float], bound: float) -> str:
    text = spread(values)
    return text if printed(statistics.median(values)) <= bound else f"{text} **> {bound:.2f}**"


def printed(ratio: float) -> float:
    """A ratio is judged as it is printed, to two decimals, as in the other benchmark."""
    return ratio if math.isinf(ratio) else round(ratio, 2)


def number(value: float) -> str:
    """A figure as it is printed; a dash if there is none."""
    if math.isinf(value) or math.isnan(value):
        return "–"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def percent(part: float) -> str:
    """A part, never rounded up to the whole."""
    return "100 %" if part == 1 else f"{math.floor(part * 1000) / 10:g} %"


def _single(measured: Measured) -> str:
    lines = ["| figure | found | wanted |", "|---|---|---|"]
    chats = [latency for row in measured.second_user for latency in row["latencies"]]
    if chats:
        lines.append(
            f"| another user's chat while 500 calls are queued, {len(chats)} chats, service times "
            f"(limit 1) | median {percentile(chats, 0.5):.2f}, longest {max(chats):.2f} "
            f"| ≤ {MAX_CHAT_SECONDS:g} |"
        )
    if lone := measured.lone:
        lines.append(
            f"| a lone call's added latency, median of {lone['calls']} against the same plugin "
            f"without its queue, ms | {lone['added']:.2f} ({lone['gated']:.2f} − "
            f"{lone['ungated']:.2f}) | ≤ {MAX_LONE_MS:g} |"
        )
    if measured.masked:
        requests = sum(row["requests"] for row in measured.masked)
        calls = sum(row["calls"] for row in measured.masked)
        longest = max(row["seconds"] for row in measured.masked)
        lines.append(
            f"| permanent failure masked as saturation: requests a call, and the longest time "
            f"until told | {requests / calls:.2f}, {longest:.1f} s | ≤ {MAX_MASKED:g} |"
        )
    if alone := measured.alone:
        lines.append(
            f"| {alone['title']}, makespan / limit and requests per answer, measured alone, and "
            f"beside others | {alone['ratio']:.3f}, {alone['attempts']:.3f}; "
            f"{alone['beside_ratio']:.3f}, {alone['beside_attempts']:.3f} | the same |"
        )
    return "\n".join(lines) if len(lines) > 2 else ""


def compared(measured: Measured) -> list[Shape]:
    """The shapes that other clients ran with several seeds."""
    return [
        shape
        for shape in SHAPES
        if shape.compared
        and shape is not JOB
        and any(runs_of(measured, shape.name, peer) for peer in PEERS)
    ]


def peers_table(measured: Measured) -> str:
    """The other clients beside this plugin, in Markdown."""
    shapes = compared(measured)
    if not shapes:
        return ""
    heads = " | ".join(f"{shape.title}, {shape.calls} calls" for shape in shapes)
    lines = [
        f"| answered, makespan / limit, requests per answer | {heads} |",
        "|---|" + "---|" * len(shapes),
    ]
    for client, name in NAMES.items():
        cells = [_peer_cell(runs_of(measured, shape.name, client)) for shape in shapes]
        if any(cells):
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _peer_cell(runs: Sequence[Run]) -> str:
    if not runs:
        return ""
    success = percent(median(runs, lambda r: r.success))
    ratio, attempts = median(runs, lambda r: r.ratio), median(runs, lambda r: r.attempts)
    return f"{success}, {number(ratio)}, {number(attempts)}"


def origin(measured: Measured) -> str:
    """Where the figures come from."""
    host: Mapping[str, Any] = measured.machine or {}
    versions = ", ".join(f"{name} {value}" for name, value in (measured.versions or {}).items())
    seeds = sorted({run.seed for run in measured.runs if run.client == OURS})
    later = "".join(f", then `{update}`" for update in measured.updates)
    return (
        f"`{measured.command}`{later}, {measured.date[:10]}, {measured.seconds / 60:.0f} minutes; "
        f"{measured.seeds} seeds {', '.join(map(str, seeds))}; medians, in parentheses least and "
        f"most; answered: the worst run. {host.get('processor')}, {host.get('cores')} cores, "
        f"{host.get('system')}, {host.get('python')}; {versions}."
    )
