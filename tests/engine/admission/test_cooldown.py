"""What a server told to wait holds for a model, for its key on evidence, and not for ever."""

from random import Random

import pytest

from engine.admission import RouteRef
from engine.admission.limits.tuning import PROBE_SECONDS, SHARED_MODELS, SHARED_SECONDS
from engine.admission.not_admitted import Reason
from engine.admission.route_queue import Grant, Ticket
from engine.admission.routes import Told
from engine.admission.scheduler import Desk
from tests.engine.admission.scheduling import ENDPOINT, ask, call, grant, granted, refusal

LONG = 600.0


def tell(
    desk: Desk, seconds: float, now: float, model: str = "m", reason: Told | None = None
) -> Ticket:
    """A call of that model is sent and told to wait."""
    (ticket,) = ask(desk, now, call(model=model, deadline=now + 9_999))
    desk.rejected(ticket, grant(ticket), seconds, now, reason or Told())
    desk.leave(ticket, now)
    return ticket


def is_sent(desk: Desk, now: float, model: str = "m", keys: tuple[str, ...] = ("k",)) -> bool:
    """Whether a call of that model would be sent now; it is taken back."""
    (ticket,) = ask(desk, now, call(model=model, keys=keys, deadline=now + 9_999))
    sent = isinstance(ticket.outcome, Grant)
    if isinstance(ticket.outcome, Grant):
        desk.withheld(ticket, ticket.outcome, now, now)
        desk.permitted(ticket.outcome, now)
    desk.leave(ticket, now)
    return sent


def test_a_wait_up_to_a_minute_is_kept_exactly_and_by_its_model_alone() -> None:
    desk = Desk(Random(1))
    told, *_ = ask(desk, 0.0, *(call() for _ in range(3)))
    hasty, calm = ask(desk, 0.0, *[call(deadline=d) for d in (10.0, 60.0)])
    desk.rejected(told, grant(told), 30.0, 1.0, Told("why"))
    assert refusal(hasty).reason is Reason.TOLD
    assert refusal(hasty).wait == pytest.approx(30.0)
    assert (refusal(hasty).cause, refusal(hasty).of_key) == ("why", False)
    assert is_sent(desk, 2.0, "other")
    desk.tick(30.99)
    assert calm.waiting
    desk.tick(31.0)
    assert isinstance(calm.outcome, Grant)


def test_who_comes_while_the_server_told_to_wait_longer_is_refused_at_once() -> None:
    desk = Desk(Random(1))
    tell(desk, 30.0, 1.0)
    hasty, calm = ask(desk, 2.0, call(deadline=30.0), call(deadline=32.0))
    assert refusal(hasty).reason is Reason.TOLD
    assert refusal(hasty).wait == pytest.approx(29.0)
    assert calm.waiting


def test_a_call_that_may_not_wait_at_all_keeps_to_it_too() -> None:
    desk = Desk(Random(1))
    tell(desk, 30.0, 1.0)
    hasty, other = ask(desk, 2.0, call(deadline=2.0), call(deadline=2.0, model="other"))
    assert refusal(hasty).reason is Reason.TOLD
    assert granted([hasty, other]) == [1]


def test_an_exhausted_quota_stops_the_model_before_any_rejection() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call())
    desk.exhausted(grant(first), 12.0, 1.0)
    desk.succeeded(first, grant(first), 1.5)
    (second,) = ask(desk, 2.0, call())
    assert is_sent(desk, 2.0, "other")
    desk.tick(12.9)
    assert second.waiting
    desk.tick(13.0)
    assert granted([second]) == [0]


def test_a_longer_wait_is_tried_by_one_call_in_a_minute() -> None:
    desk = Desk(Random(1))
    tell(desk, LONG, 0.0, reason=Told("why"))
    tickets = ask(desk, 1.0, *(call(deadline=1_000.0) for _ in range(5)))
    assert granted(tickets) == []
    assert desk.due() == pytest.approx(PROBE_SECONDS)
    desk.tick(PROBE_SECONDS)
    (probe,) = granted(tickets)
    # It is told nothing this time: the wait goes on, and so does the counting.
    desk.rejected(tickets[probe], grant(tickets[probe]), None, PROBE_SECONDS + 0.1)
    desk.leave(tickets[probe], PROBE_SECONDS + 0.1)
    for now in (PROBE_SECONDS + 1, 2 * PROBE_SECONDS - 0.1):
        desk.tick(now)
        assert granted(tickets) == [probe]
    hasty = ask(desk, 2 * PROBE_SECONDS - 0.1, call(deadline=300.0))[0]
    assert refusal(hasty).wait == pytest.approx(LONG - 2 * PROBE_SECONDS + 0.1)
    assert refusal(hasty).cause == "why"
    desk.tick(2 * PROBE_SECONDS)
    assert len(granted(tickets)) == 2


@pytest.mark.parametrize("ending", ["first_byte", "succeeded"])
def test_the_first_that_is_admitted_ends_it_for_all(ending: str) -> None:
    desk = Desk(Random(1))
    tell(desk, LONG, 0.0)
    tickets = ask(desk, 1.0, *(call(deadline=1_000.0) for _ in range(4)))
    desk.tick(PROBE_SECONDS)
    (probe,) = granted(tickets)
    if ending == "first_byte":
        assert desk.first_byte(grant(tickets[probe]), PROBE_SECONDS + 1)
    else:
        assert desk.succeeded(tickets[probe], grant(tickets[probe]), PROBE_SECONDS + 1)
    desk.tick(PROBE_SECONDS + 5)
    assert len(granted(tickets)) > 1


def test_what_a_probe_is_told_takes_the_place_of_what_was_told_before() -> None:
    desk = Desk(Random(1))
    tell(desk, LONG, 0.0)
    tell(desk, 5.0, PROBE_SECONDS)
    assert not is_sent(desk, PROBE_SECONDS + 4.9)
    assert is_sent(desk, PROBE_SECONDS + 5.0)


def test_of_calls_that_were_under_way_together_the_longest_wait_counts() -> None:
    desk = Desk(Random(1))
    one, other, late = ask(desk, 0.0, *(call() for _ in range(3)))
    desk.rejected(one, grant(one), 30.0, 1.0)
    desk.rejected(other, grant(other), 5.0, 1.1)
    assert not desk.succeeded(late, grant(late), 2.0), "it was sent before"
    assert not is_sent(desk, 30.9)
    assert is_sent(desk, 31.0)


def test_a_probe_that_was_not_sent_after_all_is_none() -> None:
    desk = Desk(Random(1))
    tell(desk, LONG, 0.0)
    assert is_sent(desk, PROBE_SECONDS)
    assert is_sent(desk, PROBE_SECONDS + 0.1)


def test_words_about_the_key_stop_all_its_models() -> None:
    desk = Desk(Random(1))
    tell(desk, 30.0, 0.0, reason=Told("why", of_key=True))
    hasty = ask(desk, 1.0, call(model="other", deadline=20.0))[0]
    assert (refusal(hasty).cause, refusal(hasty).of_key) == ("why", True)
    assert not is_sent(desk, 29.9, "other")
    assert is_sent(desk, 30.0, "other")


def test_a_key_is_tried_by_one_call_in_a_minute_whatever_its_model() -> None:
    desk = Desk(Random(1))
    tell(desk, LONG, 0.0, reason=Told(of_key=True))
    tickets = [
        ask(desk, 1.0, call(model=model, deadline=1_000.0))[0] for model in ("m", "n", "o", "p")
    ]
    desk.tick(PROBE_SECONDS)
    (probe,) = granted(tickets)
    desk.succeeded(tickets[probe], grant(tickets[probe]), PROBE_SECONDS + 1)
    assert granted(tickets) == [0, 1, 2, 3]


MODELS = [f"model {number}" for number in range(SHARED_MODELS)]


def test_several_models_told_to_wait_at_the_same_time_stop_the_key() -> None:
    desk = Desk(Random(1))
    for number, model in enumerate(MODELS):
        assert is_sent(desk, number, "other"), f"{number} are not enough"
        tell(desk, 30.0 + number, number, model)
    assert not is_sent(desk, 29.9, "other"), "until the first of those waits is over"
    assert is_sent(desk, 30.0, "other")


def test_but_not_one_after_the_other() -> None:
    desk = Desk(Random(1))
    for number, model in enumerate(MODELS):
        tell(desk, LONG, number * SHARED_SECONDS, model)
    assert is_sent(desk, len(MODELS) * SHARED_SECONDS, "other")


def test_nor_those_whose_wait_is_over() -> None:
    desk = Desk(Random(1))
    for number, model in enumerate(MODELS):
        tell(desk, 2.0, number * 3.0, model)
    assert is_sent(desk, len(MODELS) * 3.0 - 2.9, "other")


def test_nor_while_another_model_is_served() -> None:
    desk = Desk(Random(1))
    for number, model in enumerate(MODELS):
        tell(desk, 50.0, float(number), model)
        if number == 0:
            (served,) = ask(desk, 0.5, call(model="other"))
            desk.succeeded(served, grant(served), 0.7)
    assert is_sent(desk, 5.0, "other")


def test_the_same_model_again_is_not_several() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call() for _ in range(SHARED_MODELS)))
    for ticket in tickets:
        desk.rejected(ticket, grant(ticket), 30.0, 1.0)
    assert is_sent(desk, 2.0, "other")


def test_the_next_key_is_used_meanwhile() -> None:
    desk = Desk(Random(1))
    keys = ("k", "b")
    tell(desk, LONG, 0.0)
    (ticket,) = ask(desk, 1.0, call(keys=keys, deadline=20.0))
    assert grant(ticket).position == 1
    desk.rejected(ticket, grant(ticket), 40.0, 1.1)
    desk.ask(ticket, 1.1)
    assert refusal(ticket).reason is Reason.TOLD
    assert refusal(ticket).wait == pytest.approx(40.0), "the shorter of both waits"


def test_a_key_that_rests_is_no_way_out_of_a_wait() -> None:
    desk = Desk(Random(1))
    keys = ("k", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    other = keys[1 - grant(first).position]
    desk.dead(first, grant(first), "refused", 0.0)
    (second,) = ask(desk, 0.0, call(keys=(other,)))
    desk.rejected(second, grant(second), 40.0, 0.1)
    (third,) = ask(desk, 1.0, call(keys=keys, deadline=30.0))
    assert refusal(third).reason is Reason.TOLD


def test_another_instance_tells_of_a_model_or_of_a_key() -> None:
    desk = Desk(Random(1))
    route = RouteRef(ENDPOINT, "k", "m")
    for model in ("m", "other"):
        assert is_sent(desk, 0.0, model)
    desk.told(route, 30.0, "why", 1.0)
    assert not is_sent(desk, 2.0)
    assert is_sent(desk, 2.0, "other")
    desk.admitted(route, 3.0)
    assert is_sent(desk, 3.0)
    desk.told(route.whole_key, 30.0, "why", 4.0)
    assert not is_sent(desk, 5.0, "other")
    desk.admitted(route.whole_key, 6.0)
    assert is_sent(desk, 6.0, "other")
