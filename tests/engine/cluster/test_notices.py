"""What one node found out of a key, the others know within a second; no call waits for it."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from devtools import RedisProcess
from engine.admission import Admission, Call, Gate, NoTurn, Reason, RouteRef
from engine.cluster import Connection
from engine.cluster.instances import Nodes
from engine.cluster.names import name_of
from engine.cluster.notices import Notices
from tests.support.polling import becomes_true

ENDPOINT = "https://gateway.test/v1"

SECONDS = 5.0
"""For Redis to answer: these tests are about something else, and the machine may be busy."""


@pytest.fixture
def redis() -> Iterator[RedisProcess]:
    with RedisProcess() as process:
        yield process


def new_call(*keys: str, seconds: float = 60.0, model: str = "m") -> Call:
    return Call(ENDPOINT, keys, model, deadline=time.monotonic() + seconds)


class Node:
    """A node with a call under way, so that it listens."""

    def __init__(self, redis: RedisProcess, *keys: str) -> None:
        self.keys = keys
        self.nodes = Nodes(Connection(redis.url, seconds=SECONDS))
        self.admission = self.nodes.admission
        self.told = NoTurn(Reason.DEADLINE)
        """The latest refusal."""
        self.ticket = self.admission.enter(new_call(*keys))

    def reason(self, seconds: float = 2.0, model: str = "m") -> Reason | None:
        """Why a call gets no turn now; `None` if it gets one."""
        with self.admission.enter(new_call(*self.keys, seconds=seconds, model=model)) as ticket:
            try:
                with ticket.acquire():
                    return None
            except NoTurn as refusal:
                self.told = refusal
                return refusal.reason


def test_until_when_a_model_is_to_be_left_alone(redis: RedisProcess) -> None:
    key = uuid4().hex
    one, other = Node(redis, key), Node(redis, key)
    assert other.reason() is None
    with one.ticket.acquire() as turn:
        turn.rejected(30.0, cause="why")
    assert becomes_true(lambda: other.reason() is Reason.TOLD)
    assert other.reason(model="another") is None, "it was told of one model"
    assert other.told.cause == "why"


def test_until_when_a_key_is_closed(redis: RedisProcess) -> None:
    key = uuid4().hex
    one, other = Node(redis, key), Node(redis, key)
    with one.ticket.acquire() as turn:
        turn.rejected(30.0, of_key=True, cause="why")
    assert becomes_true(lambda: other.reason(model="another") is Reason.TOLD)
    assert (other.told.cause, other.told.of_key) == ("why", True)


@pytest.mark.parametrize("of_key", [False, True])
def test_the_first_that_is_admitted_ends_the_wait_for_all(
    redis: RedisProcess, of_key: bool
) -> None:
    key = uuid4().hex
    one, other = Node(redis, key), Node(redis, key)
    with one.ticket.acquire() as turn:
        turn.rejected(30.0, of_key=of_key)
    assert becomes_true(lambda: other.reason() is Reason.TOLD)
    one.nodes.admitted(RouteRef(ENDPOINT, key, "m"))
    assert becomes_true(lambda: other.reason() is None)
    # A node that begins to listen now is not told of it any more.
    late = Node(redis, key)
    assert late.reason() is None


def test_old_and_new_instances_do_not_misread_each_other(redis: RedisProcess) -> None:
    """The first version kept every wait for the whole key, under another name, as `1`."""
    key = uuid4().hex
    node, gate = Node(redis, key), Gate(ENDPOINT, key)
    assert node.reason() is None
    redis.ask("SET", name_of("closed", gate), "1", "PX", "60000")
    redis.ask("SET", name_of("refused", gate), "the key is wrong", "PX", "60000")
    both = Node(redis, key, uuid4().hex)
    listens = Listening()
    notices = Notices(Connection(redis.url, seconds=SECONDS), listens)
    notices.entered((RouteRef(ENDPOINT, key, "m"),))
    assert becomes_true(lambda: listens.refused == [gate]), "what means the same is still heard"
    assert listens.told == []
    assert node.reason() is None, "what an old one was told of some model"
    assert both.reason() is None
    with node.ticket.acquire() as turn:
        turn.rejected(30.0, of_key=True)
    route = RouteRef(ENDPOINT, key, None)
    assert becomes_true(lambda: redis.ask("EXISTS", name_of("cooldown", route)) == b":1\r\n")
    assert redis.ask("GET", name_of("closed", gate)) == b"$1\r\n1\r\n", "nothing is written there"


class Listening:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.told: list[RouteRef] = []
        self.refused: list[Gate] = []

    def hear_told(self, route: RouteRef, _seconds: float, _cause: str) -> None:
        self.told.append(route)

    def hear_admitted(self, _route: RouteRef) -> None:
        """Nothing that is of interest here."""

    def hear_refused(self, gate: Gate, _reason: str, _seconds: float) -> None:
        self.refused.append(gate)

    def hear_woken(self, _endpoint: str, _keys: tuple[str, ...]) -> None:
        """Nothing that is of interest here."""


def test_it_is_only_ever_extended(redis: RedisProcess) -> None:
    """Also by a node that has not heard of the longer time; a node's own queue would not tell."""
    gate, later = (RouteRef(ENDPOINT, uuid4().hex, "m") for _ in range(2))

    def left(of: RouteRef) -> int:
        return int(redis.ask("PTTL", name_of("cooldown", of))[1:])

    for number, seconds in enumerate((30.0, 1.0)):
        connection = Connection(redis.url, seconds=SECONDS)
        notices = Notices(connection, Admission())
        notices.told(gate, seconds, "")
        notices.told(later, 40.0 * (number + 1), "")
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
        found = redis.ask("INFO", "commandstats").partition(b"cmdstat_mget:calls=")[2]
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
