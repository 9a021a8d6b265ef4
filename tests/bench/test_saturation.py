"""The saturation benchmark's arithmetic, limits and judgement; measuring is a command."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from bench.saturation import page, report
from bench.saturation.figures import Outcome, Run, displacement, percentile
from bench.saturation.oracle import OracleBound, oracle_bound_of
from bench.saturation.plugins import MAX_BUDGET_SECONDS, budget_for, run_of
from bench.saturation.server import Counted, number_of
from bench.saturation.shapes import (
    BY_NAME,
    HELD_OUT_SEEDS,
    MODEL,
    SHAPES,
    TUNING_SEEDS,
    Shape,
)

GOOD = Run(
    shape="slots-20",
    client="ours",
    seed=1,
    calls=300,
    answered=300,
    limit=20.0,
    makespan=21.0,
    requests=315,
    admitted_displacement=0.02,
    finish_displacement=0.03,
    finish_displacement_limit=0.03,
    p50=10.0,
    p99=20.0,
)


def measured(*runs: Run) -> report.Measured:
    return report.Measured("python -m bench.saturation", "held-out", list(runs), [], [])


# What a run amounts to


def test_a_perfect_order_is_not_displaced_and_a_reversed_one_by_half() -> None:
    assert displacement([]) == 0.0
    assert displacement(range(100)) == 0.0
    assert displacement([3, 5, 9]) == 0.0, "gaps are calls that failed, not disorder"
    assert displacement([1, 0, 2, 3]) == pytest.approx(2 / 4 / 4)
    assert displacement(range(99, -1, -1)) == pytest.approx(0.5)


def test_percentiles_are_samples_that_occurred() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.99) == 4.0
    assert math.isnan(percentile([], 0.5))


def test_a_job_with_a_failed_call_was_never_done() -> None:
    assert GOOD.ratio == pytest.approx(1.05)
    assert GOOD.attempts == pytest.approx(1.05)
    failed = replace(GOOD, answered=299)
    assert failed.ratio == math.inf
    assert failed.success == pytest.approx(299 / 300)
    assert replace(GOOD, answered=0).attempts == math.inf


def test_a_run_is_ordered_by_when_calls_were_admitted_not_by_when_they_finished() -> None:
    shape = replace(BY_NAME["slots-3-40"], calls=3)
    outcomes = [Outcome(1, 0.0, 9.0, True), Outcome(2, 0.0, 5.0, True), Outcome(3, 0.1, 7.0, False)]
    place = {"model": MODEL, "admitted": 2, "service_seconds": 8.0}
    counted = Counted({"models": [place]}, 5, {1: 1.0, 2: 2.0, 3: 3.0})
    run = run_of(shape, "ours", 1, OracleBound(8.0, 0.1, 8.0), (outcomes, counted))
    assert (run.answered, run.requests, run.makespan) == (2, 5, 9.0)
    assert (run.admitted_displacement, run.finish_displacement) == (0.0, 0.5)
    assert (run.p50, run.p99) == (5.0, 9.0)


def test_a_limit_of_other_services_than_those_of_the_run_is_refused() -> None:
    shape = replace(BY_NAME["slots-3-40"], calls=1)
    place = {"model": MODEL, "admitted": 1, "service_seconds": 8.0}
    counted = Counted({"models": [place]}, 1, {1: 1.0})
    with pytest.raises(ValueError, match="limit of 7"):
        run_of(
            shape, "ours", 1, OracleBound(7.0, 0.1, 7.0), ([Outcome(1, 0.0, 9.0, True)], counted)
        )


# The limit


def test_one_slot_takes_the_sum_of_all_services() -> None:
    found = oracle_bound_of(BY_NAME["slots-1"], 1)
    assert found.makespan == pytest.approx(found.service_seconds)
    assert found.finish_displacement == 0.0


@pytest.mark.parametrize("seed", [1, 2])
def test_slots_are_never_idle_until_the_tail(seed: int) -> None:
    shape = BY_NAME["slots-20"]
    found = oracle_bound_of(shape, seed)
    assert found.service_seconds / 20 <= found.makespan < found.service_seconds / 20 + 6 * 1.5


def test_a_bucket_and_a_limit_take_the_time_of_their_rate() -> None:
    bucket, window = (
        oracle_bound_of(BY_NAME[name], 1).makespan for name in ("bucket", "window-minute")
    )
    assert (300 - 10) / 10 <= bucket < 30 + 6
    assert 60 <= window < 60 + 8


def test_an_outage_takes_its_forty_seconds() -> None:
    outage = BY_NAME["outage"]
    without = replace(outage, capacity={"kind": "slots", "slots": 20})
    gone = oracle_bound_of(outage, 1).makespan - oracle_bound_of(without, 1).makespan
    assert 38 < gone <= 40.1


def test_a_clairvoyant_leaves_other_tenants_nothing() -> None:
    """Who takes every place at once and fills it again at once: no stranger ever finds one."""
    shape = BY_NAME["strangers"]
    assert oracle_bound_of(shape, 1) == oracle_bound_of(replace(shape, extra=None), 1)


def test_the_budget_is_the_least_that_the_target_allows() -> None:
    assert budget_for(BY_NAME["job"], 10.0) == 12.0
    assert budget_for(BY_NAME["job"], 1000.0) == MAX_BUDGET_SECONDS
    assert budget_for(BY_NAME["strangers"], 12.0) == pytest.approx(1.2 * 12.0 / (12 / 20))


# What the server saw


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({"messages": [{"role": "user", "content": "17"}]}, 17),
        ({"messages": [{"role": "user", "content": "0 xxxx"}]}, 0),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "5"}]}]}, 5),
        ({"messages": [{"role": "user", "content": "hi"}]}, -1),
        (None, -1),
    ],
)
def test_a_request_says_which_call_it_is_of(body: report.Json | None, number: int) -> None:
    assert number_of(body) == number


# Judgement and tables


def test_the_targets_are_met_at_their_bounds() -> None:
    assert report.missed(measured(GOOD)) == []
    assert len(report.judge(measured(GOOD))) == 4


@pytest.mark.parametrize(
    ("shape", "change", "what"),
    [
        ("slots-20", {"answered": 299}, "success"),
        ("slots-20", {"makespan": 21.2}, "makespan"),
        ("slots-20", {"requests": 317}, "attempts"),
        ("slots-20", {"admitted_displacement": 0.021}, "displacement"),
        ("steps", {"makespan": 23.2}, "makespan"),
        ("steps", {"requests": 338}, "attempts"),
        ("window", {"requests": 362}, "attempts"),
    ],
)
def test_a_missed_target_is_named(shape: str, change: report.Json, what: str) -> None:
    assert report.missed(measured(replace(GOOD, shape=shape))) == []
    run = replace(GOOD, shape=shape, **change)
    assert any(what in sentence for sentence in report.missed(measured(run)))


def test_success_is_judged_by_the_worst_run_and_the_rest_by_the_median() -> None:
    slow = replace(GOOD, seed=2, makespan=40.0)
    assert report.missed(measured(GOOD, slow, replace(GOOD, seed=3))) == []
    lost = replace(GOOD, seed=2, answered=299)
    assert len(report.missed(measured(GOOD, lost, replace(GOOD, seed=3)))) == 1


def test_other_targets_are_judged_by_their_worst() -> None:
    found = measured()
    found.second_user = [{"latencies": [1.0, 2.1]}]
    found.lone = {"calls": 500, "gated": 5.0, "ungated": 2.9, "added": 2.1}
    found.masked = [{"requests": 81, "calls": 40, "seconds": 1.0}]
    assert len(report.missed(found)) == 3
    found.second_user = [{"latencies": [1.0, 2.0]}]
    found.lone["added"] = 2.0
    found.masked = [{"requests": 80, "calls": 40, "seconds": 1.0}]
    assert report.missed(found) == []


def test_the_tables_are_drawn_from_the_file_alone(tmp_path: Path) -> None:
    peer = replace(GOOD, client="openai_2", answered=41, requests=849)
    found = measured(GOOD, replace(GOOD, seed=2, makespan=24.0), peer)
    report.save(found, tmp_path / "made" / "saturation.json")
    drawn = report.tables(report.load(tmp_path / "made" / "saturation.json"))
    assert drawn == report.tables(found)
    assert "| 20 slots | 300 | 20.0 | 100 % | 1.12 (1.05–1.20) **> 1.05** |" in drawn
    assert "| openai SDK, 2 retries (its default) | 13.6 %, –, 21 |" in drawn


def test_runs_of_a_shape_that_has_changed_are_not_shown() -> None:
    assert report.runs_of(measured(replace(GOOD, calls=299)), "slots-20") == []


def test_measuring_everything_again_replaces_the_list_of_commands() -> None:
    old = measured(GOOD)
    old.updates = ["a part"]
    part = replace(measured(GOOD), command="python -m bench.saturation --only slots-20 --update")
    whole = replace(measured(GOOD), command="python -m bench.saturation --update --no-peers")
    assert len(report.merged(old, part).updates) == 2
    assert len(report.merged(old, whole).updates) == 1


def test_the_readme_says_what_was_measured_and_where_it_is_weak() -> None:
    found = measured(GOOD, replace(GOOD, client="openai_2", answered=41, requests=849))
    assert "Every bound is kept." in page.section(found)
    assert "Of 1 other clients, on the same simulated gateways in the same run, 1 give up" in (
        page.section(found)
    )
    weak = page.section(measured(replace(GOOD, makespan=24.0)))
    assert "weaker than wanted: 20 slots: makespan / limit 1.20 (1.05 wanted)." in weak


def test_the_readme_has_the_committed_figures() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    drawn = page.redrawn(text, report.load(report.RESULTS))
    assert drawn == text, "run `python -m bench.saturation --draw`"


def test_the_seeds_of_the_table_are_nobody_elses() -> None:
    assert not set(HELD_OUT_SEEDS) & set(TUNING_SEEDS)
    assert len(HELD_OUT_SEEDS) == len(set(HELD_OUT_SEEDS)) >= 5


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_every_shape_can_be_finished_within_what_a_call_may_wait(shape: Shape) -> None:
    assert BY_NAME[shape.name] is shape
    assert 1.2 * oracle_bound_of(shape, TUNING_SEEDS[0]).makespan < MAX_BUDGET_SECONDS
