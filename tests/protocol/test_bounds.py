"""The bounds of the queue, through the process: calls, memory, and a gateway shut for long."""

import re
from collections.abc import Iterator

import pytest

from harness import PluginProcess, Session, predefined
from protocol.desk import ROOT, WORDS, Desk, error_of, new_key, succeeded
from simulator import Simulator

WAITING_MAX = 2_000
BYTES_WAITING_MAX = 256 * 1024 * 1024
LARGE = 24 * 1024 * 1024
"""Characters of a call with images."""
ENDLESS = "openai/tokens-10000-every-20"
ONE_AT_A_TIME = {"max_concurrency": "1"}


@pytest.fixture
def fresh() -> Iterator[Desk]:
    """A process of its own, as many calls are left waiting in it."""
    with Simulator(seed=9) as simulator, PluginProcess(ROOT) as plugin:
        yield Desk(plugin, simulator, new_key())
        assert plugin.violations == []


def crowd(desk: Desk, key: str, calls: int, prompt: str = "hi") -> list[Session]:
    """Calls that wait behind one that is being answered."""

    def ask(prompt: str) -> Session:
        return desk.chat(ENDLESS, prompt, budget=400, key=key, fields=ONE_AT_A_TIME)

    ask("hi").wait_for_text()
    return [ask(prompt) for _ in range(calls)]


def length_told(session: Session) -> int:
    """The queue's length, as its refusal tells."""
    error = error_of(session)
    assert error.error_type == "InvokeRateLimitError"
    told = re.search(r"(\d+) calls are waiting", error.message)
    assert told, error.message
    return int(told[1])


def test_two_thousand_calls_wait_in_a_process_and_the_key_with_most_gives_way(fresh: Desk) -> None:
    great, small = 900, WAITING_MAX - 2 * 900
    first = crowd(fresh, new_key(), great)
    second = crowd(fresh, new_key(), great - 1)
    third = crowd(fresh, new_key(), small + 1)
    assert not any(session.done for session in (*first, *second, *third))
    late = crowd(fresh, new_key(), 1)
    assert great <= length_told(first[-1]) <= great + 1
    assert not any(session.done for session in (*first[:-1], *second, *third, *late))
    other = new_key()
    assert succeeded(fresh.chat("rix/ok", key=other)).text == WORDS
    succeeded(fresh.plugin.validate_provider(predefined(fresh.simulator.base_url, new_key())))


def test_the_largest_calls_give_way_before_memory_does(fresh: Desk) -> None:
    images = crowd(fresh, new_key(), BYTES_WAITING_MAX // LARGE, "x" * LARGE)
    texts = crowd(fresh, new_key(), 20)
    assert not any(session.done for session in (*images, *texts))
    last = crowd(fresh, new_key(), 1, "x" * LARGE)
    assert length_told(images[-1]) == len(images)
    assert not any(session.done for session in (*images[:-1], *texts, *last))


@pytest.fixture
def shut() -> Iterator[Desk]:
    """A gateway that lets nothing in, and a plugin that takes two seconds of it for long."""
    with (
        Simulator(seed=9) as simulator,
        PluginProcess(ROOT, entrypoint="tests.protocol.hasty") as plugin,
    ):
        yield Desk(plugin, simulator, new_key())
        assert plugin.violations == []


def test_a_new_call_at_a_gateway_long_shut_fails_before_those_that_wait(shut: Desk) -> None:
    """It waits for the next probe, 5 s at most, and may be it; documents wait on."""
    model = "rix/sat-forever"
    form = shut.form(max_retry_seconds="60")
    earlier = shut.chat(model, budget=60)
    assert shut.simulator.wait_for(lambda simulator: simulator.count() >= 5)
    documents = shut.plugin.embed(model, ["a"], credentials=form, input_type="document")
    new = [
        shut.chat(model, budget=60),
        shut.plugin.embed(model, ["b"], credentials=form, input_type="query"),
    ]
    for session in new:
        error = error_of(session)
        assert error.error_type == "InvokeRateLimitError"
        assert "the gateway has let nothing through for a minute" in error.message
    assert not earlier.done
    assert not documents.done
