"""The indexing benchmark's arithmetic and judgement; measuring is a command."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from bench.indexing import dify, report

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
GOOD = report.Run(
    client="ours",
    seed=1,
    batch=16,
    chunks=2000,
    stored=2000,
    seconds=11.0,
    limit=10.0,
    requests=130,
    needed=128,
)
POOR = replace(
    GOOD,
    client="sdk_class",
    batch=1,
    stored=980,
    seconds=90.0,
    limit=200.0,
    requests=985,
    needed=2000,
    errors={"InvokeBadRequestError": 5},
)


def measured(*runs: report.Run) -> report.Measured:
    return report.Measured("python -m bench.indexing", list(runs))


def test_every_chunk_belongs_to_one_thread() -> None:
    chunks = dify.chunks_of(500)
    groups = dify.groups_of(chunks)
    assert len(groups) == dify.THREADS
    assert sorted(chunk for group in groups for chunk in group) == sorted(chunks)
    assert len(set(chunks)) == 500
    assert {len(chunk) for chunk in chunks} == {500}


def test_requests_that_are_needed() -> None:
    groups = [["a"] * 33, ["b"] * 16, []]
    assert dify.requests_needed(groups, 16) == 4
    assert dify.requests_needed(groups, 1) == 49


def test_a_document_that_was_never_done_has_no_time() -> None:
    assert GOOD.ratio == pytest.approx(1.1)
    assert POOR.ratio == math.inf


def test_targets_at_their_bounds() -> None:
    at_bound = replace(GOOD, seconds=11.5, requests=134, needed=128)
    assert report.missed(measured(at_bound, POOR)) == []
    for worse, what in (
        (replace(GOOD, stored=1999), "chunks stored"),
        (replace(GOOD, seconds=11.6), "seconds / limit"),
        (replace(GOOD, requests=135), "requests / needed"),
    ):
        (sentence, *_) = report.missed(measured(worse))
        assert sentence.startswith(f"missed: {what}")


def test_the_table_says_who_finished() -> None:
    text = report.table(measured(GOOD, POOR))
    assert "| **this plugin**, batches of 16 | 2,000 | 11.0 (10.0) | 130 |" in text
    assert "| 980 | never done (200): InvokeBadRequestError | 985 |" in text


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "indexing.json"
    report.save(measured(GOOD, POOR), path)
    assert report.load(path).runs == [GOOD, POOR]


def test_the_page_has_the_committed_figures() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = text.split("<!-- indexing:begin -->")[1].split("<!-- indexing:end -->")[0]
    assert shown.strip() == report.table(report.load())
