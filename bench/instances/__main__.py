"""`python -m bench.instances`: measure, judge, save, write the table of the docs, draw the plot.

`--draw` does the last two from the committed file and measures nothing.
"""

import argparse
import subprocess
import sys

from bench import ROOT
from bench.saturation.environment import bench_python
from bench.saturation.shapes import HELD_OUT_SEEDS

from . import report
from .many_calls import MODES, PROCESSES, run_many_calls
from .outage import run_outage


def main() -> int:
    """Run from the command line; 0 when every target was met, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench.instances", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="redraw tables and plot")
    parser.add_argument("--seeds", type=int, default=3, help="so many seeds (default 3)")
    parser.add_argument(
        "--outage", action="store_true", help="measure only what a stopped Redis costs, again"
    )
    options = parser.parse_args()
    if options.draw:
        measured = report.load()
    else:
        seeds = HELD_OUT_SEEDS[: options.seeds]
        measured = report.load() if options.outage else _measure(seeds)
        measured.outage = run_outage()
        report.save(measured)
    report.draw(measured)
    subprocess.run([str(bench_python()), "-m", "bench.instances.plots"], cwd=ROOT, check=True)
    print(report.table(measured))
    found = report.added(measured.outage)
    print(
        f"\nRedis stopped: {measured.outage['failed']} calls failed, at most {found['most']:.0f} ms"
        f" added to any; {found['open']:.1f} ms to the middle one while the breaker is open."
        f"\nSaved in {report.RESULTS.relative_to(ROOT)}."
    )
    failures = report.missed(measured)
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures else 0


def _measure(seeds: tuple[int, ...]) -> report.Measured:
    measured = report.new(seeds)
    for seed in seeds:
        for processes in PROCESSES:
            for mode in MODES:
                run = run_many_calls(mode, processes, seed)
                measured.runs.append(run)
                print(f"{run.client}, {seed}: {run.ratio:.3f}, {run.attempts:.3f}", file=sys.stderr)
    return measured


if __name__ == "__main__":
    sys.exit(main())
