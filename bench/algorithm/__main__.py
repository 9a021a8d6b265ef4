"""`python -m bench.algorithm`: the algorithm's figures on the held-out seeds, as a text table."""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

from . import report
from .ablation import ablate, names_of
from .baselines import BASELINES
from .baselines import run as run_baseline
from .measure import (
    HELD_OUT_SEEDS,
    TRAINING_SEEDS,
    Figures,
    Progress,
    Run,
    Task,
    measure,
    wants_chat,
)
from .servers import Slots
from .shapes import SHAPES
from .sim import IDEAL, Job, Simulation

COMPARED = ("slots 20", "bucket 10/s", "steps 20-5-40")
JITTER = 0.5
"""How much longer a rejection may take by chance, with `--jitter`."""


def main() -> None:
    """Run from the command line."""
    options = _parser().parse_args()
    seeds = (TRAINING_SEEDS if options.train or options.ablate else HELD_OUT_SEEDS)[: options.seeds]
    began = time.perf_counter()
    if options.ablate:
        found = ablate(names_of(options.part), seeds, options.processes)
        print(*report.ablation_rows(found), sep="\n")
        if options.keep:
            report.keep_ablation(found, seeds)
    else:
        figures = _measure(options, seeds)
        print(report.HEADER, *map(report.row, figures), *report.summary(figures), sep="\n")
        if options.keep:
            report.keep(figures, seeds)
        if options.baselines:
            _print_baselines(seeds)
            _print_cost()
    if options.keep:
        (report.RESULTS / report.PAGE).write_text(report.page(), encoding="utf-8")
    print(f"{len(seeds)} seeds, {time.perf_counter() - began:.1f} s")


def _measure(options: argparse.Namespace, seeds: Sequence[int]) -> list[Figures]:
    names = names_of(options.part)
    host = replace(IDEAL, jitter=JITTER) if options.jitter else None
    tasks = [Task(name, seed, host=host) for name in names for seed in seeds]
    chats = [Task(name, seeds[0], chat=True) for name in names if wants_chat(name)]
    done = measure([*tasks, *chats], options.processes, Progress())
    runs: dict[str, list[Run]] = {name: [] for name in names}
    talked: dict[str, float] = {}
    for task, one in zip([*tasks, *chats], done, strict=True):
        if isinstance(one, Run):
            runs[task.shape].append(one)
        else:
            talked[task.shape] = one
    return [Figures(name, runs[name], talked.get(name)) for name in names]


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
    """CPU of the scheduler with a thousand waiting."""
    for users in (1, 10, 1_000):
        jobs = [Job(i, f"u{i % users}", 0.0, 2.0) for i in range(1_000)]
        began = time.process_time()
        result = Simulation(jobs, [Slots([(0.0, 100)])], 1, 400.0).run()
        spent = (time.process_time() - began) * 1_000
        print(f"{users:5} users: {spent:.0f} ms CPU for 1,000 calls, success {result.success:.0%}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.algorithm", description=__doc__)
    parser.add_argument("part", nargs="?", default="", help="only shapes with this in their name")
    parser.add_argument("--train", action="store_true", help="the seeds used for choosing")
    parser.add_argument("--seeds", type=int, default=9, help="how many of them")
    parser.add_argument("--jitter", action="store_true", help="rejections take 0 to 50 %% longer")
    parser.add_argument("--ablate", action="store_true", help="without each mechanism in turn")
    parser.add_argument("--baselines", action="store_true", help="what others do, and the CPU")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="write the files of bench/results")
    return parser


if __name__ == "__main__":
    main()
