"""Recorded failures that have no error of their own to paste: cut streams, silence, empty answers.

Dify shows this plugin's message of them, so that is what is pasted.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cli.explain.read import read_errors
from engine.apis.chat.request import chat_request
from engine.client import Client
from engine.errors import GatewayError
from engine.settings import Settings
from tests.catalogue.replay import Replay, recordings
from tests.cli.wrapping import WRAPPINGS

AT_ONCE = 40
GOOD = "chat-ok-stream-include_usage-false"
SILENCE = 2.0
"""Seconds between bytes, instead of 300, of the recordings that hang."""

RECORDINGS = recordings()
ANSWERS = {
    number: one
    for number, one in enumerate(RECORDINGS)
    if one.path == "/v1/chat/completions" and one.method == "POST"
}

pytestmark = pytest.mark.xdist_group("explain-recorded")


@pytest.fixture(scope="module")
def failures() -> Iterator[dict[int, GatewayError]]:
    """What the engine says of each answer that fails, asked once and never again."""
    good = {"/v1/chat/completions": next(one for one in RECORDINGS if one.case == GOOD)}
    with Replay(RECORDINGS, good) as replay, ThreadPoolExecutor(AT_ONCE) as pool:
        client = Client()
        asked = {number: pool.submit(_failure, client, replay, number) for number in ANSWERS}
        ended = {number: call.result() for number, call in asked.items()}
        yield {number: error for number, error in ended.items() if error is not None}


def _failure(client: Client, replay: Replay, number: int) -> GatewayError | None:
    settings = Settings(replay.url_of(number), f"sk-{number}", "m", max_retry_seconds=0.0)
    request = chat_request({"model": "m", "stream": True})
    if ANSWERS[number].hangs:
        request = replace(request, read_seconds=SILENCE)
    try:
        for _ in client.stream(settings, request):
            pass
    except GatewayError as error:
        return error
    return None


def test_most_kinds_of_endings_are_among_them(failures: dict[int, GatewayError]) -> None:
    kinds = {error.failure.kind.name for error in failures.values()}
    assert kinds >= {"truncated", "no_answer", "server_error", "saturated", "key_refused"}


@pytest.mark.parametrize("number", ANSWERS, ids=lambda number: RECORDINGS[number].name)
def test_the_message_of_a_recorded_failure_is_explained(
    failures: dict[int, GatewayError], number: int
) -> None:
    error = failures.get(number)
    if error is None:
        return  # A success.
    for name, wrap in WRAPPINGS.items():
        found = read_errors(wrap(error.text, error.outcome.value))
        assert [one.failure.kind for one in found] == [error.failure.kind], f"{name}: {error.text}"
