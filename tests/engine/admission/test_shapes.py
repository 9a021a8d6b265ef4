"""The whole of admission against simulated gateways, in virtual time: the bounds it must keep."""

import math
import statistics
from random import Random

import pytest

from bench.algorithm import process
from bench.algorithm.servers import Bucket, FixedWindow, Slots
from bench.algorithm.shapes import SHAPES, Shape
from bench.algorithm.sim import Job, Result, Simulation, run
from bench.saturation import shapes as measured
from engine.admission.not_admitted import Reason

BY_NAME = {shape.name: shape for shape in SHAPES}
SEEDS = (11, 22, 33)


def measure(shape: Shape | measured.Shape) -> tuple[float, float, float, float]:
    runs = [
        run(shape, seed) if isinstance(shape, Shape) else process.run(shape, seed) for seed in SEEDS
    ]
    return (
        min(result.success for result, _ in runs),
        statistics.median(result.makespan / best for result, best in runs),
        statistics.median(result.attempts for result, _ in runs),
        statistics.median(result.displacement for result, _ in runs),
    )


@pytest.mark.parametrize(
    ("name", "span", "attempts"),
    [
        ("slots 1", 1.05, 1.10),
        ("slots 3", 1.05, 1.05),
        ("slots 20", 1.05, 1.05),
        ("slots 20 heavy", 1.05, 1.05),
        ("slots 20 fast no", 1.05, 1.05),
        ("slots 100 stream", 1.06, 1.05),
        ("bucket 10/s N=1000", 1.05, 1.021),
        ("bucket 2/s, 5", 1.05, 1.06),
        ("steps 20-5-40", 1.15, 1.12),
        ("gone 40 s N=600", 1.15, 1.12),
        ("600 a minute", 1.10, 1.2),
        ("600/min counts all", 1.15, 1.2),
        ("600/min RA", 1.05, 1.2),
    ],
)
def test_everybody_gets_through_near_the_limit(name: str, span: float, attempts: float) -> None:
    success, makespan, waste, displacement = measure(BY_NAME[name])
    assert success == 1
    assert makespan <= span
    assert waste <= attempts
    assert displacement <= 0.02


@pytest.mark.parametrize(
    ("name", "span", "attempts"),
    [
        ("job", 1.02, 1.02),
        ("slots-20-slow", 1.02, 1.042),
        ("slots-100", 1.062, 1.025),
        ("bucket", 1.01, 1.055),
        ("outage", 1.15, 1.125),
        ("outage-600", 1.15, 1.08),
        ("steps", 1.13, 1.13),
    ],
)
def test_the_measured_shapes_keep_their_figures(name: str, span: float, attempts: float) -> None:
    """What is published of them: no figure may get worse by more than chance."""
    success, makespan, waste, _displacement = measure(measured.BY_NAME[name])
    assert success == 1
    assert makespan <= span
    assert waste <= attempts


def paced(server: Slots | Bucket, seed: int) -> bool:
    """Whether the gateway is believed to be a bucket, in the end."""
    rng = Random(seed)
    jobs = [Job(i, "u", 0.0, rng.lognormvariate(0.5, 0.6)) for i in range(1_000)]
    Simulation(jobs, [server], seed, 4_000.0).run()
    assert jobs[0].entry
    return jobs[0].entry.queue.routes[0].adaptive_limit.rate_estimate.active


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bucket_is_paced_and_slots_are_not(seed: int) -> None:
    assert paced(Bucket(10, 10), seed)
    assert paced(Bucket(2, 5), seed)
    assert not paced(Slots([(0.0, 20)]), seed)
    assert not paced(Slots([(0.0, 3)]), seed)


def second_user(batch: int, chats: int) -> Result:
    rng = Random(5)
    jobs = [Job(i, "batch", 0.0, rng.lognormvariate(0.5, 0.6)) for i in range(batch)]
    for i in range(chats):
        jobs.append(Job(batch + i, "chat", 10.0 + 3 * i, 2.0))
    return Simulation(jobs, [Slots([(0.0, 5)])], 3, 1_000.0).run()


def test_a_chat_does_not_stand_behind_another_users_batch() -> None:
    """It takes the first or the second slot that becomes free, whatever the batch's length."""
    result = second_user(500, 20)
    assert result.success == 1
    batch = [job for job in result.jobs if job.user == "batch"]
    chats = [job for job in result.jobs if job.user == "chat"]
    for chat in chats:
        passed = [job for job in batch if chat.arrives <= job.admitted < chat.admitted]
        assert len(passed) <= 1
    assert statistics.median(chat.done - chat.arrives for chat in chats) <= 2 * 2.0


def test_a_poison_call_starves_nobody() -> None:
    rng = Random(6)
    jobs = [Job(i, f"u{i % 3}", 0.0, rng.lognormvariate(0.5, 0.6)) for i in range(200)]
    jobs[0].poison = True
    jobs[7].poison = True
    clean = Simulation([*jobs[1:7], *jobs[8:]], [Slots([(0.0, 5)])], 3, 400.0).run()
    for job in jobs:
        job.done = job.admitted = math.nan
        job.attempts = 0
    poisoned = Simulation(jobs, [Slots([(0.0, 5)])], 3, 400.0).run()
    assert [job.number for job in jobs if math.isnan(job.done)] == [0, 7]
    assert jobs[0].refused is Reason.DEADLINE
    assert poisoned.makespan <= 1.05 * clean.makespan
    assert jobs[0].attempts <= 3 + 12


def test_three_keys_carry_three_times_as_much() -> None:
    rng = Random(8)
    jobs = [Job(i, "u", 0.0, rng.lognormvariate(0.5, 0.6)) for i in range(300)]
    servers = [Slots([(0.0, slots)]) for slots in (2, 5, 13)]
    result = Simulation(jobs, list(servers), 3, 400.0).run()
    alone = run(Shape("", "constant", 300, lambda _r: Slots([(0.0, 20)])), 8)[1]
    assert result.success == 1
    assert result.makespan <= 1.1 * alone
    assert result.attempts <= 1.08


def test_a_dead_gateway_costs_little_and_ends_in_time() -> None:
    jobs = [Job(i, "u", 0.0, 2.0) for i in range(100)]
    result = Simulation(jobs, [FixedWindow(0, 60)], 3, 45.0).run()
    assert result.success == 0
    assert {job.refused for job in jobs} == {Reason.DEADLINE}
    assert sum(job.attempts for job in jobs) <= 25
