"""Which key a call gets, which ones rest, and what owners and server allow them."""

from random import Random

import pytest

from engine.admission.limits import tuning
from engine.admission.not_admitted import Reason
from engine.admission.route_queue import Grant
from engine.admission.routes import Limits
from engine.admission.scheduler import Desk
from tests.engine.admission.scheduling import ENDPOINT, ask, call, grant, granted, one_slot, refusal


def test_the_key_with_most_room_comes_first_and_a_full_one_hands_over() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call(keys=("a", "b")) for _ in range(6)))
    assert sorted(grant(ticket).position for ticket in tickets) == [0, 0, 0, 1, 1, 1]
    desk.succeeded(tickets[0], grant(tickets[0]), 1.0)
    desk.rejected(tickets[1], grant(tickets[1]), None, 1.0)
    desk.ask(tickets[1], 1.0)
    assert grant(tickets[1]).position == 0


def test_positions_are_the_callers_own() -> None:
    desk = Desk(Random(1))
    (one,) = ask(desk, 0.0, call(keys=("b", "a")))
    lane = grant(one).lane
    (two,) = ask(desk, 0.0, call(keys=("a", "b")))
    assert (lane is grant(two).lane) == (grant(one).position != grant(two).position)


def test_a_dead_key_rests_and_is_then_tried_by_one_call() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call(keys=("a", "b")))
    dead = grant(first).position
    desk.dead(first, grant(first), "refused", 0.5)
    tickets = ask(desk, 1.0, *(call(keys=("a", "b")) for _ in range(3)))
    assert {grant(ticket).position for ticket in tickets} == {1 - dead}
    later = ask(desk, 0.6 + tuning.REST_SECONDS, *(call(keys=("a", "b")) for _ in range(4)))
    tried = [ticket for ticket in later if ticket.outcome and grant(ticket).position == dead]
    assert len(tried) == 1
    desk.succeeded(tried[0], grant(tried[0]), 400.0)
    assert granted(later) == [0, 1, 2, 3]


def test_a_key_without_the_model_rests_for_it_alone() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    unfit = grant(first).position
    assert desk.unfit(first, grant(first), "no channel", 0.0)
    tickets = ask(desk, 1.0, *(call(keys=keys) for _ in range(3)))
    assert {grant(ticket).position for ticket in tickets} == {1 - unfit}
    others = ask(desk, 1.0, *(call(keys=keys, model="other") for _ in range(2)))
    assert {grant(ticket).position for ticket in others} == {0, 1}
    desk.wake(ENDPOINT, keys, 2.0)
    (again,) = ask(desk, 2.0, call(keys=keys))
    assert grant(again).position == unfit


def test_a_key_without_the_model_is_tried_again_by_one_call_after_its_rest() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    unfit = grant(first).position
    desk.unfit(first, grant(first), "no channel", 0.0)
    later = ask(desk, tuning.REST_SECONDS, *(call(keys=keys) for _ in range(3)))
    assert [grant(ticket).position for ticket in later].count(unfit) == 1


def test_the_last_key_that_may_serve_the_model_does_not_rest() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    assert desk.unfit(first, grant(first), "no channel", 0.0)
    (second,) = ask(desk, 0.0, call(keys=keys))
    assert not desk.unfit(second, grant(second), "no channel", 0.0)
    (third,) = ask(desk, 0.0, call(keys=keys))
    assert isinstance(third.outcome, Grant)


def test_a_key_without_the_model_is_tried_before_nobody_is() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    unfit = grant(first).position
    desk.unfit(first, grant(first), "no channel", 0.0)
    (second,) = ask(desk, 0.0, call(keys=keys))
    desk.dead(second, grant(second), "no quota", 0.0)
    (third,) = ask(desk, 0.0, call(keys=keys))
    assert grant(third).position == unfit


def test_when_all_keys_rest_the_refusal_says_why_by_position() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, call(keys=("a", "b")), call(keys=("a", "b")))
    reasons = {}
    for ticket in tickets:
        reasons[grant(ticket).position] = f"reason {grant(ticket).position}"
        desk.dead(ticket, grant(ticket), reasons[grant(ticket).position], 1.0)
    (late,) = ask(desk, 2.0, call(keys=("a", "b")))
    assert refusal(late).reason is Reason.RESTING
    assert refusal(late).resting == ((0, "reason 0"), (1, "reason 1"))
    desk.wake(ENDPOINT, ("a",), 3.0)
    (saved,) = ask(desk, 3.0, call(keys=("a", "b")))
    assert grant(saved).position == 0


def test_a_sole_key_is_always_tried() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call())
    desk.dead(first, grant(first), "refused", 0.5)
    assert granted(ask(desk, 1.0, call())) == [0]


def test_a_sole_key_is_tried_though_it_rests_for_those_who_have_others() -> None:
    desk = Desk(Random(1))
    (rich,) = ask(desk, 0.0, call(keys=("a", "b")))
    name = ("a", "b")[grant(rich).position]
    desk.dead(rich, grant(rich), "refused", 0.5)
    (sole,) = ask(desk, 1.0, call(keys=(name,)))
    assert granted([sole]) == [0]


def test_a_resting_key_is_tried_when_time_comes_though_the_others_are_full() -> None:
    desk = Desk(Random(1))
    both = call(keys=("a", "b"), limits=one_slot())
    (first,) = ask(desk, 0.0, both)
    desk.dead(first, grant(first), "refused", 0.5)
    busy_one, waiting = ask(desk, 1.0, both, both)
    assert granted([busy_one, waiting]) == [0]
    assert desk.due() == pytest.approx(0.5 + tuning.REST_SECONDS)
    desk.tick(0.5 + tuning.REST_SECONDS)
    assert granted([busy_one, waiting]) == [0, 1]


def test_calls_per_minute_are_kept_strictly_failed_ones_counted() -> None:
    desk = Desk(Random(1))
    limits = Limits(requests_per_minute=2)
    tickets = ask(desk, 0.0, *(call(limits=limits) for _ in range(4)))
    assert granted(tickets) == [0, 1]
    desk.dropped(tickets[0], grant(tickets[0]), 1.0)
    desk.succeeded(tickets[1], grant(tickets[1]), 1.0)
    assert granted(tickets[2:]) == []
    assert desk.due() == pytest.approx(tuning.MINUTE)
    desk.tick(60.0)
    assert granted(tickets[2:]) == []
    desk.tick(tuning.MINUTE)
    assert granted(tickets[2:]) == [0, 1]


def test_the_strictest_limit_of_the_last_hour_counts() -> None:
    desk = Desk(Random(1))
    ask(desk, 0.0, call(limits=Limits(max_concurrency=2)))
    tickets = ask(desk, 10.0, *(call(limits=Limits(max_concurrency=9)) for _ in range(3)))
    assert granted(tickets) == [0]
    ask(desk, 3_700.0, call(limits=Limits(max_concurrency=9)))
    assert granted(tickets) == [0, 1]


def test_the_limit_of_a_key_holds_over_its_models() -> None:
    desk = Desk(Random(1))
    first, second = ask(desk, 0.0, call(limits=one_slot()), call(model="other", limits=one_slot()))
    assert granted([first, second]) == [0]
    desk.succeeded(first, grant(first), 1.0)
    assert granted([second]) == [0]
