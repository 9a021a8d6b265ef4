"""The benchmarks' judgement and table; the measuring itself is `python -m bench`."""

from pathlib import Path

import pytest

from bench.figures import TARGETS, Samples, judge, summarise
from bench.probes import WrongAnswerError, expect_text
from bench.report import load, missed, result_of, save, table
from bench.scenarios import QUICK

AS_GOOD_AS_WANTED: Samples = {
    "connections": {"ours": [1, 20], "sdk_class": [200]},
    "tokens_per_second": {"ours": [500, 510], "sdk_class": [100, 101]},
    "start_up": {"ours": [110, 111], "sdk_class": [100], "bare": [100, 101]},
    "blocking": {"ours": [1.02], "sdk_class": [1.0]},
    "first_token": {"ours": [2.0], "sdk_class": [2.0]},
    "rss_start": {"ours": [65.0], "sdk_class": [65.0]},
    "rss_after": {"ours": [65.0], "sdk_class": [65.0]},
}


def test_order_statistics_are_samples_that_occurred() -> None:
    summary = summarise([float(n) for n in range(100, 0, -1)])
    assert (summary.least, summary.p25, summary.p75, summary.p99, summary.most) == (
        (1.0, 25.0, 75.0, 99.0, 100.0)
    )
    assert summary.median == 50.5
    assert summary.samples == 100


def test_every_target_is_judged_and_met_at_its_bound() -> None:
    result = result_of(AS_GOOD_AS_WANTED, QUICK, "python -m bench")
    assert len(result["targets"]) == len(TARGETS)
    assert missed(result) == []


@pytest.mark.parametrize(
    ("figure", "ours"),
    [
        ("connections", [1, 1, 21]),
        ("tokens_per_second", [490]),
        ("start_up", [112]),
        ("blocking", [1.03]),
        ("blocking", [*[1.0] * 98, 1.3, 1.3]),
        ("first_token", [2.06]),
        ("rss_start", [65.7]),
        ("rss_after", [65.7]),
    ],
)
def test_a_missed_target_is_named(figure: str, ours: list[float]) -> None:
    samples = {**AS_GOOD_AS_WANTED, figure: {**AS_GOOD_AS_WANTED[figure], "ours": ours}}
    result = result_of(samples, QUICK, "python -m bench")
    wrong = [verdict["target"]["figure"] for verdict in result["targets"] if not verdict["met"]]
    assert set(wrong) == {figure}
    assert all(line.startswith("missed: ") for line in missed(result))


def test_a_latency_lost_in_the_noise_of_the_peer_is_no_pass() -> None:
    samples: Samples = {"blocking": {"ours": [0.1], "sdk_class": [-0.1]}}
    summaries = {
        name: {who: summarise(values) for who, values in found.items()}
        for name, found in samples.items()
    }
    assert not any(verdict.met for verdict in judge(summaries))


def test_the_table_is_drawn_from_the_file_alone(tmp_path: Path) -> None:
    result = result_of(AS_GOOD_AS_WANTED, QUICK, "python -m bench")
    save(result, tmp_path / "made" / "latest.json")
    drawn = table(load(tmp_path / "made" / "latest.json"))
    assert drawn == table(result)
    assert "| 505 (500 to 510) | 100.5 (100 to 101) |" in drawn
    assert "| ≥ 5 × | yes |" in drawn


def test_a_lost_doubled_or_swapped_token_shows() -> None:
    expect_text("1 2 3", "1 2 3")
    for wrong in ("1 2", "1 2 3 3", "1 3 2", ""):
        with pytest.raises(WrongAnswerError):
            expect_text(wrong, "1 2 3")
