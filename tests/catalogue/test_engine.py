"""Every row of the catalogue through the engine, under plain threads and real sockets."""

from collections.abc import Iterator

import pytest

from engine.apis.chat.request import Mode, chat_request
from engine.client import Client
from engine.errors import GatewayError
from engine.settings import Settings
from simulator import CATALOGUE, Simulator
from tests.catalogue.expectations import SUCCESS, Name, is_silent
from tests.catalogue.expected_rows import EXPECTED, EXPECTED_AT_RESPONSES, EXPECTED_LISTS
from tests.catalogue.read import read_words
from tests.catalogue.running import ENDPOINTS, Ask, Ended, Got, asks, judge, parameters_of, run_all

AT_ONCE = 200
MODES: dict[str, Mode] = {"chat": "chat", "completions": "completion", "responses": "responses"}

pytestmark = pytest.mark.xdist_group("catalogue-engine")


def test_every_row_of_the_catalogue_has_an_expectation_and_the_reverse() -> None:
    rows: set[Name] = set()
    lists: set[Name] = set()
    for row in CATALOGUE:
        assert row.endpoints, f"{row.name} happens nowhere"
        if set(row.endpoints) & set(ENDPOINTS):
            rows.add((row.name, row.key))
        if "models" in row.endpoints:
            lists.add((row.name, row.key))
    assert rows == set(EXPECTED)
    assert lists == set(EXPECTED_LISTS)


def test_what_differs_at_responses_is_a_row_there() -> None:
    there = {(row.name, row.key) for row in CATALOGUE if "responses" in row.endpoints}
    assert set(EXPECTED_AT_RESPONSES) <= there


def test_rows_that_the_catalogue_calls_successes_are_expected_to_succeed_at_once() -> None:
    for row in CATALOGUE:
        if row.succeeds and set(row.endpoints) & set(ENDPOINTS):
            expected = EXPECTED[row.name, row.key]
            assert (expected.outcome, expected.most) == (SUCCESS, 1), row.name


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=5) as sim:
        yield sim


@pytest.fixture(scope="module")
def outcomes(simulator: Simulator) -> dict[Ask, Got]:
    """All rows but those that only our own clock ends."""
    client = Client()

    def ask(case: Ask, key: str) -> Ended:
        return ask_engine(client, simulator.base_url, case, key)

    return run_all(simulator, SPOKEN, lambda case: case.name, ask, AT_ONCE)


SPOKEN = asks(lambda name: not is_silent(name))


@pytest.mark.parametrize("ask", parameters_of(SPOKEN))
def test_row(outcomes: dict[Ask, Got], ask: Ask) -> None:
    judge(outcomes[ask], ask.expected)


def ask_engine(client: Client, base_url: str, ask: Ask, key: str) -> Ended:
    """One call, as the adapter makes it."""
    expected = ask.expected
    settings = Settings(
        endpoint=base_url,
        api_key=key,
        model=ask.name[0],
        max_retry_seconds=expected.budget,
    )
    question: dict[str, object] = (
        {"prompt": "hi"}
        if ask.endpoint == "completions"
        else {"messages": [{"role": "user", "content": "hi"}]}
    )
    payload = {
        "model": ask.name[0],
        **question,
        **expected.parameters,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    request = chat_request(payload, MODES[ask.endpoint])
    text, end = read_words(client, settings, request)
    if isinstance(end, GatewayError):
        return Ended(end.outcome.value, text, detail=end.text)
    return Ended(SUCCESS, text, end.reason)
