"""The figures as text for the terminal, as JSON to commit, and as Markdown to read."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .ablation import Ablated, Difference
from .measure import BOUNDS, CHAT_BOUND, PUBLISHED, Figures, Run

RESULTS = Path(__file__).resolve().parent.parent / "results"
TABLE, ABLATION, PAGE = "algorithm.json", "ablation.json", "algorithm.md"
HEADER = (
    f"{'shape':24} {'kind':9} calls   worst   makespan/limit      requests/answer   chat\n"
    f"{'':40} success  median  spread       median  spread"
)


def row(figures: Figures) -> str:
    """One shape's line; `!` marks a missed bound."""
    shape, runs = figures.shape, figures.runs
    success, makespan, requests, chat = ("!" if one else " " for one in figures.misses)
    spans, waste = [one.makespan for one in runs], [one.requests for one in runs]
    talked = "" if figures.chat is None else f"{figures.chat:5.2f}{chat}"
    return (
        f"{shape.name:24} {shape.kind:9} {shape.calls:5} {figures.success:6.3f}{success}"
        f" {figures.makespan:6.3f}{makespan} {min(spans):5.2f}-{max(spans):4.2f}"
        f"  {figures.requests:6.3f}{requests} {min(waste):5.2f}-{max(waste):4.2f}  {talked}"
    )


def summary(all_figures: Sequence[Figures]) -> Iterable[str]:
    """The means, and how many shapes miss a bound."""
    for title, published in (("published", True), ("the others", False)):
        part = [one for one in all_figures if (one.name in PUBLISHED) is published]
        if part:
            yield f"{title}: {_means(part)}"
    missing = sum(any(one.misses) for one in all_figures)
    yield f"{missing} of {len(all_figures)} shapes miss a bound"


def _means(part: Sequence[Figures]) -> str:
    makespan = sum(one.makespan for one in part) / len(part)
    requests = sum(one.requests for one in part) / len(part)
    return (
        f"makespan {makespan:.3f}, requests {requests:.3f}, "
        f"worst success {min(one.success for one in part):.3f}"
    )


def keep(all_figures: Sequence[Figures], seeds: Sequence[int]) -> None:
    """Write the table's file."""
    shapes = {
        one.name: {"runs": [asdict(r) for r in one.runs], "chat": one.chat} for one in all_figures
    }
    _write(TABLE, {"seeds": list(seeds), "shapes": shapes})


def keep_ablation(found: Sequence[Ablated], seeds: Sequence[int]) -> None:
    """Write the ablation's file."""
    _write(ABLATION, {"seeds": list(seeds), "mechanisms": [asdict(one) for one in found]})


def _write(name: str, content: object) -> None:
    text = json.dumps(content, indent=1, default=float)
    (RESULTS / name).write_text(text + "\n", encoding="utf-8")


def ablation_rows(found: Sequence[Ablated]) -> Iterable[str]:
    """The ablation as text."""
    yield f"{'without':40} lost %-points    makespan         requests         misses  worse without"
    for one in found:
        yield (
            f"{one.mechanism:40} {_text(one.lost, 100):16} {_text(one.makespan):16} "
            f"{_text(one.requests):16} {one.misses:+4}    {', '.join(one.worse[:4])}"
        )


def _text(value: Difference, times: float = 1.0) -> str:
    sure = " " if value.certain else "?"
    return f"{times * value.mean:+.3f} ±{times * value.half:.3f}{sure}"


def page() -> str:
    """The committed files as a page in Markdown."""
    parts: list[str] = []
    if (RESULTS / TABLE).exists():
        kept = json.loads((RESULTS / TABLE).read_text(encoding="utf-8"))
        parts += _table(kept)
    if (RESULTS / ABLATION).exists():
        kept = json.loads((RESULTS / ABLATION).read_text(encoding="utf-8"))
        parts += _ablation(kept)
    return "\n".join(parts) + "\n"


def _table(kept: dict[str, Any]) -> Iterable[str]:
    figures = [
        Figures(name, [Run(**run) for run in one["runs"]], one["chat"])
        for name, one in kept["shapes"].items()
    ]
    yield "## The limit alone, all shapes"
    yield ""
    constant, changing = BOUNDS["constant"], BOUNDS["changing"]
    yield (
        f"Virtual time, {len(kept['seeds'])} seeds, looked at once for this version. Wanted: every "
        f"call answered; makespan at most {constant[0]} of a clairvoyant oracle's where capacity "
        f"is constant, {changing[0]} elsewhere; requests per answer at most {constant[1]} and "
        f"{changing[1]}; a second user's chat within {CHAT_BOUND} service times. Success is the "
        "worst seed's, the others are medians. **Bold** misses."
    )
    yield ""
    yield from (f"- {line}" for line in summary(figures))
    yield ""
    yield "| Shape | Capacity | Calls | Success | Makespan | Requests | Chat |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for one in figures:
        success, makespan, requests, chat = one.misses
        cells = [
            _cell(f"{100 * one.success:.1f} %", success),
            _cell(f"{one.makespan:.3f}", makespan),
            _cell(f"{one.requests:.3f}", requests),
            "" if one.chat is None else _cell(f"{one.chat:.2f}", chat),
        ]
        title = getattr(one.shape, "title", one.name)
        yield f"| {title} | {one.shape.kind} | {one.shape.calls:,} | {' | '.join(cells)} |"


def _cell(text: str, missed: bool) -> str:
    return f"**{text}**" if missed else text


def _ablation(kept: dict[str, Any]) -> Iterable[str]:
    yield ""
    yield "## What each mechanism buys"
    yield ""
    yield (
        f"All shapes without it, {len(kept['seeds'])} seeds, run by run against the same with it: "
        "mean differences with their 95 % intervals. Positive is worse without. In brackets: zero "
        "lies within the interval."
    )
    yield ""
    yield "| Without | Calls lost, % | Makespan | Requests | Misses | Most on |"
    yield "|---|--:|--:|--:|--:|---|"
    for one in kept["mechanisms"]:
        cells = [
            _difference(one["lost"], 100),
            _difference(one["makespan"]),
            _difference(one["requests"]),
        ]
        worse = ", ".join(one["worse"][:3])
        yield f"| {one['mechanism']} | {' | '.join(cells)} | {one['misses']:+} | {worse} |"


def _difference(value: dict[str, float], times: float = 1.0) -> str:
    text = f"{times * value['mean']:+.3f} ± {times * value['half']:.3f}"
    return text if abs(value["mean"]) > value["half"] else f"({text})"
