"""A gateway that is full: a call gets through when capacity comes back, or says why it did not."""

import re

import pytest

from devtools import Session
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded

FAMILIES = ("rix", "one-api", "new-api", "shell", "openai")


def test_saturated_for_ever(rig: Rig, stream: bool) -> None:
    sessions = {
        family: rig.chat(f"{family}/sat-forever", stream=stream, budget=2) for family in FAMILIES
    }
    for family, session in sessions.items():
        assert error_of(session).error_type == "InvokeRateLimitError", family
        assert session.text == ""
        requests = len([one for one in rig.seen() if one.model.startswith(family)])
        # Those who pass upstream's words on pass "Please try again in 20s." on.
        assert (requests == 1) == (family in ("new-api", "openai")), family


def test_saturated_three_times_then_free(rig: Rig) -> None:
    keys = {stream: new_key() for stream in (False, True)}
    sessions = {
        stream: rig.chat("rix/sat-3-then-ok", key=key, stream=stream, budget=60)
        for stream, key in keys.items()
    }
    for stream, session in sessions.items():
        assert succeeded(session).text == WORDS
        assert session.finish_reason == "stop"
        assert len(rig.seen(keys[stream])) == 4


def test_saturated_in_the_first_event(rig: Rig, stream: bool) -> None:
    session = rig.chat("rix/sse-error-no-type-1-then-ok", stream=stream, budget=20)
    assert succeeded(session).text == WORDS
    assert len(rig.seen()) == 2


def test_saturated_in_the_first_event_for_ever(rig: Rig, stream: bool) -> None:
    session = rig.chat("rix/sse-error-no-type", stream=stream, budget=2)
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert len(rig.seen()) >= 2


@pytest.mark.parametrize("family", ["rix", "new-api", "openai"])
def test_saturated_after_content(rig: Rig, family: str, stream: bool) -> None:
    """Dify takes the first chunk of a blocking call for the answer, so there it gets none."""
    session = rig.chat(f"{family}/sse-error-after-content-429", stream=stream, budget=20)
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert session.text == ("你好，this is" if stream else "")
    assert session.finish_reason is None
    assert len(rig.seen()) == 1


def test_no_budget_means_one_request(rig: Rig, stream: bool) -> None:
    session = rig.chat("rix/sat-1-then-ok", stream=stream, budget=0)
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert len(rig.seen()) == 1


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("rix/sat-1-then-ok-ra-1", 1.0),
        ("openai/sat-1-then-ok-ra-1.4", 1.4),
        ("openai/sat-1-then-ok-rams-1600", 1.6),
        ("openai/e503-overloaded-1-then-ok-ra-1.2", 1.2),
    ],
)
def test_what_the_server_tells_to_wait_is_never_shortened(
    rig: Rig, model: str, told: float
) -> None:
    sessions = [rig.chat(model, budget=20, key=new_key(rig.key)) for _ in range(8)]
    for session in sessions:
        assert succeeded(session).text == WORDS
    mine = [one for one in rig.simulator.seen if one.key.startswith(f"{rig.key}-")]
    times: dict[str, list[float]] = {}
    for one in mine:
        times.setdefault(one.key, []).append(one.at)
    assert len(times) == 8
    for first, second in times.values():
        assert second - first >= told


def test_a_date_to_wait_for_is_obeyed(rig: Rig) -> None:
    session = rig.chat("openai/sat-1-then-ok-radate-2", budget=20)
    assert succeeded(session).text == WORDS
    first, second = (one.at for one in rig.seen())
    # The date has no fractions: it lies 2 to 3 s ahead.
    assert second - first >= 2.0


@pytest.mark.parametrize("model", ["openai/sat-forever-ra-120", "openai/sat-forever-radate-600"])
def test_longer_than_the_budget_gives_up_at_once(rig: Rig, model: str, stream: bool) -> None:
    error = error_of(rig.chat(model, stream=stream, budget=30))
    assert error.error_type == "InvokeRateLimitError"
    assert len(rig.seen()) == 1
    assert re.search(r"asks to wait (1[12]\d|60[01]|59\d) s", error.message)


def test_no_attempt_starts_after_the_budget(rig: Rig, stream: bool) -> None:
    """Told to wait 0.4 s each time, a budget of 1 s has room for two waits, never for three."""
    model = "openai/sat-forever-ra-0.4"
    keys = [new_key() for _ in range(10)]
    for session in [rig.chat(model, budget=1, key=key, stream=stream) for key in keys]:
        assert error_of(session).error_type == "InvokeRateLimitError"
    assert {len(rig.seen(key)) for key in keys} <= {1, 2, 3}


def test_an_overloaded_gateway_is_unavailable(rig: Rig, stream: bool) -> None:
    session = rig.chat("new-api/system-cpu-overloaded", stream=stream, budget=2)
    assert error_of(session).error_type == "InvokeServerUnavailableError"
    assert len(rig.seen()) >= 2


def test_waits_are_logged_once_in_a_while_and_say_how_many(rig: Rig) -> None:
    model = "rix/sat-forever"
    before = len(rig.plugin.logs)
    secret = "what nobody but the model may read"
    sessions: list[Session] = [rig.chat(model, secret, budget=6) for _ in range(30)]
    for session in sessions:
        error_of(session)
    lines = [
        line
        for line in rig.plugin.logs[before:]
        if model in line.message and "saturated" in line.message
    ]
    waits = [line for line in lines if line.level == "INFO"]
    span = max(line.at for line in lines) - min(line.at for line in lines)
    # Two lines that are 5 s apart may arrive a little nearer to each other.
    assert 1 <= len(waits) <= 1 + (span + 1) // 5
    assert re.search(r"attempt \d+", waits[0].message)
    assert re.search(r"request id \d{20,}", waits[0].message)
    assert not [line for line in lines if rig.key in line.message or secret in line.message]
