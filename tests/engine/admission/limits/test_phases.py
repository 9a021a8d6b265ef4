"""The table of phases: complete, and each row happens."""

from random import Random

import pytest

from engine.admission.limits.adaptive import AdaptiveLimit
from engine.admission.limits.phase import TRANSITIONS, Event, Phase, after


def test_every_phase_and_every_event_is_in_the_table() -> None:
    assert {phase for phase, _ in TRANSITIONS} == set(Phase)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_every_phase_but_the_first_is_reached_and_left() -> None:
    reached = {after for (before, _), after in TRANSITIONS.items() if after is not before}
    assert reached == set(Phase) - {Phase.STARTING}


@pytest.mark.parametrize("phase", Phase)
def test_a_rejection_with_nothing_in_flight_opens_the_circuit_in_any_phase(phase: Phase) -> None:
    assert after(phase, Event.ALONE) is Phase.OPEN


def test_what_is_not_in_the_table_changes_nothing() -> None:
    assert after(Phase.OPEN, Event.REJECTED) is Phase.OPEN
    assert after(Phase.STARTING, Event.FORGIVEN) is Phase.STARTING


def pressed(size: int) -> AdaptiveLimit:
    """A limit that learned to hold so many calls and is full of them."""
    limit = AdaptiveLimit(0.0, Random(1))
    limit.demand = True
    limit._concurrency.size = size + 1.0
    calls = [limit.sent(0.0) for _ in range(size + 1)]
    limit.rejected(calls.pop(), 0.1)
    for call in calls:
        limit.first_byte(call, 0.2)
    return limit


def phase(limit: AdaptiveLimit) -> Phase:
    """Its phase, which any call to it may change."""
    return limit.phase


def test_a_limit_holds_probes_and_climbs_when_the_probe_is_admitted() -> None:
    limit = pressed(20)
    assert phase(limit) is Phase.HOLDING
    limit._probing.balance = 1.0
    due = limit.due(0.2)
    assert limit.room(due) == 1
    assert phase(limit) is Phase.PROBING
    limit.first_byte(limit.sent(due), due + 0.05)
    assert phase(limit) is Phase.CLIMBING
    assert limit.size == 21


def test_a_probe_that_is_rejected_ends_where_it_began() -> None:
    limit = pressed(20)
    limit._probing.balance = 1.0
    due = limit.due(0.2)
    assert limit.room(due) == 1
    limit.rejected(limit.sent(due), due + 0.1)
    assert phase(limit) is Phase.HOLDING
    assert limit.size == 20


def test_an_open_circuit_climbs_to_what_it_was_and_holds() -> None:
    limit = pressed(20)
    for attempt in list(limit._in_flight._attempts):
        limit.succeeded(attempt, 1.0)
    limit.rejected(limit.sent(1.0), 1.1)
    assert phase(limit) is Phase.OPEN
    assert limit.open_since == 1.1
    now = limit.due(1.1)
    limit.first_byte(limit.sent(now), now)
    assert phase(limit) is Phase.CLIMBING
    while phase(limit) is Phase.CLIMBING and now < 10:
        for _ in range(limit.room(now)):
            limit.first_byte(limit.sent(now), now)
        now = limit.due(now)
    assert phase(limit) is Phase.HOLDING
    assert int(limit.size) == 21, "the size from which it was first cut"
