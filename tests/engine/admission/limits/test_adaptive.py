"""The algorithm, to the decimal: events in, room out; no clock, no waiting."""

from collections.abc import Callable
from random import Random

import pytest

from engine.admission.limits.adaptive import NEVER, AdaptiveLimit
from engine.admission.limits.attempt import Attempt
from engine.admission.limits.phase import Phase
from engine.admission.limits.tuning import TUNING


class Even(Random):
    """A die that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def resize(limit: AdaptiveLimit, size: float) -> None:
    """Take the size as given, as if it had climbed there."""
    limit._concurrency.size = size


def full(size: int, now: float = 0.0, took: float = 0.1) -> tuple[AdaptiveLimit, list[Attempt]]:
    """A limit that just learned that it is of this size, and the calls that fill it."""
    limit = AdaptiveLimit(now, Even())
    resize(limit, size + 1)
    limit.demand = True
    calls = [limit.sent(now) for _ in range(size + 1)]
    limit.rejected(calls.pop(), now + took)
    assert limit.size == size
    assert limit.room(now + took) == 0
    return limit, calls


def closed(limit: AdaptiveLimit) -> bool:
    return limit.open_since is not None


def test_a_fresh_limit_lets_a_few_calls_go_at_once() -> None:
    limit = AdaptiveLimit(0.0, Even())
    assert limit.room(0.0) == 3


def test_nothing_grows_without_demand() -> None:
    limit = AdaptiveLimit(0.0, Even())
    for _ in range(3):
        limit.sent(0.0)
    assert limit.due(0.0) == NEVER
    assert limit.room(100.0) == 0
    assert limit.size == 3


def test_silence_lets_a_fresh_limit_climb() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.demand = True
    for _ in range(3):
        limit.sent(0.0)
    assert limit.room(0.1) == 0
    assert limit.size == pytest.approx(3 + TUNING.growth * 3 * 0.1)
    assert limit.room(limit.due(0.1)) == 1


def test_a_climb_does_not_outrun_its_proof() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.demand = True
    now = 0.0
    while now < 1.2 * TUNING.doubt:
        for _ in range(limit.room(now)):
            limit.sent(now)
        now += 0.01
    assert limit.in_flight == TUNING.unproven


def test_a_first_byte_is_proof() -> None:
    limit, now = AdaptiveLimit(0.0, Even()), 0.0
    limit.demand = True
    while now < 1.2 * TUNING.doubt:
        for _ in range(limit.room(now)):
            limit.first_byte(limit.sent(now), now)
        now += 0.01
    assert limit.in_flight > TUNING.unproven


def test_one_rejection_tells_the_capacity_exactly() -> None:
    limit = AdaptiveLimit(0.0, Even())
    first, second, third = (limit.sent(0.0) for _ in range(3))
    limit.rejected(second, 0.1)
    assert (first.ahead, first.before) == (0, 0)
    assert (third.ahead, third.before) == (1, 1)
    limit.rejected(third, 0.1)
    assert limit.size == 1
    assert limit.room(0.1) == 0
    limit.succeeded(first, 2.0)
    assert limit.room(2.0) == 1


def test_an_answer_frees_exactly_one_place() -> None:
    limit, calls = full(20)
    limit.succeeded(calls[0], 0.2)
    assert limit.room(0.2) == 1


def test_further_rejections_cut_by_growing_powers() -> None:
    limit, calls = full(20)
    now = 1.0
    for power in range(4):
        while limit.room(now) < 1:
            limit.succeeded(calls.pop(), now)
        level = limit.in_flight
        call = limit.sent(now)
        now += 0.1
        limit.rejected(call, now)
        assert limit.size == pytest.approx(level * TUNING.cut**power)


def test_a_lost_exploration_and_one_call_lost_to_others_are_no_fall() -> None:
    limit, calls = full(20)
    limit._probing.balance = 1.0
    due = limit.due(2.0)
    assert limit.room(due) == 1
    limit.rejected(limit.sent(due), due + 0.1)
    limit.succeeded(calls.pop(), due + 0.1)
    limit.rejected(limit.sent(due + 0.1), due + 0.2)
    assert limit.size == 19


def test_a_call_admitted_after_a_cut_ends_the_series() -> None:
    limit, calls = full(20)
    limit.succeeded(calls.pop(), 1.0)
    limit.first_byte(limit.sent(1.0), 1.05)
    limit.succeeded(calls.pop(), 2.0)
    call = limit.sent(2.0)
    limit.rejected(call, 2.1)
    assert limit.size == 19


def test_a_full_limit_explores_only_from_its_probe_budget() -> None:
    limit, _ = full(6)
    due = limit.due(0.1)
    assert due == pytest.approx(0.1 + (1 - limit._probing.balance) / TUNING.probe_rate, abs=0.01)
    assert limit.room(due - 0.01) == 0
    assert limit.room(due) == 1


def test_a_lost_exploration_leaves_the_size_and_a_won_one_raises_it() -> None:
    limit, _ = full(20)
    due = limit.due(0.1)
    assert limit.room(due) == 1
    limit.rejected(limit.sent(due), due + 0.1)
    assert limit.size == 20
    due = limit.due(due + 0.1)
    assert limit.room(due) == 1
    limit.first_byte(limit.sent(due), due + 0.1)
    assert limit.size == 21
    assert limit.room(due + 0.5) >= 1


def explored_after(success: int, *, took: float = 0.1, nth: int = 1) -> float:
    """Seconds from the nth lost exploration to the next, with so many answers a second."""
    limit, calls = full(20, took=took)
    now = 0.0
    for _ in range(nth):
        now = began = now + 10.0
        limit._probing.balance = 1.0
        assert limit.room(now) == 1
        limit.rejected(limit.sent(now), now := now + took)
    while limit.room(now) == 0 or limit.size == 20:
        now += 1 / success
        limit.succeeded(calls.pop(0), now)
        calls.append(limit.sent(now))
        limit.first_byte(calls[-1], now)
    return now - began


def test_a_ceiling_that_was_confirmed_is_left_alone_however_many_calls_succeed() -> None:
    extra = 0.1 + TUNING.lost_timeouts * TUNING.first_rejection_timeout
    for nth in range(1, 6):
        pause = min(TUNING.lost_pause, TUNING.lost_first * 2 ** (nth - 1))
        assert explored_after(200, nth=nth) == pytest.approx(pause + extra, abs=0.02)
    assert explored_after(5, nth=5) > TUNING.lost_pause


def test_a_ceiling_is_left_alone_for_longer_where_a_rejection_takes_long() -> None:
    assert explored_after(200, took=1.0) > explored_after(200) + 1.0 + TUNING.lost_timeouts


def test_other_endings_do_not_move_the_limit() -> None:
    limit, calls = full(20)
    for call in calls[:10]:
        limit.dropped(call, 0.2)
    assert limit.size == 20
    assert limit.room(0.2) == 10


def test_closed_after_a_rejection_with_nothing_in_flight() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.demand = True
    limit.rejected(limit.sent(0.0), 0.1)
    assert limit.open_since == 0.1
    tries = []
    now = 0.1
    for _ in range(7):
        now = limit.due(now)
        tries.append(now)
        assert limit.room(now) == 1
        probe = limit.sent(now)
        assert limit.room(now) == 0
        limit.rejected(probe, now)
    pauses = [later - earlier for earlier, later in zip([0.1, *tries], tries, strict=False)]
    assert pauses == pytest.approx([0.2125, 0.425, 0.85, 1.7, 3.4, 4.25, 4.25])


def test_a_closed_limit_opens_when_the_probe_is_admitted() -> None:
    limit, calls = full(20)
    now = 1.0
    while not closed(limit):
        if limit.room(now):
            limit.rejected(limit.sent(now), now)
        elif calls:
            limit.succeeded(calls.pop(), now)
        now += 0.001
    now = limit.due(now)
    limit.first_byte(limit.sent(now), now + 0.05)
    assert not closed(limit)
    assert 20 * TUNING.reopen <= limit.size < 20


def drained(taken: int = 30) -> tuple[AdaptiveLimit, float]:
    """A window of a gateway that took so many calls, answered them, and takes no more."""
    limit = AdaptiveLimit(0.0, Even())
    limit.demand = True
    for _ in range(taken):
        resize(limit, limit.in_flight + 1)
        limit.first_byte(limit.sent(0.0), 0.01)
    for call in list(limit._in_flight._attempts):
        limit.succeeded(call, 1.0)
    limit.rejected(limit.sent(1.0), 1.1)
    assert closed(limit)
    return limit, 1.1


def tried_at(limit: AdaptiveLimit, now: float, until: float) -> list[float]:
    """When a gateway behind an open circuit is tried that stays closed until then."""
    tries = []
    while (now := limit.due(now)) < until:
        limit.rejected(limit.sent(now), now)
        tries.append(now)
    return tries


@pytest.mark.parametrize("period", TUNING.periods)
def test_a_closed_gateway_is_tried_when_a_usual_limit_would_end(period: float) -> None:
    limit, now = drained()
    ends = period + TUNING.period_margin
    assert any(at == pytest.approx(ends) for at in tried_at(limit, now, ends + 0.001))


def test_silence_about_the_probe_opens_a_closed_gateway_without_any_answer() -> None:
    limit, now = drained()
    now = limit.due(now)
    limit.sent(now)
    now = limit.due(now)
    assert limit.room(now) > 0
    assert not closed(limit)


def test_a_gateway_that_closed_after_so_many_calls_is_not_overrun_at_as_many_again() -> None:
    limit, now = drained(taken=30)
    tried_at(limit, now, 10.0)
    now = limit.due(10.0)
    limit.first_byte(limit.sent(now), now)
    for _ in range(29):
        resize(limit, 60.0)
        limit.first_byte(limit.sent(now), now)
    assert limit.room(now) == 1
    last = limit.sent(now)
    assert limit.room(now) == 0
    limit.rejected(last, now + 0.05)
    assert closed(limit)
    assert limit.in_flight == 30


def test_a_gateway_that_takes_more_than_the_last_time_is_not_held_to_it() -> None:
    limit, now = drained(taken=30)
    tried_at(limit, now, 10.0)
    now = limit.due(10.0)
    for _ in range(31):
        resize(limit, 60.0)
        limit.first_byte(limit.sent(now), now)
    assert limit.room(now) == 60 - 31


def test_a_call_that_is_rejected_where_others_get_in_is_to_blame_itself() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.demand = True
    resize(limit, 12.0)
    early = [limit.sent(0.0, call) for call in range(9)]
    culprit = limit.sent(0.0, 99)
    later = [limit.sent(0.0, call) for call in range(100, 102)]
    limit.rejected(culprit, 0.1)
    assert limit.size == 9
    for call in early:
        limit.first_byte(call, 0.15)
    assert limit.size == 9, "they were sent before it: they prove nothing"
    limit.first_byte(later[0], 0.15)
    assert limit.size >= 12


def test_a_second_call_rejected_at_the_same_level_confirms_it() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.demand = True
    resize(limit, 12.0)
    for call in range(9):
        limit.sent(0.0, call)
    rejected = [limit.sent(0.0, call) for call in (99, 100)]
    last = limit.sent(0.0, 101)
    for attempt in rejected:
        limit.rejected(attempt, 0.1)
    limit.first_byte(last, 0.15)
    assert limit.size == 9


def test_a_condemned_calls_rejections_are_taken_back() -> None:
    limit, calls = full(20)
    now = 1.0
    for _ in range(3):
        limit.succeeded(calls.pop(), now)
        limit.rejected(limit.sent(now, 99), now + 0.1)
        now += 0.2
    assert limit.size < 19
    limit.forgive(99)
    assert limit.size == 20


def test_room_lost_to_other_tenants_is_looked_for_more_often() -> None:
    steady, calls = full(8)
    robbed, others = full(8)
    for limit, flying in ((steady, calls), (robbed, others)):
        limit.succeeded(flying.pop(), 1.0)
    calls.append(steady.sent(1.0))
    robbed.rejected(robbed.sent(1.0), 1.1)
    others.append(robbed.sent(1.2))
    for limit, flying in ((steady, calls), (robbed, others)):
        limit.succeeded(flying.pop(0), 2.0)
        flying.append(limit.sent(2.0))
    assert robbed.due(2.5) < steady.due(2.5)


@pytest.mark.parametrize("end", [AdaptiveLimit.dropped, AdaptiveLimit.unsent])
def test_the_next_call_explores_if_the_probe_ends_without_telling(
    end: Callable[[AdaptiveLimit, Attempt, float], None],
) -> None:
    limit, _ = full(20)
    due = limit.due(0.1)
    assert limit.room(due) == 1
    end(limit, limit.sent(due), due)
    assert limit.room(due) == 1
    limit.first_byte(limit.sent(due), due + 0.1)
    assert limit.phase is Phase.CLIMBING


def test_a_rejection_of_fewer_calls_than_the_limit_is_no_lost_exploration() -> None:
    limit, calls = full(20)
    due = limit.due(0.1)
    assert limit.room(due) == 1
    limit.dropped(limit.sent(due), due)
    for call in calls[:12]:
        limit.succeeded(call, due)
    limit.rejected(limit.sent(due), due + 0.1)
    assert limit._probing.balance > 1, "nothing was paid, and a fall pays"
    assert not limit.rate_estimate._marks[-1].sought


def test_a_lost_exploration_is_marked_as_sought() -> None:
    limit, calls = full(20)
    for _ in range(TUNING.mark_calls):
        limit.succeeded(calls.pop(), 0.5)
        limit.first_byte(limit.sent(0.5), 0.6)
    due = limit.due(0.6)
    assert limit.room(due) == 1
    limit.rejected(limit.sent(due), due + 0.1)
    assert [mark.sought for mark in limit.rate_estimate._marks] == [False, True]


def test_a_climb_survives_a_process_that_was_stopped_for_minutes() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.demand = True
    for _ in range(3):
        limit.sent(0.0)
    limit._concurrency.speed = 1.0
    assert limit.room(1_000.0) > 0


def test_a_limit_far_below_what_was_in_flight_of_late_explores_sooner() -> None:
    fallen, calls = full(20)
    for call in calls:
        fallen.first_byte(call, 0.2)
    small, _ = full(5)
    while fallen.in_flight > 5:
        fallen.succeeded(calls.pop(), 0.3)
    fallen.rejected(fallen.sent(0.3), 0.4)
    assert fallen.size < 5
    for limit in (fallen, small):
        limit._probing.balance = 0.0
    assert fallen.due(0.4) < small.due(0.4) - 10


def test_a_gateway_that_was_just_full_is_not_explored_at_once() -> None:
    limit, calls = full(20)
    limit.succeeded(calls.pop(), 0.5)
    limit.rejected(limit.sent(0.5), 0.6)
    limit._probing.balance = TUNING.budget_max
    assert limit.due(0.6) == pytest.approx(0.6 + TUNING.probe_pause, abs=0.01)


def test_a_told_wait_is_kept_to_the_letter_when_closed() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.rejected(limit.sent(0.0), 0.1, wait=7.0)
    assert limit.due(0.1) == pytest.approx(7.1)
    assert limit.room(7.09) == 0
    assert limit.room(7.1) == 1


def test_patience_follows_the_time_a_rejection_takes() -> None:
    limit = AdaptiveLimit(0.0, Even())
    limit.sent(0.0)
    limit.rejected(limit.sent(0.0), 1.0)
    assert limit._silence.seconds == pytest.approx(0.05 + 1.5 * 1.0)
