"""Vectors, ranks, sound, transcripts and verdicts as they were seen in the wild."""

from collections.abc import Iterator

import pytest

from devtools import PluginProcess, Session
from tests.process.rig import ROOT
from tests.wild_runner import Case, Theatre, cases, judge

CASES = cases("embeddings", "rerank", "tts", "stt", "moderation")

pytestmark = pytest.mark.xdist_group("wild-values")


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with PluginProcess(ROOT) as plugin, Theatre(plugin, CASES) as stage:
        yield stage
        assert plugin.violations == []


@pytest.fixture(scope="module")
def sessions(theatre: Theatre) -> dict[str, Session]:
    """All cases asked at once: those that wait for a repeat do so together."""
    return {case.id: theatre.ask(case, stream=False) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_answer_is_read_as_it_was_sent(
    theatre: Theatre, sessions: dict[str, Session], case: Case
) -> None:
    judge(case, theatre.got(case, sessions[case.id], stream=False))
