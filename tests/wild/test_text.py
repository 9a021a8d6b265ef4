"""Answers in text as they were seen in the wild, through the process: streamed and whole."""

from collections.abc import Iterator

import pytest

from devtools import PluginProcess, Session
from tests.process.rig import ROOT
from tests.wild.alike import CASES as ALIKE
from tests.wild_runner import CALLS, Case, Theatre, cases, judge

CASES = [*cases(*CALLS), *ALIKE]
WAYS = pytest.mark.parametrize("stream", [True, False], ids=["streaming", "blocking"])

pytestmark = pytest.mark.xdist_group("wild-text")


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with PluginProcess(ROOT) as plugin, Theatre(plugin, CASES) as stage:
        yield stage
        assert plugin.violations == []


@pytest.fixture(scope="module")
def sessions(theatre: Theatre) -> dict[tuple[str, bool], Session]:
    """All cases asked at once: those that wait for a repeat do so together."""
    return {
        (case.id, stream): theatre.ask(case, stream=stream)
        for case in CASES
        for stream in (True, False)
    }


@WAYS
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_answer_is_read_as_it_was_sent(
    theatre: Theatre, sessions: dict[tuple[str, bool], Session], case: Case, stream: bool
) -> None:
    judge(case, theatre.got(case, sessions[case.id, stream], stream=stream))
