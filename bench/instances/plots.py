"""The plot, drawn from the committed file: `python -m bench.instances.plots`."""

import json
import statistics
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt  # type: ignore[import-not-found]

from bench import ROOT
from bench.drawing import GREY, save, style

MODES = {
    "alone": ("#d4872b", "s", "without Redis"),
    "redis": ("#3b8eea", "D", "with Redis"),
    "strict": ("#2da44e", "o", "with Redis and Max Concurrency 20"),
}
FIGURES: dict[str, Callable[[dict[str, Any]], float]] = {
    "time over the limit": lambda run: float(run["makespan"] / run["limit"]),
    "requests for each answer": lambda run: float(run["requests"] / run["answered"]),
}


def main() -> None:
    """Draw it."""
    source = ROOT / "bench/results/instances.json"
    runs: list[dict[str, Any]] = json.loads(source.read_text(encoding="utf-8"))["runs"]
    with style("nodes"):
        figure, axes = plt.subplots(1, 2, figsize=(8.4, 2.9), layout="constrained")
        for place, (title, figure_of) in zip(axes, FIGURES.items(), strict=True):
            for mode, (colour, marker, label) in MODES.items():
                found: dict[int, list[float]] = {}
                for run in runs:
                    name, _, processes = run["client"].partition("-")
                    if name == mode and run["answered"] == run["calls"]:
                        found.setdefault(int(processes), []).append(figure_of(run))
                counts = sorted(found)
                medians = [statistics.median(found[count]) for count in counts]
                place.plot(
                    range(len(counts)),
                    medians,
                    color=colour,
                    marker=marker,
                    markersize=4,
                    linewidth=1,
                    label=label,
                )
                place.set_xticks(range(len(counts)), [str(count) for count in counts])
            place.axhline(1, color=GREY, linewidth=0.6, linestyle=":")
            place.set_title(title, fontsize=9, color=GREY)
            place.set_xlabel("processes before one gateway of 20 slots, 900 calls")
        axes[0].legend(frameon=False, fontsize=8, labelcolor=GREY)
        save(figure, ROOT / "docs/instances.svg")


if __name__ == "__main__":
    main()
