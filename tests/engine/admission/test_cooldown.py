"""What a server told to wait holds for a model, for its key on evidence, and not for ever."""

from random import Random

import pytest

from engine.admission import RouteRef
from engine.admission.limits.tuning import PROBE_SECONDS, SHARED_MODELS, SHARED_SECONDS
from engine.admission.not_admitted import Reason
from engine.admission.route_queue import Grant, QueueEntry
from engine.admission.routes import Told
from engine.admission.scheduler import Scheduler
from tests.engine.admission.scheduling import ENDPOINT, ask, call, grant, granted, refusal

LONG = 600.0


def set_retry_after(
    scheduler: Scheduler, seconds: float, now: float, model: str = "m", reason: Told | None = None
) -> QueueEntry:
    """A call of that model is sent and told to wait."""
    (entry,) = ask(scheduler, now, call(model=model, deadline=now + 9_999))
    scheduler.rejected(entry, grant(entry), seconds, now, reason or Told())
    scheduler.leave(entry, now)
    return entry


def is_sent(
    scheduler: Scheduler, now: float, model: str = "m", keys: tuple[str, ...] = ("k",)
) -> bool:
    """Whether a call of that model would be sent now; it is taken back."""
    (entry,) = ask(scheduler, now, call(model=model, keys=keys, deadline=now + 9_999))
    sent = isinstance(entry.outcome, Grant)
    if isinstance(entry.outcome, Grant):
        scheduler.lease_denied(entry, entry.outcome, now, now)
        scheduler.lease_granted(entry.outcome, now)
    scheduler.leave(entry, now)
    return sent


def test_a_wait_up_to_a_minute_is_kept_exactly_and_by_its_model_alone() -> None:
    scheduler = Scheduler(Random(1))
    told, *_ = ask(scheduler, 0.0, *(call() for _ in range(3)))
    hasty, calm = ask(scheduler, 0.0, *[call(deadline=d) for d in (10.0, 60.0)])
    scheduler.rejected(told, grant(told), 30.0, 1.0, Told("why"))
    assert refusal(hasty).reason is Reason.RETRY_AFTER
    assert refusal(hasty).wait == pytest.approx(30.0)
    assert (refusal(hasty).cause, refusal(hasty).of_key) == ("why", False)
    assert is_sent(scheduler, 2.0, "other")
    scheduler.tick(30.99)
    assert calm.waiting
    scheduler.tick(31.0)
    assert isinstance(calm.outcome, Grant)


def test_who_comes_while_the_server_told_to_wait_longer_is_refused_at_once() -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, 30.0, 1.0)
    hasty, calm = ask(scheduler, 2.0, call(deadline=30.0), call(deadline=32.0))
    assert refusal(hasty).reason is Reason.RETRY_AFTER
    assert refusal(hasty).wait == pytest.approx(29.0)
    assert calm.waiting


def test_a_call_that_may_not_wait_at_all_keeps_to_it_too() -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, 30.0, 1.0)
    hasty, other = ask(scheduler, 2.0, call(deadline=2.0), call(deadline=2.0, model="other"))
    assert refusal(hasty).reason is Reason.RETRY_AFTER
    assert granted([hasty, other]) == [1]


def test_an_exhausted_quota_stops_the_model_before_any_rejection() -> None:
    scheduler = Scheduler(Random(1))
    (first,) = ask(scheduler, 0.0, call())
    scheduler.exhausted(grant(first), 12.0, 1.0)
    scheduler.succeeded(first, grant(first), 1.5)
    (second,) = ask(scheduler, 2.0, call())
    assert is_sent(scheduler, 2.0, "other")
    scheduler.tick(12.9)
    assert second.waiting
    scheduler.tick(13.0)
    assert granted([second]) == [0]


def test_a_longer_wait_is_tried_by_one_call_in_a_minute() -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, LONG, 0.0, reason=Told("why"))
    entries = ask(scheduler, 1.0, *(call(deadline=1_000.0) for _ in range(5)))
    assert granted(entries) == []
    assert scheduler.due() == pytest.approx(PROBE_SECONDS)
    scheduler.tick(PROBE_SECONDS)
    (probe,) = granted(entries)
    # It is told nothing this time: the wait goes on, and so does the counting.
    scheduler.rejected(entries[probe], grant(entries[probe]), None, PROBE_SECONDS + 0.1)
    scheduler.leave(entries[probe], PROBE_SECONDS + 0.1)
    for now in (PROBE_SECONDS + 1, 2 * PROBE_SECONDS - 0.1):
        scheduler.tick(now)
        assert granted(entries) == [probe]
    hasty = ask(scheduler, 2 * PROBE_SECONDS - 0.1, call(deadline=300.0))[0]
    assert refusal(hasty).wait == pytest.approx(LONG - 2 * PROBE_SECONDS + 0.1)
    assert refusal(hasty).cause == "why"
    scheduler.tick(2 * PROBE_SECONDS)
    assert len(granted(entries)) == 2


@pytest.mark.parametrize("ending", ["first_byte", "succeeded"])
def test_the_first_that_is_admitted_ends_it_for_all(ending: str) -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, LONG, 0.0)
    entries = ask(scheduler, 1.0, *(call(deadline=1_000.0) for _ in range(4)))
    scheduler.tick(PROBE_SECONDS)
    (probe,) = granted(entries)
    if ending == "first_byte":
        assert scheduler.first_byte(grant(entries[probe]), PROBE_SECONDS + 1)
    else:
        assert scheduler.succeeded(entries[probe], grant(entries[probe]), PROBE_SECONDS + 1)
    scheduler.tick(PROBE_SECONDS + 5)
    assert len(granted(entries)) > 1


def test_what_a_probe_is_told_takes_the_place_of_what_was_told_before() -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, LONG, 0.0)
    set_retry_after(scheduler, 5.0, PROBE_SECONDS)
    assert not is_sent(scheduler, PROBE_SECONDS + 4.9)
    assert is_sent(scheduler, PROBE_SECONDS + 5.0)


def test_of_calls_that_were_under_way_together_the_longest_wait_counts() -> None:
    scheduler = Scheduler(Random(1))
    one, other, late = ask(scheduler, 0.0, *(call() for _ in range(3)))
    scheduler.rejected(one, grant(one), 30.0, 1.0)
    scheduler.rejected(other, grant(other), 5.0, 1.1)
    assert not scheduler.succeeded(late, grant(late), 2.0), "it was sent before"
    assert not is_sent(scheduler, 30.9)
    assert is_sent(scheduler, 31.0)


def test_a_probe_that_was_not_sent_after_all_is_none() -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, LONG, 0.0)
    assert is_sent(scheduler, PROBE_SECONDS)
    assert is_sent(scheduler, PROBE_SECONDS + 0.1)


def test_words_about_the_key_stop_all_its_models() -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, 30.0, 0.0, reason=Told("why", of_key=True))
    hasty = ask(scheduler, 1.0, call(model="other", deadline=20.0))[0]
    assert (refusal(hasty).cause, refusal(hasty).of_key) == ("why", True)
    assert not is_sent(scheduler, 29.9, "other")
    assert is_sent(scheduler, 30.0, "other")


def test_a_key_is_tried_by_one_call_in_a_minute_whatever_its_model() -> None:
    scheduler = Scheduler(Random(1))
    set_retry_after(scheduler, LONG, 0.0, reason=Told(of_key=True))
    entries = [
        ask(scheduler, 1.0, call(model=model, deadline=1_000.0))[0]
        for model in ("m", "n", "o", "p")
    ]
    scheduler.tick(PROBE_SECONDS)
    (probe,) = granted(entries)
    scheduler.succeeded(entries[probe], grant(entries[probe]), PROBE_SECONDS + 1)
    assert granted(entries) == [0, 1, 2, 3]


MODELS = [f"model {number}" for number in range(SHARED_MODELS)]


def test_several_models_told_to_wait_at_the_same_time_stop_the_key() -> None:
    scheduler = Scheduler(Random(1))
    for number, model in enumerate(MODELS):
        assert is_sent(scheduler, number, "other"), f"{number} are not enough"
        set_retry_after(scheduler, 30.0 + number, number, model)
    assert not is_sent(scheduler, 29.9, "other"), "until the first of those waits is over"
    assert is_sent(scheduler, 30.0, "other")


def test_but_not_one_after_the_other() -> None:
    scheduler = Scheduler(Random(1))
    for number, model in enumerate(MODELS):
        set_retry_after(scheduler, LONG, number * SHARED_SECONDS, model)
    assert is_sent(scheduler, len(MODELS) * SHARED_SECONDS, "other")


def test_nor_those_whose_wait_is_over() -> None:
    scheduler = Scheduler(Random(1))
    for number, model in enumerate(MODELS):
        set_retry_after(scheduler, 2.0, number * 3.0, model)
    assert is_sent(scheduler, len(MODELS) * 3.0 - 2.9, "other")


def test_nor_while_another_model_is_served() -> None:
    scheduler = Scheduler(Random(1))
    for number, model in enumerate(MODELS):
        set_retry_after(scheduler, 50.0, float(number), model)
        if number == 0:
            (served,) = ask(scheduler, 0.5, call(model="other"))
            scheduler.succeeded(served, grant(served), 0.7)
    assert is_sent(scheduler, 5.0, "other")


def test_the_same_model_again_is_not_several() -> None:
    scheduler = Scheduler(Random(1))
    entries = ask(scheduler, 0.0, *(call() for _ in range(SHARED_MODELS)))
    for entry in entries:
        scheduler.rejected(entry, grant(entry), 30.0, 1.0)
    assert is_sent(scheduler, 2.0, "other")


def test_the_next_key_is_used_meanwhile() -> None:
    scheduler = Scheduler(Random(1))
    keys = ("k", "b")
    set_retry_after(scheduler, LONG, 0.0)
    (entry,) = ask(scheduler, 1.0, call(keys=keys, deadline=20.0))
    assert grant(entry).position == 1
    scheduler.rejected(entry, grant(entry), 40.0, 1.1)
    scheduler.enqueue(entry, 1.1)
    assert refusal(entry).reason is Reason.RETRY_AFTER
    assert refusal(entry).wait == pytest.approx(40.0), "the shorter of both waits"


def test_a_key_that_is_ejected_is_no_way_out_of_a_wait() -> None:
    scheduler = Scheduler(Random(1))
    keys = ("k", "b")
    (first,) = ask(scheduler, 0.0, call(keys=keys))
    other = keys[1 - grant(first).position]
    scheduler.dead(first, grant(first), "refused", 0.0)
    (second,) = ask(scheduler, 0.0, call(keys=(other,)))
    scheduler.rejected(second, grant(second), 40.0, 0.1)
    (third,) = ask(scheduler, 1.0, call(keys=keys, deadline=30.0))
    assert refusal(third).reason is Reason.RETRY_AFTER


def test_another_instance_tells_of_a_model_or_of_a_key() -> None:
    scheduler = Scheduler(Random(1))
    route = RouteRef(ENDPOINT, "k", "m")
    for model in ("m", "other"):
        assert is_sent(scheduler, 0.0, model)
    scheduler.heard_retry_after(route, 30.0, "why", 1.0)
    assert not is_sent(scheduler, 2.0)
    assert is_sent(scheduler, 2.0, "other")
    scheduler.admitted(route, 3.0)
    assert is_sent(scheduler, 3.0)
    scheduler.heard_retry_after(route.whole_key, 30.0, "why", 4.0)
    assert not is_sent(scheduler, 5.0, "other")
    scheduler.admitted(route.whole_key, 6.0)
    assert is_sent(scheduler, 6.0, "other")
