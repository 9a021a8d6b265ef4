"""Many calls through a full gateway: order, waste and bounds, counted on the server's side."""

import re
from collections.abc import Iterator
from statistics import fmean
from typing import Any

import pytest

from devtools import PluginProcess, Session, predefined
from simulator import Seen, Simulator
from tests.process.rig import ROOT, WORDS, Rig, error_of, new_key, succeeded

BATCH = 200
CROWD = 1_500
"""Waiting calls of a key."""

CROWDED: dict[str, dict[str, object]] = {
    "poisoned": {
        "capacity": {"kind": "slots", "slots": 3},
        "service": {"mean": 0.05},
        "poison": {"characters": 2_000},
    },
    "slow-no": {"capacity": {"kind": "slots", "slots": 0}, "reject_latency": 0.2},
}

# Its process is started once.
pytestmark = pytest.mark.xdist_group("protocol-admission")


@pytest.fixture(scope="module")
def own_plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT) as plugin:
        yield plugin


@pytest.fixture
def own_rig(own_plugin: PluginProcess) -> Iterator[Rig]:
    """A simulator of its own, for counts that are nobody else's."""
    with Simulator(seed=9, scenario=CROWDED) as simulator:
        yield Rig(own_plugin, simulator, new_key())
        assert own_plugin.violations == []


@pytest.fixture
def fresh() -> Iterator[Rig]:
    """A process too, for what leaves many calls waiting."""
    with Simulator(seed=9, scenario=CROWDED) as simulator, PluginProcess(ROOT) as plugin:
        yield Rig(plugin, simulator, new_key())
        assert plugin.violations == []


def prompts_of(seen: list[Seen]) -> list[str]:
    return [(one.body or {})["messages"][-1]["content"] for one in seen]


def displacement(rig: Rig, count: int) -> float:
    """Mean distance of the calls `number N` from their place of arrival, as a part of the batch.

    The last attempt of a call is the one that was let in.
    """
    last = {text: place for place, text in enumerate(prompts_of(rig.seen()))}
    order = sorted(range(count), key=lambda number: last[f"number {number}"])
    return fmean(abs(place - number) for place, number in enumerate(order)) / count


def batch_of(rig: Rig, **more: Any) -> list[Session]:
    return [
        rig.chat("rix/slots-5-100", f"number {number}", budget=120, **more)
        for number in range(BATCH)
    ]


def test_a_batch_through_five_slots(own_rig: Rig, stream: bool) -> None:
    """Success 100 %, little waste, and who came first is let in first."""
    for session in batch_of(own_rig, stream=stream):
        assert succeeded(session).text == WORDS
    (place,) = own_rig.simulator.stats()["models"]
    assert place["admitted"] == BATCH
    assert place["admitted"] + place["rejected"] <= 1.15 * BATCH
    assert place["busy_peak"] == 5, "the slots were used"
    assert displacement(own_rig, BATCH) <= 0.02


def test_a_second_users_chat_does_not_stand_behind_a_batch(own_rig: Rig) -> None:
    batch = batch_of(own_rig, user_id="batch")
    # What is read after them all is answered once they all stand in line.
    own_rig.plugin.num_tokens("m", "hi", credentials=own_rig.form()).wait()
    sent_before = own_rig.simulator.count()
    succeeded(own_rig.chat("rix/slots-5-100", "a person", budget=120, user_id="person"))
    assert not all(session.done for session in batch)
    for session in batch:
        succeeded(session)
    # Those under way while it travelled here, and a lost exploration or two, may come before it.
    assert prompts_of(own_rig.seen()).index("a person") - sent_before <= 25
    assert displacement(own_rig, BATCH) <= 0.02


@pytest.mark.parametrize(
    ("model", "budget", "least", "peaks"),
    [
        ("rix/slots-50-100", 60, 12, {2}),
        ("rix/slots-1-100", 60, 13, {2}),
        ("rix/e500", 3, 13, {1, 2}),
        ("slow-no", 3, 3, {2}),
    ],
)
def test_a_limit_of_calls_at_once_is_kept_strictly(
    own_rig: Rig, model: str, budget: float, least: int, peaks: set[int]
) -> None:
    """Failed attempts counted: those that were refused, and those that are repeated."""
    limit = {"max_concurrency": "2"}
    sessions = [own_rig.chat(model, budget=budget, fields=limit) for _ in range(12)]
    for session in sessions:
        session.wait()
    assert own_rig.simulator.count() >= least
    assert own_rig.simulator.in_flight_peak in peaks


def test_without_a_limit_more_are_sent_at_once(own_rig: Rig) -> None:
    for session in [own_rig.chat("rix/ok-slow-300", budget=20) for _ in range(12)]:
        succeeded(session)
    assert own_rig.simulator.in_flight_peak > 2


def test_the_strictest_limit_of_a_key_holds_for_all_its_models(own_rig: Rig) -> None:
    succeeded(own_rig.chat("rix/ok", budget=60, fields={"max_concurrency": "2"}))
    sessions = [
        own_rig.chat(model, budget=60, fields=fields)
        for _ in range(6)
        for model, fields in (
            ("rix/ok-slow-50", {"max_concurrency": "7"}),
            ("openai/ok-slow-50", {}),
        )
    ]
    for session in sessions:
        succeeded(session)
    assert own_rig.simulator.in_flight_peak == 2


def test_a_limit_a_minute_counts_every_attempt(own_rig: Rig, stream: bool) -> None:
    """Whatever became of them: two answers and three refusals are five requests."""
    limit = {"requests_per_minute": "5"}
    sessions = [
        own_rig.chat("rix/sat-3-then-ok", budget=4, fields=limit, stream=stream) for _ in range(12)
    ]
    errors = [error for session in sessions if (error := session.wait().error)]
    assert own_rig.simulator.count() == 5
    assert len(errors) == 10
    assert {error.error_type for error in errors} == {"InvokeRateLimitError"}


def test_a_limit_a_minute_is_of_the_key_and_not_of_the_process(own_rig: Rig) -> None:
    keys = [new_key(), new_key()]
    limit = {"requests_per_minute": "5"}
    sessions = [
        own_rig.chat("rix/ok", budget=3, key=key, fields=limit) for _ in range(8) for key in keys
    ]
    for session in sessions:
        session.wait()
    assert [len(own_rig.seen(key)) for key in keys] == [5, 5]
    assert sum(session.error is None for session in sessions) == 10


def test_a_backlog_of_waiting_calls_disturbs_nobody_else(fresh: Rig) -> None:
    """They wait behind one that is being answered, and all of them may."""
    limit = {"max_concurrency": "1"}
    model = "openai/tokens-10000-every-20"

    def ask() -> Session:
        return fresh.chat(model, budget=400, fields=limit)

    first = ask()
    first.wait_for_text()
    waiting = [ask() for _ in range(CROWD)]
    other = new_key()
    assert succeeded(fresh.chat("rix/ok", key=other)).text == WORDS
    assert succeeded(fresh.chat("rix/ok", key=other, stream=False)).text == WORDS
    form = predefined(fresh.simulator.base_url, new_key())
    succeeded(fresh.plugin.validate_provider(form))
    succeeded(fresh.plugin.validate_model("rix/ok", fresh.form(new_key())))
    # The crowd's own key can be saved as well: a save waits in no queue.
    succeeded(fresh.plugin.validate_provider(predefined(fresh.simulator.base_url, fresh.key)))
    assert not any(session.done for session in (first, *waiting))
    assert fresh.simulator.count(model) == 1


def test_who_cannot_be_served_in_time_is_told_at_once(own_rig: Rig) -> None:
    """Of a rate that was typed it is known before anything was sent."""
    limit = {"requests_per_minute": "5", "max_concurrency": "1"}
    sessions = [own_rig.chat("openai/ok-slow-2000", budget=50, fields=limit) for _ in range(9)]
    error = error_of(sessions[-1])
    assert error.error_type == "InvokeRateLimitError"
    assert "timed out in the queue" in error.message
    assert "calls are ahead of it" in error.message
    assert own_rig.simulator.count() <= 1, "long before its time was over"


def test_what_the_server_told_holds_back_every_call_of_the_model(own_rig: Rig) -> None:
    """Not those for other models, nor those with another key."""
    model = "openai/sat-1-then-ok-ra-2"
    held = [own_rig.chat(model, budget=20)]
    assert own_rig.simulator.wait_for(lambda simulator: simulator.count() == 1)
    # By the time that this one is answered, the refusal has been understood.
    succeeded(own_rig.chat("openai/ok-slow-200", key=new_key(), budget=20))
    held += [own_rig.chat(model, budget=20) for _ in range(5)]
    free = [own_rig.chat(each, budget=20) for each in ("openai/ok", "rix/ok") for _ in range(5)]
    for session in (*free, *held):
        assert succeeded(session).text == WORDS
    first, *others = (one.at for one in own_rig.seen() if one.model == model)
    assert len(others) == 6
    assert min(others) - first >= 2.0


@pytest.mark.parametrize("user", ["u1", "somebody else"])
def test_a_call_that_is_always_refused_does_not_starve_the_rest(own_rig: Rig, user: str) -> None:
    poison = own_rig.chat("poisoned", "x" * 3_000, budget=8, user_id=user)
    rest = [own_rig.chat("poisoned", f"number {number}", budget=100) for number in range(90)]
    for session in rest:
        assert succeeded(session).text == WORDS
    assert error_of(poison).error_type == "InvokeRateLimitError"
    sent = prompts_of(own_rig.seen())
    poisoned = sum(text.startswith("x") for text in sent)
    assert 3 <= poisoned <= 12
    assert len(sent) - poisoned <= 1.2 * len(rest)
    assert displacement(own_rig, 90) <= 0.05


def test_a_lone_poison_call_is_tried_until_its_budget_is_over(own_rig: Rig) -> None:
    error = error_of(own_rig.chat("poisoned", "x" * 3_000, budget=3))
    assert error.error_type == "InvokeRateLimitError"
    assert 2 <= own_rig.simulator.count() <= 12


def test_a_retry_after_longer_than_the_budget_ends_every_waiting_call_of_the_model(
    own_rig: Rig,
) -> None:
    first = own_rig.chat("openai/sat-forever-ra-120", budget=30)
    assert error_of(first).error_type == "InvokeRateLimitError"
    second = error_of(own_rig.chat("openai/sat-forever-ra-120", budget=30))
    assert second.error_type == "InvokeRateLimitError"
    assert re.search(r"asks to wait 1(20|1\d) s", second.message)
    assert own_rig.simulator.count() == 1


def test_a_lone_call_refused_in_its_first_events_is_no_poison(own_rig: Rig, stream: bool) -> None:
    """Refused five times by status, it is through in some 6 s; in a stream's event, no later."""
    plain = own_rig.chat("rix/sat-5-then-ok", budget=20, stream=stream, key=new_key())
    in_events = own_rig.chat("rix/sse-error-no-type-5-then-ok", budget=20, stream=stream)
    assert succeeded(plain).text == WORDS
    assert succeeded(in_events).text == WORDS
