"""Which key a call gets, which ones are ejected, and what owners and server allow them."""

from random import Random

import pytest

from engine.admission.limits import tuning
from engine.admission.not_admitted import Reason
from engine.admission.route_queue import Grant
from engine.admission.routes import KeyLimits
from engine.admission.scheduler import Scheduler
from tests.engine.admission.scheduling import ENDPOINT, ask, call, grant, granted, one_slot, refusal


def test_the_key_with_most_room_comes_first_and_a_full_one_hands_over() -> None:
    scheduler = Scheduler(Random(1))
    entries = ask(scheduler, 0.0, *(call(keys=("a", "b")) for _ in range(6)))
    assert sorted(grant(entry).position for entry in entries) == [0, 0, 0, 1, 1, 1]
    scheduler.succeeded(entries[0], grant(entries[0]), 1.0)
    scheduler.rejected(entries[1], grant(entries[1]), None, 1.0)
    scheduler.enqueue(entries[1], 1.0)
    assert grant(entries[1]).position == 0


def test_positions_are_the_callers_own() -> None:
    scheduler = Scheduler(Random(1))
    (one,) = ask(scheduler, 0.0, call(keys=("b", "a")))
    route = grant(one).route
    (two,) = ask(scheduler, 0.0, call(keys=("a", "b")))
    assert (route is grant(two).route) == (grant(one).position != grant(two).position)


def test_a_dead_key_is_ejected_and_is_then_tried_by_one_call() -> None:
    scheduler = Scheduler(Random(1))
    (first,) = ask(scheduler, 0.0, call(keys=("a", "b")))
    dead = grant(first).position
    scheduler.dead(first, grant(first), "refused", 0.5)
    entries = ask(scheduler, 1.0, *(call(keys=("a", "b")) for _ in range(3)))
    assert {grant(entry).position for entry in entries} == {1 - dead}
    later = ask(
        scheduler, 0.6 + tuning.EJECTION_SECONDS, *(call(keys=("a", "b")) for _ in range(4))
    )
    tried = [entry for entry in later if entry.outcome and grant(entry).position == dead]
    assert len(tried) == 1
    scheduler.succeeded(tried[0], grant(tried[0]), 400.0)
    assert granted(later) == [0, 1, 2, 3]


def test_a_key_without_the_model_is_ejected_for_it_alone() -> None:
    scheduler = Scheduler(Random(1))
    keys = ("a", "b")
    (first,) = ask(scheduler, 0.0, call(keys=keys))
    unfit = grant(first).position
    assert scheduler.unfit(first, grant(first), "no channel", 0.0)
    entries = ask(scheduler, 1.0, *(call(keys=keys) for _ in range(3)))
    assert {grant(entry).position for entry in entries} == {1 - unfit}
    others = ask(scheduler, 1.0, *(call(keys=keys, model="other") for _ in range(2)))
    assert {grant(entry).position for entry in others} == {0, 1}
    scheduler.wake(ENDPOINT, keys, 2.0)
    (again,) = ask(scheduler, 2.0, call(keys=keys))
    assert grant(again).position == unfit


def test_a_key_without_the_model_is_tried_again_by_one_call_after_its_rest() -> None:
    scheduler = Scheduler(Random(1))
    keys = ("a", "b")
    (first,) = ask(scheduler, 0.0, call(keys=keys))
    unfit = grant(first).position
    scheduler.unfit(first, grant(first), "no channel", 0.0)
    later = ask(scheduler, tuning.EJECTION_SECONDS, *(call(keys=keys) for _ in range(3)))
    assert [grant(entry).position for entry in later].count(unfit) == 1


def test_the_last_key_that_may_serve_the_model_does_not_rest() -> None:
    scheduler = Scheduler(Random(1))
    keys = ("a", "b")
    (first,) = ask(scheduler, 0.0, call(keys=keys))
    assert scheduler.unfit(first, grant(first), "no channel", 0.0)
    (second,) = ask(scheduler, 0.0, call(keys=keys))
    assert not scheduler.unfit(second, grant(second), "no channel", 0.0)
    (third,) = ask(scheduler, 0.0, call(keys=keys))
    assert isinstance(third.outcome, Grant)


def test_a_key_without_the_model_is_tried_before_nobody_is() -> None:
    scheduler = Scheduler(Random(1))
    keys = ("a", "b")
    (first,) = ask(scheduler, 0.0, call(keys=keys))
    unfit = grant(first).position
    scheduler.unfit(first, grant(first), "no channel", 0.0)
    (second,) = ask(scheduler, 0.0, call(keys=keys))
    scheduler.dead(second, grant(second), "no quota", 0.0)
    (third,) = ask(scheduler, 0.0, call(keys=keys))
    assert grant(third).position == unfit


def test_when_all_keys_rest_the_refusal_says_why_by_position() -> None:
    scheduler = Scheduler(Random(1))
    entries = ask(scheduler, 0.0, call(keys=("a", "b")), call(keys=("a", "b")))
    reasons = {}
    for entry in entries:
        reasons[grant(entry).position] = f"reason {grant(entry).position}"
        scheduler.dead(entry, grant(entry), reasons[grant(entry).position], 1.0)
    (late,) = ask(scheduler, 2.0, call(keys=("a", "b")))
    assert refusal(late).reason is Reason.EJECTED
    assert refusal(late).ejected == ((0, "reason 0"), (1, "reason 1"))
    scheduler.wake(ENDPOINT, ("a",), 3.0)
    (saved,) = ask(scheduler, 3.0, call(keys=("a", "b")))
    assert grant(saved).position == 0


def test_a_sole_key_is_always_tried() -> None:
    scheduler = Scheduler(Random(1))
    (first,) = ask(scheduler, 0.0, call())
    scheduler.dead(first, grant(first), "refused", 0.5)
    assert granted(ask(scheduler, 1.0, call())) == [0]


def test_a_sole_key_is_tried_though_it_is_ejected_for_those_who_have_others() -> None:
    scheduler = Scheduler(Random(1))
    (rich,) = ask(scheduler, 0.0, call(keys=("a", "b")))
    name = ("a", "b")[grant(rich).position]
    scheduler.dead(rich, grant(rich), "refused", 0.5)
    (sole,) = ask(scheduler, 1.0, call(keys=(name,)))
    assert granted([sole]) == [0]


def test_a_resting_key_is_tried_when_time_comes_though_the_others_are_full() -> None:
    scheduler = Scheduler(Random(1))
    both = call(keys=("a", "b"), limits=one_slot())
    (first,) = ask(scheduler, 0.0, both)
    scheduler.dead(first, grant(first), "refused", 0.5)
    busy_one, waiting = ask(scheduler, 1.0, both, both)
    assert granted([busy_one, waiting]) == [0]
    assert scheduler.due() == pytest.approx(0.5 + tuning.EJECTION_SECONDS)
    scheduler.tick(0.5 + tuning.EJECTION_SECONDS)
    assert granted([busy_one, waiting]) == [0, 1]


def test_calls_per_minute_are_kept_strictly_failed_ones_counted() -> None:
    scheduler = Scheduler(Random(1))
    limits = KeyLimits(requests_per_minute=2)
    entries = ask(scheduler, 0.0, *(call(limits=limits) for _ in range(4)))
    assert granted(entries) == [0, 1]
    scheduler.dropped(entries[0], grant(entries[0]), 1.0)
    scheduler.succeeded(entries[1], grant(entries[1]), 1.0)
    assert granted(entries[2:]) == []
    assert scheduler.due() == pytest.approx(tuning.MINUTE)
    scheduler.tick(60.0)
    assert granted(entries[2:]) == []
    scheduler.tick(tuning.MINUTE)
    assert granted(entries[2:]) == [0, 1]


def test_the_strictest_limit_of_the_last_hour_counts() -> None:
    scheduler = Scheduler(Random(1))
    ask(scheduler, 0.0, call(limits=KeyLimits(max_concurrency=2)))
    entries = ask(scheduler, 10.0, *(call(limits=KeyLimits(max_concurrency=9)) for _ in range(3)))
    assert granted(entries) == [0]
    ask(scheduler, 3_700.0, call(limits=KeyLimits(max_concurrency=9)))
    assert granted(entries) == [0, 1]


def test_the_limit_of_a_key_holds_over_its_models() -> None:
    scheduler = Scheduler(Random(1))
    first, second = ask(
        scheduler, 0.0, call(limits=one_slot()), call(model="other", limits=one_slot())
    )
    assert granted([first, second]) == [0]
    scheduler.succeeded(first, grant(first), 1.0)
    assert granted([second]) == [0]
