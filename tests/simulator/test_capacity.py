"""Capacity models: pure, then through the server, counted on its side."""

import random
import threading
from typing import Any

import pytest

from simulator import Simulator
from simulator.capacity import (
    AdaptiveLimit,
    Bucket,
    Slots,
    Strangers,
    TokenWindow,
    capacity_of,
    level_of,
)
from simulator.client import Heard, chat
from simulator.scenario import CrowdedModel, load, spec_of


def admitted(capacity: Any, times: list[float]) -> list[bool]:
    return [capacity.admit(at) for at in times]


def test_slots() -> None:
    slots = Slots(lambda _now: 2)
    assert admitted(slots, [0, 0, 0]) == [True, True, False]
    slots.done(1)
    assert admitted(slots, [1, 1]) == [True, False]


def test_tokens_of_prompts_are_limited_besides() -> None:
    window = TokenWindow(limit=100, seconds=60.0)
    assert [window.admit(at, 240) for at in (0.0, 1.0, 59.9, 60.0)] == [True, False, False, True]
    assert window.admit(200.0, 4_000), "larger than the whole, when nothing else counts"
    spec = {"capacity": {"kind": "slots", "slots": 1}, "tokens": {"limit": 100, "seconds": 60}}
    model = CrowdedModel.build("metered", spec, 1)
    assert model.enter(0.0, 240) is not None
    model.leave(1.0)
    assert model.enter(1.0, 240) is None, "no tokens are left"
    assert model.enter(1.0, 40) is not None, "the slot was not taken by the one before"


def test_bucket() -> None:
    bucket = Bucket(lambda _now: 10.0, burst=2)
    assert admitted(bucket, [0, 0, 0, 0.05, 0.1, 0.1]) == [True, True, False, False, True, False]
    assert bucket.wait(0.1) == pytest.approx(0.1)
    assert admitted(bucket, [100, 100, 100]) == [True, True, False]


def test_window() -> None:
    window = AdaptiveLimit(lambda _now: 2, seconds=10)
    assert admitted(window, [0, 1, 2, 9.9, 10]) == [True, True, False, False, True]
    assert window.wait(12) == pytest.approx(8)


def test_window_that_counts_failures_shares_the_count() -> None:
    window = AdaptiveLimit(lambda now: 2 if now < 10 else 3, seconds=20, counts_failures=True)
    # The third call is refused and uses the window up, though the limit rises to three.
    assert admitted(window, [0, 1, 2, 11]) == [True, True, False, False]


def test_steps_and_outage() -> None:
    level = level_of(20, {"steps": [[10, 5], [40, 40]], "outage": [50, 60]}, random.Random(0))
    assert [level(at) for at in (0, 9.9, 10, 39, 40, 49, 50, 59, 60)] == [
        20, 20, 5, 5, 40, 40, 0, 0, 40,
    ]  # fmt: skip


def test_random_walk_stays_within_its_bounds_and_follows_the_seed() -> None:
    spec = {"walk": {"every": 1, "step": 3, "min": 2, "max": 9}}
    one, same, other = (level_of(5, spec, random.Random(seed)) for seed in (1, 1, 2))
    path = [one(at) for at in range(200)]
    assert path == [same(at) for at in range(200)]
    assert path != [other(at) for at in range(200)]
    assert set(path) <= {2, 3, 5, 6, 8, 9}
    assert len(set(path)) > 2


def test_strangers_take_their_share() -> None:
    def passed(rate: float) -> int:
        slots = Slots(lambda _now: 4)
        capacity = Strangers(rate, 2.0, slots, random.Random(3))
        done = 0
        for tick in range(2000):
            if capacity.admit(tick / 10):
                done += 1
                capacity.done(tick / 10)
        return done

    assert passed(0.01) > 1900
    assert 0 < passed(3.0) < 1500


def test_unknown_kinds_and_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown capacity"):
        capacity_of({"kind": "tides"}, random.Random(0))
    with pytest.raises(ValueError, match="unknown fields"):
        load({"m": {"capacitty": {}}})


@pytest.mark.parametrize(
    ("name", "capacity", "mean"),
    [
        ("slots-3-250", {"kind": "slots", "slots": 3.0}, 0.25),
        ("bucket-2.5-10", {"kind": "bucket", "rate": 2.5, "burst": 10.0}, 0.0),
        ("window-5-60", {"kind": "window", "limit": 5.0, "seconds": 60.0}, 0.0),
        ("windowf-5-1.5-20", {"kind": "window", "limit": 5.0, "seconds": 1.5}, 0.02),
    ],
)
def test_names(name: str, capacity: dict[str, Any], mean: float) -> None:
    spec = spec_of(name)
    assert spec is not None
    assert capacity.items() <= spec["capacity"].items()
    assert spec["capacity"]["counts_failures"] == name.startswith("windowf")
    assert spec["service"]["mean"] == mean


def services(name: str, seed: int) -> list[float | None]:
    spec = {
        "capacity": {"slots": 1000},
        "service": {"mean": 2.0, "distribution": "lognormal", "sigma": 0.5},
    }
    model = CrowdedModel.build(name, spec, seed)
    return [model.enter(at, 10) for at in range(500)]


def test_service_times_follow_the_seed_and_the_name() -> None:
    assert services("a", 1) == services("a", 1)
    assert services("a", 1) != services("a", 2)
    assert services("a", 1) != services("b", 1)
    drawn = [seconds for seconds in services("a", 1) if seconds is not None]
    assert 1.8 < sum(drawn) / len(drawn) < 2.2


def together(simulator: Simulator, model: str, keys: list[str], **options: Any) -> list[Heard]:
    """A call with each of these keys, all at once."""
    heard: list[Heard] = []

    def call(key: str) -> None:
        heard.append(chat(simulator.origin, model, key=key, **options))

    threads = [threading.Thread(target=call, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard


def test_slots_through_the_server() -> None:
    with Simulator(seed=1) as simulator:
        heard = together(simulator, "slots-3-2000", ["sk-a"] * 8)
        assert sorted(answer.status or 0 for answer in heard) == [200] * 3 + [429] * 5
        refused = next(answer for answer in heard if answer.status == 429)
        assert refused.json["error"]["code"] == "RateLimitReached"
        assert "retry-after" not in refused.headers
        (row,) = simulator.stats()["models"]
        assert (row["admitted"], row["rejected"], row["busy_peak"]) == (3, 5, 3)
        assert simulator.wait_for(lambda sim: sim.stats()["models"][0]["busy"] == 0)


def test_a_client_that_leaves_frees_its_slot() -> None:
    with Simulator(seed=1) as simulator:
        chat(simulator.origin, "slots-1-60000", timeout=0.1)
        assert simulator.wait_for(lambda sim: sim.aborted == 1)
        assert simulator.wait_for(lambda sim: sim.stats()["models"][0]["busy"] == 0)
        assert chat(simulator.origin, "slots-1-60000", timeout=0.1).status is None


def test_each_key_has_its_own_capacity_unless_the_account_has() -> None:
    account = {
        "capacity": {"kind": "slots", "slots": 1},
        "service": {"mean": 1.0},
        "scope": "account",
    }
    with Simulator(seed=1, scenario={"shared": account}) as simulator:
        keys = ["sk-a", "sk-b"]
        apart = together(simulator, "slots-1-1000", keys)
        shared = together(simulator, "shared", keys)
        assert [answer.status for answer in apart] == [200, 200]
        assert sorted(answer.status or 0 for answer in shared) == [200, 429]


def test_scenario_refusals_tell_and_poison() -> None:
    spec = {
        "family": "one-api",
        "capacity": {"kind": "window", "limit": 1, "seconds": 600},
        "retry_after": True,
        "poison": {"characters": 500},
    }
    with Simulator(seed=1, scenario={"told": spec}) as simulator:
        poisoned = [{"role": "user", "content": "x" * 600}]
        assert chat(simulator.origin, "told", messages=poisoned).status == 429
        assert chat(simulator.origin, "told").status == 200
        refused = chat(simulator.origin, "told")
        assert refused.status == 429
        assert 590 < float(refused.headers["retry-after"]) <= 600
        assert "x-oneapi-request-id" in refused.headers


def test_a_streamed_answer_takes_its_service_time_too() -> None:
    with Simulator(seed=1) as simulator:
        heard = together(simulator, "slots-1-800", ["sk-a"] * 2, stream=True)
        assert sorted(answer.status or 0 for answer in heard) == [200, 429]
        assert chat(simulator.origin, "slots-1-800", stream=True).status == 200
