"""The loop and the policy together, in a world whose time passes only by the test's word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from engine.call.loop import AttemptHistory, run_attempts
from engine.call.policy import (
    LAST_CHANCE_SECONDS,
    Action,
    AttemptState,
    QueueAgain,
    RetryLater,
    decide,
)
from engine.errors import KINDS, AttemptError, Failure, Kind, kinds
from tests.support.jitters import all_of, half_of, never

LIMITED = [kind for kind in KINDS if kind.repeats is not None]
"""How many repeats each has is `test_retry_policy`'s table."""


PATIENT = replace(kinds.SERVER_ERROR, name="patient", repeats=10**6)
"""Paced by chance, as rejections no longer are, for as long as the budget lasts."""


@dataclass(frozen=True)
class Wait:
    """A pause: why, and how long."""

    failure: Failure
    seconds: float


@dataclass
class World:
    """Time that passes only where the test says so; what a call did in it."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    started: list[float] = field(default_factory=list)
    late: float = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds + self.late

    def retry(self, budget: float, jitter: Callable[[float], float] = all_of) -> "Retry":
        return Retry(self, budget, jitter)

    def attempt(self, failures: Iterator[Failure | None], seconds: float = 0.1) -> str:
        self.started.append(self.now)
        self.now += seconds
        failure = next(failures)
        if failure is not None:
            raise AttemptError(failure)
        return "answer"


class Retry:
    """What a call does about the actions that take time, and nothing else."""

    def __init__(self, world: World, budget: float, jitter: Callable[[float], float]) -> None:
        self._world = world
        self._jitter = jitter
        self._history = AttemptHistory(budget, world.clock)

    def run[Result](self, attempt: Callable[[], Result]) -> Result:
        return run_attempts(attempt, self._decide, self._perform, self._is_late)

    def _decide(self, failure: Failure) -> Action:
        left, repeats = self._history.seconds_left, self._history.repeats(failure.kind)
        return decide(failure, AttemptState(left, repeats), self._jitter)

    def _perform(self, action: Action) -> None:
        assert isinstance(action, RetryLater | QueueAgain)
        self._history.count_repeat(action.failure.kind)
        seconds = action.seconds if isinstance(action, RetryLater) else 0.0
        self._world.waits.append(Wait(action.failure, seconds))
        self._world.sleep(seconds)

    def _is_late(self) -> bool:
        return self._history.seconds_left < 0


@pytest.fixture
def world() -> World:
    return World()


def always(failure: Failure) -> Iterator[Failure]:
    while True:
        yield failure


def failing(world: World, retry: Retry, failure: Failure, seconds: float = 0.1) -> Failure:
    failures = always(failure)
    with pytest.raises(AttemptError) as raised:
        retry.run(lambda: world.attempt(failures, seconds))
    return raised.value.failure


@pytest.mark.parametrize("kind", LIMITED, ids=lambda k: k.name)
def test_number_of_attempts_of_a_kind(world: World, kind: Kind) -> None:
    retry = world.retry(480.0)
    assert failing(world, retry, Failure(kind)).kind is kind
    assert len(world.started) == (kind.repeats or 0) + 1
    assert len(world.slept) == len(world.waits) == (kind.repeats or 0)


def test_waits_until_the_deadline_and_not_a_moment_longer(world: World) -> None:
    retry = world.retry(45.0)
    failing(world, retry, Failure(PATIENT))
    pauses = [1.0, 2.0, 4.0, 8.0, 16.0]
    assert world.slept[:5] == pauses
    assert world.slept[5:] == [pytest.approx(45.0 - sum(pauses) - 6 * 0.1 - LAST_CHANCE_SECONDS)]
    assert world.started[-1] == pytest.approx(1045.0 - LAST_CHANCE_SECONDS)
    assert len(world.started) == 7
    assert world.now == pytest.approx(1045.0 - LAST_CHANCE_SECONDS + 0.1)


@pytest.mark.parametrize("budget", [0.1, 1.0, 7.0, 45.0, 480.0])
@pytest.mark.parametrize("seconds", [0.0, 0.3, 3.0, 40.0])
@pytest.mark.parametrize("jitter", [all_of, half_of])
def test_no_attempt_starts_after_the_deadline(
    world: World, budget: float, seconds: float, jitter: Callable[[float], float]
) -> None:
    failing(world, world.retry(budget, jitter), Failure(PATIENT), seconds)
    assert max(world.started) <= 1000.0 + budget
    assert len(world.started) == len(world.slept) + 1, "no wait in vain"


def test_no_attempt_starts_after_a_pause_that_ended_late(world: World) -> None:
    world.late = 100.0
    retry = world.retry(45.0)
    last = failing(world, retry, Failure(PATIENT, words="full"))
    assert (last.kind, last.words) == (PATIENT, "full")
    assert world.started == [1000.0]
    assert len(world.started) == 1


def test_never_wait_means_one_attempt(world: World) -> None:
    for kind in KINDS:
        world.started.clear()
        failing(world, world.retry(0.0), Failure(kind), seconds=0.0)
        assert world.started == [1000.0]
    assert world.slept == []


def test_told_wait_is_slept_exactly_and_not_jittered(world: World) -> None:
    told = [3.5, 0.2, 7.0]
    failures = iter([*(Failure(PATIENT, retry_after=wait) for wait in told), None])
    assert world.retry(45.0, never).run(lambda: world.attempt(failures)) == "answer"
    assert world.slept == told
    assert [wait.seconds for wait in world.waits] == told


def test_wait_longer_than_the_budget_is_given_up_at_once(world: World) -> None:
    retry = world.retry(45.0)
    last = failing(world, retry, Failure(PATIENT, retry_after=46.0))
    assert last.retry_after == 46.0
    assert (len(world.started), world.slept, world.waits) == (1, [], [])


def test_told_wait_may_use_up_the_budget_but_not_exceed_what_is_left(world: World) -> None:
    failures = iter([Failure(PATIENT, retry_after=wait) for wait in (40.0, 6.0, 1.0)])
    with pytest.raises(AttemptError):
        world.retry(45.0).run(lambda: world.attempt(failures))
    assert world.slept == [40.0]


def test_answer_comes_through_after_three_failures(world: World) -> None:
    failures = iter([*[Failure(kinds.SERVER_ERROR)] * 3, None])
    retry = world.retry(45.0)
    assert retry.run(lambda: world.attempt(failures)) == "answer"
    assert [wait.seconds for wait in world.waits] == [1.0, 2.0, 4.0]
    assert [wait.failure.kind for wait in world.waits] == [kinds.SERVER_ERROR] * 3
    assert len(world.started) == 4


def test_a_rejection_goes_back_to_the_queue_at_once_and_is_logged(world: World) -> None:
    failures = iter([*[Failure(kinds.SATURATED, retry_after=7.0)] * 5, None])
    assert world.retry(45.0, never).run(lambda: world.attempt(failures)) == "answer"
    assert not any(world.slept)
    assert len(world.waits) == 5


def test_no_rejection_is_repeated_after_the_deadline(world: World) -> None:
    failing(world, world.retry(1.0), Failure(kinds.SATURATED), seconds=0.3)
    assert world.started[-1] == pytest.approx(1000.9)
    assert len(world.started) == 4


def test_each_kind_has_its_own_count(world: World) -> None:
    script = [kinds.SERVER_ERROR, kinds.TRUNCATED, kinds.SERVER_ERROR, kinds.TRUNCATED]
    failures = iter([*(Failure(kind) for kind in script), None])
    assert world.retry(45.0).run(lambda: world.attempt(failures)) == "answer"
    assert world.slept == [1.0, 1.0, 2.0, 2.0]


def test_nothing_is_replayed_after_content(world: World) -> None:
    failures = iter([Failure(kinds.SATURATED), Failure(kinds.SATURATED, after_content=True), None])
    with pytest.raises(AttemptError) as raised:
        world.retry(45.0).run(lambda: world.attempt(failures))
    assert raised.value.failure.after_content
    assert len(world.started) == 2


def test_another_exception_is_not_retried(world: World) -> None:
    def attempt() -> None:
        world.started.append(world.now)
        raise KeyError("a mistake of ours")

    with pytest.raises(KeyError):
        world.retry(45.0).run(attempt)
    assert len(world.started) == 1


def test_slow_failure_gets_one_repeat(world: World) -> None:
    failing(world, world.retry(480.0), Failure(kinds.SERVER_ERROR, seconds=31.0), seconds=31.0)
    assert len(world.started) == 2
