"""Many calls at once through one process."""

import itertools
from collections.abc import Iterator

import pytest

from devtools import PluginProcess, Session
from simulator import Simulator
from tests.process.rig import ROOT, WORDS, Rig, error_of, new_key, succeeded

CALLS = 200


@pytest.fixture
def fresh() -> Iterator[Rig]:
    """A process and a simulator of their own, for counts that are nobody else's."""
    with Simulator(seed=8) as simulator, PluginProcess(ROOT) as plugin:
        yield Rig(plugin, simulator, new_key())
        assert plugin.violations == []


def test_connections_are_no_more_than_calls_in_flight(fresh: Rig) -> None:
    sessions = []
    for _ in range(3):
        wave = [fresh.chat("openai/ok-slow-20") for _ in range(CALLS)]
        for session in wave:
            assert succeeded(session).text == WORDS
        sessions += wave
    assert fresh.simulator.count() == 3 * CALLS
    assert fresh.simulator.connections <= most_at_once(sessions)


def most_at_once(sessions: list[Session]) -> int:
    """How many of the calls were open at the same time."""
    moments = [(one.sent_at, 1) for one in sessions]
    moments += [(one.events[-1].at, -1) for one in sessions]
    return max(itertools.accumulate(change for _, change in sorted(moments)))


def test_one_after_the_other_shares_one_connection(fresh: Rig) -> None:
    models = ("openai/ok", "rix/ok", "openai/ok-json-for-stream", "rix/e400", "new-api/ok")
    for number in range(20):
        fresh.chat(models[number % len(models)], stream=number % 2 == 0).wait()
    assert fresh.simulator.count() == 20
    assert fresh.simulator.connections == 1


def test_a_backlog_keeps_apart(rig: Rig) -> None:
    """Answers, failures and refusals mixed, each in its own session and its own words."""
    prompts = [f"call number {number} says {number * number}" for number in range(CALLS)]
    echoes = [
        rig.chat("rix/echo", prompt, stream=bool(number % 2))
        for number, prompt in enumerate(prompts)
    ]
    saturated = [rig.chat("rix/sat-1-then-ok", key=new_key(), budget=20) for _ in range(50)]
    refused = [rig.chat("rix/ok", key=new_key("sk-wrong")) for _ in range(50)]
    hopeless = [rig.chat("new-api/sat-forever", key=new_key(), budget=1) for _ in range(50)]
    for prompt, session in zip(prompts, echoes, strict=True):
        assert succeeded(session).text == prompt
    for session in saturated:
        assert succeeded(session).text == WORDS
    assert {error_of(one).error_type for one in refused} == {"InvokeAuthorizationError"}
    assert {error_of(one).error_type for one in hopeless} == {"InvokeRateLimitError"}


def test_a_backlog_gets_through_few_slots(rig: Rig) -> None:
    """Four slots of 20 ms for sixty calls: all of them get through by waiting."""
    sessions = [rig.chat("rix/slots-4-20", budget=60) for _ in range(60)]
    for session in sessions:
        assert succeeded(session).text == WORDS
