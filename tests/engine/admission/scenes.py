"""Scenes with real callers and real waiting (milliseconds); run under threads and under gevent."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.admission import AdmissionRequest, KeyLimits, Limiter, NotAdmitted, Reason

BOUND = 60.0
"""Seconds after which a scene has failed."""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def call(
    user: str = "u", limits: KeyLimits | None = None, seconds: float = BOUND
) -> AdmissionRequest:
    deadline = time.monotonic() + seconds
    return AdmissionRequest(
        "http://g/v1", ("k",), "m", user, deadline, limits=limits or KeyLimits()
    )


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


def get_through(limiter: Limiter, slots: Slots, which: AdmissionRequest) -> None:
    with limiter.enter(which) as entry:
        while True:
            with entry.acquire() as permit:
                if slots.serve(0.02):
                    permit.succeeded()
                    return
                permit.rejected()


def run_all(callers: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=caller, daemon=True) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND)
    assert not any(thread.is_alive() for thread in threads)


def everybody_gets_through() -> None:
    limiter, slots = Limiter(), Slots(4)
    run_all([lambda: get_through(limiter, slots, call()) for _ in range(150)])
    assert slots.served == 150
    assert limiter.waiting == 0
    assert slots.refused <= 60


def a_known_limit_is_never_passed() -> None:
    limiter, slots = Limiter(), Slots(50)
    limits = KeyLimits(max_concurrency=3)
    run_all([lambda: get_through(limiter, slots, call(limits=limits)) for _ in range(60)])
    assert slots.most == 3
    assert slots.served == 60


def nobody_waits_past_the_deadline() -> None:
    limiter = Limiter()
    limits = KeyLimits(max_concurrency=1)
    second = limiter.enter(call(limits=limits, seconds=0.05))
    with limiter.enter(call(limits=limits)) as first, first.acquire():
        with pytest.raises(NotAdmitted) as refused:
            second.acquire()
        assert refused.value.reason is Reason.DEADLINE
        assert refused.value.waiting == 1
    second.leave()
    assert limiter.waiting == 0


def a_forgotten_permit_is_given_back() -> None:
    limiter = Limiter()
    limits = KeyLimits(max_concurrency=1)
    entry = limiter.enter(call(limits=limits))
    entry.acquire()
    entry.leave()
    with limiter.enter(call(limits=limits)) as second, second.acquire() as permit:
        permit.succeeded()


def a_rate_is_resumed_by_time_alone() -> None:
    """Nothing ends, nobody comes: only the ticking thread can wake the caller."""
    limiter = Limiter()
    with limiter.enter(call()) as first:
        with first.acquire() as permit:
            permit.rejected(0.1)
        began = time.monotonic()
        with first.acquire() as permit:
            assert time.monotonic() - began >= 0.09
            permit.succeeded()


def the_ticking_wakes_for_who_is_due_sooner() -> None:
    """While it sleeps long for one line, another becomes due before that."""
    limiter = Limiter()
    other = AdmissionRequest("http://other/v1", ("k",), "m", "u", time.monotonic() + BOUND)
    limits = KeyLimits(max_concurrency=1)
    sleeper = threading.Thread(
        target=get_through, args=(limiter, Slots(1), call(limits=limits)), daemon=True
    )
    with limiter.enter(call(limits=limits)) as first, first.acquire() as permit:
        sleeper.start()
        until(lambda: limiter.waiting == 1)
        with limiter.enter(replace(other, deadline=time.monotonic() + 5.0)) as second:
            with second.acquire() as early:
                early.rejected(0.1)
            with second.acquire() as late:
                late.succeeded()
        permit.succeeded()
    sleeper.join(BOUND)
    assert not sleeper.is_alive()


SCENES = [
    the_ticking_wakes_for_who_is_due_sooner,
    everybody_gets_through,
    a_known_limit_is_never_passed,
    nobody_waits_past_the_deadline,
    a_forgotten_permit_is_given_back,
    a_rate_is_resumed_by_time_alone,
]
