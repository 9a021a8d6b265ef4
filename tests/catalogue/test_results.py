"""Every row of the catalogue at the endpoints with one JSON document, through the engine."""

from collections.abc import Iterator

import pytest

from engine.client import Client
from engine.errors import GatewayError
from engine.settings import Settings
from simulator import Simulator
from tests.catalogue.expectations import SUCCESS
from tests.catalogue.expected_results import ASKS, PATTERNS, QUESTIONS, Ask
from tests.catalogue.running import Ended, Got, judge, run_all

AT_ONCE = 250

pytestmark = pytest.mark.xdist_group("catalogue-results")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=8) as sim:
        yield sim


@pytest.fixture(scope="module")
def outcomes(simulator: Simulator) -> dict[Ask, Got]:
    client = Client()

    def ask(case: Ask, key: str) -> Ended:
        settings = Settings(
            endpoint=simulator.base_url,
            api_key=key,
            model=case.name[0],
            max_retry_seconds=case.expected.budget,
        )
        try:
            client.complete(settings, QUESTIONS[case.endpoint](settings.model))
        except GatewayError as error:
            return Ended(error.outcome.value, detail=error.text)
        return Ended(SUCCESS)

    return run_all(simulator, ASKS, lambda case: case.name, ask, AT_ONCE)


def test_every_pattern_decides_a_row_and_no_row_is_asked_twice() -> None:
    used = {ask.pattern for ask in ASKS}
    assert {pattern for pattern, _ in PATTERNS} <= used
    assert len(ASKS) == len(set(ASKS)) > 800


@pytest.mark.parametrize("ask", [pytest.param(ask, id=ask.id) for ask in ASKS])
def test_row(outcomes: dict[Ask, Got], ask: Ask) -> None:
    judge(outcomes[ask], ask.expected)
