"""The bounds of the queue, through the process: memory, time, and a gateway shut for long."""

import re
from collections.abc import Iterator

import pytest

from devtools import PluginProcess, Session
from simulator import Simulator
from tests.process.rig import ROOT, Rig, error_of, new_key

MAX_WAITING_BYTES = 384 * 1024 * 1024
LARGE = 40 * 1024 * 1024
"""Characters of a call with images."""
ENDLESS = "openai/tokens-10000-every-20"
ONE_AT_A_TIME = {"max_concurrency": "1"}


@pytest.fixture
def fresh() -> Iterator[Rig]:
    """A process of its own, as many calls are left waiting in it."""
    with Simulator(seed=9) as simulator, PluginProcess(ROOT) as plugin:
        yield Rig(plugin, simulator, new_key())
        assert plugin.violations == []


def crowd(rig: Rig, key: str, calls: int, prompt: str = "hi") -> list[Session]:
    """Calls that wait behind one that is being answered."""

    def ask(prompt: str) -> Session:
        return rig.chat(ENDLESS, prompt, budget=400, key=key, fields=ONE_AT_A_TIME)

    ask("hi").wait_for_text()
    return [ask(prompt) for _ in range(calls)]


def length_told(session: Session) -> int:
    """The queue's length, as its refusal tells."""
    error = error_of(session)
    assert error.error_type == "InvokeRateLimitError"
    told = re.search(r"(\d+) calls are waiting", error.message)
    assert told, error.message
    return int(told[1])


def test_four_thousand_calls_at_once_are_all_served() -> None:
    """Through 200 slots of 0.3 s, of one key: nobody is one too many."""
    capacity = {"kind": "slots", "slots": 200}
    scenario = {"wide": {"capacity": capacity, "service": {"mean": 0.3}}}
    with Simulator(seed=9, scenario=scenario) as simulator, PluginProcess(ROOT) as plugin:
        rig = Rig(plugin, simulator, new_key())
        sessions = [rig.chat("wide", budget=300, stream=False) for _ in range(4_000)]
        for session in sessions:
            assert session.wait(400.0).error is None, session.error
        assert plugin.violations == []


def test_the_largest_calls_give_way_before_memory_does(fresh: Rig) -> None:
    images = crowd(fresh, new_key(), MAX_WAITING_BYTES // LARGE, "x" * LARGE)
    texts = crowd(fresh, new_key(), 20)
    assert not any(session.done for session in (*images, *texts))
    last = crowd(fresh, new_key(), 1, "x" * LARGE)
    assert length_told(images[-1]) == len(images)
    assert not any(session.done for session in (*images[:-1], *texts, *last))


OUTAGE: dict[str, dict[str, object]] = {
    "outage": {"capacity": {"kind": "slots", "slots": 5, "outage": [0, 14]}, "scope": "account"}
}


@pytest.fixture
def shut() -> Iterator[Rig]:
    """A gateway that lets nothing in, and a plugin that takes two seconds of it for long."""
    with (
        Simulator(seed=9, scenario=OUTAGE) as simulator,
        PluginProcess(ROOT, entrypoint="tests.process.early_shedding") as plugin,
    ):
        yield Rig(plugin, simulator, new_key())
        assert plugin.violations == []


def test_only_a_chat_without_a_typed_wait_gives_a_gateway_long_shut_up(shut: Rig) -> None:
    """It waits for the next probe, 5 s at most, and may be it; what was typed is a promise."""
    model = "rix/sat-forever"
    form, typed = shut.form(), shut.form(max_retry_seconds="300")
    earlier = shut.chat(model, budget=60)
    assert shut.simulator.wait_for(lambda simulator: simulator.count() >= 5)
    waiting = [
        *(shut.plugin.chat(model, credentials=typed, stream=stream) for stream in (False, True)),
        *(
            shut.plugin.embed(model, ["a"], credentials=each, input_type=kind)
            for each in (form, typed)
            for kind in ("document", "query")
        ),
        shut.plugin.rerank(model, "q", ["a", "b"], credentials=form),
        shut.plugin.moderate(model, "text", credentials=form),
    ]
    new = [shut.plugin.chat(model, credentials=form, stream=stream) for stream in (False, True)]
    before = shut.simulator.count(model)
    for session in new:
        error = error_of(session)
        assert error.error_type == "InvokeRateLimitError"
        assert "the gateway has rejected all calls for a minute" in error.message
        assert "longer Max Retry Seconds" in error.message
    assert not earlier.done
    assert not any(session.done for session in waiting)
    # One in a while, for all of them: at most as many as the pauses of a closed gateway leave.
    assert shut.simulator.count(model) - before <= 4 * len({"chat", "embed", "rerank", "moderate"})


def test_a_gateway_that_opens_again_serves_whoever_typed_a_longer_wait(shut: Rig) -> None:
    """It comes long after the outage began, and the gateway is back later than five seconds."""
    model = "outage"
    first = shut.chat(model, budget=60)
    assert shut.simulator.wait_for(lambda simulator: simulator.count(model) >= 5)
    late = [shut.chat(model, budget=300, stream=stream) for stream in (False, True)]
    query = shut.plugin.embed(model, ["a"], credentials=shut.form(), input_type="query")
    for session in (first, *late, query):
        assert session.wait(120.0).error is None, session.error
