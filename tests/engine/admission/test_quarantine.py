"""Calls that are refused while others pass: who is one, and how he is kept apart."""

from random import Random

from engine.admission.limits import tuning
from engine.admission.route_queue import Grant, QueueEntry
from engine.admission.scheduler import Scheduler
from tests.engine.admission.scheduling import ask, call, grant, granted


def quarantined(scheduler: Scheduler, now: float) -> QueueEntry:
    entry = scheduler.enter(call("poison"), now)
    for _ in range(tuning.STRIKES):
        entry.strike(now)
    assert entry.quarantined
    scheduler.enqueue(entry, now)
    return entry


def test_the_third_rejection_while_others_pass_makes_a_quarantined_call() -> None:
    scheduler = Scheduler(Random(1))
    (poison,) = ask(scheduler, 0.0, call("poison"))
    for now in (1.0, 10.0, 20.0):
        assert not poison.quarantined
        scheduler.rejected(poison, grant(poison), None, now)
        (other,) = ask(scheduler, now + 6.0, call("other"))
        scheduler.succeeded(other, grant(other), now + 7.0)
        scheduler.enqueue(poison, now + 7.0)
    assert poison.quarantined


def test_a_rejection_while_nobody_passes_is_no_strike() -> None:
    scheduler = Scheduler(Random(1))
    (unlucky,) = ask(scheduler, 0.0, call())
    for now in (1.0, 10.0, 20.0, 30.0):
        scheduler.rejected(unlucky, grant(unlucky), None, now)
        scheduler.enqueue(unlucky, now + 6.0)
    assert unlucky.strikes == 0


def test_a_quarantined_call_lets_others_pass_and_does_not_move_the_limit() -> None:
    scheduler = Scheduler(Random(1))
    poison = quarantined(scheduler, 0.0)
    others = ask(scheduler, 1.0, *(call("other") for _ in range(10)))
    assert granted(others) == [0, 1, 2]
    for i in range(3):
        scheduler.first_byte(grant(others[i]), 1.0)
    now = tuning.FIRST_QUARANTINE_SECONDS
    scheduler.succeeded(others[0], grant(others[0]), now)
    size = poison.queue.routes[0].adaptive_limit.size
    scheduler.rejected(poison, grant(poison), None, now)
    assert poison.queue.routes[0].adaptive_limit.size == size
    scheduler.enqueue(poison, now)
    scheduler.tick(now + 2 * tuning.FIRST_QUARANTINE_SECONDS - 0.1)
    assert poison.waiting


def test_one_quarantined_call_at_a_time() -> None:
    scheduler = Scheduler(Random(1))
    poison = [quarantined(scheduler, 0.0) for _ in range(3)]
    scheduler.tick(tuning.FIRST_QUARANTINE_SECONDS)
    assert granted(poison) == [0]


def test_a_quarantined_call_is_no_probe_while_others_wait() -> None:
    scheduler = Scheduler(Random(1))
    (first,) = ask(scheduler, 0.0, call())
    scheduler.rejected(first, grant(first), None, 0.1)
    poison = quarantined(scheduler, -100.0)
    scheduler.enqueue(first, 0.1)
    scheduler.tick(scheduler.due())
    assert isinstance(first.outcome, Grant)
    assert poison.waiting


def test_a_closed_circuit_is_probed_with_another_call_each_time() -> None:
    scheduler = Scheduler(Random(1))
    entries = ask(scheduler, 0.0, *(call() for _ in range(6)))
    for i in granted(entries):
        scheduler.rejected(entries[i], grant(entries[i]), None, 0.1)
        scheduler.enqueue(entries[i], 0.1)
    probes = []
    now = 0.1
    for _ in range(5):
        now = scheduler.due()
        scheduler.tick(now)
        (probe,) = granted(entries)
        probes.append(probe)
        scheduler.rejected(entries[probe], grant(entries[probe]), None, now)
        scheduler.enqueue(entries[probe], now)
    assert len(set(probes)) >= 4


def test_a_call_refused_in_its_first_event_is_no_quarantined_call_when_nobody_passed() -> None:
    """`after 3 rejections while others passed`: a 200 whose first event says 429 passed nobody."""
    scheduler = Scheduler(Random(1))
    entry = scheduler.enter(call(), 0.0)
    now = 0.0
    for _ in range(3):
        now += 10.0
        scheduler.enqueue(entry, now)
        scheduler.first_byte(grant(entry), now + 0.1)
        scheduler.rejected(entry, grant(entry), None, now + 0.2)
    assert not entry.quarantined
