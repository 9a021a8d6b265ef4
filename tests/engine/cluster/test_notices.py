"""What one instance found out of a key, the others know within a second; no call waits for it."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from devtools import RedisProcess
from engine.admission import AdmissionRequest, KeyRef, Limiter, NotAdmitted, Reason, RouteRef
from engine.cluster import Connection
from engine.cluster.instances import RedisInstances
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


def new_call(*keys: str, seconds: float = 60.0, model: str = "m") -> AdmissionRequest:
    return AdmissionRequest(ENDPOINT, keys, model, deadline=time.monotonic() + seconds)


class Instance:
    """An instance with a call under way, so that it listens."""

    def __init__(self, redis: RedisProcess, *keys: str) -> None:
        self.keys = keys
        self.instances = RedisInstances(Connection(redis.url, seconds=SECONDS))
        self.limiter = self.instances.limiter
        self.heard_retry_after = NotAdmitted(Reason.DEADLINE)
        """The latest refusal."""
        self.queued = self.limiter.enter(new_call(*keys))

    def reason(self, seconds: float = 2.0, model: str = "m") -> Reason | None:
        """Why a call is not admitted now; `None` if it gets one."""
        with self.limiter.enter(new_call(*self.keys, seconds=seconds, model=model)) as queued:
            try:
                with queued.acquire():
                    return None
            except NotAdmitted as refusal:
                self.heard_retry_after = refusal
                return refusal.reason


def test_until_when_a_model_is_to_be_left_alone(redis: RedisProcess) -> None:
    key = uuid4().hex
    one, other = Instance(redis, key), Instance(redis, key)
    assert other.reason() is None
    with one.queued.acquire() as permit:
        permit.rejected(30.0, cause="why")
    assert becomes_true(lambda: other.reason() is Reason.RETRY_AFTER)
    assert other.reason(model="another") is None, "it was told of one model"
    assert other.heard_retry_after.cause == "why"


def test_until_when_a_key_is_closed(redis: RedisProcess) -> None:
    key = uuid4().hex
    one, other = Instance(redis, key), Instance(redis, key)
    with one.queued.acquire() as permit:
        permit.rejected(30.0, of_key=True, cause="why")
    assert becomes_true(lambda: other.reason(model="another") is Reason.RETRY_AFTER)
    assert (other.heard_retry_after.cause, other.heard_retry_after.of_key) == ("why", True)


@pytest.mark.parametrize("of_key", [False, True])
def test_the_first_that_is_admitted_ends_the_wait_for_all(
    redis: RedisProcess, of_key: bool
) -> None:
    key = uuid4().hex
    one, other = Instance(redis, key), Instance(redis, key)
    with one.queued.acquire() as permit:
        permit.rejected(30.0, of_key=of_key)
    assert becomes_true(lambda: other.reason() is Reason.RETRY_AFTER)
    one.instances.admitted(RouteRef(ENDPOINT, key, "m"))
    assert becomes_true(lambda: other.reason() is None)
    # An instance that begins to listen now is not told of it any more.
    late = Instance(redis, key)
    assert late.reason() is None


def test_old_and_new_instances_do_not_misread_each_other(redis: RedisProcess) -> None:
    """The first version kept every wait for the whole key, under another name, as `1`."""
    key = uuid4().hex
    instance, key_ref = Instance(redis, key), KeyRef(ENDPOINT, key)
    assert instance.reason() is None
    redis.ask("SET", name_of("closed", key_ref), "1", "PX", "60000")
    redis.ask("SET", name_of("refused", key_ref), "the key is wrong", "PX", "60000")
    both = Instance(redis, key, uuid4().hex)
    listens = Listening()
    notices = Notices(Connection(redis.url, seconds=SECONDS), listens)
    notices.entered((RouteRef(ENDPOINT, key, "m"),))
    assert becomes_true(lambda: listens.refused == [key_ref]), "what means the same is still heard"
    assert listens.heard_retry_after == []
    assert instance.reason() is None, "what an old one was told of some model"
    assert both.reason() is None
    with instance.queued.acquire() as permit:
        permit.rejected(30.0, of_key=True)
    route = RouteRef(ENDPOINT, key, None)
    assert becomes_true(lambda: redis.ask("EXISTS", name_of("cooldown", route)) == b":1\r\n")
    assert redis.ask("GET", name_of("closed", key_ref)) == b"$1\r\n1\r\n", (
        "nothing is written there"
    )


class Listening:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard_retry_after: list[RouteRef] = []
        self.refused: list[KeyRef] = []

    def hear_retry_after(self, route: RouteRef, _seconds: float, _cause: str) -> None:
        self.heard_retry_after.append(route)

    def hear_admitted(self, _route: RouteRef) -> None:
        """Nothing that is of interest here."""

    def hear_refused(self, key_ref: KeyRef, _reason: str, _seconds: float) -> None:
        self.refused.append(key_ref)

    def hear_woken(self, _endpoint: str, _keys: tuple[str, ...]) -> None:
        """Nothing that is of interest here."""


def test_it_is_only_ever_extended(redis: RedisProcess) -> None:
    """Also by an instance that has not heard of the longer time; its own queue would not tell."""
    key_ref, later = (RouteRef(ENDPOINT, uuid4().hex, "m") for _ in range(2))

    def left(of: RouteRef) -> int:
        return int(redis.ask("PTTL", name_of("cooldown", of))[1:])

    for number, seconds in enumerate((30.0, 1.0)):
        connection = Connection(redis.url, seconds=SECONDS)
        notices = Notices(connection, Limiter())
        notices.heard_retry_after(key_ref, seconds, "")
        notices.heard_retry_after(later, 40.0 * (number + 1), "")
        assert becomes_true(lambda: left(later) > 20_000 + 40_000 * number)  # noqa: B023
    assert 20_000 < left(key_ref) <= 30_000


def test_a_refused_key_is_ejected_everywhere_until_it_is_saved(redis: RedisProcess) -> None:
    keys = (uuid4().hex, uuid4().hex)
    one, other = Instance(redis, *keys), Instance(redis, *keys)
    for _ in keys:
        with one.queued.acquire(anew=True) as permit:
            permit.key_dead("the key is wrong")
    assert becomes_true(lambda: other.reason() is Reason.EJECTED)
    one.limiter.wake(ENDPOINT, keys)
    assert becomes_true(lambda: other.reason() is None)


def test_a_sole_key_is_tried_all_the_same(redis: RedisProcess) -> None:
    keys = (uuid4().hex, uuid4().hex)
    one, sole = Instance(redis, *keys), Instance(redis, keys[0])
    both = Instance(redis, *keys)
    for _ in keys:
        with one.queued.acquire(anew=True) as permit:
            permit.key_dead("the key is wrong")
    assert becomes_true(lambda: both.reason() is Reason.EJECTED)
    assert sole.reason() is None


def test_at_most_two_looks_a_second_and_none_when_nothing_is_in_use(redis: RedisProcess) -> None:
    def looks() -> int:
        found = redis.ask("INFO", "commandstats").partition(b"cmdstat_mget:calls=")[2]
        return int(found.partition(b",")[0] or 0)

    instance = Instance(redis, uuid4().hex)
    assert becomes_true(lambda: looks() >= 1)
    seen, began = looks(), time.monotonic()
    for _ in range(200):
        assert instance.reason() is None
    assert becomes_true(lambda: looks() >= seen + 3)
    assert looks() - seen <= 2 * (time.monotonic() - began) + 1
    instance.queued.leave()
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
    instance = Instance(redis, uuid4().hex)
    with instance.queued.acquire() as permit:
        permit.rejected(0.5)
    assert instance.reason() is None
