"""Strict limits over several nodes, each of them an object here, with a real Redis between."""

import logging
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from devtools import RedisProcess
from engine.admission import Gate, Limits, NotNow, Permit
from engine.cluster import Connection
from engine.cluster.leases import NODES, Leases
from engine.cluster.names import name_of
from tests.support.polling import becomes_true

THREE = Limits(max_concurrency=3)
ONE = Limits(max_concurrency=1)

SECONDS = 5.0
"""For Redis to answer: these tests are about something else, and the machine may be busy."""


@pytest.fixture
def redis() -> Iterator[RedisProcess]:
    with RedisProcess() as process:
        yield process


def new_node(redis: RedisProcess, lease: float = 30.0, renew: float = 10.0) -> Leases:
    return Leases(Connection(redis.url, seconds=SECONDS), lease, renew)


def quiet_node(redis: RedisProcess) -> Leases:
    """A node that renews nothing in the background, so that only calls find out what happens."""
    node = new_node(redis)
    node._renewing = True
    return node


def new_gate() -> Gate:
    return Gate("https://gateway.test/v1", uuid4().hex)


def granted(permit: Permit | NotNow) -> Permit:
    assert not isinstance(permit, NotNow)
    return permit


def test_nodes_keep_to_one_limit_together(redis: RedisProcess) -> None:
    one, other = new_node(redis), new_node(redis)
    gate = new_gate()
    held = [granted(node.permit(gate, THREE)) for node in (one, other, one)]
    assert isinstance(one.permit(gate, THREE), NotNow)
    assert isinstance(other.permit(gate, THREE), NotNow)
    held[1].release()
    granted(one.permit(gate, THREE))
    assert isinstance(other.permit(gate, THREE), NotNow)


def test_a_lease_is_given_back_once(redis: RedisProcess) -> None:
    node, gate = new_node(redis), new_gate()
    first = granted(node.permit(gate, ONE))
    first.release()
    granted(node.permit(gate, ONE))
    first.release()
    assert isinstance(node.permit(gate, ONE), NotNow)


def test_keys_and_endpoints_have_limits_of_their_own(redis: RedisProcess) -> None:
    node = new_node(redis)
    gate = new_gate()
    for other in (gate, new_gate(), Gate("https://other.test/v1", gate.key)):
        granted(node.permit(other, ONE))


def test_who_waits_longest_is_served_first(redis: RedisProcess) -> None:
    """A busy node that frees a place and wants it at once does not starve the others."""
    busy, idle = new_node(redis), new_node(redis)
    gate = new_gate()
    served = []
    held = granted(busy.permit(gate, ONE))
    assert isinstance(idle.permit(gate, ONE), NotNow)
    for _ in range(6):
        held.release()
        for name, node in (("busy", busy), ("idle", idle)):
            permit = node.permit(gate, ONE)
            if not isinstance(permit, NotNow):
                served.append(name)
                held = permit
    assert served == ["idle", "busy"] * 3


def test_a_node_that_waits_no_more_is_not_waited_for(redis: RedisProcess) -> None:
    busy, gone = new_node(redis), new_node(redis)
    gate = new_gate()
    held = granted(busy.permit(gate, ONE))
    assert isinstance(gone.permit(gate, ONE), NotNow)
    held.release()
    assert isinstance(busy.permit(gate, ONE), NotNow)
    assert becomes_true(lambda: not isinstance(busy.permit(gate, ONE), NotNow))


def test_what_a_dead_node_held_runs_out(redis: RedisProcess) -> None:
    dead, alive = new_node(redis, lease=2.0, renew=60.0), new_node(redis)
    gate = new_gate()
    granted(dead.permit(gate, ONE))
    assert isinstance(alive.permit(gate, ONE), NotNow)
    assert becomes_true(lambda: not isinstance(alive.permit(gate, ONE), NotNow))


def test_what_a_living_node_holds_is_renewed(redis: RedisProcess) -> None:
    alive, other = new_node(redis, lease=1.5, renew=0.1), new_node(redis)
    gate = new_gate()
    held = granted(alive.permit(gate, ONE))
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline:
        assert isinstance(other.permit(gate, ONE), NotNow)
    held.release()
    assert becomes_true(lambda: not isinstance(other.permit(gate, ONE), NotNow))


def test_what_is_only_asked_for_is_not_renewed(redis: RedisProcess) -> None:
    """Renewing a lease that nobody was given would make it one."""
    full, asks = new_node(redis), new_node(redis, renew=0.0)
    gate = new_gate()
    granted(full.permit(gate, ONE))
    for _ in range(300):
        assert isinstance(asks.permit(gate, ONE), NotNow)


def test_requests_of_a_minute_are_counted_over_all_nodes(redis: RedisProcess) -> None:
    nodes = [new_node(redis), new_node(redis)]
    gate, limits = new_gate(), Limits(requests_per_minute=5)
    for number in range(5):
        granted(nodes[number % 2].permit(gate, limits)).release()
    for node in nodes:
        refused = node.permit(gate, limits)
        assert isinstance(refused, NotNow)
        assert 50 < refused.seconds <= 61


TOKENS = Limits(tokens_per_minute=1_000)


def test_tokens_of_a_minute_are_counted_over_all_nodes(redis: RedisProcess) -> None:
    nodes = [new_node(redis), new_node(redis)]
    gate = new_gate()
    for node in nodes:
        granted(node.permit(gate, TOKENS, 400)).release()
    assert isinstance(nodes[0].permit(gate, TOKENS, 400), NotNow)
    granted(nodes[0].permit(gate, TOKENS, 200))
    assert isinstance(nodes[1].permit(gate, TOKENS, 1), NotNow)
    granted(nodes[1].permit(new_gate(), TOKENS, 1_000))


def test_tokens_that_were_not_spent_are_free_for_all_nodes(redis: RedisProcess) -> None:
    nodes = [new_node(redis), new_node(redis)]
    gate = new_gate()
    permit = granted(nodes[0].permit(gate, TOKENS, 900))
    permit.spent(100, 200)
    permit.release()
    permit.spent(0, 0)  # a turn may end twice; the first end counts
    granted(nodes[1].permit(gate, TOKENS, 700))
    assert isinstance(nodes[0].permit(gate, TOKENS, 1), NotNow)


def test_a_call_larger_than_the_minute_is_permitted_alone(redis: RedisProcess) -> None:
    node, gate = new_node(redis), new_gate()
    granted(node.permit(gate, TOKENS, 5_000))
    assert isinstance(node.permit(gate, TOKENS, 1), NotNow)


def test_tokens_are_saved_for_the_node_that_was_refused_first(redis: RedisProcess) -> None:
    """The small calls of one would else for ever take what a large one of the other needs."""
    large, small = new_node(redis), new_node(redis)
    gate = new_gate()
    used = granted(small.permit(gate, TOKENS, 300))
    assert isinstance(large.permit(gate, TOKENS, 800), NotNow)
    assert isinstance(small.permit(gate, TOKENS, 100), NotNow)
    used.spent(0, 0)
    granted(large.permit(gate, TOKENS, 800))
    granted(small.permit(gate, TOKENS, 100))


def test_a_minute_without_tokens_holds_no_lease(redis: RedisProcess) -> None:
    node, gate = new_node(redis), new_gate()
    both = Limits(max_concurrency=1, tokens_per_minute=1_000)
    granted(node.permit(gate, both, 900)).release()
    assert isinstance(node.permit(gate, both, 900), NotNow)
    granted(node.permit(gate, ONE))


def test_a_full_minute_of_requests_takes_no_tokens(redis: RedisProcess) -> None:
    node, gate = new_node(redis), new_gate()
    both = Limits(requests_per_minute=1, tokens_per_minute=1_000)
    granted(node.permit(gate, both, 100)).release()
    assert isinstance(node.permit(gate, both, 100), NotNow)
    granted(node.permit(gate, TOKENS, 900))


def test_a_full_minute_holds_no_lease(redis: RedisProcess) -> None:
    node, gate = new_node(redis), new_gate()
    both = Limits(max_concurrency=1, requests_per_minute=1)
    granted(node.permit(gate, both)).release()
    assert isinstance(node.permit(gate, both), NotNow)
    granted(node.permit(gate, ONE))


def test_without_redis_each_node_keeps_its_part(
    redis: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so once; the turn that found out is asked for again, by the part that counts now."""
    nodes = [quiet_node(redis) for _ in range(3)]
    gate = new_gate()
    for node in nodes:
        granted(node.permit(gate, THREE)).release()
    granted(nodes[0].permit(gate, THREE)).release()
    nodes[0]._connection = Connection(redis.url)
    redis.stop()
    assert nodes[0].permit(gate, THREE) == NotNow(0.0)
    assert nodes[0].share.nodes == 3
    assert [nodes[0].share.of(limit) for limit in (1, 2, 3, 9)] == [1, 1, 1, 3]
    for _ in range(5):
        granted(nodes[0].permit(gate, THREE)).release()
    said = [line for line in caplog.messages if "may be exceeded" in line]
    assert len(said) == 1
    assert "last seen (3)" in said[0]


def test_when_redis_is_back_what_was_begun_without_it_counts(redis: RedisProcess) -> None:
    """The breaker would keep it off for ten seconds: another connection stands for the end."""
    node, other = quiet_node(redis), new_node(redis)
    gate = new_gate()
    granted(node.permit(gate, THREE)).release()
    connection = node._connection
    node._connection = Connection("redis://127.0.0.1:1/0")
    assert node.permit(gate, THREE) == NotNow(0.0)
    held = [granted(node.permit(gate, THREE)) for _ in range(2)]
    node._connection = connection
    granted(node.permit(gate, THREE))
    assert node.share.nodes == 1
    assert isinstance(other.permit(gate, THREE), NotNow)
    held[0].release()
    granted(other.permit(gate, THREE))


def test_nodes_are_counted_while_they_live(redis: RedisProcess) -> None:
    gate = new_gate()
    gone = new_node(redis, lease=2.0, renew=60.0)
    granted(gone.permit(gate, THREE))
    assert redis.ask("ZCARD", NODES) == b":1\r\n"
    stays = new_node(redis, lease=2.0, renew=0.05)
    granted(stays.permit(gate, THREE))
    assert redis.ask("ZCARD", NODES) == b":2\r\n"
    assert becomes_true(lambda: redis.ask("ZCARD", NODES) == b":1\r\n")


def test_nothing_stays_in_redis_when_all_is_over(redis: RedisProcess) -> None:
    node, gate = new_node(redis), new_gate()
    granted(node.permit(gate, THREE)).release()
    assert redis.ask("EXISTS", name_of("leases", gate)) == b":0\r\n"


def test_a_url_that_redis_cannot_read_fails_no_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gateway")
    node = Leases(Connection("redis://127.0.0.1/0?socket_timeout=never"))
    gate, limits = new_gate(), Limits(max_concurrency=1, requests_per_minute=1)
    node.permit(gate, limits)
    for _ in range(5):
        granted(node.permit(gate, limits)).release()
    assert "never" not in caplog.text
