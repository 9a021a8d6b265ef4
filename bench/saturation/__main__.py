"""`python -m bench.saturation`: measure everything within an hour, judge, save.

`--draw` redraws the section of the docs and the plots from the committed file and measures nothing.
"""

import argparse
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from bench import ROOT

from . import page, plugins, report
from .environment import bench_python, versions
from .figures import Run
from .peers import ON_THE_JOB, PEERS, run_peer
from .shapes import BY_NAME, HELD_OUT_SEEDS, JOB, PEER_SEEDS, SHAPES, TUNING_SEEDS, Shape

OPEN_FILES = 16_384
PARTS = (*BY_NAME, "masked", "second-user", "lone")
ALONE = BY_NAME["slots-20"]
"""The shape that is measured alone as well: measuring in parallel must not change a figure."""


@dataclass(frozen=True, slots=True)
class Task:
    """One measurement: what to write while it runs, and how it adds to the result."""

    name: str
    measure: Callable[[report.Measured], None]
    heavy: bool = False


def main() -> int:
    """Run from the command line; 0 when every target measured was met, 1 otherwise."""
    parser = _parser()
    options = parser.parse_args()
    if options.update and (options.tuning or options.seeds):
        parser.error("the committed result takes all held-out seeds, and no others")
    if options.draw:
        return _draw()
    _allow_connections()
    seeds = (TUNING_SEEDS if options.tuning else HELD_OUT_SEEDS)[: options.seeds]
    full = not (
        options.tuning or options.update or options.only or options.seeds or options.no_peers
    )
    path = report.RESULTS if full or options.update else report.PARTIAL
    before = report.load(path) if options.update else None
    measured = report.new(_command(options), "tuning" if options.tuning else "held-out", versions())
    tasks = list(_tasks(options, seeds))
    began = time.monotonic()

    def save() -> None:
        measured.seconds = round(time.monotonic() - began, 1)
        report.save(measured, path if before is None else report.PARTIAL)

    if _wanted(options, "lone"):
        measured.lone = plugins.run_lone()
    for heavy in (False, True):  # few at once at the end, when no peer keeps a core busy
        some = [task for task in tasks if task.heavy is heavy]
        _run(some, measured, max(1, options.jobs // 2) if heavy else options.jobs, save)
    if _wanted(options, ALONE.name):
        _alone(measured, seeds[0])
    if before is not None:
        measured = report.merged(before, measured)
    report.save(measured, path)
    print(report.tables(measured))
    print(f"\nSaved in {path.relative_to(ROOT)}.")
    failures = report.missed(measured)
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures else 0


def _tasks(options: argparse.Namespace, seeds: tuple[int, ...]) -> Iterator[Task]:
    shapes = [shape for shape in SHAPES if _wanted(options, shape.name)]
    for seed in seeds:
        for shape in shapes:
            yield _run_task(f"{shape.name}, {seed}", plugins.run_ours, shape, seed)
        if _wanted(options, "masked"):
            yield Task(f"masked, {seed}", partial(_masked, seed=seed))
        if _wanted(options, "second-user"):
            yield Task(f"second user, {seed}", partial(_second_user, seed=seed), heavy=True)
    if options.no_peers:
        return
    for seed in seeds[:PEER_SEEDS]:
        for shape in shapes:
            if shape.compared and shape is not JOB:
                yield from (_peer_task(client, shape, seed) for client in PEERS)
    if JOB in shapes:
        yield from (_peer_task(client, JOB, seeds[0]) for client in ON_THE_JOB)


def _wanted(options: argparse.Namespace, name: str) -> bool:
    return not options.only or name in options.only


def _peer_task(client: str, shape: Shape, seed: int) -> Task:
    return _run_task(f"{client}, {shape.name}, {seed}", partial(run_peer, client), shape, seed)


def _run_task(name: str, run: Callable[[Shape, int], Run], shape: Shape, seed: int) -> Task:
    return Task(name, lambda measured: measured.runs.append(run(shape, seed)), shape.heavy)


def _masked(measured: report.Measured, seed: int) -> None:
    measured.masked.append(plugins.run_masked(seed))


def _second_user(measured: report.Measured, seed: int) -> None:
    measured.second_user.append(plugins.run_second_user(seed))


def _run(tasks: list[Task], measured: report.Measured, jobs: int, save: Callable[[], None]) -> None:
    """Several at once: they sleep most of the time. What is done is saved as it comes."""
    done, saving = 0, threading.Lock()

    def run(task: Task) -> None:
        nonlocal done
        task.measure(measured)
        with saving:
            done += 1
            save()
            print(
                f"{measured.seconds:7.1f} s  {done} of {len(tasks)}: {task.name}",
                file=sys.stderr,
                flush=True,
            )

    with ThreadPoolExecutor(jobs) as pool:
        for ended in [pool.submit(run, task) for task in tasks]:
            ended.result()


def _alone(measured: report.Measured, seed: int) -> None:
    run = plugins.run_ours(ALONE, seed)
    beside = next(one for one in report.runs_of(measured, ALONE.name) if one.seed == seed)
    measured.alone = {
        "title": ALONE.title,
        "ratio": run.ratio,
        "attempts": run.attempts,
        "beside_ratio": beside.ratio,
        "beside_attempts": beside.attempts,
    }


def _draw() -> int:
    measured = report.load(report.RESULTS)
    print(report.tables(measured))
    text = page.PAGE.read_text(encoding="utf-8")
    page.PAGE.write_text(page.redrawn(text, measured), encoding="utf-8")
    command = [str(bench_python()), "-m", "bench.saturation.plots"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _allow_connections() -> None:
    """Raise the limit of open files, for the processes started here too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _command(options: argparse.Namespace) -> str:
    parts = ["python -m bench.saturation"]
    parts += [f"--only {name}" for name in options.only or ()]
    parts += ["--tuning"] if options.tuning else []
    parts += ["--update"] if options.update else []
    parts += ["--no-peers"] if options.no_peers else []
    parts += [f"--seeds {options.seeds}"] if options.seeds else []
    return " ".join(parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.saturation", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="redraw tables and plots")
    parser.add_argument("--tuning", action="store_true", help="the other seeds, for trying out")
    parser.add_argument("--no-peers", action="store_true", help="this plugin alone")
    parser.add_argument(
        "--update", action="store_true", help="replace what is measured in the committed result"
    )
    parser.add_argument("--seeds", type=int, help="so many seeds only")
    parser.add_argument("--jobs", type=int, default=4, help="measurements at once (default 4)")
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="PART", help="one of %(choices)s"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
