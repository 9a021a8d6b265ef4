"""Every labelled failure through a real socket, blocking and streaming, as Dify would see it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.wild.cases import Case, read_cases
from tests.wild.judge_errors import judge

AT_ONCE = 32
"""Most of a case is waiting for its gateway to be asked again."""

CASES = [
    *read_cases("errors"),
    # What is cured by a parameter or in parts is seen only where it is.
    *(case for case in read_cases("known") if case["revises"] or case.get("while")),
]

pytestmark = pytest.mark.xdist_group("wild-errors")


@pytest.fixture(scope="module")
def judged() -> Iterator[dict[str, Future[str]]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case["id"]: pool.submit(judge, case) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_labelled_failure(judged: dict[str, Future[str]], case: Case) -> None:
    assert judged[case["id"]].result() == ""


def test_a_wrong_ending_is_seen() -> None:
    """The judge can fail: of a label that says the opposite it says what came instead."""
    case = next(case for case in CASES if case["id"] == "key-azure")
    assert "key_refused" in judge({**case, "kind": "own_quota"})
    assert "key_refused" in judge({**case, "outcome": "InvokeRateLimitError"})
    assert "after 1 requests" in judge({**case, "says": "no such words"})
    assert "at most 0" in judge({**case, "sent": 0})
    assert "after 1 requests" in judge({**case, "revises": ["temperature"]})
