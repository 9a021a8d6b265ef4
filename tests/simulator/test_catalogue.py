"""Every row of the catalogue can be asked for, and is what it says it is."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.apis.audio.formats import recognise
from simulator import CATALOGUE, Row, Simulator
from simulator.catalogue.results import RESULTS
from simulator.catalogue.row import STREAMING
from simulator.client import QUESTIONS, Heard, ask, events
from simulator.errors import IN_200, JSON_ERRORS, SSE_ERRORS
from simulator.families import FAMILIES
from simulator.faulty import CHANGES
from simulator.odd_audio import SPEECH, TRANSCRIPTIONS
from simulator.own import EMPTY_BODIES, OWN
from simulator.replies import REPLIES, STREAMED
from simulator.responses import ENDINGS
from simulator.results import HEARD
from simulator.routes import ENDPOINTS

SILENCE = 0.4
PATIENCE = 60.0
"""Seconds: how long a hang is watched, and how long an answer may take on a busy machine."""
ON_REQUEST = {"batch-2", "context-40", "refuses-encoding_format", "refuses-dimensions"}
"""Rows that refuse some requests only; the plain one is none of them."""

PARAMETERS = {
    "max_tokens": 5,
    "temperature": 0.5,
    "stream_options": {"include_usage": True},
    # What the Responses API knows.
    "max_output_tokens": 16,
    "reasoning": {"summary": "auto"},
    "include": ["reasoning.encrypted_content"],
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=3) as sim:
        yield sim


def heard(
    simulator: Simulator, row: Row, endpoint: str, *, stream: bool, patience: float = PATIENCE
) -> Heard:
    key = "sk-good" if row.key is None else row.key
    if endpoint == "models":
        path = f"/{row.family}/v1/models"
        return ask(simulator.origin, path, method="GET", key=key, timeout=patience)
    path = next(path for path, (_, name) in ENDPOINTS.items() if name == endpoint)
    parameters = PARAMETERS | {"stream": stream} if endpoint in STREAMING else {}
    body = QUESTIONS[path] | parameters | {"model": row.name}
    return ask(simulator.origin, path, body, key=key, timeout=patience, limit=patience)


def has_answer(answer: Heard) -> bool:
    """Whether a finish reason came, in one body or in a stream."""
    if answer.status != 200 or not answer.body.strip() or answer.ended != "complete":
        return False
    if b"data:" in answer.body:
        text = answer.body.replace(b"\r\n", b"\n")
        if b"data: {\ndata:" in text:  # one JSON over several lines
            return b'"finish_reason": "stop"' in text or b'"status": "completed"' in text
        found = events(answer.body)
    else:
        found = [answer.json] if answer.body.startswith(b"{") else []
        if any(one.get("data") or one.get("results") for one in found):
            return True
        if any(isinstance(one.get("text"), str) for one in found) or is_audio_or_text(answer):
            return True
    if any(is_ended(one.get("response") or one) for one in found):
        return True
    choices = [choice for one in found for choice in one.get("choices") or []]
    return any(choice.get("finish_reason") for choice in choices)


def is_ended(response: Any) -> bool:
    """Whether a response object is complete, or as complete as it may be."""
    reason = (response.get("incomplete_details") or {}).get("reason")
    return response.get("status") == "completed" or reason in {
        "max_output_tokens",
        "content_filter",
    }


def is_audio_or_text(answer: Heard) -> bool:
    """Whether it is sound by its signature, or what was heard as plain text."""
    return recognise(answer.body) is not None or answer.text.strip() == HEARD


ASKED = [
    (row, endpoint, stream)
    for row in CATALOGUE
    for endpoint in row.endpoints
    for stream in ((True,) if row.in_stream else (False, True))
    if row.succeeds or endpoint == row.endpoints[0]
    if endpoint in STREAMING or not stream
]


ANSWERED = {"choices-empty", "stop-empty", "claude-error-first", "finish-content-filter-empty"}
"""Failures that may end as an answer does: with a finish reason, and without any content."""


def hangs(row: Row) -> bool:
    return row.behaviour.startswith(("hang", "stall", "ping-50-hang")) or row.key == "sk-silent"


@pytest.mark.parametrize(
    ("row", "endpoint", "stream"),
    [case for case in ASKED if not hangs(case[0])],
    ids=lambda value: value.name if isinstance(value, Row) else str(value),
)
def test_a_row_is_what_it_says(simulator: Simulator, row: Row, endpoint: str, stream: bool) -> None:
    simulator.reset()
    answer = heard(simulator, row, endpoint, stream=stream)
    if (row.family, endpoint) == ("one-api", "rerank"):
        assert answer.status == 404
    elif row.succeeds:
        assert has_answer(answer), answer
    elif row in RESULTS:
        ok = replace(row, name=f"{row.family}/ok")
        good = heard(simulator, ok, endpoint, stream=False).text
        same = answer.text.replace(row.name, ok.name) == good
        assert same is (row.behaviour in ON_REQUEST)
    elif row.in_stream:
        assert answer.status == 200
        complete = has_answer(answer) and b'"content":' in answer.body
        assert not complete or row.behaviour == "stop-empty", answer
    elif row.behaviour == "refuses-stream" and not stream:
        assert has_answer(answer)  # what is refused there is the stream
    elif row.behaviour not in ANSWERED:
        truncated = row.behaviour == "truncated-conn"
        assert answer.ended == "cut" if truncated else not has_answer(answer), answer


def test_a_hang_is_silent_until_the_client_leaves(simulator: Simulator) -> None:
    simulator.reset()
    rows = [row for row in CATALOGUE if hangs(row)]
    with ThreadPoolExecutor(len(rows)) as pool:
        answers = [
            pool.submit(heard, simulator, row, "chat", stream=True, patience=SILENCE)
            for row in rows
        ]
        ended = [answer.result().ended for answer in answers]
    assert len(rows) > 9
    assert set(ended) <= {"silence", "limit"}
    assert simulator.wait_for(lambda sim: sim.aborted == len(rows))


def test_rows_name_their_source_and_a_known_family() -> None:
    assert all(row.source and row.family in FAMILIES for row in CATALOGUE)
    again = [
        key
        for key, times in Counter((r.name, r.key, r.in_stream) for r in CATALOGUE).items()
        if times > 1
    ]
    assert again == []


def test_nothing_that_can_be_played_is_missing() -> None:
    rows = {row.behaviour for row in CATALOGUE}
    known = set(OWN) | set(EMPTY_BODIES) | set(JSON_ERRORS) | set(IN_200) | set(SSE_ERRORS)
    known |= (
        set(REPLIES)
        | set(STREAMED)
        | set(ENDINGS)
        | set(CHANGES)
        | set(SPEECH)
        | set(TRANSCRIPTIONS)
    )
    by_key = {
        "key-missing", "key-wrong", "key-expired", "key-disabled", "user-nomoney", "user-banned",
        "key-iplimited", "model-not-allowed", "channel-off", "channel-pinned", "channel-unknown",
        "quota-token-small", "quota-user-small", "no-channel",
    }  # fmt: skip
    by_fixture = {"ok-gzip", "only-in-vip", "unpriced-model"}
    assert known - rows == by_key | by_fixture


@pytest.mark.parametrize(
    ("model", "asked", "words"),
    [
        ("openai/batch-2", {"input": ["a", "b", "c"]}, "not be larger than 2"),
        ("openai/context-40", {"input": ["a" * 41]}, "maximum context length is 40"),
        ("openai/refuses-encoding_format", {"encoding_format": "base64"}, "encoding_format"),
        ("openai/refuses-dimensions", {"dimensions": 2}, "dimensions"),
    ],
)
def test_what_is_refused_in_some_requests_only(
    simulator: Simulator, model: str, asked: dict[str, object], words: str
) -> None:
    body = QUESTIONS["/v1/embeddings"] | {"model": model} | asked
    answer = ask(simulator.origin, "/v1/embeddings", body)
    assert answer.status == 400
    assert words in answer.text
