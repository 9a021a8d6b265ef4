"""`python -m bench.nodes`: measure, judge, save, and write the tables of the READMEs.

`--draw` writes the tables from the committed file and measures nothing.
"""

import argparse
import sys

from .. import ROOT
from ..saturation.shapes import HELD_OUT_SEEDS
from . import report
from .crowd import MODES, PROCESSES, run_crowd
from .outage import run_outage


def main() -> int:
    """Run from the command line; 0 when every target was met, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench.nodes", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="redraw the tables")
    parser.add_argument("--seeds", type=int, default=3, help="so many seeds (default 3)")
    options = parser.parse_args()
    if options.draw:
        measured = report.load()
    else:
        measured = _measure(HELD_OUT_SEEDS[: options.seeds])
        report.save(measured)
    report.draw(measured)
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
    measured.outage = run_outage()
    for seed in seeds:
        for processes in PROCESSES:
            for mode in MODES:
                run = run_crowd(mode, processes, seed)
                measured.runs.append(run)
                print(f"{run.client}, {seed}: {run.ratio:.3f}, {run.attempts:.3f}", file=sys.stderr)
    return measured


if __name__ == "__main__":
    sys.exit(main())
