"""The measure of `python -m scripts.accuracy`: it counts rightly, and nothing in it falls."""

from collections import Counter

import pytest

from scripts import accuracy
from tests.wild.cases import Case, read_cases


def of(category: str) -> Case:
    return {"id": "x", "category": category}


@pytest.mark.parametrize("name", accuracy.JUDGES)
def test_all_cases_of_a_judged_file_are_kept_as_right(name: str) -> None:
    """Each of them is a test of its own beside this (`test_errors`), so none can fall unseen."""
    cases = Counter(case["category"] for case in read_cases(name))
    assert accuracy.kept()[name] == dict(cases)


def test_numbers_are_by_category() -> None:
    results = [(of("a"), ""), (of("a"), "wrong"), (of("b"), "")]
    assert accuracy.numbers_of(results) == {"a": (1, 2), "b": (1, 1)}


def test_every_case_is_judged_once() -> None:
    results = accuracy.judged("errors", lambda case: case["id"])
    assert [problem for _, problem in results] == [case["id"] for case in read_cases("errors")]


def test_the_table_has_a_line_for_each_category_and_one_for_all() -> None:
    lines = accuracy.table({"errors": {"b": (1, 2), "a": (3, 3)}}).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["errors", "a", "3", "3"],
        ["errors", "b", "1", "2"],
        ["all", "4", "5"],
    ]


def test_what_falls_is_named() -> None:
    kept = accuracy.kept()["errors"]
    same = {category: (right, right) for category, right in kept.items()}
    assert accuracy.lost({"errors": same}) == []
    fallen = {**same, "quota": (kept["quota"] - 1, kept["quota"])}
    assert accuracy.lost({"errors": fallen}) == [
        f"errors quota: {kept['quota'] - 1} right, {kept['quota']} before"
    ]
    del same["busy"]
    assert accuracy.lost({"errors": same}) == [f"errors busy: 0 right, {kept['busy']} before"]
