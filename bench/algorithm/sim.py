"""A gateway and its callers in virtual time: the real scheduler, a simulated server, no waiting."""

import heapq
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from engine.admission.limits.tuning import TUNING, Tuning
from engine.admission.not_admitted import NotAdmitted, Reason
from engine.admission.route_queue import AdmissionRequest, Grant, QueueEntry
from engine.admission.scheduler import Scheduler

from .servers import Server
from .shapes import Shape

TICK = 0.002
"""Seconds: the limiter's shortest sleep."""


@dataclass(frozen=True)
class Host:
    """What the process and the way to the gateway add. Seconds."""

    spacing: float = 0.0
    """Between two calls arriving from Dify."""
    cpu: float = 0.0
    """Of the one processor, for sending a request and for reading an answer."""
    wire: float = 0.0
    """On the way, each way."""
    jitter: float = 0.0
    """Part by which a rejection may take longer by chance."""


IDEAL = Host()
LIKE_REAL = Host(spacing=0.001, cpu=0.001, wire=0.0005)
"""About what the plugin's process needs on the machine of the measurement."""


@dataclass
class Job:
    """One call of a user to be got through."""

    number: int
    user: str
    arrives: float
    service: float
    poison: bool = False
    model: str = "model"
    tokens: float = 1.0
    entry: QueueEntry | None = None
    admitted: float = math.nan
    done: float = math.nan
    attempts: int = 0
    refused: Reason | None = None


@dataclass
class Result:
    """What came of all jobs."""

    jobs: list[Job]
    order: list[Job] = field(default_factory=list)
    """Jobs in the order in which they were admitted."""

    @property
    def success(self) -> float:
        wholesome = [job for job in self.jobs if not job.poison]
        return sum(not math.isnan(job.done) for job in wholesome) / len(wholesome)

    @property
    def makespan(self) -> float:
        return max((job.done for job in self.jobs if not math.isnan(job.done)), default=math.inf)

    @property
    def attempts(self) -> float:
        done = sum(not math.isnan(job.done) for job in self.jobs)
        return sum(job.attempts for job in self.jobs) / max(1, done)

    @property
    def displacement(self) -> float:
        """Mean |rank admitted - rank of arrival| over the number of calls, worst user."""
        worst = 0.0
        for user in {job.user for job in self.jobs}:
            served = [job.number for job in self.order if job.user == user]
            rank = {number: i for i, number in enumerate(sorted(served))}
            off = [abs(rank[number] - i) for i, number in enumerate(served)]
            worst = max(worst, statistics.fmean(off) / len(off)) if off else worst
        return worst


class Simulation:
    """Jobs, the scheduler between them, and one server for each key."""

    def __init__(
        self, jobs: list[Job], servers: list[Server], seed: int, budget: float,
        first_byte: Callable[[float], float] | None = None, host: Host = IDEAL,
        tuning: Tuning = TUNING,
    ) -> None:  # fmt: skip
        self._scheduler = Scheduler(Random(seed), tuning=tuning)
        self._rng = Random(seed + 1)
        self._servers = servers
        self._budget = budget
        self._first_byte = first_byte
        self._host = host
        self._free_at = 0.0
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._now = 0.0
        self._decided: list[Job] = []
        self._tick_at = math.inf
        self.result = Result(jobs)

    def run(self) -> Result:
        for job in self.result.jobs:
            self._at(job.arrives, self._arrive, job)
        while self._events:
            self._now, _, what, arguments = heapq.heappop(self._events)
            what(*arguments)
            while self._decided:
                self._decide(self._decided.pop(0))
            due = max(self._scheduler.due(), self._now + TICK)
            if due < self._tick_at:
                self._tick_at = due
                self._at(due, self._tick, due)
        return self.result

    def _at(self, when: float, what: Callable[..., None], *arguments: Any) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, what, arguments))

    def _tick(self, due: float) -> None:
        if due == self._tick_at:
            self._tick_at = math.inf
            self._scheduler.tick(self._now)

    def _arrive(self, job: Job) -> None:
        deadline = self._now + self._budget
        keys = tuple(f"key{i}" for i in range(len(self._servers)))
        job.entry = self._scheduler.enter(
            AdmissionRequest("http://gateway/v1", keys, job.model, job.user, deadline), self._now
        )
        job.entry.notify = lambda: self._decided.append(job)
        self._ask(job)

    def _ask(self, job: Job) -> None:
        assert job.entry
        self._scheduler.enqueue(job.entry, self._now)
        if isinstance(job.entry.outcome, NotAdmitted) and job not in self._decided:
            self._decided.append(job)
        elif job.entry.waiting:
            self._at(job.entry.until, self._expire, job)

    def _expire(self, job: Job) -> None:
        assert job.entry
        self._scheduler.expire(job.entry, self._now)
        if job.entry.waiting and job.entry.until > self._now:
            self._at(job.entry.until, self._expire, job)

    def _decide(self, job: Job) -> None:
        assert job.entry
        outcome = job.entry.outcome
        if isinstance(outcome, NotAdmitted):
            job.refused = outcome.reason
            self._scheduler.leave(job.entry, self._now)
        elif isinstance(outcome, Grant):
            self._send(job, outcome)

    def _work(self) -> float:
        """When the processor will have done one more piece of work."""
        self._free_at = max(self._now, self._free_at) + self._host.cpu
        return self._free_at

    def _send(self, job: Job, grant: Grant) -> None:
        job.attempts += 1
        self._at(self._work() + self._host.wire, self._reach, job, grant)

    def _reach(self, job: Job, grant: Grant) -> None:
        server = self._servers[grant.position]
        wait = math.nan if job.poison else server.arrive(self._now, job.tokens)
        if wait is not None:
            slower = 1 + self._host.jitter * self._rng.random()
            after = server.rejection_seconds() * slower
            self._reply(after, self._reject, job, grant, wait)
            return
        job.admitted = self._now
        self.result.order.append(job)
        seconds = server.service(job.service)
        self._at(self._now + seconds, self._leave, server)
        self._reply(seconds, self._succeed, job, grant)
        if self._first_byte is not None:
            self._reply(self._first_byte(seconds), self._begin, grant)

    def _reply(self, after: float, what: Callable[..., None], *arguments: Any) -> None:
        self._at(self._now + after + self._host.wire, self._read, what, arguments)

    def _read(self, what: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        done = self._work()
        if done <= self._now:
            what(*arguments)
        else:
            self._at(done, what, *arguments)

    def _leave(self, server: Server) -> None:
        server.leave(self._now)

    def _begin(self, grant: Grant) -> None:
        self._scheduler.first_byte(grant, self._now)

    def _reject(self, job: Job, grant: Grant, wait: float) -> None:
        assert job.entry
        told = None if math.isnan(wait) else wait
        self._scheduler.rejected(job.entry, grant, told, self._now)
        self._ask(job)

    def _succeed(self, job: Job, grant: Grant) -> None:
        assert job.entry
        job.done = self._now
        self._scheduler.succeeded(job.entry, grant, self._now)
        self._scheduler.leave(job.entry, self._now)


def jobs_of(shape: Shape, seed: int, user: str = "batch") -> list[Job]:
    """The shape's calls, in the order in which they arrive."""
    rng, arrivals = Random(seed), Random(seed + 3)
    jobs, now = [], 0.0
    for i in range(shape.calls):
        job = Job(i, user, now, shape.service(rng), model=f"model{i % shape.models}")
        job.tokens = shape.tokens(arrivals)
        jobs.append(job)
        now += arrivals.expovariate(1 / shape.gap) if shape.gap else 0.0
    return jobs


def limit(shape: Shape, seed: int) -> float:
    """Makespan of a oracle who sends each call the moment it would be admitted."""
    server = shape.build(Random(seed + 7))
    leaving: list[float] = []
    now = end = 0.0
    for job in jobs_of(shape, seed):
        now = max(now, job.arrives)
        while leaving and leaving[0] <= now:
            server.leave(heapq.heappop(leaving))
        opens = server.opens(now, job.tokens)
        while leaving and leaving[0] <= opens:
            now = heapq.heappop(leaving)
            server.leave(now)
            opens = server.opens(now, job.tokens)
        now = opens
        assert server.arrive(now, job.tokens) is None
        heapq.heappush(leaving, now + job.service)
        end = max(end, now + job.service)
    return end


def run(
    shape: Shape, seed: int, host: Host = IDEAL, *, tuning: Tuning = TUNING
) -> tuple[Result, float]:
    """One run of a shape, and its limit."""
    best = limit(shape, seed)
    jobs = jobs_of(shape, seed)
    if shape.poison_at is not None:
        poison = Job(len(jobs), "batch", 0.0, 1.0, poison=True, model="model0")
        jobs.insert(shape.poison_at, poison)
    server = shape.build(Random(seed + 7))
    budget = max(1.2 * best, 1.0)
    after = shape.first_byte
    first_byte = None if after is None else lambda seconds: min(after, seconds)
    simulation = Simulation(jobs, [server], seed, budget, first_byte, host, tuning)
    return simulation.run(), best
