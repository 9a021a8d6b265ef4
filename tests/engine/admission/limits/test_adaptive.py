"""The algorithm, to the decimal: events in, room out; no clock, no waiting."""

from collections.abc import Callable
from random import Random

import pytest

from engine.admission.limits.adaptive import NEVER, Window
from engine.admission.limits.attempt import Attempt
from engine.admission.limits.phase import Phase
from engine.admission.limits.tuning import TUNING


class Even(Random):
    """A die that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def resize(window: Window, size: float) -> None:
    """Take the size as given, as if it had climbed there."""
    window._concurrency.size = size


def full(size: int, now: float = 0.0, took: float = 0.1) -> tuple[Window, list[Attempt]]:
    """A window that just learned that it is of this size, and the calls that fill it."""
    window = Window(now, Even())
    resize(window, size + 1)
    window.demand = True
    calls = [window.sent(now) for _ in range(size + 1)]
    window.rejected(calls.pop(), now + took)
    assert window.size == size
    assert window.room(now + took) == 0
    return window, calls


def closed(window: Window) -> bool:
    return window.closed_since is not None


def test_a_fresh_window_lets_a_few_calls_go_at_once() -> None:
    window = Window(0.0, Even())
    assert window.room(0.0) == 3


def test_nothing_grows_without_demand() -> None:
    window = Window(0.0, Even())
    for _ in range(3):
        window.sent(0.0)
    assert window.due(0.0) == NEVER
    assert window.room(100.0) == 0
    assert window.size == 3


def test_silence_lets_a_fresh_window_climb() -> None:
    window = Window(0.0, Even())
    window.demand = True
    for _ in range(3):
        window.sent(0.0)
    assert window.room(0.1) == 0
    assert window.size == pytest.approx(3 + TUNING.growth * 3 * 0.1)
    assert window.room(window.due(0.1)) == 1


def test_a_climb_does_not_outrun_its_proof() -> None:
    window = Window(0.0, Even())
    window.demand = True
    now = 0.0
    while now < 1.2 * TUNING.doubt:
        for _ in range(window.room(now)):
            window.sent(now)
        now += 0.01
    assert window.in_flight == TUNING.unproven


def test_a_first_byte_is_proof() -> None:
    window, now = Window(0.0, Even()), 0.0
    window.demand = True
    while now < 1.2 * TUNING.doubt:
        for _ in range(window.room(now)):
            window.first_byte(window.sent(now), now)
        now += 0.01
    assert window.in_flight > TUNING.unproven


def test_one_rejection_tells_the_capacity_exactly() -> None:
    window = Window(0.0, Even())
    first, second, third = (window.sent(0.0) for _ in range(3))
    window.rejected(second, 0.1)
    assert (first.ahead, first.before) == (0, 0)
    assert (third.ahead, third.before) == (1, 1)
    window.rejected(third, 0.1)
    assert window.size == 1
    assert window.room(0.1) == 0
    window.succeeded(first, 2.0)
    assert window.room(2.0) == 1


def test_an_answer_frees_exactly_one_place() -> None:
    window, calls = full(20)
    window.succeeded(calls[0], 0.2)
    assert window.room(0.2) == 1


def test_further_rejections_cut_by_growing_powers() -> None:
    window, calls = full(20)
    now = 1.0
    for power in range(4):
        while window.room(now) < 1:
            window.succeeded(calls.pop(), now)
        level = window.in_flight
        call = window.sent(now)
        now += 0.1
        window.rejected(call, now)
        assert window.size == pytest.approx(level * TUNING.cut**power)


def test_a_lost_exploration_and_one_call_lost_to_others_are_no_fall() -> None:
    window, calls = full(20)
    window._explorer.balance = 1.0
    due = window.due(2.0)
    assert window.room(due) == 1
    window.rejected(window.sent(due), due + 0.1)
    window.succeeded(calls.pop(), due + 0.1)
    window.rejected(window.sent(due + 0.1), due + 0.2)
    assert window.size == 19


def test_a_call_let_in_after_a_cut_ends_the_series() -> None:
    window, calls = full(20)
    window.succeeded(calls.pop(), 1.0)
    window.first_byte(window.sent(1.0), 1.05)
    window.succeeded(calls.pop(), 2.0)
    call = window.sent(2.0)
    window.rejected(call, 2.1)
    assert window.size == 19


def test_a_full_window_explores_only_from_its_savings() -> None:
    window, _ = full(6)
    due = window.due(0.1)
    assert due == pytest.approx(0.1 + (1 - window._explorer.balance) / TUNING.probe_rate, abs=0.01)
    assert window.room(due - 0.01) == 0
    assert window.room(due) == 1


def test_a_lost_exploration_leaves_the_size_and_a_won_one_raises_it() -> None:
    window, _ = full(20)
    due = window.due(0.1)
    assert window.room(due) == 1
    window.rejected(window.sent(due), due + 0.1)
    assert window.size == 20
    due = window.due(due + 0.1)
    assert window.room(due) == 1
    window.first_byte(window.sent(due), due + 0.1)
    assert window.size == 21
    assert window.room(due + 0.5) >= 1


def explored_after(success: int, *, took: float = 0.1, nth: int = 1) -> float:
    """Seconds from the nth lost exploration to the next, with so many answers a second."""
    window, calls = full(20, took=took)
    now = 0.0
    for _ in range(nth):
        now = began = now + 10.0
        window._explorer.balance = 1.0
        assert window.room(now) == 1
        window.rejected(window.sent(now), now := now + took)
    while window.room(now) == 0 or window.size == 20:
        now += 1 / success
        window.succeeded(calls.pop(0), now)
        calls.append(window.sent(now))
        window.first_byte(calls[-1], now)
    return now - began


def test_a_ceiling_that_was_confirmed_is_left_alone_however_many_calls_succeed() -> None:
    extra = 0.1 + TUNING.lost_patience * TUNING.first_patience
    for nth in range(1, 6):
        pause = min(TUNING.lost_pause, TUNING.lost_first * 2 ** (nth - 1))
        assert explored_after(200, nth=nth) == pytest.approx(pause + extra, abs=0.02)
    assert explored_after(5, nth=5) > TUNING.lost_pause


def test_a_ceiling_is_left_alone_for_longer_where_a_rejection_takes_long() -> None:
    assert explored_after(200, took=1.0) > explored_after(200) + 1.0 + TUNING.lost_patience


def test_other_endings_do_not_move_the_window() -> None:
    window, calls = full(20)
    for call in calls[:10]:
        window.dropped(call, 0.2)
    assert window.size == 20
    assert window.room(0.2) == 10


def test_closed_after_a_rejection_with_nothing_in_flight() -> None:
    window = Window(0.0, Even())
    window.demand = True
    window.rejected(window.sent(0.0), 0.1)
    assert window.closed_since == 0.1
    tries = []
    now = 0.1
    for _ in range(7):
        now = window.due(now)
        tries.append(now)
        assert window.room(now) == 1
        probe = window.sent(now)
        assert window.room(now) == 0
        window.rejected(probe, now)
    pauses = [later - earlier for earlier, later in zip([0.1, *tries], tries, strict=False)]
    assert pauses == pytest.approx([0.2125, 0.425, 0.85, 1.7, 3.4, 4.25, 4.25])


def test_a_closed_window_opens_when_the_probe_is_let_in() -> None:
    window, calls = full(20)
    now = 1.0
    while not closed(window):
        if window.room(now):
            window.rejected(window.sent(now), now)
        elif calls:
            window.succeeded(calls.pop(), now)
        now += 0.001
    now = window.due(now)
    window.first_byte(window.sent(now), now + 0.05)
    assert not closed(window)
    assert 20 * TUNING.reopen <= window.size < 20


def drained(taken: int = 30) -> tuple[Window, float]:
    """A window of a gateway that took so many calls, answered them, and takes no more."""
    window = Window(0.0, Even())
    window.demand = True
    for _ in range(taken):
        resize(window, window.in_flight + 1)
        window.first_byte(window.sent(0.0), 0.01)
    for call in list(window._flight._flying):
        window.succeeded(call, 1.0)
    window.rejected(window.sent(1.0), 1.1)
    assert closed(window)
    return window, 1.1


def tried_at(window: Window, now: float, until: float) -> list[float]:
    """When a closed gateway is tried that stays closed until then."""
    tries = []
    while (now := window.due(now)) < until:
        window.rejected(window.sent(now), now)
        tries.append(now)
    return tries


@pytest.mark.parametrize("period", TUNING.periods)
def test_a_closed_gateway_is_tried_when_a_usual_window_would_end(period: float) -> None:
    window, now = drained()
    ends = period + TUNING.period_margin
    assert any(at == pytest.approx(ends) for at in tried_at(window, now, ends + 0.001))


def test_silence_about_the_probe_opens_a_closed_gateway_without_any_answer() -> None:
    window, now = drained()
    now = window.due(now)
    window.sent(now)
    now = window.due(now)
    assert window.room(now) > 0
    assert not closed(window)


def test_a_gateway_that_closed_after_so_many_calls_is_not_overrun_at_as_many_again() -> None:
    window, now = drained(taken=30)
    tried_at(window, now, 10.0)
    now = window.due(10.0)
    window.first_byte(window.sent(now), now)
    for _ in range(29):
        resize(window, 60.0)
        window.first_byte(window.sent(now), now)
    assert window.room(now) == 1
    last = window.sent(now)
    assert window.room(now) == 0
    window.rejected(last, now + 0.05)
    assert closed(window)
    assert window.in_flight == 30


def test_a_gateway_that_takes_more_than_the_last_time_is_not_held_to_it() -> None:
    window, now = drained(taken=30)
    tried_at(window, now, 10.0)
    now = window.due(10.0)
    for _ in range(31):
        resize(window, 60.0)
        window.first_byte(window.sent(now), now)
    assert window.room(now) == 60 - 31


def test_a_call_that_is_rejected_where_others_get_in_is_to_blame_itself() -> None:
    window = Window(0.0, Even())
    window.demand = True
    resize(window, 12.0)
    early = [window.sent(0.0, call) for call in range(9)]
    culprit = window.sent(0.0, 99)
    later = [window.sent(0.0, call) for call in range(100, 102)]
    window.rejected(culprit, 0.1)
    assert window.size == 9
    for call in early:
        window.first_byte(call, 0.15)
    assert window.size == 9, "they were sent before it: they prove nothing"
    window.first_byte(later[0], 0.15)
    assert window.size >= 12


def test_a_second_call_rejected_at_the_same_level_confirms_it() -> None:
    window = Window(0.0, Even())
    window.demand = True
    resize(window, 12.0)
    for call in range(9):
        window.sent(0.0, call)
    rejected = [window.sent(0.0, call) for call in (99, 100)]
    last = window.sent(0.0, 101)
    for attempt in rejected:
        window.rejected(attempt, 0.1)
    window.first_byte(last, 0.15)
    assert window.size == 9


def test_a_condemned_calls_rejections_are_taken_back() -> None:
    window, calls = full(20)
    now = 1.0
    for _ in range(3):
        window.succeeded(calls.pop(), now)
        window.rejected(window.sent(now, 99), now + 0.1)
        now += 0.2
    assert window.size < 19
    window.acquit(99)
    assert window.size == 20


def test_room_lost_to_strangers_is_looked_for_more_often() -> None:
    steady, calls = full(8)
    robbed, others = full(8)
    for window, flying in ((steady, calls), (robbed, others)):
        window.succeeded(flying.pop(), 1.0)
    calls.append(steady.sent(1.0))
    robbed.rejected(robbed.sent(1.0), 1.1)
    others.append(robbed.sent(1.2))
    for window, flying in ((steady, calls), (robbed, others)):
        window.succeeded(flying.pop(0), 2.0)
        flying.append(window.sent(2.0))
    assert robbed.due(2.5) < steady.due(2.5)


@pytest.mark.parametrize("end", [Window.dropped, Window.unsent])
def test_the_next_call_explores_if_the_probe_ends_without_telling(
    end: Callable[[Window, Attempt, float], None],
) -> None:
    window, _ = full(20)
    due = window.due(0.1)
    assert window.room(due) == 1
    end(window, window.sent(due), due)
    assert window.room(due) == 1
    window.first_byte(window.sent(due), due + 0.1)
    assert window.phase is Phase.CLIMBING


def test_a_rejection_of_fewer_calls_than_the_window_is_no_lost_exploration() -> None:
    window, calls = full(20)
    due = window.due(0.1)
    assert window.room(due) == 1
    window.dropped(window.sent(due), due)
    for call in calls[:12]:
        window.succeeded(call, due)
    window.rejected(window.sent(due), due + 0.1)
    assert window._explorer.balance > 1, "nothing was paid, and a fall pays"
    assert not window.pace._marks[-1].sought


def test_a_lost_exploration_is_marked_as_sought() -> None:
    window, calls = full(20)
    for _ in range(TUNING.mark_calls):
        window.succeeded(calls.pop(), 0.5)
        window.first_byte(window.sent(0.5), 0.6)
    due = window.due(0.6)
    assert window.room(due) == 1
    window.rejected(window.sent(due), due + 0.1)
    assert [mark.sought for mark in window.pace._marks] == [False, True]


def test_a_climb_survives_a_process_that_was_stopped_for_minutes() -> None:
    window = Window(0.0, Even())
    window.demand = True
    for _ in range(3):
        window.sent(0.0)
    window._concurrency.speed = 1.0
    assert window.room(1_000.0) > 0


def test_a_window_far_below_what_was_in_flight_of_late_explores_sooner() -> None:
    fallen, calls = full(20)
    for call in calls:
        fallen.first_byte(call, 0.2)
    small, _ = full(5)
    while fallen.in_flight > 5:
        fallen.succeeded(calls.pop(), 0.3)
    fallen.rejected(fallen.sent(0.3), 0.4)
    assert fallen.size < 5
    for window in (fallen, small):
        window._explorer.balance = 0.0
    assert fallen.due(0.4) < small.due(0.4) - 10


def test_a_gateway_that_was_just_full_is_not_explored_at_once() -> None:
    window, calls = full(20)
    window.succeeded(calls.pop(), 0.5)
    window.rejected(window.sent(0.5), 0.6)
    window._explorer.balance = TUNING.savings_max
    assert window.due(0.6) == pytest.approx(0.6 + TUNING.probe_pause, abs=0.01)


def test_a_told_wait_is_kept_to_the_letter_when_closed() -> None:
    window = Window(0.0, Even())
    window.rejected(window.sent(0.0), 0.1, wait=7.0)
    assert window.due(0.1) == pytest.approx(7.1)
    assert window.room(7.09) == 0
    assert window.room(7.1) == 1


def test_patience_follows_the_time_a_rejection_takes() -> None:
    window = Window(0.0, Even())
    window.sent(0.0)
    window.rejected(window.sent(0.0), 1.0)
    assert window._silence.seconds == pytest.approx(0.05 + 1.5 * 1.0)
