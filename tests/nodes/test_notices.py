"""What one node found out of a key, the others know within a second; no call waits for it."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from gateway.admission import Admission, Call, Gate, NoTurn, Reason
from gateway.shared import Connection
from gateway.shared.names import name_of
from gateway.shared.nodes import Nodes
from gateway.shared.notices import Notices
from harness import RedisProcess
from unit.polling import becomes_true

ENDPOINT = "https://gateway.test/v1"

SECONDS = 5.0
"""For Redis to answer: these tests are about something else, and the machine may be busy."""


@pytest.fixture
def redis() -> Iterator[RedisProcess]:
    with RedisProcess() as process:
        yield process


def new_call(*keys: str, seconds: float = 60.0) -> Call:
    return Call(ENDPOINT, keys, "m", deadline=time.monotonic() + seconds)


class Node:
    """A node with a call under way, so that it listens."""

    def __init__(self, redis: RedisProcess, *keys: str) -> None:
        self.keys = keys
        self.admission = Nodes(Connection(redis.url, seconds=SECONDS)).admission
        self.ticket = self.admission.enter(new_call(*keys))

    def reason(self, seconds: float = 2.0) -> Reason | None:
        """Why a call gets no turn now; `None` if it gets one."""
        with self.admission.enter(new_call(*self.keys, seconds=seconds)) as ticket:
            try:
                with ticket.acquire():
                    return None
            except NoTurn as refusal:
                return refusal.reason


def test_until_when_a_key_is_closed(redis: RedisProcess) -> None:
    key = uuid4().hex
    one, other = Node(redis, key), Node(redis, key)
    assert other.reason() is None
    with one.ticket.acquire() as turn:
        turn.rejected(30.0)
    assert becomes_true(lambda: other.reason() is Reason.TOLD)


def test_it_is_only_ever_extended(redis: RedisProcess) -> None:
    """Also by a node that has not heard of the longer time; a node's own queue would not tell."""
    gate, later = (Gate(ENDPOINT, uuid4().hex) for _ in range(2))

    def left(of: Gate) -> int:
        return int(redis.ask("PTTL", name_of("closed", of))[1:])

    for number, seconds in enumerate((30.0, 1.0)):
        connection = Connection(redis.url, seconds=SECONDS)
        notices = Notices(connection, Admission())
        notices.told(gate, seconds)
        notices.told(later, 40.0 * (number + 1))
        assert becomes_true(lambda: left(later) > 20_000 + 40_000 * number)  # noqa: B023
    assert 20_000 < left(gate) <= 30_000


def test_a_refused_key_rests_everywhere_until_it_is_saved(redis: RedisProcess) -> None:
    keys = (uuid4().hex, uuid4().hex)
    one, other = Node(redis, *keys), Node(redis, *keys)
    for _ in keys:
        with one.ticket.acquire(anew=True) as turn:
            turn.key_dead("the key is wrong")
    assert becomes_true(lambda: other.reason() is Reason.RESTING)
    one.admission.wake(ENDPOINT, keys)
    assert becomes_true(lambda: other.reason() is None)


def test_a_sole_key_is_tried_all_the_same(redis: RedisProcess) -> None:
    keys = (uuid4().hex, uuid4().hex)
    one, sole = Node(redis, *keys), Node(redis, keys[0])
    both = Node(redis, *keys)
    for _ in keys:
        with one.ticket.acquire(anew=True) as turn:
            turn.key_dead("the key is wrong")
    assert becomes_true(lambda: both.reason() is Reason.RESTING)
    assert sole.reason() is None


def test_at_most_two_looks_a_second_and_none_when_nothing_is_in_use(redis: RedisProcess) -> None:
    def looks() -> int:
        found = redis.ask("INFO", "commandstats").partition(b"cmdstat_get:calls=")[2]
        return int(found.partition(b",")[0] or 0)

    node = Node(redis, uuid4().hex)
    assert becomes_true(lambda: looks() >= 1)
    seen, began = looks(), time.monotonic()
    for _ in range(200):
        assert node.reason() is None
    assert becomes_true(lambda: looks() >= seen + 3)
    assert looks() - seen <= 2 * (time.monotonic() - began) + 1
    node.ticket.leave()
    quiet = _Quiet(looks)
    assert becomes_true(quiet)


class _Quiet:
    """Whether nobody has looked for two seconds."""

    def __init__(self, looks: Callable[[], int]) -> None:
        self._looks = looks
        self._seen = (looks(), time.monotonic())

    def __call__(self) -> bool:
        looks, now = self._looks(), time.monotonic()
        if looks != self._seen[0]:
            self._seen = (looks, now)
        return now - self._seen[1] >= 2.0


def test_no_call_waits_for_a_redis_that_does_not_answer(redis: RedisProcess) -> None:
    """Its turn is given while the look at Redis still hangs."""
    redis.stop()
    node = Node(redis, uuid4().hex)
    with node.ticket.acquire() as turn:
        turn.rejected(0.5)
    assert node.reason() is None
