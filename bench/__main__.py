"""`python -m bench`: measure, judge, save, and fail when a target is missed."""

import argparse
import sys
from dataclasses import replace

from devtools import SimulatorProcess

from .figures import Samples
from .report import LATEST, PARTIAL, load, missed, result_of, save, table
from .scenarios import FULL, QUICK, SCENARIOS, Size


def main() -> int:
    """Run from the command line; 0 when every target measured was met, 1 otherwise."""
    options = _parser().parse_args()
    if options.table:
        print(table(load(LATEST)))
        return 0
    size = QUICK if options.quick else FULL
    if options.runs:
        size = replace(size, runs=options.runs)
    names = options.only or list(SCENARIOS)
    result = result_of(_measure(names, size), size, _command(options))
    full = size == FULL and len(names) == len(SCENARIOS)
    path = LATEST if full else PARTIAL
    save(result, path)
    print(table(result))
    print(f"\nSaved in bench/results/{path.name}.")
    failures = missed(result)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _measure(names: list[str], size: Size) -> Samples:
    samples: Samples = {}
    with SimulatorProcess(seed=1) as sim:
        for name in names:
            samples.update(SCENARIOS[name](sim, size, _progress))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return samples


def _progress(text: str) -> None:
    """One line that moves on a terminal; in a log, only where each scenario begins."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    elif "run 1 of" in text:
        print(text, file=sys.stderr, flush=True)


def _command(options: argparse.Namespace) -> str:
    parts = ["python -m bench"]
    parts += ["--quick"] if options.quick else []
    parts += [f"--only {name}" for name in options.only or ()]
    parts += [f"--runs {options.runs}"] if options.runs else []
    return " ".join(parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute, rougher figures")
    parser.add_argument(
        "--only", action="append", choices=SCENARIOS, metavar="NAME", help="one of %(choices)s"
    )
    parser.add_argument("--runs", type=_positive, help=f"runs per subject (default {FULL.runs})")
    parser.add_argument("--table", action="store_true", help="redraw the committed table")
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
