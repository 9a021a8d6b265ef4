"""Calls that are refused while others pass: who is one, and how he is kept apart."""

from random import Random

from engine.admission.limits import tuning
from engine.admission.route_queue import Grant, Ticket
from engine.admission.scheduler import Desk
from tests.engine.admission.scheduling import ask, call, grant, granted


def suspect(desk: Desk, now: float) -> Ticket:
    ticket = desk.enter(call("poison"), now)
    for _ in range(tuning.STRIKES):
        ticket.strike(now)
    assert ticket.suspect
    desk.ask(ticket, now)
    return ticket


def test_the_third_rejection_while_others_pass_makes_a_suspect() -> None:
    desk = Desk(Random(1))
    (poison,) = ask(desk, 0.0, call("poison"))
    for now in (1.0, 10.0, 20.0):
        assert not poison.suspect
        desk.rejected(poison, grant(poison), None, now)
        (other,) = ask(desk, now + 6.0, call("other"))
        desk.succeeded(other, grant(other), now + 7.0)
        desk.ask(poison, now + 7.0)
    assert poison.suspect


def test_a_rejection_while_nobody_passes_is_no_strike() -> None:
    desk = Desk(Random(1))
    (unlucky,) = ask(desk, 0.0, call())
    for now in (1.0, 10.0, 20.0, 30.0):
        desk.rejected(unlucky, grant(unlucky), None, now)
        desk.ask(unlucky, now + 6.0)
    assert unlucky.strikes == 0


def test_a_suspect_lets_others_pass_and_does_not_move_the_window() -> None:
    desk = Desk(Random(1))
    poison = suspect(desk, 0.0)
    others = ask(desk, 1.0, *(call("other") for _ in range(10)))
    assert granted(others) == [0, 1, 2]
    for i in range(3):
        desk.first_byte(grant(others[i]), 1.0)
    now = tuning.ASIDE_FIRST
    desk.succeeded(others[0], grant(others[0]), now)
    size = poison.line.lanes[0].window.size
    desk.rejected(poison, grant(poison), None, now)
    assert poison.line.lanes[0].window.size == size
    desk.ask(poison, now)
    desk.tick(now + 2 * tuning.ASIDE_FIRST - 0.1)
    assert poison.waiting


def test_one_suspect_at_a_time() -> None:
    desk = Desk(Random(1))
    suspects = [suspect(desk, 0.0) for _ in range(3)]
    desk.tick(tuning.ASIDE_FIRST)
    assert granted(suspects) == [0]


def test_a_suspect_is_no_probe_while_others_wait() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call())
    desk.rejected(first, grant(first), None, 0.1)
    poison = suspect(desk, -100.0)
    desk.ask(first, 0.1)
    desk.tick(desk.due())
    assert isinstance(first.outcome, Grant)
    assert poison.waiting


def test_a_closed_gate_is_probed_with_another_call_each_time() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call() for _ in range(6)))
    for i in granted(tickets):
        desk.rejected(tickets[i], grant(tickets[i]), None, 0.1)
        desk.ask(tickets[i], 0.1)
    probes = []
    now = 0.1
    for _ in range(5):
        now = desk.due()
        desk.tick(now)
        (probe,) = granted(tickets)
        probes.append(probe)
        desk.rejected(tickets[probe], grant(tickets[probe]), None, now)
        desk.ask(tickets[probe], now)
    assert len(set(probes)) >= 4


def test_a_call_refused_in_its_first_event_is_no_suspect_when_nobody_passed() -> None:
    """`after 3 rejections while others passed`: a 200 whose first event says 429 passed nobody."""
    desk = Desk(Random(1))
    ticket = desk.enter(call(), 0.0)
    now = 0.0
    for _ in range(3):
        now += 10.0
        desk.ask(ticket, now)
        desk.first_byte(grant(ticket), now + 0.1)
        desk.rejected(ticket, grant(ticket), None, now + 0.2)
    assert not ticket.suspect
