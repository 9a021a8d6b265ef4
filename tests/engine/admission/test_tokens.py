"""Tokens a minute: estimated when a call is sent, corrected by what comes back, never exceeded."""

import itertools
from random import Random
from typing import Any

import pytest

from bench.algorithm import token_shapes
from engine.admission.limits.tuning import MINUTE
from engine.admission.route_queue import Ticket
from engine.admission.routes import Limits
from engine.admission.scheduler import Desk
from engine.admission.token_budget import FIRST_HEADROOM, HEADROOM, Tokens
from engine.errors.rate_limit_headers import TokensLeft
from tests.engine.admission.scheduling import ask, call, grant, granted

LIMIT = Limits(tokens_per_minute=1_000)


def asked(desk: Desk, now: float, *prompts: int, answer: int = 0, **more: Any) -> list[Ticket]:
    """Calls that count for so many tokens each, headroom included, all at once."""
    estimates = [Tokens(int(prompt / FIRST_HEADROOM), answer) for prompt in prompts]
    return ask(desk, now, *(call(limits=LIMIT, tokens=each, **more) for each in estimates))


def test_calls_are_sent_while_their_tokens_fit_and_the_rest_a_minute_later() -> None:
    desk = Desk(Random(1))
    tickets = asked(desk, 0.0, 400, 400, 400)
    assert granted(tickets) == [0, 1]
    desk.tick(MINUTE - 0.1)
    assert tickets[2].waiting
    desk.tick(MINUTE + 0.01)
    assert granted(tickets) == [0, 1, 2]


def test_the_desk_wakes_when_the_tokens_are_free_and_not_before() -> None:
    desk = Desk(Random(1))
    asked(desk, 0.0, 800)
    asked(desk, 10.0, 100, 300)
    assert desk.due() == pytest.approx(MINUTE)


@pytest.mark.parametrize(("counted", "fits"), [(400, True), (900, False)])
def test_what_was_counted_takes_the_place_of_the_estimate(counted: int, fits: bool) -> None:
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 800, 400)
    assert second.waiting
    desk.succeeded(first, grant(first), 1.0, Tokens(counted, 0))
    assert (not second.waiting) is fits


def test_an_answer_counts_from_when_it_is_there() -> None:
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 100, 950)
    assert second.waiting
    desk.succeeded(first, grant(first), 30.0, Tokens(100, 400))
    desk.tick(MINUTE + 1.0)
    assert second.waiting, "the prompt is a minute old, the answer is not"
    desk.tick(MINUTE + 31.0)
    assert not second.waiting


def test_what_a_vendor_counts_in_advance_is_reserved_and_not_given_back() -> None:
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 100, 100, answer=500)
    assert second.waiting
    desk.succeeded(first, grant(first), 1.0, Tokens(100, 3))
    assert second.waiting
    desk.tick(MINUTE + 1.0)
    assert not second.waiting


def test_answers_are_expected_to_be_as_long_as_before() -> None:
    desk = Desk(Random(1))
    (first,) = asked(desk, 0.0, 10)
    desk.succeeded(first, grant(first), 1.0, Tokens(10, 300))
    assert len(granted(asked(desk, 100.0, 10, 10, 10, 10, 10))) == 3


def test_estimates_learn_by_how_much_they_miss() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call(limits=LIMIT, tokens=Tokens(100)))
    desk.succeeded(first, grant(first), 1.0, Tokens(200, 0))
    (second,) = ask(desk, 2.0, call(limits=LIMIT, tokens=Tokens(100)))
    charge = grant(second).charge
    assert charge
    assert charge.tokens == pytest.approx(200 * HEADROOM, abs=1)


@pytest.mark.parametrize("ending", ["rejected", "dead", "unfit"])
def test_what_was_not_processed_counts_for_nothing(ending: str) -> None:
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 800, 700)
    turn = grant(first)
    if ending == "rejected":
        desk.rejected(first, turn, None, 0.1)
        desk.tick(5.0)
    else:
        getattr(desk, ending)(first, turn, "reason", 0.1)
    assert not second.waiting


def test_a_broken_attempt_counts_for_its_prompt() -> None:
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 800, 700)
    desk.dropped(first, grant(first), 0.1)
    assert second.waiting


def test_a_call_larger_than_the_limit_is_sent_alone() -> None:
    desk = Desk(Random(1))
    small, large, after = asked(desk, 0.0, 100, 5_000, 100)
    assert granted([small, large, after]) == [0]
    desk.succeeded(small, grant(small), 1.0, Tokens(100, 0))
    desk.tick(MINUTE + 0.1)
    assert not large.waiting
    assert after.waiting, "it is alone"
    desk.succeeded(large, grant(large), MINUTE + 1.0, Tokens(5_000, 0))
    desk.tick(2 * MINUTE + 0.2)
    assert not after.waiting


def test_a_large_call_is_not_starved_by_small_ones_for_another_model() -> None:
    desk = Desk(Random(1))
    asked(desk, 0.0, 300)
    large = asked(desk, 1.0, 900)
    small = asked(desk, 2.0, *([90] * 5), model="other")
    assert granted([*large, *small]) == []
    desk.tick(MINUTE + 1.0)
    assert granted([*large, *small]) == [0, 1]


def test_the_strictest_limit_holds_and_keys_are_apart() -> None:
    desk = Desk(Random(1))
    asked(desk, 0.0, 900)
    loose = call(limits=Limits(tokens_per_minute=9_000), tokens=Tokens(800))
    (late,) = ask(desk, 1.0, loose)
    assert late.waiting
    (other,) = asked(desk, 1.0, 900, keys=("k2",))
    assert not other.waiting


def test_of_two_keys_the_one_that_has_tokens_is_taken() -> None:
    desk = Desk(Random(1))
    asked(desk, 0.0, 900, keys=("a",))
    (ticket,) = asked(desk, 1.0, 900, keys=("a", "b"))
    assert grant(ticket).position == 1


def test_a_call_that_may_not_wait_keeps_to_the_tokens_as_well() -> None:
    desk = Desk(Random(1))
    asked(desk, 0.0, 900)
    (hasty,) = asked(desk, 1.0, 500, deadline=1.0)
    assert hasty.waiting


# What headers tell.


def test_what_a_header_tells_takes_the_place_of_the_count() -> None:
    """Others use the limit too: 900 tokens were counted, though only 100 of them were ours."""
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 100, 950)
    desk.tokens_left(grant(first), TokensLeft(100, 1_000, 20.0), 0.1)
    (small,) = asked(desk, 0.2, 90)
    assert granted([second, small]) == [], "in their order"
    desk.leave(second, 0.3)
    assert not small.waiting
    (late,) = asked(desk, 0.4, 90)
    assert late.waiting, "10 are left"
    desk.tick(20.2)
    assert not late.waiting


def test_what_was_sent_since_a_header_was_written_is_not_in_it() -> None:
    desk = Desk(Random(1))
    first, _ = asked(desk, 0.0, 100, 500)
    desk.tokens_left(grant(first), TokensLeft(900, 1_000, 60.0), 0.1)
    (late,) = asked(desk, 0.2, 450)
    assert late.waiting


def test_a_header_frees_what_the_count_still_holds() -> None:
    """A bucket fills all the time; the count of a minute is stricter than that."""
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 600, 600)
    assert second.waiting
    desk.tokens_left(grant(first), TokensLeft(700, 1_000, 60.0), 30.0)
    assert not second.waiting


@pytest.mark.parametrize("limit", [None, 50_000])
def test_a_larger_limit_of_the_server_does_not_lift_the_one_that_was_typed(
    limit: int | None,
) -> None:
    desk = Desk(Random(1))
    first, second = asked(desk, 0.0, 600, 600)
    desk.tokens_left(grant(first), TokensLeft(40_000, limit, 60.0), 0.1)
    assert second.waiting


# In virtual time, against a gateway that counts.


@pytest.mark.parametrize("shape", token_shapes.TOKEN_SHAPES, ids=lambda shape: shape.name)
def test_every_call_is_answered_and_hardly_any_is_sent_twice(
    shape: token_shapes.TokenShape,
) -> None:
    seeds = itertools.islice(token_shapes.SEEDS, 3)
    runs = [token_shapes.run(shape, seed) for seed in seeds]
    assert {result.success for result, _ in runs} == {1.0}
    sent = sum(job.attempts for result, _ in runs for job in result.jobs)
    assert sent / sum(len(result.jobs) for result, _ in runs) <= 1.02
