"""Tokens a minute: estimated when a call is sent, corrected by what comes back, never exceeded."""

import itertools
from random import Random
from typing import Any

import pytest

from bench.algorithm import token_shapes
from engine.admission.limits.tuning import MINUTE
from engine.admission.route_queue import QueueEntry
from engine.admission.routes import KeyLimits
from engine.admission.scheduler import Scheduler
from engine.admission.token_budget import FIRST_HEADROOM, HEADROOM, Tokens
from engine.errors.rate_limit_headers import TokensLeft
from tests.engine.admission.scheduling import ask, call, grant, granted

LIMIT = KeyLimits(tokens_per_minute=1_000)


def asked(
    scheduler: Scheduler, now: float, *prompts: int, answer: int = 0, **more: Any
) -> list[QueueEntry]:
    """Calls that count for so many tokens each, headroom included, all at once."""
    estimates = [Tokens(int(prompt / FIRST_HEADROOM), answer) for prompt in prompts]
    return ask(scheduler, now, *(call(limits=LIMIT, tokens=each, **more) for each in estimates))


def test_calls_are_sent_while_their_tokens_fit_and_the_rest_a_minute_later() -> None:
    scheduler = Scheduler(Random(1))
    entries = asked(scheduler, 0.0, 400, 400, 400)
    assert granted(entries) == [0, 1]
    scheduler.tick(MINUTE - 0.1)
    assert entries[2].waiting
    scheduler.tick(MINUTE + 0.01)
    assert granted(entries) == [0, 1, 2]


def test_the_scheduler_wakes_when_the_tokens_are_free_and_not_before() -> None:
    scheduler = Scheduler(Random(1))
    asked(scheduler, 0.0, 800)
    asked(scheduler, 10.0, 100, 300)
    assert scheduler.due() == pytest.approx(MINUTE)


@pytest.mark.parametrize(("counted", "fits"), [(400, True), (900, False)])
def test_what_was_counted_takes_the_place_of_the_estimate(counted: int, fits: bool) -> None:
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 800, 400)
    assert second.waiting
    scheduler.succeeded(first, grant(first), 1.0, Tokens(counted, 0))
    assert (not second.waiting) is fits


def test_an_answer_counts_from_when_it_is_there() -> None:
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 100, 950)
    assert second.waiting
    scheduler.succeeded(first, grant(first), 30.0, Tokens(100, 400))
    scheduler.tick(MINUTE + 1.0)
    assert second.waiting, "the prompt is a minute old, the answer is not"
    scheduler.tick(MINUTE + 31.0)
    assert not second.waiting


def test_what_a_vendor_counts_in_advance_is_reserved_and_not_given_back() -> None:
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 100, 100, answer=500)
    assert second.waiting
    scheduler.succeeded(first, grant(first), 1.0, Tokens(100, 3))
    assert second.waiting
    scheduler.tick(MINUTE + 1.0)
    assert not second.waiting


def test_answers_are_expected_to_be_as_long_as_before() -> None:
    scheduler = Scheduler(Random(1))
    (first,) = asked(scheduler, 0.0, 10)
    scheduler.succeeded(first, grant(first), 1.0, Tokens(10, 300))
    assert len(granted(asked(scheduler, 100.0, 10, 10, 10, 10, 10))) == 3


def test_estimates_learn_by_how_much_they_miss() -> None:
    scheduler = Scheduler(Random(1))
    (first,) = ask(scheduler, 0.0, call(limits=LIMIT, tokens=Tokens(100)))
    scheduler.succeeded(first, grant(first), 1.0, Tokens(200, 0))
    (second,) = ask(scheduler, 2.0, call(limits=LIMIT, tokens=Tokens(100)))
    charge = grant(second).charge
    assert charge
    assert charge.tokens == pytest.approx(200 * HEADROOM, abs=1)


@pytest.mark.parametrize("ending", ["rejected", "dead", "unfit"])
def test_what_was_not_processed_counts_for_nothing(ending: str) -> None:
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 800, 700)
    permit = grant(first)
    if ending == "rejected":
        scheduler.rejected(first, permit, None, 0.1)
        scheduler.tick(5.0)
    else:
        getattr(scheduler, ending)(first, permit, "reason", 0.1)
    assert not second.waiting


def test_a_broken_attempt_counts_for_its_prompt() -> None:
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 800, 700)
    scheduler.dropped(first, grant(first), 0.1)
    assert second.waiting


def test_a_call_larger_than_the_limit_is_sent_alone() -> None:
    scheduler = Scheduler(Random(1))
    small, large, after = asked(scheduler, 0.0, 100, 5_000, 100)
    assert granted([small, large, after]) == [0]
    scheduler.succeeded(small, grant(small), 1.0, Tokens(100, 0))
    scheduler.tick(MINUTE + 0.1)
    assert not large.waiting
    assert after.waiting, "it is alone"
    scheduler.succeeded(large, grant(large), MINUTE + 1.0, Tokens(5_000, 0))
    scheduler.tick(2 * MINUTE + 0.2)
    assert not after.waiting


def test_a_large_call_is_not_starved_by_small_ones_for_another_model() -> None:
    scheduler = Scheduler(Random(1))
    asked(scheduler, 0.0, 300)
    large = asked(scheduler, 1.0, 900)
    small = asked(scheduler, 2.0, *([90] * 5), model="other")
    assert granted([*large, *small]) == []
    scheduler.tick(MINUTE + 1.0)
    assert granted([*large, *small]) == [0, 1]


def test_the_strictest_limit_holds_and_keys_are_apart() -> None:
    scheduler = Scheduler(Random(1))
    asked(scheduler, 0.0, 900)
    loose = call(limits=KeyLimits(tokens_per_minute=9_000), tokens=Tokens(800))
    (late,) = ask(scheduler, 1.0, loose)
    assert late.waiting
    (other,) = asked(scheduler, 1.0, 900, keys=("k2",))
    assert not other.waiting


def test_of_two_keys_the_one_that_has_tokens_is_taken() -> None:
    scheduler = Scheduler(Random(1))
    asked(scheduler, 0.0, 900, keys=("a",))
    (entry,) = asked(scheduler, 1.0, 900, keys=("a", "b"))
    assert grant(entry).position == 1


def test_a_call_that_may_not_wait_keeps_to_the_tokens_as_well() -> None:
    scheduler = Scheduler(Random(1))
    asked(scheduler, 0.0, 900)
    (hasty,) = asked(scheduler, 1.0, 500, deadline=1.0)
    assert hasty.waiting


# What headers tell.


def test_what_a_header_tells_takes_the_place_of_the_count() -> None:
    """Others use the limit too: 900 tokens were counted, though only 100 of them were ours."""
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 100, 950)
    scheduler.tokens_left(grant(first), TokensLeft(100, 1_000, 20.0), 0.1)
    (small,) = asked(scheduler, 0.2, 90)
    assert granted([second, small]) == [], "in their order"
    scheduler.leave(second, 0.3)
    assert not small.waiting
    (late,) = asked(scheduler, 0.4, 90)
    assert late.waiting, "10 are left"
    scheduler.tick(20.2)
    assert not late.waiting


def test_what_was_sent_since_a_header_was_written_is_not_in_it() -> None:
    scheduler = Scheduler(Random(1))
    first, _ = asked(scheduler, 0.0, 100, 500)
    scheduler.tokens_left(grant(first), TokensLeft(900, 1_000, 60.0), 0.1)
    (late,) = asked(scheduler, 0.2, 450)
    assert late.waiting


def test_a_header_frees_what_the_count_still_holds() -> None:
    """A bucket fills all the time; the count of a minute is stricter than that."""
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 600, 600)
    assert second.waiting
    scheduler.tokens_left(grant(first), TokensLeft(700, 1_000, 60.0), 30.0)
    assert not second.waiting


@pytest.mark.parametrize("limit", [None, 50_000])
def test_a_larger_limit_of_the_server_does_not_lift_the_one_that_was_typed(
    limit: int | None,
) -> None:
    scheduler = Scheduler(Random(1))
    first, second = asked(scheduler, 0.0, 600, 600)
    scheduler.tokens_left(grant(first), TokensLeft(40_000, limit, 60.0), 0.1)
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
