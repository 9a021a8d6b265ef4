"""Runs of all shapes, side by side in a few processes, and what is wanted of them."""

import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from random import Random

from bench.saturation import shapes as measured
from engine.admission.limits.tuning import TUNING, Tuning

from . import process
from .shapes import SHAPES, Shape
from .sim import IDEAL, Host, Job, Simulation, jobs_of, limit, run

PUBLISHED = tuple(shape.name for shape in measured.SHAPES)
"""Those that are measured through the whole process too."""
ALL: dict[str, Shape | measured.Shape] = {
    **{shape.name: shape for shape in measured.SHAPES},
    **{shape.name: shape for shape in SHAPES},
}
TRAINING_SEEDS = tuple(100 * i for i in range(1, 10))
"""Those that anything is chosen with."""
HELD_OUT_SEEDS = tuple(70_003 + 89 * i for i in range(9))
"""Those of the committed table; nothing was chosen with them."""
BOUNDS = {"constant": (1.05, 1.05), "changing": (1.2, 1.25), "window": (1.2, 1.25)}
"""The most wanted by kind of capacity: makespan over the limit, requests per answer."""
CHAT_BOUND = 1.5
"""The most wanted of a second user's chat, in service times, where capacity is no quota."""
CHATS = 9
CHAT_SERVICE = 2.0


@dataclass(frozen=True, slots=True)
class Task:
    """One run: a shape, a seed, and what the limit is to be like."""

    shape: str
    seed: int
    tuning: Tuning = TUNING
    host: Host | None = None
    chat: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it."""

    success: float
    makespan: float
    """Over that of the oracle."""
    requests: float
    """Per answer."""
    displacement: float


@dataclass(frozen=True)
class Figures:
    """All runs of a shape, and what is wanted of it."""

    name: str
    runs: Sequence[Run]
    chat: float | None = None
    """Service times of a second user's chat, median."""

    @property
    def shape(self) -> Shape | measured.Shape:
        """Its shape."""
        return ALL[self.name]

    @cached_property
    def success(self) -> float:
        """The worst of all runs."""
        return min(one.success for one in self.runs)

    @cached_property
    def makespan(self) -> float:
        """The median."""
        return statistics.median(one.makespan for one in self.runs)

    @cached_property
    def requests(self) -> float:
        """The median."""
        return statistics.median(one.requests for one in self.runs)

    @property
    def misses(self) -> tuple[bool, bool, bool, bool]:
        """Which bounds it misses: success, makespan, requests, chat."""
        makespan, requests = BOUNDS[self.shape.kind]
        return (
            self.success < 1,
            self.makespan > makespan,
            self.requests > requests,
            self.chat is not None and self.chat > CHAT_BOUND,
        )


def perform(task: Task) -> Run | float:
    """Run one task; a chat's figure is a number of service times."""
    shape = ALL[task.shape]
    if isinstance(shape, measured.Shape):
        result, best = process.run(shape, task.seed, tuning=task.tuning)
    elif task.chat:
        return _chat(shape, task.seed, task.tuning)
    else:
        result, best = run(shape, task.seed, task.host or IDEAL, tuning=task.tuning)
    return Run(result.success, result.makespan / best, result.attempts, result.displacement)


def _chat(shape: Shape, seed: int, tuning: Tuning) -> float:
    """How long a second user's chats take beside the batch, in service times, median."""
    best, jobs = limit(shape, seed), jobs_of(shape, seed)
    chats = [
        Job(len(jobs) + i, "chat", best * (i + 1) / (CHATS + 1), CHAT_SERVICE, model="model0")
        for i in range(CHATS)
    ]
    for chat in chats:
        chat.tokens = 1_000.0
    server = shape.build(Random(seed + 7))
    Simulation([*jobs, *chats], [server], seed, 1.5 * best, tuning=tuning).run()
    took = [math.inf if math.isnan(one.done) else one.done - one.arrives for one in chats]
    return statistics.median(took) / CHAT_SERVICE


def wants_chat(name: str) -> bool:
    """Whether a chat could be served at once: not where a quota is used up, nor by one slot."""
    shape = ALL[name]
    return isinstance(shape, Shape) and shape.kind != "window"


def measure(
    tasks: Sequence[Task], processes: int, progress: Callable[[int, int], None]
) -> list[Run | float]:
    """Run all tasks in so many processes; the answers stand in the order of the tasks."""
    if processes == 1:
        done = []
        for task in tasks:
            done.append(perform(task))
            progress(len(done), len(tasks))
        return done
    with ProcessPoolExecutor(processes) as pool:
        done = []
        for one in pool.map(perform, tasks, chunksize=2):
            done.append(one)
            progress(len(done), len(tasks))
        return done


class Progress:
    """A bar on stderr, with the time that is left."""

    WIDTH = 30

    def __init__(self, what: str = "") -> None:
        self._what = what
        self._began = time.perf_counter()
        self._shown = -1

    def __call__(self, done: int, of: int) -> None:
        """So many of so many are done."""
        percent = 100 * done // of
        if percent == self._shown or not sys.stderr.isatty():
            return
        self._shown = percent
        left = (time.perf_counter() - self._began) * (of - done) / done
        bar = ("#" * (self.WIDTH * done // of)).ljust(self.WIDTH, ".")
        end = "\n" if done == of else ""
        sys.stderr.write(f"\r{self._what} [{bar}] {percent:3} %  {left:4.0f} s left {end}")
        sys.stderr.flush()
