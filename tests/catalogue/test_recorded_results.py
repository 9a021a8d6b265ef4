"""The recorded answers of real gateways but chat's, replayed byte for byte."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from engine.apis.audio.speech import speech_request
from engine.apis.audio.transcription import transcription_request
from engine.apis.embeddings import Embeddings, embeddings_request
from engine.apis.rerank import Ranked, rerank_request
from engine.client import Client
from engine.delta import Delta
from engine.errors import GatewayError
from engine.operations.moderate import moderation_request
from engine.request import Request
from engine.settings import Settings
from simulator.oneapi import read_json
from simulator.sound import wave_of
from tests.catalogue.expectations import LONG, SHORT, SUCCESS
from tests.catalogue.recorded import Recorded
from tests.catalogue.recorded_gateways import RESULTS, judged
from tests.catalogue.recorded_kinds import GATEWAYS
from tests.catalogue.recorded_results import PATTERNS
from tests.catalogue.replay import Recording, Replay, parameters_of, recordings

AT_ONCE = 80
VECTOR = [0.5, -0.25, 0.125, 0.0625]
"""What the recorded upstream answered to every text."""

HEARD = "hello from the upstream"
SOUND = b"ID3\x03\x00\x00" + bytes(range(1, 64))
"""What it spoke and heard."""

RECORDINGS = recordings(("embeddings", "rerank", "moderations", "audio"))

pytestmark = pytest.mark.xdist_group("catalogue-recordings")


@dataclass(frozen=True, slots=True)
class Got:
    outcome: str
    result: object = None
    detail: str = ""


def row_for(recording: Recording) -> tuple[str, Recorded]:
    """The pattern that decides, and what it says."""
    if recording.gateway in GATEWAYS:
        return judged(recording, RESULTS)
    return next(row for row in PATTERNS if re.search(row[0], recording.name))


def wanted(recording: Recording) -> Recorded:
    return row_for(recording)[1]


def question(recording: Recording) -> Request[object]:
    """What was asked, as far as the answer tells: as many inputs as there are results."""
    if recording.path.endswith("transcriptions"):
        return transcription_request("m", wave_of())
    if recording.path.endswith("speech"):
        return speech_request("m", "hi", "alloy")
    results = read_json(recording.body) if recording.status == 200 else None
    results = results if isinstance(results, dict) else {}
    count = max(1, len(results.get("data") or results.get("results") or ()))
    inputs = ["a", "b", "c"][:count]
    if recording.path.endswith("embeddings"):
        dimensions = 2 if "dimensions" in recording.case else None
        return embeddings_request("m", inputs, dimensions=dimensions)
    if recording.path.endswith("rerank"):
        return rerank_request("m", "q", inputs)
    return moderation_request("m", inputs)


def test_every_recording_has_a_pattern_and_every_pattern_a_recording() -> None:
    used = {row_for(one)[0] for one in RECORDINGS}
    assert {pattern for table in (PATTERNS, RESULTS) for pattern, _ in table} <= used


@pytest.fixture(scope="module")
def replay() -> Iterator[Replay]:
    with Replay(RECORDINGS, {}) as server:
        yield server


@pytest.fixture(scope="module")
def outcomes(replay: Replay) -> Iterator[dict[int, Got]]:
    client = Client()

    def ask(number: int) -> Got:
        settings = Settings(
            endpoint=replay.url_of(number),
            api_key=f"sk-{number}",
            model="m",
            max_retry_seconds=SHORT if wanted(RECORDINGS[number]).waits else LONG,
        )
        try:
            request = question(RECORDINGS[number])
            if request.path != "audio/speech":
                return Got(SUCCESS, client.complete(settings, request))
            events = client.stream(settings, request)
            return Got(SUCCESS, b"".join(one.sound for one in events if isinstance(one, Delta)))
        except GatewayError as error:
            return Got(error.outcome.value, detail=error.text)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        calls = {number: pool.submit(ask, number) for number in range(len(RECORDINGS))}
        yield {number: call.result() for number, call in calls.items()}


@pytest.mark.parametrize("number", parameters_of(RECORDINGS))
def test_recording(outcomes: dict[int, Got], replay: Replay, number: int) -> None:
    want, got = wanted(RECORDINGS[number]), outcomes[number]
    requests = replay.asked_for(number)
    assert got.outcome == want.outcome, f"{requests} requests; {got.detail}"
    assert want.least <= requests <= want.most, got.detail


def results(outcomes: dict[int, Got], case: str) -> list[object]:
    """The results of a case, from each gateway that it is a success of."""
    found = [
        outcomes[number].result
        for number, one in enumerate(RECORDINGS)
        if one.case == case and wanted(one).outcome == SUCCESS
    ]
    assert found
    return found


@pytest.mark.parametrize(
    ("case", "result"),
    [
        ("embeddings-ok", Embeddings([VECTOR, VECTOR], 6)),
        ("embeddings-ok-no-usage", Embeddings([VECTOR, VECTOR], 0)),
        ("embeddings-ok-base64", Embeddings([VECTOR], 6)),
        ("embeddings-ok-dimensions", Embeddings([VECTOR[:2]], 6)),
        ("rerank-ok-no-usage", [Ranked(0, 0.9), Ranked(1, 0.8)]),
        ("rerank-ok-return_documents", [Ranked(0, 0.9), Ranked(1, 0.8), Ranked(2, 0.7)]),
        ("moderation-ok", False),
        ("speech-ok-no-usage", SOUND),
        ("transcription-ok-no-usage", HEARD),
    ],
)
def test_what_was_read(outcomes: dict[int, Got], case: str, result: object) -> None:
    assert all(found == result for found in results(outcomes, case))
