"""A permit where the key has limits needs a lease of the other instances."""

import threading
import time
from random import Random

import pytest

from engine.admission import (
    AdmissionRequest,
    InstanceShare,
    KeyLimits,
    KeyRef,
    Lease,
    LeaseDenied,
    Limiter,
    NotAdmitted,
    Reason,
)
from engine.admission.limits.adaptive import AdaptiveLimit
from engine.admission.other_instances import LocalLease, NoOtherInstances
from tests.support.polling import becomes_true

ENDPOINT = "https://gateway.test/v1"
TWO = KeyLimits(max_concurrency=2)


class Others(NoOtherInstances):
    """Other instances that use all there is until they are told to make room."""

    def __init__(self) -> None:
        super().__init__()
        self.room = 0
        self.asked: list[tuple[KeyRef, KeyLimits]] = []
        self.given_back = 0

    def lease(self, key_ref: KeyRef, limits: KeyLimits, _tokens: int = 0) -> Lease | LeaseDenied:
        self.asked.append((key_ref, limits))
        if not self.room:
            return LeaseDenied(0.02)
        self.room -= 1
        return _Counted(self)


class _Counted(LocalLease):
    def __init__(self, others: Others) -> None:
        self._others = others

    def release(self) -> None:
        self._others.given_back += 1


def call(key: str = "k", limits: KeyLimits = TWO, seconds: float = 30.0) -> AdmissionRequest:
    return AdmissionRequest(
        ENDPOINT, (key,), "m", deadline=time.monotonic() + seconds, limits=limits
    )


def test_without_limits_nobody_is_asked() -> None:
    others = Others()
    with (
        Limiter(other_instances=others).enter(call(limits=KeyLimits())) as queued,
        queued.acquire(),
    ):
        assert others.asked == []


def test_with_limits_each_attempt_is_asked_for_and_given_back() -> None:
    others = Others()
    others.room = 3
    with Limiter(other_instances=others).enter(call()) as queued:
        for ending in ("succeeded", "failed", "rejected"):
            with queued.acquire() as permit:
                getattr(permit, ending)()
    assert others.asked == [(KeyRef(ENDPOINT, "k"), TWO)] * 3
    assert others.given_back >= 3


def test_the_strictest_limit_of_a_key_is_asked_for() -> None:
    others = Others()
    others.room = 2
    limiter = Limiter(other_instances=others)
    with limiter.enter(call()) as queued, queued.acquire():
        loose = KeyLimits(max_concurrency=7, requests_per_minute=9)
        with limiter.enter(call(limits=loose)) as another, another.acquire():
            assert others.asked[-1] == (KeyRef(ENDPOINT, "k"), KeyLimits(2, 9))


def test_calls_wait_in_their_order_until_there_is_room() -> None:
    others = Others()
    limiter = Limiter(other_instances=others)
    served: list[int] = []

    def run(number: int) -> None:
        with limiter.enter(call()) as queued:
            arrived[number].set()
            with queued.acquire() as permit:
                served.append(number)
                permit.succeeded()
                others.room += 1

    arrived = [threading.Event() for _ in range(6)]
    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        assert arrived[number].wait(60.0)
    assert becomes_true(lambda: len(others.asked) >= 3)
    assert served == []
    others.room = 1
    for thread in threads:
        thread.join(60.0)
    assert sorted(served) == list(range(6))
    assert served[0] in (0, 1), "two are asked for at first, the others stand behind"


def test_one_call_asks_for_all_that_wait() -> None:
    """However many there are: the key is held for all of them, and one asks again."""
    others = Others()
    limiter = Limiter(other_instances=others)

    def run() -> None:
        with limiter.enter(call(limits=KeyLimits(50))) as queued, queued.acquire() as permit:
            permit.succeeded()

    threads = [threading.Thread(target=run) for _ in range(50)]
    for thread in threads:
        thread.start()
    assert becomes_true(lambda: limiter.waiting >= 49)
    asked, began = len(others.asked), time.monotonic()
    assert becomes_true(lambda: len(others.asked) >= asked + 10)
    assert len(others.asked) - asked <= (time.monotonic() - began) / 0.02 + 2
    others.room = 50
    for thread in threads:
        thread.join(60.0)
    assert limiter.waiting == 0


def test_who_gets_no_leave_in_time_is_told_so() -> None:
    limiter = Limiter(other_instances=Others())
    for seconds in (0.0, 0.2):
        with limiter.enter(call(seconds=seconds)) as queued:
            with pytest.raises(NotAdmitted) as raised:
                queued.acquire()
            assert raised.value.reason is Reason.DEADLINE


def test_a_permit_that_was_none_counts_in_no_minute() -> None:
    others = Others()
    limiter = Limiter(other_instances=others)
    limits = KeyLimits(requests_per_minute=3)
    with limiter.enter(call(limits=limits, seconds=0.3)) as queued, pytest.raises(NotAdmitted):
        queued.acquire()
    assert len(others.asked) > 3
    others.room = 3
    with limiter.enter(call(limits=limits)) as queued:
        for _ in range(3):
            with queued.acquire() as permit:
                permit.succeeded()


def test_a_limit_forgets_what_was_not_sent() -> None:
    window = AdaptiveLimit(0.0, Random(1))
    first = window.sent(0.0)
    room = window.room(0.0)
    for number in range(50):
        window.unsent(window.sent(number * 0.001), number * 0.001)
    assert window.in_flight == 1
    assert window.room(0.05) == room
    window.succeeded(first, 0.1)
    assert window.in_flight == 0


def test_when_the_others_are_heard_of_again_the_whole_minute_is_there() -> None:
    others = Others()
    others.room = 100
    others.share.instances = 2
    limiter = Limiter(other_instances=others)
    limits = KeyLimits(requests_per_minute=2)
    entries = [limiter.enter(call(limits=limits)) for _ in range(2)]
    entries[0].acquire().succeeded()
    waiting = threading.Thread(target=lambda: entries[1].acquire().succeeded())
    waiting.start()
    assert becomes_true(lambda: limiter.waiting == 1)
    others.share.instances = 1
    waiting.join(60.0)
    assert not waiting.is_alive()


@pytest.mark.parametrize(("instances", "part"), [(1, 9), (2, 4), (3, 3), (4, 2), (10, 1), (99, 1)])
def test_a_instances_part_of_a_limit(instances: int, part: int) -> None:
    share = InstanceShare()
    share.instances = instances
    assert share.of(9) == part


def test_permits_keep_to_this_instances_part() -> None:
    others = Others()
    others.room = 100
    others.share.instances = 2
    limiter = Limiter(other_instances=others)
    limits = KeyLimits(max_concurrency=4)
    entries = [limiter.enter(call(limits=limits, seconds=0.2)) for _ in range(3)]
    permits = [queued.acquire() for queued in entries[:2]]
    with pytest.raises(NotAdmitted):
        entries[2].acquire()
    for permit in permits:
        permit.release()
