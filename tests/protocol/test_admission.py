"""Many calls through a full gateway: order, waste and bounds, counted on the server's side."""

import re
from collections.abc import Iterator
from statistics import fmean

import pytest

from harness import PluginProcess, Session, predefined
from protocol.desk import ROOT, WORDS, Desk, error_of, new_key, succeeded
from simulator import Scenario, Seen, Simulator

BATCH = 200
WAITING_MAX_OF_A_KEY = 1_000
POISON = "x" * 3_000

SCENARIO: Scenario = {
    "told": {
        "capacity": {"kind": "bucket", "rate": 1.0, "burst": 1},
        "service": {"mean": 0.02},
        "retry_after": True,
    },
    "poisoned": {
        "capacity": {"kind": "slots", "slots": 3},
        "service": {"mean": 0.05},
        "poison": {"characters": 2_000},
    },
    "slow-no": {
        "capacity": {"kind": "slots", "slots": 0},
        "reject_latency": 0.2,
    },
    "roomy": {
        "capacity": {"kind": "slots", "slots": 50},
        "service": {"mean": 0.1},
    },
}


@pytest.fixture(scope="module")
def own_plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT) as plugin:
        yield plugin


@pytest.fixture
def crowd(own_plugin: PluginProcess) -> Iterator[Desk]:
    """A simulator of its own, for counts that are nobody else's; a plugin that nobody shares."""
    with Simulator(seed=9, scenario=SCENARIO) as simulator:
        yield Desk(own_plugin, simulator, new_key())
        assert own_plugin.violations == []


def ended_in_order(sessions: list[Session]) -> list[int]:
    """Numbers of the sessions, in the order in which they ended."""
    return sorted(range(len(sessions)), key=lambda number: sessions[number].events[-1].at)


def prompts_of(seen: list[Seen]) -> list[str]:
    return [(one.body or {})["messages"][-1]["content"] for one in seen]


def let_in(desk: Desk, count: int, total: int) -> list[int]:
    """Numbers of the calls of a batch, in the order of their last (the admitted) attempts."""
    last = {text: place for place, text in enumerate(prompts_of(desk.seen()))}
    assert len(last) == total
    return sorted(range(count), key=lambda number: last[f"number {number}"])


def displacement(order: list[int]) -> float:
    """Mean distance from the place of arrival, as a part of the batch."""
    return fmean(abs(place - number) for place, number in enumerate(order)) / len(order)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_batch_through_five_slots(crowd: Desk, streaming: bool) -> None:
    """Success 100 %, little waste, and who came first is let in first."""
    sessions = [
        crowd.chat("rix/slots-5-100", f"number {number}", budget=120, stream=streaming)
        for number in range(BATCH)
    ]
    for session in sessions:
        assert succeeded(session).text == WORDS
    (place,) = crowd.simulator.stats()["models"]
    assert place["admitted"] == BATCH
    assert place["admitted"] + place["rejected"] <= 1.15 * BATCH
    assert place["busy_peak"] == 5
    assert displacement(let_in(crowd, BATCH, BATCH)) <= 0.02


def test_a_second_users_chat_does_not_stand_behind_a_batch(crowd: Desk) -> None:
    batch = [
        crowd.chat("rix/slots-5-100", f"number {number}", budget=120, user_id="batch")
        for number in range(BATCH)
    ]
    assert crowd.simulator.wait_for(lambda sim: sim.count() >= 15, 30.0)
    came_after = len(crowd.seen())
    chat = crowd.chat("rix/slots-5-100", "a person", budget=120, user_id="person")
    succeeded(chat)
    answered_before = sum(session.done for session in batch)
    for session in batch:
        succeeded(session)
    assert answered_before < BATCH / 2
    sent = prompts_of(crowd.seen())
    # Where it came among the requests, rejected ones and those that were under way included.
    assert sent.index("a person") - came_after <= 25
    assert displacement(let_in(crowd, BATCH, BATCH + 1)) <= 0.02


@pytest.mark.parametrize("model", ["rix/ok-slow-100", "rix/slots-1-100", "slow-no", "rix/e500"])
def test_a_concurrency_limit_is_kept_strictly(crowd: Desk, model: str) -> None:
    """Failed attempts counted: those that were refused, and those that are repeated."""
    sessions = [
        crowd.chat(model, f"number {number}", budget=3, fields={"max_concurrency": "2"})
        for number in range(12)
    ]
    for session in sessions:
        session.wait(120)
    assert crowd.simulator.count() >= 6
    assert crowd.simulator.in_flight_peak == 2 or (
        model == "rix/e500" and crowd.simulator.in_flight_peak <= 2
    )


def test_without_a_limit_more_are_sent_at_once(crowd: Desk) -> None:
    for session in [crowd.chat("rix/ok-slow-300", budget=20) for _ in range(12)]:
        succeeded(session)
    assert crowd.simulator.in_flight_peak > 2


def test_the_strictest_limit_of_a_key_holds_for_all_its_models(crowd: Desk) -> None:
    sessions = [
        crowd.chat(model, budget=60, fields={"max_concurrency": limit})
        for _ in range(6)
        for model, limit in (("rix/ok-slow-50", "4"), ("openai/ok-slow-50", "2"))
    ]
    for session in sessions:
        succeeded(session)
    # The first came before the second limit was known.
    late = crowd.simulator.in_flight_peak
    assert late <= 3


def test_a_limit_a_minute_counts_every_attempt(crowd: Desk) -> None:
    """In a budget of 2 s there is one minute: five requests, whatever became of them."""
    fields = {"requests_per_minute": "5"}
    sessions = [crowd.chat("rix/sat-3-then-ok", budget=4, fields=fields) for _ in range(12)]
    for session in sessions:
        session.wait(60)
    done = [session for session in sessions if session.error is None]
    assert crowd.simulator.count() == 5
    assert len(done) == 2
    refused = [session.error for session in sessions if session.error]
    assert {one.error_type for one in refused} == {"InvokeRateLimitError"}


def test_the_1001st_waiting_call_is_refused_and_other_tenants_are_not(crowd: Desk) -> None:
    """1,000 wait behind one that is being answered; nobody else notices."""
    busy = {"max_concurrency": "1"}
    model = "openai/tokens-10000-every-20"
    first = crowd.chat(model, budget=400, fields=busy)
    first.wait_for_text()
    waiting = [crowd.chat(model, budget=400, fields=busy) for _ in range(WAITING_MAX_OF_A_KEY)]
    surplus = [crowd.chat(model, budget=400, fields=busy) for _ in range(3)]
    for session in surplus:
        error = error_of(session)
        assert error.error_type == "InvokeRateLimitError"
        assert "too many calls are waiting" in error.message
        found = re.search(r"(\d+) calls are waiting", error.message)
        assert found
        assert int(found[1]) in {WAITING_MAX_OF_A_KEY, WAITING_MAX_OF_A_KEY + 1}
    assert not any(session.done for session in waiting)
    other = new_key()
    assert succeeded(crowd.chat("rix/ok", key=other)).text == WORDS
    assert succeeded(crowd.chat("rix/ok", key=other, stream=False)).text == WORDS
    saved = crowd.plugin.validate_provider(predefined(crowd.simulator.base_url, new_key()))
    succeeded(saved)
    succeeded(crowd.plugin.validate_model("rix/ok", crowd.form(new_key())))
    # The crowd's own key too can be saved: a save waits in no queue.
    succeeded(crowd.plugin.validate_provider(predefined(crowd.simulator.base_url, crowd.key)))
    assert not any(session.done for session in (first, *waiting))
    assert crowd.simulator.count(model) == 1
    # They would wait on: this process is nobody's any more.
    crowd.plugin.close()


@pytest.fixture
def fresh() -> Iterator[Desk]:
    with Simulator(seed=9, scenario=SCENARIO) as simulator, PluginProcess(ROOT) as plugin:
        yield Desk(plugin, simulator, new_key())
        assert plugin.violations == []


def test_what_the_server_told_holds_back_every_call_of_the_key(crowd: Desk) -> None:
    """Calls of another model too, as the account is told; another key's call passes at once."""
    held = crowd.chat("openai/sat-1-then-ok-ra-2", budget=20)
    assert crowd.simulator.wait_for(lambda sim: sim.count() == 1, 10.0)
    crowd.plugin_settles = None if False else None
