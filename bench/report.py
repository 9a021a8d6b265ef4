"""The result as a file and as a table; the table is drawn from the file alone."""

import datetime
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import ROOT
from .figures import FIGURES, Samples, judge, summarise
from .scenarios import Size

type Result = dict[str, Any]

LATEST = ROOT / "bench/results/latest.json"
"""The committed result of a full run."""
PARTIAL = ROOT / "bench/results/partial.json"
"""The last run that was quick, or measured only a part; not committed."""

PACKAGES = ("dify_plugin", "gevent", "requests", "urllib3", "backoff", "pydantic")
SUBJECTS = ("ours", "sdk_class", "bare")
STATISTICS = {"median": "median", "p99": "p99", "most": "most of any run"}


def result_of(samples: Samples, size: Size, command: str) -> Result:
    """Everything worth keeping: figures, verdicts, and how to get them again."""
    summaries = {
        figure: {subject: summarise(values) for subject, values in found.items()}
        for figure, found in samples.items()
    }
    return {
        "command": command,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "size": asdict(size),
        "figures": {
            figure: {
                **asdict(FIGURES[figure]),
                "command": f"python -m bench --only {FIGURES[figure].scenario}",
                "subjects": {
                    subject: {key: round(value, 3) for key, value in asdict(summary).items()}
                    for subject, summary in found.items()
                },
            }
            for figure, found in summaries.items()
        },
        "targets": [asdict(verdict) for verdict in judge(summaries)],
    }


def machine() -> dict[str, Any]:
    """What it ran on, as far as the figures depend on it."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def save(result: Result, path: Path) -> None:
    """Write the result; its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> Result:
    """Read a result that `save` wrote; raises FileNotFoundError."""
    result: Result = json.loads(path.read_text(encoding="utf-8"))
    return result


def table(result: Result) -> str:
    """The result in Markdown: figures with their spread, then targets with their verdicts."""
    lines = [
        "| figure (median, 25 % to 75 %) | unit | ours | SDK's class | bare SDK plugin |",
        "|---|---|---|---|---|",
    ]
    for figure in result["figures"].values():
        cells = [_cell(figure["subjects"].get(subject)) for subject in SUBJECTS]
        lines.append(f"| {figure['title']} | {figure['unit']} | {' | '.join(cells)} |")
    lines += [
        "",
        "| target | ours | peer | found | wanted | met |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_target_row(verdict, result) for verdict in result["targets"]]
    host = result["machine"]
    lines += [
        "",
        f"`{result['command']}`, {result['date'][:10]}, {result['size']['runs']} interleaved runs, "
        f"{host['processor']}, {host['cores']} cores, {host['system']}, {host['python']}, "
        f"dify_plugin {result['versions']['dify_plugin']}.",
    ]
    return "\n".join(lines)


def _cell(subject: Mapping[str, float] | None) -> str:
    if subject is None:
        return ""
    middle, low, high = (_number(subject[key]) for key in ("median", "p25", "p75"))
    return f"{middle} ({low} to {high})"


def _number(value: float) -> str:
    """Four figures or so, never an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _target_row(verdict: Mapping[str, Any], result: Result) -> str:
    target = verdict["target"]
    figure = result["figures"][target["figure"]]
    ratio = target["peer"] is not None
    bound = f"{'≥' if target['at_least'] else '≤'} {target['bound']:g}{' ×' if ratio else ''}"
    bound += f" (noise {target['noise']:g})" if target["noise"] else ""
    peer = _number(verdict["peer"]) if ratio else ""
    found = f"{verdict['found']:.2f} ×" if ratio else f"{verdict['found']:g}"
    name = f"{figure['title']}, {STATISTICS[target['statistic']]}"
    return (
        f"| {name} | {_number(verdict['ours'])} | {peer} | {found} | {bound} "
        f"| {'yes' if verdict['met'] else '**no**'} |"
    )


def missed(result: Result) -> list[str]:
    """One sentence for each target that was not met."""
    return [
        _miss(verdict, result["figures"][verdict["target"]["figure"]])
        for verdict in result["targets"]
        if not verdict["met"]
    ]


def _miss(verdict: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
    target = verdict["target"]
    unit = f" {figure['unit']}" if figure["unit"] else ""
    bound = f"{'at least' if target['at_least'] else 'at most'} {target['bound']:g}"
    peer = "" if verdict["peer"] is None else f" against {_number(verdict['peer'])}{unit}"
    times = "" if verdict["peer"] is None else f", {verdict['found']:.2f} times as much"
    return (
        f"missed: {figure['title']}, {STATISTICS[target['statistic']]}: "
        f"{_number(verdict['ours'])}{unit}{peer}{times}; wanted {bound}"
    )
