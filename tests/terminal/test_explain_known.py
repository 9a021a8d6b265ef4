"""Every failed answer that is known, wrapped as people meet it, gets the cause it has."""

import pytest

from cli.explain.finding import Finding, Sure
from cli.explain.read import read_errors
from terminal.answers import ASKS, Answer, Ask, recorded, simulated
from terminal.wrapping import WRAPPINGS, official

RECORDED = recorded()

pytestmark = pytest.mark.xdist_group("explain-known")


@pytest.fixture(scope="module")
def answers() -> dict[Ask, Answer]:
    return simulated(ASKS)


def assert_right(answer: Answer, wrapping: str, found: list[Finding]) -> None:
    assert len(found) == 1, f"{wrapping}: {[(one.failure.kind.name, one.failure) for one in found]}"
    assert found[0].failure.kind is answer.kind, f"{wrapping}: {answer.body[:300]}"
    assert found[0].failure.status == answer.status
    assert not (found[0].alternatives and found[0].sure is Sure.CERTAIN)


def explain_all(answer: Answer) -> None:
    for name, wrap in WRAPPINGS.items():
        text = wrap(official(answer.status, answer.body), "InvokeError")
        found = read_errors(text, behind_gateway=not answer.direct)
        assert_right(answer, name, found)


def test_all_of_the_catalogue_fails_in_a_way_that_can_be_pasted(
    answers: dict[Ask, Answer],
) -> None:
    """Rows without such an answer end in this plugin's own message alone."""
    assert len(answers) > len(ASKS) / 2
    assert {ask.model.partition("/")[0] for ask in answers} == {
        ask.model.partition("/")[0] for ask in ASKS
    }


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.name)
def test_row_of_the_catalogue(answers: dict[Ask, Answer], ask: Ask) -> None:
    answer = answers.get(ask)
    if answer is not None:
        explain_all(answer)


@pytest.mark.parametrize("answer", RECORDED, ids=lambda answer: answer.name.replace(" ", "-"))
def test_recorded_answer(answer: Answer) -> None:
    explain_all(answer)
