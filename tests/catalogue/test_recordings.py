"""The recorded answers of real gateways, replayed byte for byte to the engine.

Those to `stream: false` as well: the engine always asks for a stream, and has to understand a
gateway that answers with a whole body all the same.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from engine.apis.chat.request import Mode, chat_request
from engine.call.attempt import TimeLimits
from engine.call.model_list import list_models
from engine.client import Client
from engine.errors import AttemptError, GatewayError
from engine.settings import Settings
from tests.catalogue.expectations import LONG, SHORT, SUCCESS
from tests.catalogue.read import read_words
from tests.catalogue.recorded import LIST_PATTERNS, PATTERNS, Recorded, Tokens
from tests.catalogue.recorded_gateways import ENDINGS, judged
from tests.catalogue.recorded_gateways import LISTS as GATEWAYS_LISTS
from tests.catalogue.recorded_kinds import GATEWAYS
from tests.catalogue.replay import Replay, parameters_of, recordings

AT_ONCE = 80
MODES: dict[str, Mode] = {"/v1/completions": "completion", "/v1/responses": "responses"}
SILENCE = 2.0
"""Seconds between bytes, instead of 300, where the recorded client had to give up as well."""

RECORDINGS = [one for one in recordings() if not one.path.startswith("/api/")]
LISTS = [number for number, one in enumerate(RECORDINGS) if "/models" in one.endpoint]
PAGES = {one.case.rpartition("-")[2]: one for one in recordings(("other",)) if one.is_usage_page}
ANSWERS = [number for number, one in enumerate(RECORDINGS) if number not in LISTS]

pytestmark = pytest.mark.xdist_group("catalogue-recordings")


@dataclass(frozen=True, slots=True)
class Got:
    outcome: str
    text: str = ""
    finish: str = ""
    usage: Tokens = None
    detail: str = ""


def row_for(number: int) -> tuple[str, Recorded]:
    """The pattern that decides, and what it says."""
    answer = RECORDINGS[number]
    if answer.gateway in GATEWAYS:
        if number not in LISTS:
            return judged(answer, ENDINGS)
        pattern, ending = judged(answer, GATEWAYS_LISTS)
        return pattern, replace(ending, least=1, most=1)  # A list is asked for once.
    patterns = LIST_PATTERNS if number in LISTS else PATTERNS
    return next(row for row in patterns if re.search(row[0], answer.name))


def wanted(number: int) -> Recorded:
    return row_for(number)[1]


def test_every_recording_has_a_pattern_and_every_pattern_a_recording() -> None:
    used = {row_for(number)[0] for number in range(len(RECORDINGS))}
    tables = (PATTERNS, LIST_PATTERNS, ENDINGS, GATEWAYS_LISTS)
    assert {pattern for table in tables for pattern, _ in table} <= used


@pytest.fixture(scope="module")
def replay() -> Iterator[Replay]:
    good = {one.case: one for one in RECORDINGS if one.gateway == "one-api"}
    elsewhere = {
        "/v1/chat/completions": good["chat-ok-stream-include_usage-false"],
        "/v1/models": good["info-models-onlyok"],
    }
    with Replay(RECORDINGS, elsewhere, PAGES) as server:
        yield server


@pytest.fixture(scope="module")
def outcomes(replay: Replay) -> dict[int, Got]:
    client = Client()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        calls = {number: pool.submit(ask, client, replay, number) for number in ANSWERS}
        calls |= {number: pool.submit(ask_list, client, replay, number) for number in LISTS}
        return {number: call.result() for number, call in calls.items()}


def settings_for(replay: Replay, number: int) -> Settings:
    return Settings(
        endpoint=replay.url_of(number),
        api_key=f"sk-{number}",
        model="m",
        max_retry_seconds=SHORT if wanted(number).waits else LONG,
    )


def ask(client: Client, replay: Replay, number: int) -> Got:
    payload = {"model": "m", "stream": True, "stream_options": {"include_usage": True}}
    request = chat_request(payload, MODES.get(RECORDINGS[number].endpoint, "chat"))
    if RECORDINGS[number].hangs:
        request = replace(request, read_seconds=SILENCE)
    text, end = read_words(client, settings_for(replay, number), request)
    if isinstance(end, GatewayError):
        return Got(end.outcome.value, text, detail=end.text)
    use = end.usage
    tokens = (use.prompt_tokens, use.completion_tokens) if use else None
    return Got(SUCCESS, text, end.reason, tokens)


def ask_list(client: Client, replay: Replay, number: int) -> Got:
    try:
        list_models(client.transport, settings_for(replay, number), TimeLimits(until=float("inf")))
    except AttemptError as error:
        return Got(error.failure.kind.outcome.value, detail=error.failure.words)
    return Got(SUCCESS)


@pytest.mark.parametrize("number", parameters_of(RECORDINGS))
def test_recording(outcomes: dict[int, Got], replay: Replay, number: int) -> None:
    want, got = wanted(number), outcomes[number]
    requests = replay.asked_for(number)
    assert got.outcome == want.outcome, f"{requests} requests; {got.detail}"
    assert want.least <= requests <= want.most, got.detail
    assert (got.text, got.finish, got.usage) == (want.text, want.finish, want.usage)
