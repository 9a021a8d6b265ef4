"""Strict limits over several instances, each of them an object here, with a real Redis between."""

import logging
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from devtools import RedisProcess
from engine.admission import KeyLimits, KeyRef, Lease, LeaseDenied
from engine.cluster import Connection
from engine.cluster.leases import INSTANCES, Leases
from engine.cluster.names import name_of
from tests.support.polling import becomes_true

THREE = KeyLimits(max_concurrency=3)
ONE = KeyLimits(max_concurrency=1)

SECONDS = 5.0
"""For Redis to answer: these tests are about something else, and the machine may be busy."""


@pytest.fixture
def redis() -> Iterator[RedisProcess]:
    with RedisProcess() as process:
        yield process


def new_node(redis: RedisProcess, lease: float = 30.0, renew: float = 10.0) -> Leases:
    return Leases(Connection(redis.url, seconds=SECONDS), lease, renew)


def quiet_node(redis: RedisProcess) -> Leases:
    """An instance that renews nothing in the background: only calls find out what happens."""
    instance = new_node(redis)
    instance._renewing = True
    return instance


def new_gate() -> KeyRef:
    return KeyRef("https://gateway.test/v1", uuid4().hex)


def granted(lease: Lease | LeaseDenied) -> Lease:
    assert not isinstance(lease, LeaseDenied)
    return lease


def test_instances_keep_to_one_limit_together(redis: RedisProcess) -> None:
    one, other = new_node(redis), new_node(redis)
    key_ref = new_gate()
    held = [granted(instance.lease(key_ref, THREE)) for instance in (one, other, one)]
    assert isinstance(one.lease(key_ref, THREE), LeaseDenied)
    assert isinstance(other.lease(key_ref, THREE), LeaseDenied)
    held[1].release()
    granted(one.lease(key_ref, THREE))
    assert isinstance(other.lease(key_ref, THREE), LeaseDenied)


def test_a_lease_is_given_back_once(redis: RedisProcess) -> None:
    instance, key_ref = new_node(redis), new_gate()
    first = granted(instance.lease(key_ref, ONE))
    first.release()
    granted(instance.lease(key_ref, ONE))
    first.release()
    assert isinstance(instance.lease(key_ref, ONE), LeaseDenied)


def test_keys_and_endpoints_have_limits_of_their_own(redis: RedisProcess) -> None:
    instance = new_node(redis)
    key_ref = new_gate()
    for other in (key_ref, new_gate(), KeyRef("https://other.test/v1", key_ref.key)):
        granted(instance.lease(other, ONE))


def test_who_waits_longest_is_served_first(redis: RedisProcess) -> None:
    """A busy instance that frees a place and wants it at once does not starve the others."""
    busy, idle = new_node(redis), new_node(redis)
    key_ref = new_gate()
    served = []
    held = granted(busy.lease(key_ref, ONE))
    assert isinstance(idle.lease(key_ref, ONE), LeaseDenied)
    for _ in range(6):
        held.release()
        for name, instance in (("busy", busy), ("idle", idle)):
            lease = instance.lease(key_ref, ONE)
            if not isinstance(lease, LeaseDenied):
                served.append(name)
                held = lease
    assert served == ["idle", "busy"] * 3


def test_a_instance_that_waits_no_more_is_not_waited_for(redis: RedisProcess) -> None:
    busy, gone = new_node(redis), new_node(redis)
    key_ref = new_gate()
    held = granted(busy.lease(key_ref, ONE))
    assert isinstance(gone.lease(key_ref, ONE), LeaseDenied)
    held.release()
    assert isinstance(busy.lease(key_ref, ONE), LeaseDenied)
    assert becomes_true(lambda: not isinstance(busy.lease(key_ref, ONE), LeaseDenied))


def test_what_a_dead_instance_held_runs_out(redis: RedisProcess) -> None:
    dead, alive = new_node(redis, lease=2.0, renew=60.0), new_node(redis)
    key_ref = new_gate()
    granted(dead.lease(key_ref, ONE))
    assert isinstance(alive.lease(key_ref, ONE), LeaseDenied)
    assert becomes_true(lambda: not isinstance(alive.lease(key_ref, ONE), LeaseDenied))


def test_what_a_living_instance_holds_is_renewed(redis: RedisProcess) -> None:
    alive, other = new_node(redis, lease=1.5, renew=0.1), new_node(redis)
    key_ref = new_gate()
    held = granted(alive.lease(key_ref, ONE))
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline:
        assert isinstance(other.lease(key_ref, ONE), LeaseDenied)
    held.release()
    assert becomes_true(lambda: not isinstance(other.lease(key_ref, ONE), LeaseDenied))


def test_what_is_only_asked_for_is_not_renewed(redis: RedisProcess) -> None:
    """Renewing a lease that nobody was given would make it one."""
    full, asks = new_node(redis), new_node(redis, renew=0.0)
    key_ref = new_gate()
    granted(full.lease(key_ref, ONE))
    for _ in range(300):
        assert isinstance(asks.lease(key_ref, ONE), LeaseDenied)


def test_requests_of_a_minute_are_counted_over_all_instances(redis: RedisProcess) -> None:
    instances = [new_node(redis), new_node(redis)]
    key_ref, limits = new_gate(), KeyLimits(requests_per_minute=5)
    for number in range(5):
        granted(instances[number % 2].lease(key_ref, limits)).release()
    for instance in instances:
        refused = instance.lease(key_ref, limits)
        assert isinstance(refused, LeaseDenied)
        assert 50 < refused.seconds <= 61


TOKENS = KeyLimits(tokens_per_minute=1_000)


def test_tokens_of_a_minute_are_counted_over_all_instances(redis: RedisProcess) -> None:
    instances = [new_node(redis), new_node(redis)]
    key_ref = new_gate()
    for instance in instances:
        granted(instance.lease(key_ref, TOKENS, 400)).release()
    assert isinstance(instances[0].lease(key_ref, TOKENS, 400), LeaseDenied)
    granted(instances[0].lease(key_ref, TOKENS, 200))
    assert isinstance(instances[1].lease(key_ref, TOKENS, 1), LeaseDenied)
    granted(instances[1].lease(new_gate(), TOKENS, 1_000))


def test_tokens_that_were_not_spent_are_free_for_all_instances(redis: RedisProcess) -> None:
    instances = [new_node(redis), new_node(redis)]
    key_ref = new_gate()
    lease = granted(instances[0].lease(key_ref, TOKENS, 900))
    lease.spent(100, 200)
    lease.release()
    lease.spent(0, 0)  # a permit may end twice; the first end counts
    granted(instances[1].lease(key_ref, TOKENS, 700))
    assert isinstance(instances[0].lease(key_ref, TOKENS, 1), LeaseDenied)


def test_a_call_larger_than_the_minute_is_permitted_alone(redis: RedisProcess) -> None:
    instance, key_ref = new_node(redis), new_gate()
    granted(instance.lease(key_ref, TOKENS, 5_000))
    assert isinstance(instance.lease(key_ref, TOKENS, 1), LeaseDenied)


def test_tokens_are_saved_for_the_instance_that_was_refused_first(redis: RedisProcess) -> None:
    """The small calls of one would else for ever take what a large one of the other needs."""
    large, small = new_node(redis), new_node(redis)
    key_ref = new_gate()
    used = granted(small.lease(key_ref, TOKENS, 300))
    assert isinstance(large.lease(key_ref, TOKENS, 800), LeaseDenied)
    assert isinstance(small.lease(key_ref, TOKENS, 100), LeaseDenied)
    used.spent(0, 0)
    granted(large.lease(key_ref, TOKENS, 800))
    granted(small.lease(key_ref, TOKENS, 100))


def test_a_minute_without_tokens_holds_no_lease(redis: RedisProcess) -> None:
    instance, key_ref = new_node(redis), new_gate()
    both = KeyLimits(max_concurrency=1, tokens_per_minute=1_000)
    granted(instance.lease(key_ref, both, 900)).release()
    assert isinstance(instance.lease(key_ref, both, 900), LeaseDenied)
    granted(instance.lease(key_ref, ONE))


def test_a_full_minute_of_requests_takes_no_tokens(redis: RedisProcess) -> None:
    instance, key_ref = new_node(redis), new_gate()
    both = KeyLimits(requests_per_minute=1, tokens_per_minute=1_000)
    granted(instance.lease(key_ref, both, 100)).release()
    assert isinstance(instance.lease(key_ref, both, 100), LeaseDenied)
    granted(instance.lease(key_ref, TOKENS, 900))


def test_a_full_minute_holds_no_lease(redis: RedisProcess) -> None:
    instance, key_ref = new_node(redis), new_gate()
    both = KeyLimits(max_concurrency=1, requests_per_minute=1)
    granted(instance.lease(key_ref, both)).release()
    assert isinstance(instance.lease(key_ref, both), LeaseDenied)
    granted(instance.lease(key_ref, ONE))


def test_without_redis_each_instance_keeps_its_part(
    redis: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so once; the turn that found out is asked for again, by the part that counts now."""
    instances = [quiet_node(redis) for _ in range(3)]
    key_ref = new_gate()
    for instance in instances:
        granted(instance.lease(key_ref, THREE)).release()
    granted(instances[0].lease(key_ref, THREE)).release()
    instances[0]._connection = Connection(redis.url)
    redis.stop()
    assert instances[0].lease(key_ref, THREE) == LeaseDenied(0.0)
    assert instances[0].share.instances == 3
    assert [instances[0].share.of(limit) for limit in (1, 2, 3, 9)] == [1, 1, 1, 3]
    for _ in range(5):
        granted(instances[0].lease(key_ref, THREE)).release()
    said = [line for line in caplog.messages if "may be exceeded" in line]
    assert len(said) == 1
    assert "last seen (3)" in said[0]


def test_when_redis_is_back_what_was_begun_without_it_counts(redis: RedisProcess) -> None:
    """The breaker would keep it off for ten seconds: another connection stands for the end."""
    instance, other = quiet_node(redis), new_node(redis)
    key_ref = new_gate()
    granted(instance.lease(key_ref, THREE)).release()
    connection = instance._connection
    instance._connection = Connection("redis://127.0.0.1:1/0")
    assert instance.lease(key_ref, THREE) == LeaseDenied(0.0)
    held = [granted(instance.lease(key_ref, THREE)) for _ in range(2)]
    instance._connection = connection
    granted(instance.lease(key_ref, THREE))
    assert instance.share.instances == 1
    assert isinstance(other.lease(key_ref, THREE), LeaseDenied)
    held[0].release()
    granted(other.lease(key_ref, THREE))


def test_instances_are_counted_while_they_live(redis: RedisProcess) -> None:
    key_ref = new_gate()
    gone = new_node(redis, lease=2.0, renew=60.0)
    granted(gone.lease(key_ref, THREE))
    assert redis.ask("ZCARD", INSTANCES) == b":1\r\n"
    stays = new_node(redis, lease=2.0, renew=0.05)
    granted(stays.lease(key_ref, THREE))
    assert redis.ask("ZCARD", INSTANCES) == b":2\r\n"
    assert becomes_true(lambda: redis.ask("ZCARD", INSTANCES) == b":1\r\n")


def test_nothing_stays_in_redis_when_all_is_over(redis: RedisProcess) -> None:
    instance, key_ref = new_node(redis), new_gate()
    granted(instance.lease(key_ref, THREE)).release()
    assert redis.ask("EXISTS", name_of("leases", key_ref)) == b":0\r\n"


def test_a_url_that_redis_cannot_read_fails_no_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gateway")
    instance = Leases(Connection("redis://127.0.0.1/0?socket_timeout=never"))
    key_ref, limits = new_gate(), KeyLimits(max_concurrency=1, requests_per_minute=1)
    instance.lease(key_ref, limits)
    for _ in range(5):
        granted(instance.lease(key_ref, limits)).release()
    assert "never" not in caplog.text
