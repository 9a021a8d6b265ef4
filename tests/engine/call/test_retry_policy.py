"""The policy of repeating a failed call: how often and after how long, to the decimal."""

from dataclasses import replace

import pytest

from engine.call.policy import (
    LAST_CHANCE_SECONDS,
    SLOW_SECONDS,
    AttemptState,
    Jitter,
    repeats_allowed,
)
from engine.call.policy import pause_before_repeat as pause_in_state
from engine.errors import KINDS, Failure, Kind, kinds
from tests.support.jitters import all_of, half_of, never


def pause_before_repeat(
    failure: Failure, repeats: int, remaining: float, jitter: Jitter
) -> float | None:
    """The pause after so many repeats, with so many seconds left."""
    return pause_in_state(failure, AttemptState(remaining, repeats), jitter)


REPEATS: dict[Kind, int | None] = {
    # Wait and retry, as long as the budget lasts.
    kinds.SATURATED: None,
    kinds.RATE_LIMITED: None,
    kinds.OVERLOADED: None,
    # One repeat where it is the operator's account or key, or one more channel may have it.
    kinds.UPSTREAM_QUOTA: 1,
    kinds.UPSTREAM_REFUSED: 1,
    kinds.NO_CHANNEL: 1,
    kinds.EMPTY_ANSWER: 1,
    kinds.MALFORMED_ANSWER: 1,
    kinds.UPSTREAM_TIMEOUT: 1,
    # Quick repeats.
    kinds.SERVER_ERROR: 3,
    kinds.TRUNCATED: 3,
    kinds.CONNECT_FAILED: 3,
    kinds.CONNECTION_LOST: 2,
    # None: a person has to change something, or it may have been billed.
    kinds.OWN_QUOTA: 0,
    kinds.KEY_REFUSED: 0,
    kinds.ACCESS_DENIED: 0,
    kinds.MODEL_NOT_FOUND: 0,
    kinds.WRONG_URL: 0,
    kinds.WRONG_API: 0,
    kinds.CONTENT_REFUSED: 0,
    kinds.CONTEXT_TOO_LONG: 0,
    kinds.TOO_LARGE: 0,
    kinds.BAD_REQUEST: 0,
    kinds.LIMITER_FAILED: 0,
    kinds.TLS_FAILED: 0,
    kinds.NO_ANSWER: 0,
    kinds.TIME_LIMIT: 0,
    # The queue has said no: it would say so again.
    kinds.QUEUE_FULL: 0,
    kinds.QUEUE_TOO_LONG: 0,
    kinds.GATEWAY_SHUT: 0,
    kinds.KEYS_RESTING: 0,
    kinds.BROKEN_TOOL_CALL: 0,
}
OUTCOMES: dict[str, set[Kind]] = {
    "InvokeRateLimitError": {
        kinds.SATURATED, kinds.RATE_LIMITED, kinds.OWN_QUOTA, kinds.UPSTREAM_QUOTA,
        kinds.QUEUE_FULL, kinds.QUEUE_TOO_LONG, kinds.GATEWAY_SHUT, kinds.KEYS_RESTING,
    },
    "InvokeAuthorizationError": {kinds.KEY_REFUSED},
    "InvokeBadRequestError": {
        kinds.ACCESS_DENIED, kinds.MODEL_NOT_FOUND, kinds.WRONG_URL, kinds.CONTENT_REFUSED,
        kinds.CONTEXT_TOO_LONG, kinds.TOO_LARGE, kinds.BAD_REQUEST, kinds.WRONG_API,
    },
    "InvokeServerUnavailableError": {
        kinds.OVERLOADED, kinds.UPSTREAM_REFUSED, kinds.NO_CHANNEL, kinds.SERVER_ERROR,
        kinds.LIMITER_FAILED, kinds.UPSTREAM_TIMEOUT, kinds.NO_ANSWER, kinds.TIME_LIMIT,
        kinds.EMPTY_ANSWER, kinds.TRUNCATED, kinds.BROKEN_TOOL_CALL,
        kinds.MALFORMED_ANSWER,
    },
    "InvokeConnectionError": {kinds.CONNECT_FAILED, kinds.TLS_FAILED, kinds.CONNECTION_LOST},
}  # fmt: skip


def test_tables_are_complete() -> None:
    assert set(REPEATS) == set(KINDS)
    listed = [kind for found in OUTCOMES.values() for kind in found]
    assert len(listed) == len(set(listed)) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_kind_ends_in_its_class(kind: Kind) -> None:
    assert kind in OUTCOMES[kind.outcome.value]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_repeats_of_a_kind(kind: Kind) -> None:
    assert repeats_allowed(Failure(kind)) == REPEATS[kind]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nothing_is_repeated_after_content_or_against_the_servers_will(kind: Kind) -> None:
    assert repeats_allowed(Failure(kind, after_content=True)) == 0
    assert repeats_allowed(Failure(kind, final=True)) == 0
    assert pause_before_repeat(Failure(kind, after_content=True), 0, 480.0, half_of) is None


@pytest.mark.parametrize(
    ("kind", "seconds", "repeats"),
    [
        (kinds.SERVER_ERROR, SLOW_SECONDS, 3),
        (kinds.SERVER_ERROR, SLOW_SECONDS + 0.01, 1),
        (kinds.TRUNCATED, 31.0, 1),
        (kinds.UPSTREAM_TIMEOUT, 120.0, 1),
        (kinds.SATURATED, 31.0, None),
        (kinds.CONNECTION_LOST, 5.0, 2),
        (kinds.CONNECTION_LOST, 5.01, 0),
        (kinds.CONNECT_FAILED, 31.0, 3),
    ],
)
def test_a_slow_attempt_is_worth_fewer(kind: Kind, seconds: float, repeats: int | None) -> None:
    assert repeats_allowed(Failure(kind, seconds=seconds)) == repeats


CEILINGS: dict[Kind, list[float]] = {
    kinds.SERVER_ERROR: [1, 2, 4],
    kinds.TRUNCATED: [1, 2, 4],
    kinds.CONNECT_FAILED: [1, 2, 4],
    kinds.CONNECTION_LOST: [1, 2],
    kinds.UPSTREAM_QUOTA: [1],
    kinds.UPSTREAM_REFUSED: [1],
    kinds.UPSTREAM_TIMEOUT: [1],
    kinds.EMPTY_ANSWER: [1],
    kinds.MALFORMED_ANSWER: [1],
}
PATIENT = replace(kinds.SERVER_ERROR, name="patient", repeats=99)
"""No kind that is paced by chance is repeated so often that it meets the cap."""
REJECTIONS = [kind for kind in KINDS if REPEATS[kind] is None]


@pytest.mark.parametrize("kind", CEILINGS, ids=lambda kind: kind.name)
def test_pause_is_full_jitter_below_an_exponential(kind: Kind) -> None:
    for repeats, ceiling in enumerate(CEILINGS[kind]):
        assert pause_before_repeat(Failure(kind), repeats, 480.0, all_of) == ceiling
        assert pause_before_repeat(Failure(kind), repeats, 480.0, half_of) == ceiling / 2
        assert pause_before_repeat(Failure(kind), repeats, 480.0, lambda _: 0.0) == 0.0
    assert pause_before_repeat(Failure(kind), len(CEILINGS[kind]), 480.0, all_of) is None


def test_pause_is_bounded_after_very_many_repeats() -> None:
    often = replace(PATIENT, repeats=10**7)
    assert pause_before_repeat(Failure(often), 10**6, 480.0, all_of) == 20.0


def test_pause_grows_up_to_its_cap() -> None:
    pauses = [pause_before_repeat(Failure(PATIENT), n, 480.0, all_of) for n in range(8)]
    assert pauses == [1, 2, 4, 8, 16, 20, 20, 20]


def test_rejections_are_what_the_waiting_budget_is_for() -> None:
    assert {kind.name for kind in REJECTIONS} == {"saturated", "rate_limited", "overloaded"}
    assert [kind for kind in KINDS if kind.is_rejection] == REJECTIONS


@pytest.mark.parametrize("kind", REJECTIONS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("told", [None, 0.0, 20.0, 1e9])
@pytest.mark.parametrize("repeats", [0, 10**6])
def test_a_rejection_is_paced_by_the_queue(kind: Kind, told: float | None, repeats: int) -> None:
    """It keeps to what was told, and refuses who cannot wait so long (tests/engine/admission)."""
    assert pause_before_repeat(Failure(kind, retry_after=told), repeats, 0.001, never) == 0.0


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if REPEATS[kind] == 0], ids=lambda k: k.name
)
@pytest.mark.parametrize("told", [None, 0.0, 1.0])
def test_kind_that_is_never_repeated(kind: Kind, told: float | None) -> None:
    assert pause_before_repeat(Failure(kind, retry_after=told), 0, 480.0, all_of) is None


@pytest.mark.parametrize(
    ("remaining", "pause"), [(480.0, 5.0), (5.0, 5.0), (4.99, None), (0.0, None)]
)
def test_no_channel_is_repeated_after_5_s_and_not_sooner(
    remaining: float, pause: float | None
) -> None:
    failure = Failure(kinds.NO_CHANNEL)
    assert pause_before_repeat(failure, 0, remaining, never) == pause


@pytest.mark.parametrize(
    ("told", "remaining", "pause"),
    [
        (20.0, 45.0, 20.0),
        (0.2, 45.0, 0.2),
        (45.0, 45.0, 45.0),
        (44.9, 45.0, 44.9),
        (45.001, 45.0, None),
        (120.0, 45.0, None),
        (1e9, 480.0, None),
        (0.001, 0.001, 0.001),
        (20.0, 0.0, None),
    ],
)
def test_told_wait_is_obeyed_to_the_letter_or_given_up(
    told: float, remaining: float, pause: float | None
) -> None:
    for kind in (kinds.SERVER_ERROR, kinds.UPSTREAM_QUOTA, kinds.NO_CHANNEL):
        failure = Failure(kind, retry_after=told)
        assert pause_before_repeat(failure, 0, remaining, never) == pause


def test_told_no_wait_at_all_leaves_the_pause_to_us() -> None:
    assert pause_before_repeat(Failure(kinds.SERVER_ERROR, retry_after=0.0), 2, 45.0, all_of) == 4.0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("remaining", [0.0, -1.0])
def test_without_budget_nothing_is_repeated(kind: Kind, remaining: float) -> None:
    for told in (None, 0.0, 0.1):
        failure = Failure(kind, retry_after=told)
        assert pause_before_repeat(failure, 0, remaining, lambda _: 0.0) is None


@pytest.mark.parametrize(
    ("drawn", "remaining", "pause"),
    [
        (1.0, 45.0, 1.0),
        (1.0, 1.25, 1.0),
        (1.0, 1.2, 0.95),
        (10.0, 6.0, 5.75),
        (10.0, 0.6, 0.35),
        (10.0, 0.5, None),
        (10.0, 0.1, None),
        (0.0, 0.25, 0.0),
    ],
)
def test_last_chance_lies_just_before_the_deadline(
    drawn: float, remaining: float, pause: float | None
) -> None:
    got = pause_before_repeat(Failure(PATIENT), 9, remaining, lambda _: drawn)
    assert got == (pause if pause is None else pytest.approx(pause))
    assert got is None or got <= drawn
    assert got is None or got + LAST_CHANCE_SECONDS <= remaining + 1e-9
