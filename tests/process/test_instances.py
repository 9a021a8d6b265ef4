"""Several plugin processes of one operator act as one, through a real Redis."""

import os
import re
import signal
from collections.abc import Iterator

import pytest

from devtools import PluginProcess, RedisProcess, Session
from engine.cluster.connection import VARIABLE
from engine.cluster.leases import ASK_AGAIN_SECONDS, LEASE_SECONDS
from simulator import Simulator
from tests.process.rig import ROOT, WORDS, Rig, error_of, new_key, succeeded

THREE = {"max_concurrency": "3"}
LONG = "openai/tokens-10000-every-20"

# Its processes are started once.
pytestmark = pytest.mark.xdist_group("protocol-nodes")


@pytest.fixture
def gateway() -> Iterator[Simulator]:
    """A simulator of its own, for counts that are nobody else's."""
    with Simulator(seed=3) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def pair(redis_process: RedisProcess) -> Iterator[tuple[PluginProcess, PluginProcess]]:
    env = {VARIABLE: redis_process.url}
    with PluginProcess(ROOT, env=env) as one, PluginProcess(ROOT, env=env) as other:
        yield one, other
        assert one.violations == other.violations == []


def test_two_processes_keep_to_one_limit(
    pair: tuple[PluginProcess, PluginProcess], gateway: Simulator
) -> None:
    key = new_key()
    desks = [Rig(plugin, gateway, key) for plugin in pair]
    sessions = [
        rig.chat("rix/ok-slow-20", f"from {number}", budget=60, fields=THREE, stream=bool(number))
        for _ in range(20)
        for number, rig in enumerate(desks)
    ]
    for session in sessions:
        assert succeeded(session).text == WORDS
    assert gateway.in_flight_peak == 3
    # Neither had to wait for the other's end: both are in the first half.
    first = [(one.body or {})["messages"][-1]["content"] for one in gateway.seen[:20]]
    assert min(first.count("from 0"), first.count("from 1")) >= 5


def test_failed_attempts_hold_no_lease(
    pair: tuple[PluginProcess, PluginProcess], gateway: Simulator
) -> None:
    key = new_key()
    for plugin in pair:
        for model in ("rix/sat-forever", "openai/e500", "openai/sse-error-after-content-429"):
            error_of(Rig(plugin, gateway, key).chat(model, budget=0.5, fields=THREE))
    long = [Rig(plugin, gateway, key).chat(LONG, budget=20, fields=THREE) for plugin in pair * 2]
    assert gateway.wait_for(lambda simulator: _in_flight(simulator) == 3)
    assert sum(session.done for session in long) == 0


def test_requests_of_a_minute_are_counted_together(
    pair: tuple[PluginProcess, PluginProcess], gateway: Simulator
) -> None:
    key = new_key()
    fields = {"requests_per_minute": "5"}
    sessions = [
        Rig(plugin, gateway, key).chat("rix/ok", budget=5, fields=fields)
        for _ in range(5)
        for plugin in pair
    ]
    errors = [session.wait().error for session in sessions]
    assert gateway.count() == 5
    assert {error.error_type for error in errors if error} == {"InvokeRateLimitError"}


def test_tokens_of_a_minute_are_counted_together(
    pair: tuple[PluginProcess, PluginProcess], gateway: Simulator
) -> None:
    """3,000 are two calls of 1,000 with headroom, whichever process sends them."""
    key = new_key()
    fields = {"tokens_per_minute": "3000"}
    sessions = [
        Rig(plugin, gateway, key).chat("openai/ok-slow-800", "word " * 800, budget=3, fields=fields)
        for _ in range(3)
        for plugin in pair
    ]
    errors = [session.wait().error for session in sessions]
    assert gateway.count() == 2
    assert [error.error_type for error in errors if error] == ["InvokeRateLimitError"] * 4


@pytest.mark.parametrize("of_key", [False, True], ids=["of a model", "of a key"])
def test_what_one_was_told_holds_for_the_other(
    pair: tuple[PluginProcess, PluginProcess], of_key: bool, stream: bool
) -> None:
    """It answers the call that listens, and then tells to wait."""
    limit = {"scope": "key" if of_key else "model", "seconds": 120, "after": 1}
    scenario = {"told": {"family": "rix", "behaviour": "tokens-10000-every-20", "limit": limit}}
    key = new_key()
    with Simulator(seed=3, scenario=scenario) as gateway:
        one, other = (Rig(plugin, gateway, key) for plugin in pair)
        other.chat("told", budget=20).wait_for_text()
        error_of(one.chat("told", budget=30, stream=stream))
        assert gateway.wait_for(lambda _: _is_refused_unasked(other, "told", stream=stream))
        free = other.chat("rix/ok", budget=30, stream=stream).wait()
        if of_key:
            assert free.error
            assert "All models of this key are affected." in free.error.message
            assert "rix/ok" not in [seen.model for seen in gateway.seen]
        else:
            assert succeeded(free).text == WORDS


def _is_refused_unasked(rig: Rig, model: str, *, stream: bool) -> bool:
    """Whether a call is told the wait that another process was told; it would be asked else."""
    before = len(rig.seen())
    error = error_of(rig.chat(model, budget=30, stream=stream))
    assert re.search(r"asks to wait 1(20|1\d) s", error.message)
    return len(rig.seen()) == before


def _in_flight(simulator: Simulator) -> int:
    return int(simulator.stats()["in_flight"])


def test_a_killed_process_gives_its_places_back(
    redis_process: RedisProcess, gateway: Simulator
) -> None:
    """With leases of 2 s; what differs from the real ones is that number."""
    assert LEASE_SECONDS + 2 * ASK_AGAIN_SECONDS < 35
    key = new_key()
    env = {VARIABLE: redis_process.url}
    starts = [
        PluginProcess(ROOT, env=env, entrypoint="tests.process.short_leases") for _ in range(2)
    ]
    with starts[0] as killed, starts[1] as left:
        for _ in range(3):
            Rig(killed, gateway, key).chat(LONG, budget=20, fields=THREE).wait_for_text()
        waiting: list[Session] = [
            Rig(left, gateway, key).chat(LONG, budget=60, fields=THREE) for _ in range(6)
        ]
        os.killpg(killed.pid, signal.SIGKILL)
        assert gateway.wait_for(lambda simulator: _in_flight(simulator) == 0)
        assert gateway.wait_for(lambda simulator: _in_flight(simulator) == 3)
        # It lives on by being renewed, so that there are never four.
        assert not gateway.wait_for(lambda simulator: _in_flight(simulator) > 3, 3.0)
        assert gateway.in_flight_peak == 3
        assert not any(session.done for session in waiting)


@pytest.fixture
def stopped(
    gateway: Simulator,
) -> Iterator[tuple[RedisProcess, Rig]]:
    with RedisProcess() as redis, PluginProcess(ROOT, env={VARIABLE: redis.url}) as plugin:
        yield redis, Rig(plugin, gateway, new_key())


def test_a_redis_that_stops_fails_no_call(stopped: tuple[RedisProcess, Rig]) -> None:
    """Before, while it does not answer, and after; with everything switched on."""
    redis, rig = stopped
    fields = {**THREE, "requests_per_minute": "1000", "cache_ttl_seconds": "60"}

    def ask(prompt: str) -> Session:
        return rig.chat("rix/ok", prompt, budget=30, fields=fields, parameters={"temperature": 0})

    succeeded(ask("before"))
    redis.stop()
    for session in [ask(f"meanwhile {number}") for number in range(20)]:
        assert succeeded(session).text == WORDS
    redis.go_on()
    assert succeeded(ask("after")).text == WORDS
    said = [line.message for line in rig.plugin.logs]
    assert len([line for line in said if "may be exceeded" in line]) == 1
    assert str(redis.port) not in rig.plugin.output
