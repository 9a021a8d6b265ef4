"""Scenes with real callers and real waiting (milliseconds); run under threads and under gevent."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.admission import Admission, Call, Limits, NoTurn, Reason

BOUND = 60.0
"""Seconds after which a scene has failed."""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def call(user: str = "u", limits: Limits | None = None, seconds: float = BOUND) -> Call:
    deadline = time.monotonic() + seconds
    return Call("http://g/v1", ("k",), "m", user, deadline, limits=limits or Limits())


class Slots:
    """A gateway with so many slots."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.busy = self.most = self.served = self.refused = 0
        self._lock = threading.Lock()

    def serve(self, seconds: float) -> bool:
        with self._lock:
            if self.busy >= self.slots:
                self.refused += 1
                return False
            self.busy += 1
            self.most = max(self.most, self.busy)
        try:
            time.sleep(seconds)
        finally:
            with self._lock:
                self.busy -= 1
        with self._lock:
            self.served += 1
        return True


def get_through(admission: Admission, slots: Slots, which: Call) -> None:
    with admission.enter(which) as ticket:
        while True:
            with ticket.acquire() as turn:
                if slots.serve(0.02):
                    turn.succeeded()
                    return
                turn.rejected()


def run_all(callers: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=caller, daemon=True) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND)
    assert not any(thread.is_alive() for thread in threads)


def everybody_gets_through() -> None:
    admission, slots = Admission(), Slots(4)
    run_all([lambda: get_through(admission, slots, call()) for _ in range(150)])
    assert slots.served == 150
    assert admission.waiting == 0
    assert slots.refused <= 60


def a_known_limit_is_never_passed() -> None:
    admission, slots = Admission(), Slots(50)
    limits = Limits(max_concurrency=3)
    run_all([lambda: get_through(admission, slots, call(limits=limits)) for _ in range(60)])
    assert slots.most == 3
    assert slots.served == 60


def nobody_waits_past_the_deadline() -> None:
    admission = Admission()
    limits = Limits(max_concurrency=1)
    second = admission.enter(call(limits=limits, seconds=0.05))
    with admission.enter(call(limits=limits)) as first, first.acquire():
        with pytest.raises(NoTurn) as refused:
            second.acquire()
        assert refused.value.reason is Reason.DEADLINE
        assert refused.value.waiting == 1
    second.leave()
    assert admission.waiting == 0


def a_forgotten_turn_is_given_back() -> None:
    admission = Admission()
    limits = Limits(max_concurrency=1)
    ticket = admission.enter(call(limits=limits))
    ticket.acquire()
    ticket.leave()
    with admission.enter(call(limits=limits)) as second, second.acquire() as turn:
        turn.succeeded()


def a_rate_is_resumed_by_time_alone() -> None:
    """Nothing ends, nobody comes: only the ticking thread can wake the caller."""
    admission = Admission()
    with admission.enter(call()) as first:
        with first.acquire() as turn:
            turn.rejected(0.1)
        began = time.monotonic()
        with first.acquire() as turn:
            assert time.monotonic() - began >= 0.09
            turn.succeeded()


def the_ticking_wakes_for_who_is_due_sooner() -> None:
    """While it sleeps long for one line, another becomes due before that."""
    admission = Admission()
    other = Call("http://other/v1", ("k",), "m", "u", time.monotonic() + BOUND)
    limits = Limits(max_concurrency=1)
    sleeper = threading.Thread(
        target=get_through, args=(admission, Slots(1), call(limits=limits)), daemon=True
    )
    with admission.enter(call(limits=limits)) as first, first.acquire() as turn:
        sleeper.start()
        until(lambda: admission.waiting == 1)
        with admission.enter(replace(other, deadline=time.monotonic() + 5.0)) as second:
            with second.acquire() as early:
                early.rejected(0.1)
            with second.acquire() as late:
                late.succeeded()
        turn.succeeded()
    sleeper.join(BOUND)
    assert not sleeper.is_alive()


SCENES = [
    the_ticking_wakes_for_who_is_due_sooner,
    everybody_gets_through,
    a_known_limit_is_never_passed,
    nobody_waits_past_the_deadline,
    a_forgotten_turn_is_given_back,
    a_rate_is_resumed_by_time_alone,
]
