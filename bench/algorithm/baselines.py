"""What others do, by formula: every caller on its own, sleeping between its attempts."""

import heapq
from collections.abc import Callable
from random import Random

from .shapes import Shape
from .sim import Result, jobs_of, limit

type Pause = Callable[[Random, int], float | None]
"""Seconds to sleep after the n-th rejection (from 0); `None` gives up."""


def openai(retries: int) -> Pause:
    """As in the SDK of OpenAI: min(.5 x 2^n, 8) x U(.75, 1)."""
    return lambda rng, n: min(0.5 * 2**n, 8) * rng.uniform(0.75, 1) if n < retries else None


def full_jitter(cap: float) -> Pause:
    """Full jitter, base 1 s, as long as the budget lasts."""
    return lambda rng, n: rng.uniform(0, min(cap, 2.0**n))


def run(shape: Shape, seed: int, pause: Pause) -> tuple[Result, float]:
    """One run with all calls at once, and the shape's limit."""
    best, rng = limit(shape, seed), Random(seed + 1)
    server, jobs = shape.build(Random(seed + 7)), jobs_of(shape, seed)
    result = Result(jobs)
    events = [(0.0, job.number, False) for job in jobs]
    while events:
        now, number, leaves = heapq.heappop(events)
        job = jobs[number]
        if leaves:
            server.leave(now)
            job.done = now
            continue
        job.attempts += 1
        if server.arrive(now, job.tokens) is None:
            result.order.append(job)
            heapq.heappush(events, (now + job.service, number, True))
            continue
        slept = pause(rng, job.attempts - 1)
        if slept is not None and now + slept <= 1.2 * best:
            heapq.heappush(events, (now + server.rejection_seconds() + slept, number, False))
    return result, best


BASELINES = {
    "openai, 2 retries": openai(2),
    "openai, 10 retries": openai(10),
    "full jitter, cap 8": full_jitter(8),
}
