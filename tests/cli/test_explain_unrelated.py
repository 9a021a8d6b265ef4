"""What is no gateway's error is not recognised: never a confident wrong answer, and quickly."""

import sys

import pytest

from cli.explain.pasted import LONGEST_READ, MARKS, passages
from cli.explain.read import read_errors
from tests.cli.unrelated_texts import STRANGERS

BIG = [name for name, text in STRANGERS.items() if len(text) > 1_000_000]


def test_there_are_enough_of_them() -> None:
    assert len(STRANGERS) >= 40
    assert len(BIG) >= 5


@pytest.mark.parametrize("name", STRANGERS)
def test_stranger_is_not_recognised(name: str) -> None:
    assert read_errors(STRANGERS[name]) == []


@pytest.mark.parametrize("name", BIG)
def test_however_long_a_text_is_only_a_bounded_part_is_read_closely(name: str) -> None:
    assert sum(map(len, passages(STRANGERS[name]))) <= LONGEST_READ


@pytest.mark.parametrize("mark", MARKS)
def test_however_often_a_mark_comes_only_a_bounded_part_is_read_closely(mark: str) -> None:
    kept = passages(f"{mark} " * 90_000)
    assert 0 < sum(map(len, kept)) <= LONGEST_READ


def work_of(text: str) -> int:
    """Python-level steps that reading a text takes, whatever the machine's speed is."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        read_errors(text)
    finally:
        sys.setprofile(None)
    return steps


@pytest.mark.parametrize("name", BIG)
def test_the_work_does_not_grow_with_the_length(name: str) -> None:
    assert work_of(STRANGERS[name]) <= 2 * work_of(STRANGERS[name][:2_500_000]) + 1_000
