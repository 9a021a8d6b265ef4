"""A turn where the key has limits needs the other nodes' leave; without it, it was no turn."""

import threading
import time
from random import Random

import pytest

from engine.admission import Admission, Call, Gate, Limits, NotNow, NoTurn, Permit, Reason, Share
from engine.admission.limits.adaptive import Window
from engine.admission.other_instances import Alone, Granted
from tests.support.polling import becomes_true

ENDPOINT = "https://gateway.test/v1"
TWO = Limits(max_concurrency=2)


class Others(Alone):
    """Other nodes that use all there is until they are told to make room."""

    def __init__(self) -> None:
        super().__init__()
        self.room = 0
        self.asked: list[tuple[Gate, Limits]] = []
        self.given_back = 0

    def permit(self, gate: Gate, limits: Limits, _tokens: int = 0) -> Permit | NotNow:
        self.asked.append((gate, limits))
        if not self.room:
            return NotNow(0.02)
        self.room -= 1
        return _Counted(self)


class _Counted(Granted):
    def __init__(self, others: Others) -> None:
        self._others = others

    def release(self) -> None:
        self._others.given_back += 1


def call(key: str = "k", limits: Limits = TWO, seconds: float = 30.0) -> Call:
    return Call(ENDPOINT, (key,), "m", deadline=time.monotonic() + seconds, limits=limits)


def test_without_limits_nobody_is_asked() -> None:
    others = Others()
    with Admission(neighbours=others).enter(call(limits=Limits())) as ticket, ticket.acquire():
        assert others.asked == []


def test_with_limits_each_attempt_is_asked_for_and_given_back() -> None:
    others = Others()
    others.room = 3
    with Admission(neighbours=others).enter(call()) as ticket:
        for ending in ("succeeded", "failed", "rejected"):
            with ticket.acquire() as turn:
                getattr(turn, ending)()
    assert others.asked == [(Gate(ENDPOINT, "k"), TWO)] * 3
    assert others.given_back >= 3


def test_the_strictest_limit_of_a_key_is_asked_for() -> None:
    others = Others()
    others.room = 2
    admission = Admission(neighbours=others)
    with admission.enter(call()) as ticket, ticket.acquire():
        loose = Limits(max_concurrency=7, requests_per_minute=9)
        with admission.enter(call(limits=loose)) as another, another.acquire():
            assert others.asked[-1] == (Gate(ENDPOINT, "k"), Limits(2, 9))


def test_calls_wait_in_their_order_until_there_is_room() -> None:
    others = Others()
    admission = Admission(neighbours=others)
    served: list[int] = []

    def run(number: int) -> None:
        with admission.enter(call()) as ticket:
            arrived[number].set()
            with ticket.acquire() as turn:
                served.append(number)
                turn.succeeded()
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
    admission = Admission(neighbours=others)

    def run() -> None:
        with admission.enter(call(limits=Limits(50))) as ticket, ticket.acquire() as turn:
            turn.succeeded()

    threads = [threading.Thread(target=run) for _ in range(50)]
    for thread in threads:
        thread.start()
    assert becomes_true(lambda: admission.waiting >= 49)
    asked, began = len(others.asked), time.monotonic()
    assert becomes_true(lambda: len(others.asked) >= asked + 10)
    assert len(others.asked) - asked <= (time.monotonic() - began) / 0.02 + 2
    others.room = 50
    for thread in threads:
        thread.join(60.0)
    assert admission.waiting == 0


def test_who_gets_no_leave_in_time_is_told_so() -> None:
    admission = Admission(neighbours=Others())
    for seconds in (0.0, 0.2):
        with admission.enter(call(seconds=seconds)) as ticket:
            with pytest.raises(NoTurn) as raised:
                ticket.acquire()
            assert raised.value.reason is Reason.DEADLINE


def test_a_turn_that_was_none_counts_in_no_minute() -> None:
    others = Others()
    admission = Admission(neighbours=others)
    limits = Limits(requests_per_minute=3)
    with admission.enter(call(limits=limits, seconds=0.3)) as ticket, pytest.raises(NoTurn):
        ticket.acquire()
    assert len(others.asked) > 3
    others.room = 3
    with admission.enter(call(limits=limits)) as ticket:
        for _ in range(3):
            with ticket.acquire() as turn:
                turn.succeeded()


def test_a_window_forgets_what_was_not_sent() -> None:
    window = Window(0.0, Random(1))
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
    others.share.nodes = 2
    admission = Admission(neighbours=others)
    limits = Limits(requests_per_minute=2)
    tickets = [admission.enter(call(limits=limits)) for _ in range(2)]
    tickets[0].acquire().succeeded()
    waiting = threading.Thread(target=lambda: tickets[1].acquire().succeeded())
    waiting.start()
    assert becomes_true(lambda: admission.waiting == 1)
    others.share.nodes = 1
    waiting.join(60.0)
    assert not waiting.is_alive()


@pytest.mark.parametrize(("nodes", "part"), [(1, 9), (2, 4), (3, 3), (4, 2), (10, 1), (99, 1)])
def test_a_nodes_part_of_a_limit(nodes: int, part: int) -> None:
    share = Share()
    share.nodes = nodes
    assert share.of(9) == part


def test_turns_keep_to_this_nodes_part() -> None:
    others = Others()
    others.room = 100
    others.share.nodes = 2
    admission = Admission(neighbours=others)
    limits = Limits(max_concurrency=4)
    tickets = [admission.enter(call(limits=limits, seconds=0.2)) for _ in range(3)]
    turns = [ticket.acquire() for ticket in tickets[:2]]
    with pytest.raises(NoTurn):
        tickets[2].acquire()
    for turn in turns:
        turn.release()
