"""`python -m bench.algorithm`: the algorithm's figures on the held-out seeds, as a text table."""

import argparse
import statistics
import time
from collections.abc import Sequence

from ..saturation import shapes as measured
from . import crowded
from .baselines import BASELINES
from .baselines import run as run_baseline
from .shapes import SHAPES, Shape, Slots
from .sim import Host, Job, Result, Simulation, run

TRAINING_SEEDS = tuple(100 * i for i in range(1, 6))
"""Those that the constants of `gateway.admission.tuning` were found with."""
HELD_OUT_SEEDS = tuple(70_003 + 89 * i for i in range(9))
"""Those of the table."""
BOUNDS = {"constant": (1.05, 1.05), "changing": (1.15, 1.12), "window": (1.05, 1.2)}
"""The most wanted by kind of capacity: makespan over the limit, attempts per success."""
COMPARED = ("slots 20", "bucket 10/s", "steps 20-5-40")
JITTER = 0.5
"""How much longer a rejection may take by chance, with `--jitter`."""


def main() -> None:
    """Run from the command line."""
    options = _parser().parse_args()
    seeds = TRAINING_SEEDS if options.train else HELD_OUT_SEEDS
    host = Host(jitter=JITTER if options.jitter else 0.0)
    began = time.perf_counter()
    print(f"{'shape':24} {'kind':9} calls   worst   makespan/limit      attempts/success  displ.")
    print(f"{'':40} success  median  spread       median  spread      median")
    for shape in measured.SHAPES:
        if options.part in shape.name:
            print(_row(shape, [crowded.run(shape, seed) for seed in seeds]), flush=True)
    for each in SHAPES:
        if options.part in each.name:
            print(_row(each, [run(each, seed, host) for seed in seeds]), flush=True)
    if not options.part:
        _print_baselines(seeds)
        _print_cost()
    print(f"{len(seeds)} seeds, {time.perf_counter() - began:.1f} s")


def _row(shape: Shape | measured.Shape, runs: Sequence[tuple[Result, float]]) -> str:
    spans = [result.makespan / best for result, best in runs]
    attempts = [result.attempts for result, _ in runs]
    span, waste = statistics.median(spans), statistics.median(attempts)
    span_bound, waste_bound = BOUNDS[shape.kind]
    marks = ("!" if span > span_bound else " ", "!" if waste > waste_bound else " ")
    return (
        f"{shape.name:24} {shape.kind:9} {shape.calls:5} {min(r.success for r, _ in runs):6.3f}"
        f"  {span:6.3f}{marks[0]} {min(spans):5.2f}-{max(spans):4.2f}"
        f"  {waste:6.3f}{marks[1]} {min(attempts):5.2f}-{max(attempts):4.2f}"
        f"  {statistics.median(r.displacement for r, _ in runs):7.4f}"
    )


def _print_baselines(seeds: Sequence[int]) -> None:
    for shape in SHAPES:
        if shape.name not in COMPARED:
            continue
        for name, pause in BASELINES.items():
            runs = [run_baseline(shape, seed, pause) for seed in seeds]
            success = statistics.median(result.success for result, _ in runs)
            span = statistics.median(result.makespan / best for result, best in runs)
            waste = statistics.median(result.attempts for result, _ in runs)
            print(f"{shape.name + ': ' + name:40} success {success:5.2f} ", end="")
            print(f"{span:6.2f}" if success == 1 else "     -", f"attempts {waste:6.2f}")


def _print_cost() -> None:
    """CPU of the desk with a thousand waiting."""
    for users in (1, 10, 1_000):
        jobs = [Job(i, f"u{i % users}", 0.0, 2.0) for i in range(1_000)]
        began = time.process_time()
        result = Simulation(jobs, [Slots([(0.0, 100)])], 1, 400.0).run()
        spent = (time.process_time() - began) * 1_000
        print(f"{users:5} users: {spent:.0f} ms CPU for 1,000 calls, success {result.success:.0%}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.algorithm", description=__doc__)
    parser.add_argument("part", nargs="?", default="", help="only shapes with this in their name")
    parser.add_argument("--train", action="store_true", help="the seeds used for tuning")
    parser.add_argument("--jitter", action="store_true", help="rejections take 0 to 50 %% longer")
    return parser


if __name__ == "__main__":
    main()
