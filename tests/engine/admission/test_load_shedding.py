"""Who is told at once that waiting is in vain, and who is not."""

from random import Random

import pytest

from engine.admission.limits.tuning import BYTES_WAITING_MAX, CALL_BYTES
from engine.admission.not_admitted import Reason
from engine.admission.route_queue import Grant
from engine.admission.routes import Limits, Throughput
from engine.admission.scheduler import Desk
from tests.engine.admission.scheduling import ask, call, grant, one_slot, refusal


def test_nobody_waits_past_the_deadline() -> None:
    desk = Desk(Random(1))
    _, late = ask(desk, 0.0, *(call(limits=one_slot(), deadline=5.0) for _ in range(2)))
    desk.expire(late, 4.9)
    assert late.waiting
    desk.expire(late, 5.0)
    assert refusal(late).reason is Reason.DEADLINE
    assert refusal(late).waiting == 1
    desk.leave(late, 5.0)
    desk.ask(late, 5.1)
    assert refusal(late).reason is Reason.DEADLINE


def test_the_first_turn_is_given_though_the_budget_is_nothing() -> None:
    """0 seconds mean never to wait, not never to be sent."""
    desk = Desk(Random(1))
    (first,) = ask(desk, 6.0, call(deadline=5.0))
    desk.rejected(first, grant(first), None, 6.1)
    desk.ask(first, 6.1)
    assert refusal(first).reason is Reason.DEADLINE


CALLS = 4_000
"""At once."""
FITTING = BYTES_WAITING_MAX // CALL_BYTES
"""Waiting calls without any payload that memory suffices for."""


def test_thousands_of_calls_wait() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call(limits=one_slot()) for _ in range(CALLS)))
    assert all(ticket.waiting for ticket in tickets[1:])


def test_the_newest_call_of_the_greediest_user_is_refused_at_the_bound() -> None:
    desk = Desk(Random(1))
    limits = one_slot()
    batch = ask(desk, 0.0, *(call("batch", limits=limits) for _ in range(FITTING + 1)))
    assert all(ticket.waiting for ticket in batch[1:])
    (chat,) = ask(desk, 1.0, call("chat", limits=limits))
    assert chat.waiting
    assert refusal(batch[-1]).reason is Reason.FULL
    assert refusal(batch[-1]).waiting == FITTING + 1
    assert all(ticket.waiting for ticket in batch[1:-1])


def test_the_bound_hits_the_key_that_holds_most() -> None:
    desk = Desk(Random(1))
    great, small = FITTING // 2 + 2, FITTING - FITTING // 2
    waiting = {
        key: ask(desk, 0.0, *(call(keys=(key,), limits=one_slot()) for _ in range(count)))
        for key, count in (("a", great), ("b", small))
    }
    assert desk.waiting == FITTING
    (last,) = ask(desk, 1.0, call(keys=("b",), limits=one_slot()))
    assert last.waiting
    assert refusal(waiting["a"][-1]).reason is Reason.FULL
    assert desk.waiting == FITTING


@pytest.mark.parametrize(("seconds", "in_time"), [(45.0, 30), (100.0, 60)])
def test_who_comes_too_late_for_a_typed_rate_is_refused_at_once(
    seconds: float, in_time: int
) -> None:
    """30 a minute are 30 in 45 s and 60 in 100, whatever the gateway would take."""
    desk = Desk(Random(1))
    limits = one_slot(requests_per_minute=30)
    tickets = ask(desk, 0.0, *(call(limits=limits, deadline=seconds) for _ in range(90)))
    assert [ticket.waiting for ticket in tickets[1:]] == [n < in_time for n in range(89)]
    assert refusal(tickets[-1]).reason is Reason.HOPELESS
    assert refusal(tickets[-1]).ahead == in_time


def test_the_payload_bound_hits_who_holds_most_of_it() -> None:
    desk = Desk(Random(1))
    megabyte = 1024 * 1024
    small = ask(desk, 0.0, *(call("s", limits=one_slot(), payload_bytes=9) for _ in range(50)))
    large = ask(
        desk, 0.0, *(call("l", limits=one_slot(), payload_bytes=150 * megabyte) for _ in range(3))
    )
    assert [ticket.waiting for ticket in large] == [True, True, False]
    assert refusal(large[2]).reason is Reason.FULL
    assert all(ticket.waiting for ticket in small[1:])


def busy(desk: Desk, seconds: float) -> float:
    """Calls of 1 s through one slot while others wait; returns the time."""
    ask(desk, 0.0, *(call(limits=one_slot()) for _ in range(int(seconds) + 50)))
    (line,) = desk._crowd.lines
    now = 0.0
    while now < seconds:
        now += 1.0
        lane = line.lanes[0]
        (attempt,) = lane.window._flight._flying
        lane.window.succeeded(attempt, now)
        lane.throughput.answered(now)
        lane.key.in_flight -= 1
        desk._serve(lane.key, now)
    return now


def test_who_cannot_be_served_in_time_is_refused_at_once() -> None:
    desk = Desk(Random(1))
    now = busy(desk, 60.0)
    (late,) = ask(desk, now, call(limits=one_slot(), deadline=now + 20.0))
    assert refusal(late).reason is Reason.HOPELESS
    assert refusal(late).rate == pytest.approx(1.0)
    (calm,) = ask(desk, now, call(limits=one_slot(), deadline=now + 200.0))
    assert calm.waiting


def test_with_nothing_known_nobody_is_refused_early() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call(limits=one_slot(), deadline=1.0) for _ in range(500)))
    assert all(ticket.waiting for ticket in tickets[1:])


def shut(desk: Desk) -> float:
    """A gate that has been closed for over a minute."""
    (probe,) = ask(desk, 0.0, call(deadline=1_000.0))
    now = 0.1
    while now < 70.0:
        desk.rejected(probe, grant(probe), None, now)
        desk.ask(probe, now)
        now = desk.due()
        desk.tick(now)
    desk.rejected(probe, grant(probe), None, now)
    desk.leave(probe, now)
    return now


def test_a_gate_closed_for_a_minute_refuses_a_new_call_within_five_seconds() -> None:
    desk = Desk(Random(1))
    now = shut(desk)
    impatient, patient = ask(
        desk, now, call(deadline=now + 45), call(deadline=now + 45, patient=True)
    )
    desk.expire(impatient, now + 4.9)
    assert impatient.waiting
    desk.expire(impatient, now + 5.0)
    assert refusal(impatient).reason is Reason.SHUT
    assert refusal(impatient).closed_for == pytest.approx(now + 5.0 - 0.1)
    desk.expire(patient, now + 5.0)
    assert patient.waiting


def test_also_the_call_that_tried_it_in_vain() -> None:
    """It is the probe, perhaps again and again: each time it would have waited five seconds."""
    desk = Desk(Random(1))
    now = shut(desk) + 5.0
    (new,) = ask(desk, now, call(deadline=now + 45))
    desk.rejected(new, grant(new), None, now + 0.1)
    desk.ask(new, now + 0.1)
    assert new.until == now + 5


def test_but_nobody_who_waited_before_it_closed() -> None:
    desk = Desk(Random(1))
    probe, waiting = ask(desk, 0.0, *(call(deadline=1_000.0, limits=one_slot()) for _ in range(2)))
    now = 0.1
    while now < 70.0:
        tried = probe if isinstance(probe.outcome, Grant) else waiting
        desk.rejected(tried, grant(tried), None, now)
        desk.ask(tried, now)
        now = desk.due()
        desk.tick(now)
    assert probe.until == waiting.until == 1_000.0


def test_unless_the_probe_passes() -> None:
    desk = Desk(Random(1))
    now = shut(desk)
    probe, *_, last = ask(desk, now, *(call(deadline=now + 45) for _ in range(20)))
    assert last.until == now + 5
    desk.tick(desk.due())
    desk.first_byte(grant(probe), now + 4.0)
    desk.expire(last, now + 5.0)
    assert last.waiting
    assert last.until == now + 45


def test_a_rate_seen_while_nobody_waited_is_no_rate() -> None:
    throughput = Throughput()
    throughput.pressed(0.0, waiting=True)
    throughput.answered(5.0)
    throughput.pressed(6.0, waiting=False)
    assert throughput.best(100.0) is None
    throughput.pressed(100.0, waiting=True)
    for now in range(100, 130):
        throughput.answered(float(now))
    assert throughput.best(130.0) == 1.0
    assert throughput.best(130.0 + 600.0) is None


def test_a_call_that_may_not_wait_is_sent_though_the_window_is_full() -> None:
    """`0 = never wait`: what was only guessed of a gateway refuses nobody."""
    desk = Desk(Random(1))
    tickets = [desk.enter(call(deadline=0.0), 0.0) for _ in range(20)]
    for ticket in tickets:
        desk.ask(ticket, 0.001)
    assert all(isinstance(ticket.outcome, Grant) for ticket in tickets)


def test_a_call_that_may_not_wait_keeps_to_the_limits_of_its_key() -> None:
    desk = Desk(Random(1))
    limits = Limits(max_concurrency=2)
    tickets = [desk.enter(call(deadline=0.0, limits=limits), 0.0) for _ in range(5)]
    for ticket in tickets:
        desk.ask(ticket, 0.001)
    assert sum(isinstance(ticket.outcome, Grant) for ticket in tickets) == 2
