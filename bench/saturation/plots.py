"""The two plots, drawn from the committed file.

`python -m bench.saturation.plots [FILE] [FOLDER] [SUFFIX]`.
"""

import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt  # type: ignore[import-not-found]

from bench import ROOT
from bench.drawing import GREY, save, style

OURS, FAILED, OTHER = "#2da44e", "#e5534b", "#d4872b"
NAMES = {
    "ours": "this plugin",
    "botocore": "botocore adaptive",
    "tenacity": "tenacity, full jitter",
    "openai_10": "openai SDK, 10 retries",
    "litellm_1": "litellm Router, 1 key",
    "three_tries": "3 tries, 2·2ⁿ + U(0, 1) s",
    "openai_2": "openai SDK, 2 retries",
    "litellm_3": "litellm Router, 3 keys",
    "sdk_class": "no retry (SDK's class)",
}
"""From the top of the plot to its bottom."""
LINES = {
    "ours": OURS,
    "botocore": "#3b8eea",
    "tenacity": OTHER,
    "openai_10": "#a371f7",
    "openai_2": FAILED,
    "sdk_class": "#c2255c",
}
MARKERS = {"slots-20": ("o", "20 slots"), "bucket": ("s", "10 a second"), "steps": ("D", "steps")}

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """Medians of one client on one shape; `ratio` is None where calls failed."""

    success: float
    attempts: float
    ratio: float | None


def main() -> None:
    """Draw both."""
    arguments = sys.argv[1:]
    source = Path(arguments[0]) if arguments else ROOT / "bench/results/saturation.json"
    folder = Path(arguments[1]) if len(arguments) > 1 else ROOT / "docs"
    suffix = arguments[2] if len(arguments) > 2 else "svg"
    runs: list[Json] = json.loads(source.read_text(encoding="utf-8"))["runs"]
    folder.mkdir(parents=True, exist_ok=True)
    with style("saturation"):
        save(_clients(runs), folder / f"saturation-clients.{suffix}")
        save(_job(runs), folder / f"saturation-job.{suffix}")


def _point(runs: list[Json], client: str, shape: str) -> Point | None:
    found = [run for run in runs if (run["client"], run["shape"]) == (client, shape)]
    if not found:
        return None
    success = statistics.median(run["answered"] / run["calls"] for run in found)
    whole = all(run["answered"] == run["calls"] for run in found)
    return Point(
        success,
        statistics.median(run["requests"] / max(1, run["answered"]) for run in found),
        statistics.median(run["makespan"] / run["limit"] for run in found) if whole else None,
    )


def _clients(runs: list[Json]) -> Any:
    """A row for each client: what part was answered, how much it sent, how long it took."""
    clients = [name for name in NAMES if any(run["client"] == name for run in runs)]
    figure, axes = plt.subplots(
        1, 3, figsize=(8.4, 3.6), sharey=True, width_ratios=(1, 1.25, 1.1), layout="constrained"
    )
    answered, sent, taken = axes
    for row, client in enumerate(clients):
        places = (-0.2, 0.0, 0.2)
        for place, (shape, (marker, _)) in zip(places, MARKERS.items(), strict=True):
            point = _point(runs, client, shape)
            if point is None:
                continue
            failed = point.success < 1
            colour = OURS if client == "ours" else FAILED if failed else OTHER
            y = row + place
            answered.barh(y, 100, height=0.16, color=GREY, alpha=0.18, linewidth=0)
            answered.barh(y, 100 * point.success, height=0.16, color=colour, linewidth=0)
            sent.plot([1, point.attempts], [y, y], color=colour, linewidth=1, alpha=0.5)
            sent.plot(point.attempts, y, marker, color=colour, markersize=5)
            if point.ratio is not None:
                taken.plot([1, point.ratio], [y, y], color=colour, linewidth=1, alpha=0.5)
                taken.plot(point.ratio, y, marker, color=colour, markersize=5)
        if _never_done(runs, client):
            taken.text(1.03, row, "calls failed: never done", color=FAILED, va="center")
    answered.set_yticks(range(len(clients)), [NAMES[client] for client in clients])
    answered.get_yticklabels()[0].set_color(OURS)
    answered.get_yticklabels()[0].set_fontweight("bold")
    answered.invert_yaxis()
    answered.set(xlim=(0, 100), xticks=(0, 50, 100))
    answered.set_title("calls answered, %", fontsize=9)
    sent.set_xscale("log")
    sent.set_xticks((1, 2, 5, 10, 20, 50), ("1", "2", "5", "10", "20", "50"))
    sent.minorticks_off()
    sent.set_title("requests sent for each answer", fontsize=9)
    taken.set_xlim(0.95, 2.1)
    taken.set_xticks((1, 1.25, 1.5, 1.75, 2))
    taken.set_title("time / physical limit", fontsize=9)
    for panel in (sent, taken):
        panel.axvline(1, color=GREY, linewidth=0.8, linestyle=":")
    for panel in axes:
        panel.tick_params(axis="y", length=0)
        panel.spines["left"].set_visible(False)
    _legend(figure)
    return figure


def _never_done(runs: list[Json], client: str) -> bool:
    points = [_point(runs, client, shape) for shape in MARKERS]
    return all(point is None or point.ratio is None for point in points)


def _legend(figure: Any) -> None:
    handles = [
        plt.Line2D([], [], linestyle="", marker=marker, color=GREY, markersize=5, label=title)
        for marker, title in MARKERS.values()
    ]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=3,
        frameon=False,
        title="300 calls at once; three gateways, from the top down:",
        title_fontsize=9,
    )


def _job(runs: list[Json]) -> Any:
    """Calls answered over time, of a thousand at twenty slots."""
    job = [run for run in runs if run["shape"] == "job" and run["answers"]]
    seed = min(run["seed"] for run in job)
    chosen = {run["client"]: run for run in job if run["seed"] == seed}
    limit, calls = chosen["ours"]["limit"], chosen["ours"]["calls"]
    figure, axis = plt.subplots(figsize=(8.4, 3.4), layout="constrained")
    axis.plot(
        [0, limit],
        [0, calls],
        color=GREY,
        linewidth=7,
        alpha=0.35,
        solid_capstyle="butt",
        label=f"physical limit: {limit:.0f} s",
    )
    for client in sorted(chosen, key=list(NAMES).index):
        _draw_answers(axis, client, chosen[client])
    axis.set(xlim=(0, None), ylim=(0, calls * 1.04))
    axis.set_xlabel("seconds")
    axis.set_ylabel(f"calls answered, of {calls:,}")
    figure.legend(loc="outside right center", frameon=False, labelcolor="linecolor")
    return figure


def _draw_answers(axis: Any, client: str, run: Json) -> None:
    answers, calls = run["answers"], run["calls"]
    done = len(answers) == calls
    what = (
        f"all in {run['makespan']:.0f} s" if done else f"{calls - len(answers)} of {calls} failed"
    )
    waste = run["requests"] / len(answers)
    each = f"{waste:.2f}" if waste < 2 else f"{waste:.0f}"
    step = max(1, len(answers) // 100)  # a hundred points show all that the eye can see
    counts = [0, *range(step, len(answers), step), len(answers)]
    axis.plot(
        [answers[count - 1] if count else 0 for count in counts],
        counts,
        color=LINES.get(client, OTHER),
        linewidth=2.2 if client == "ours" else 1.3,
        zorder=3 if client == "ours" else 2,
        marker="o" if done else "x",
        markevery=[-1],
        label=f"{NAMES[client]}:\n{what}, {each} requests an answer",
    )


if __name__ == "__main__":
    main()
