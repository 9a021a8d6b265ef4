"""The benchmark of instances: its arithmetic, judgement and tables; measuring is a command."""

from dataclasses import replace
from typing import Any

import pytest

from bench.instances import report
from bench.instances.many_calls import CALLS, MODES, PROCESSES, name_of, shape_of
from bench.saturation.figures import Run

RUN = Run(
    shape="nodes",
    client="alone-1",
    seed=1,
    calls=CALLS,
    answered=CALLS,
    limit=50.0,
    makespan=52.5,
    requests=945,
    admitted_displacement=0.0,
    finish_displacement=0.0,
    finish_displacement_limit=0.0,
    p50=20.0,
    p99=50.0,
)
OUTAGE: dict[str, Any] = {
    "failed": 0,
    "before": [9.0, 10.0, 11.0],
    "together_before": [20.0, 30.0],
    "together": [430.0, 30.0],
    "while_open": [10.0, 10.5, 12.0],
    "meanwhile": [9.0, 10.0, 40.0],
    "trying": [110.0],
}


def measured(outage: dict[str, Any] | None = None, **changes: Any) -> report.Measured:
    runs = [
        replace(RUN, client=name_of(mode, processes), **changes)
        for mode in MODES
        for processes in PROCESSES
    ]
    return report.Measured([1], runs, outage or OUTAGE)


def test_every_mode_is_run_with_every_number_of_processes() -> None:
    assert {run.client for run in measured().runs} == {
        "alone-1", "alone-2", "alone-4", "redis-1", "redis-2", "redis-4",
        "strict-1", "strict-2", "strict-4",
    }  # fmt: skip
    assert shape_of().calls == 900
    assert shape_of().capacity == {"kind": "slots", "slots": 20}


def test_what_is_added_is_compared_with_the_same_calls_before() -> None:
    assert report.added(OUTAGE) == {"most": 400.0, "open": 0.5}
    assert report.added({**OUTAGE, "trying": [600.0]})["most"] == 590.0


def test_a_good_result_misses_nothing() -> None:
    assert report.missed(measured()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"failed": 2}, "2 calls failed"),
        ({"together": [600.0]}, "570 ms added"),
        ({"while_open": [13.0]}, "breaker open: 3.0 ms"),
    ],
)
def test_every_target_can_be_missed(changed: dict[str, Any], said: str) -> None:
    (failure,) = report.missed(measured({**OUTAGE, **changed}))
    assert said in failure


def test_a_call_that_failed_is_a_miss_and_no_ratio() -> None:
    found = measured(answered=CALLS - 9)
    assert len(report.missed(found)) == 9
    assert "99%" in report.table(found)


def test_a_table_has_a_cell_for_each() -> None:
    rows = report.table(measured()).splitlines()
    assert [row.count("|") for row in rows] == [5] * 5
    assert "".join(rows).count("1.05 · 1.05") == 9


def test_the_page_shows_what_was_measured() -> None:
    text = report.PAGE.read_text(encoding="utf-8")
    assert text == report.redrawn(text, report.load()), "run `make nodes ARGS=--draw`"
    assert report.table(report.load()) in text


def test_what_was_measured_is_read_as_it_was_written(tmp_path: Any) -> None:
    report.save(measured(), tmp_path / "nodes.json")
    assert report.load(tmp_path / "nodes.json") == measured()
