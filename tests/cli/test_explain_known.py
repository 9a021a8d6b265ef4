"""Every failed answer that is known, wrapped as people meet it, gets the cause it has."""

import pytest

from cli.explain.finding import Finding, Sure
from cli.explain.read import read_errors
from tests.cli.answers import ASKS, Answer, Ask, distinct, recorded, simulated
from tests.cli.wrapping import WRAPPINGS, in_dify, official

RECORDED = recorded()
RETOLD = {("one-api/hidden-429", None)}
"""Its words are a sentence about an error; half of that is not known as the same words."""
ROWS = sorted({(ask.model, ask.key) for ask in ASKS}, key=str)

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
    # Whoever does not say that it was asked directly learns of this cause as another possible one.
    for one in read_errors(in_dify(official(answer.status, answer.body))) if answer.direct else ():
        assert answer.kind in (one.failure.kind, *one.alternatives)


def test_all_of_the_catalogue_fails_in_a_way_that_can_be_pasted(
    answers: dict[Ask, Answer],
) -> None:
    """Rows without such an answer end in this plugin's own message alone."""
    assert len(answers) > len(ASKS) / 2
    assert {ask.model.partition("/")[0] for ask in answers} == {
        ask.model.partition("/")[0] for ask in ASKS
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_row_of_the_catalogue(answers: dict[Ask, Answer], row: tuple[str, str | None]) -> None:
    for answer in distinct(one for ask, one in answers.items() if (ask.model, ask.key) == row):
        explain_all(answer)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_row_that_is_cut_off_is_one_error_and_never_another_one_for_certain(
    answers: dict[Ask, Answer], row: tuple[str, str | None]
) -> None:
    for answer in distinct(one for ask, one in answers.items() if (ask.model, ask.key) == row)[:1]:
        text = in_dify(official(answer.status, answer.body))
        for cut in range(len(text) // 8, len(text), len(text) // 8):
            for part in (text[:cut], text[cut:]):
                found = read_errors(part, behind_gateway=not answer.direct)
                assert len(found) < 2 or row in RETOLD, part
                for one in found:
                    assert one.failure.kind is answer.kind or one.sure is not Sure.CERTAIN, part


@pytest.mark.parametrize("answer", RECORDED, ids=lambda answer: answer.name.replace(" ", "-"))
def test_recorded_answer(answer: Answer) -> None:
    explain_all(answer)
