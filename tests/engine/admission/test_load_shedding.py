"""Who is told at once that waiting is in vain, and who is not."""

from random import Random

import pytest

from engine.admission.limits.tuning import CALL_BYTES, MAX_WAITING_BYTES
from engine.admission.not_admitted import Reason
from engine.admission.route_queue import Grant
from engine.admission.routes import KeyLimits, Throughput
from engine.admission.scheduler import Scheduler
from tests.engine.admission.scheduling import ask, call, grant, one_slot, refusal


def test_nobody_waits_past_the_deadline() -> None:
    scheduler = Scheduler(Random(1))
    _, late = ask(scheduler, 0.0, *(call(limits=one_slot(), deadline=5.0) for _ in range(2)))
    scheduler.expire(late, 4.9)
    assert late.waiting
    scheduler.expire(late, 5.0)
    assert refusal(late).reason is Reason.DEADLINE
    assert refusal(late).waiting == 1
    scheduler.leave(late, 5.0)
    scheduler.enqueue(late, 5.1)
    assert refusal(late).reason is Reason.DEADLINE


def test_the_first_permit_is_given_though_the_budget_is_nothing() -> None:
    """0 seconds mean never to wait, not never to be sent."""
    scheduler = Scheduler(Random(1))
    (first,) = ask(scheduler, 6.0, call(deadline=5.0))
    scheduler.rejected(first, grant(first), None, 6.1)
    scheduler.enqueue(first, 6.1)
    assert refusal(first).reason is Reason.DEADLINE


CALLS = 4_000
"""At once."""
FITTING = MAX_WAITING_BYTES // CALL_BYTES
"""Waiting calls without any payload that memory suffices for."""


def test_thousands_of_calls_wait() -> None:
    scheduler = Scheduler(Random(1))
    entries = ask(scheduler, 0.0, *(call(limits=one_slot()) for _ in range(CALLS)))
    assert all(entry.waiting for entry in entries[1:])


def test_the_newest_call_of_the_greediest_user_is_refused_at_the_bound() -> None:
    scheduler = Scheduler(Random(1))
    limits = one_slot()
    batch = ask(scheduler, 0.0, *(call("batch", limits=limits) for _ in range(FITTING + 1)))
    assert all(entry.waiting for entry in batch[1:])
    (chat,) = ask(scheduler, 1.0, call("chat", limits=limits))
    assert chat.waiting
    assert refusal(batch[-1]).reason is Reason.FULL
    assert refusal(batch[-1]).waiting == FITTING + 1
    assert all(entry.waiting for entry in batch[1:-1])


def test_the_bound_hits_the_key_that_holds_most() -> None:
    scheduler = Scheduler(Random(1))
    great, small = FITTING // 2 + 2, FITTING - FITTING // 2
    waiting = {
        key: ask(scheduler, 0.0, *(call(keys=(key,), limits=one_slot()) for _ in range(count)))
        for key, count in (("a", great), ("b", small))
    }
    assert scheduler.waiting == FITTING
    (last,) = ask(scheduler, 1.0, call(keys=("b",), limits=one_slot()))
    assert last.waiting
    assert refusal(waiting["a"][-1]).reason is Reason.FULL
    assert scheduler.waiting == FITTING


@pytest.mark.parametrize(("seconds", "in_time"), [(45.0, 30), (100.0, 60)])
def test_who_comes_too_late_for_a_typed_rate_is_refused_at_once(
    seconds: float, in_time: int
) -> None:
    """30 a minute are 30 in 45 s and 60 in 100, whatever the gateway would take."""
    scheduler = Scheduler(Random(1))
    limits = one_slot(requests_per_minute=30)
    entries = ask(scheduler, 0.0, *(call(limits=limits, deadline=seconds) for _ in range(90)))
    assert [entry.waiting for entry in entries[1:]] == [n < in_time for n in range(89)]
    assert refusal(entries[-1]).reason is Reason.HOPELESS
    assert refusal(entries[-1]).ahead == in_time


def test_the_payload_bound_hits_who_holds_most_of_it() -> None:
    scheduler = Scheduler(Random(1))
    megabyte = 1024 * 1024
    small = ask(scheduler, 0.0, *(call("s", limits=one_slot(), payload_bytes=9) for _ in range(50)))
    large = ask(
        scheduler,
        0.0,
        *(call("l", limits=one_slot(), payload_bytes=150 * megabyte) for _ in range(3)),
    )
    assert [entry.waiting for entry in large] == [True, True, False]
    assert refusal(large[2]).reason is Reason.FULL
    assert all(entry.waiting for entry in small[1:])


def busy(scheduler: Scheduler, seconds: float) -> float:
    """Calls of 1 s through one slot while others wait; returns the time."""
    ask(scheduler, 0.0, *(call(limits=one_slot()) for _ in range(int(seconds) + 50)))
    (line,) = scheduler._backlog.queues
    now = 0.0
    while now < seconds:
        now += 1.0
        route = line.routes[0]
        (attempt,) = route.adaptive_limit._in_flight._attempts
        route.adaptive_limit.succeeded(attempt, now)
        route.throughput.answered(now)
        route.key.in_flight -= 1
        scheduler._serve(route.key, now)
    return now


def test_who_cannot_be_served_in_time_is_refused_at_once() -> None:
    scheduler = Scheduler(Random(1))
    now = busy(scheduler, 60.0)
    (late,) = ask(scheduler, now, call(limits=one_slot(), deadline=now + 20.0))
    assert refusal(late).reason is Reason.HOPELESS
    assert refusal(late).rate == pytest.approx(1.0)
    (calm,) = ask(scheduler, now, call(limits=one_slot(), deadline=now + 200.0))
    assert calm.waiting


def test_with_nothing_known_nobody_is_refused_early() -> None:
    scheduler = Scheduler(Random(1))
    entries = ask(scheduler, 0.0, *(call(limits=one_slot(), deadline=1.0) for _ in range(500)))
    assert all(entry.waiting for entry in entries[1:])


def open_since(scheduler: Scheduler) -> float:
    """A gate that has been closed for over a minute."""
    (probe,) = ask(scheduler, 0.0, call(deadline=1_000.0))
    now = 0.1
    while now < 70.0:
        scheduler.rejected(probe, grant(probe), None, now)
        scheduler.enqueue(probe, now)
        now = scheduler.due()
        scheduler.tick(now)
    scheduler.rejected(probe, grant(probe), None, now)
    scheduler.leave(probe, now)
    return now


def test_a_circuit_open_for_a_minute_refuses_a_new_call_within_five_seconds() -> None:
    scheduler = Scheduler(Random(1))
    now = open_since(scheduler)
    impatient, waits_for_recovery = ask(
        scheduler, now, call(deadline=now + 45), call(deadline=now + 45, waits_for_recovery=True)
    )
    scheduler.expire(impatient, now + 4.9)
    assert impatient.waiting
    scheduler.expire(impatient, now + 5.0)
    assert refusal(impatient).reason is Reason.CIRCUIT_OPEN
    assert refusal(impatient).open_seconds == pytest.approx(now + 5.0 - 0.1)
    scheduler.expire(waits_for_recovery, now + 5.0)
    assert waits_for_recovery.waiting


def test_also_the_call_that_tried_it_in_vain() -> None:
    """It is the probe, perhaps again and again: each time it would have waited five seconds."""
    scheduler = Scheduler(Random(1))
    now = open_since(scheduler) + 5.0
    (new,) = ask(scheduler, now, call(deadline=now + 45))
    scheduler.rejected(new, grant(new), None, now + 0.1)
    scheduler.enqueue(new, now + 0.1)
    assert new.until == now + 5


def test_but_nobody_who_waited_before_it_closed() -> None:
    scheduler = Scheduler(Random(1))
    probe, waiting = ask(
        scheduler, 0.0, *(call(deadline=1_000.0, limits=one_slot()) for _ in range(2))
    )
    now = 0.1
    while now < 70.0:
        tried = probe if isinstance(probe.outcome, Grant) else waiting
        scheduler.rejected(tried, grant(tried), None, now)
        scheduler.enqueue(tried, now)
        now = scheduler.due()
        scheduler.tick(now)
    assert probe.until == waiting.until == 1_000.0


def test_unless_the_probe_passes() -> None:
    scheduler = Scheduler(Random(1))
    now = open_since(scheduler)
    probe, *_, last = ask(scheduler, now, *(call(deadline=now + 45) for _ in range(20)))
    assert last.until == now + 5
    scheduler.tick(scheduler.due())
    scheduler.first_byte(grant(probe), now + 4.0)
    scheduler.expire(last, now + 5.0)
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


def test_a_call_that_may_not_wait_is_sent_though_the_limit_is_full() -> None:
    """`0 = never wait`: what was only guessed of a gateway refuses nobody."""
    scheduler = Scheduler(Random(1))
    entries = [scheduler.enter(call(deadline=0.0), 0.0) for _ in range(20)]
    for entry in entries:
        scheduler.enqueue(entry, 0.001)
    assert all(isinstance(entry.outcome, Grant) for entry in entries)


def test_a_call_that_may_not_wait_keeps_to_the_limits_of_its_key() -> None:
    scheduler = Scheduler(Random(1))
    limits = KeyLimits(max_concurrency=2)
    entries = [scheduler.enter(call(deadline=0.0, limits=limits), 0.0) for _ in range(5)]
    for entry in entries:
        scheduler.enqueue(entry, 0.001)
    assert sum(isinstance(entry.outcome, Grant) for entry in entries) == 2
