"""What the docs say of the measurement, drawn from the committed file and from nothing else."""

import math
from collections.abc import Iterator

from bench import ROOT

from .figures import percentile
from .peers import PEERS
from .report import (
    OURS,
    Measured,
    compared,
    judge,
    median,
    number,
    origin,
    peers_table,
    percent,
    runs_of,
    spread,
)
from .shapes import BY_NAME, JOB, SHAPES, Kind

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- saturation:begin -->", "<!-- saturation:end -->"
KINDS: dict[Kind, str] = {
    "constant": "Constant capacity (time ≤ 1.05, requests ≤ 1.05)",
    "changing": "Changing capacity (≤ 1.15, ≤ 1.12)",
    "window": "Fixed windows (≤ 1.05, ≤ 1.2)",
}
"""What is wanted of each kind of gateway."""


def redrawn(text: str, measured: Measured) -> str:
    """The page with its section on this measurement drawn anew."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{section(measured)}\n{END}{after}"


def section(measured: Measured) -> str:
    """The section in Markdown."""
    parts = [*_job(measured), *_others(measured), _shapes(measured), *_judged(measured)]
    ran = f"Measured by {origin(measured)}"
    return "\n\n".join([*parts, _paragraph(ran)])


def _paragraph(text: str) -> str:
    """One line: Dify, where pages may be shown, breaks the line at every line's end."""
    return " ".join(text.split())


def _job(measured: Measured) -> Iterator[str]:
    runs = runs_of(measured, JOB.name)
    if runs:
        yield _paragraph(
            f"{JOB.calls:,} calls at once, a gateway with 20 slots: this plugin needs "
            f"{median(runs, lambda r: r.makespan):.0f} seconds where "
            f"{median(runs, lambda r: r.limit):.0f} are the physical limit, and "
            f"{median(runs, lambda r: r.attempts):.2f} requests an answer."
        )
    yield (
        "![Calls answered, requests per answer and time over the limit, client by client]"
        "(saturation-clients.svg)"
    )


def _others(measured: Measured) -> Iterator[str]:
    shapes = [shape.name for shape in compared(measured)]
    found = [
        [run for shape in shapes for run in runs_of(measured, shape, client)] for client in PEERS
    ]
    found = [runs for runs in found if runs]
    if not found:
        return
    losing = sum(median(runs, lambda r: r.success) < 1 for runs in found)
    patient = [runs for runs in found if median(runs, lambda r: r.success) == 1]
    sent = [median(runs, lambda r: r.attempts) for runs in patient]
    taken = [median(runs, lambda r: r.ratio) for runs in patient]
    rest = (
        f" The others send {min(sent):.1f} to {max(sent):.1f} requests for each answer and take "
        f"{min(taken):.1f} to {max(taken):.1f} times the limit."
        if patient
        else ""
    )
    yield _paragraph(
        f"Of {len(found)} other clients, on the same simulated gateways in the same run, {losing} "
        f"give up on calls.{rest}"
    )
    yield peers_table(measured)


def _shapes(measured: Measured) -> str:
    lines = [
        "| gateway | calls | answered | time / limit | requests per answer "
        "| latency p50 / p99, s |",
        "|---|---|---|---|---|---|",
    ]
    for kind, title in KINDS.items():
        rows = [shape for shape in SHAPES if shape.kind == kind and runs_of(measured, shape.name)]
        lines += [f"| **{title}** | | | | | |"] if rows else []
        for shape in rows:
            runs = runs_of(measured, shape.name)
            latency = (median(runs, lambda r: r.p50), median(runs, lambda r: r.p99))
            cells = [
                shape.title,
                f"{shape.calls:,}",
                percent(min(run.success for run in runs)),
                spread([run.ratio for run in runs]),
                spread([run.attempts for run in runs]),
                " / ".join(map(number, latency)),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _judged(measured: Measured) -> Iterator[str]:
    said = []
    chats = [latency for row in measured.second_user for latency in row["latencies"]]
    if chats:
        said.append(
            "While 500 calls of one user are queued, another user's chat takes "
            f"{percentile(chats, 0.5):.2f} service times (median; {max(chats):.2f} at most)."
        )
    if measured.lone:
        said.append(f"A lone call pays {measured.lone['added']:.1f} ms for the queue.")
    places = [run.admitted_displacement for run in measured.runs if run.client == OURS]
    if places:
        most = math.ceil(max(places) * 1000) / 10
        said.append(
            f"Calls of one user are let in at most {most:.1f} % of the queue's length away from "
            "their place of arrival, on average."
        )
    if said:
        yield _paragraph(" ".join(said))
    weak = [verdict for verdict in judge(measured) if not verdict.met]
    if weak:
        listed = "; ".join(
            f"{_titled(one.what)} {one.found:.2f} ({one.bound:g} wanted)" for one in weak
        )
        yield _paragraph(f"Where it is weaker than wanted: {listed}.")
    else:
        yield "Every bound is kept."


def _titled(what: str) -> str:
    """What was judged, with the shape's title instead of its name."""
    name, colon, figure = what.partition(": ")
    return f"{BY_NAME[name].title}{colon}{figure}" if name in BY_NAME else what
