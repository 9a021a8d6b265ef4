"""The table of phases: complete, and each row happens."""

from random import Random

import pytest

from engine.admission.limits.adaptive import Window
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


def pressed(size: int) -> Window:
    """A window that learned to hold so many calls and is full of them."""
    window = Window(0.0, Random(1))
    window.demand = True
    window._concurrency.size = size + 1.0
    calls = [window.sent(0.0) for _ in range(size + 1)]
    window.rejected(calls.pop(), 0.1)
    for call in calls:
        window.first_byte(call, 0.2)
    return window


def phase(window: Window) -> Phase:
    """Its phase, which any call to it may change."""
    return window.phase


def test_a_window_holds_probes_and_climbs_when_the_probe_is_admitted() -> None:
    window = pressed(20)
    assert phase(window) is Phase.HOLDING
    window._explorer.balance = 1.0
    due = window.due(0.2)
    assert window.room(due) == 1
    assert phase(window) is Phase.PROBING
    window.first_byte(window.sent(due), due + 0.05)
    assert phase(window) is Phase.CLIMBING
    assert window.size == 21


def test_a_probe_that_is_rejected_ends_where_it_began() -> None:
    window = pressed(20)
    window._explorer.balance = 1.0
    due = window.due(0.2)
    assert window.room(due) == 1
    window.rejected(window.sent(due), due + 0.1)
    assert phase(window) is Phase.HOLDING
    assert window.size == 20


def test_an_open_circuit_climbs_to_what_it_was_and_holds() -> None:
    window = pressed(20)
    for attempt in list(window._flight._flying):
        window.succeeded(attempt, 1.0)
    window.rejected(window.sent(1.0), 1.1)
    assert phase(window) is Phase.OPEN
    assert window.closed_since == 1.1
    now = window.due(1.1)
    window.first_byte(window.sent(now), now)
    assert phase(window) is Phase.CLIMBING
    while phase(window) is Phase.CLIMBING and now < 10:
        for _ in range(window.room(now)):
            window.first_byte(window.sent(now), now)
        now = window.due(now)
    assert phase(window) is Phase.HOLDING
    assert int(window.size) == 21, "the size from which it was first cut"
