"""Who is served next, and what is forgotten: the desk, with time as a parameter."""

from random import Random

from engine.admission.fair_queue import FairQueue, Place
from engine.admission.limits import tuning
from engine.admission.route_queue import Grant
from engine.admission.scheduler import Desk
from tests.engine.admission.scheduling import ask, call, grant, granted, one_slot


def test_users_take_turns_and_each_users_calls_keep_their_order() -> None:
    desk = Desk(Random(1))
    users = ["a"] * 4 + ["b"] * 2 + ["c"]
    tickets = ask(desk, 0.0, *(call(user, limits=one_slot()) for user in users))
    order: list[int] = []
    now = 1.0
    while len(order) < len(tickets):
        (served,) = [i for i in granted(tickets) if i not in order]
        order.append(served)
        desk.succeeded(tickets[served], grant(tickets[served]), now)
        now += 1
    assert order == [0, 4, 6, 1, 5, 2, 3]


def test_a_newcomer_waits_one_round_not_the_whole_batch() -> None:
    queue = FairQueue()
    batch = [Place("batch", i) for i in range(500)]
    for place in batch:
        queue.push(place)
    for _ in range(57):
        first = queue.first()
        assert first
        queue.serve(first)
    chat = Place("chat", 500)
    queue.push(chat)
    assert queue.ahead(chat) <= 1
    assert queue.ahead(batch[-1]) == 443


def test_a_user_who_always_has_one_call_waiting_gets_no_more_than_a_turn_each_round() -> None:
    queue, served = FairQueue(), []
    for i in range(10):
        queue.push(Place("batch", i))
    queue.push(Place("eager", 10))
    for i in range(11, 21):
        first = queue.first()
        assert first
        queue.serve(first)
        served.append(first.user)
        if first.user == "eager":
            queue.push(Place("eager", i))
    assert served.count("eager") == 5


def test_a_retry_keeps_its_place() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call() for _ in range(8)))
    assert granted(tickets) == [0, 1, 2]
    desk.rejected(tickets[2], grant(tickets[2]), None, 0.1)
    desk.rejected(tickets[1], grant(tickets[1]), None, 0.1)
    for i in (2, 1):
        desk.ask(tickets[i], 0.1)
        assert tickets[i].waiting
    desk.succeeded(tickets[0], grant(tickets[0]), 2.0)
    assert not tickets[1].waiting
    assert tickets[2].waiting
    assert tickets[3].waiting


def test_a_killed_caller_leaves_no_hole() -> None:
    desk = Desk(Random(1))
    first, second, third = ask(desk, 0.0, *(call(limits=one_slot()) for _ in range(3)))
    desk.leave(second, 1.0)
    desk.leave(first, 1.0)
    assert isinstance(third.outcome, Grant)
    desk.leave(third, 1.0)
    assert desk.waiting == 0
    assert granted(ask(desk, 2.0, call(limits=one_slot()))) == [0]


def test_what_was_idle_for_an_hour_is_forgotten() -> None:
    desk = Desk(Random(1))
    for i in range(50):
        (ticket,) = ask(desk, 0.0, call(keys=(f"k{i}",)))
        desk.succeeded(ticket, grant(ticket), 1.0)
        desk.leave(ticket, 1.0)
    (kept,) = ask(desk, 10.0, call(keys=("busy",)))
    ask(desk, 3_605.0, call(keys=("new",)))
    assert len(desk._book) == 2
    assert kept.line.lanes[0].window.in_flight == 1


def test_memory_is_bounded_though_every_call_brings_a_new_key() -> None:
    desk = Desk(Random(1))
    for i in range(tuning.LINES_MAX + 500):
        ticket = desk.enter(call(keys=(f"k{i}",)), float(i) / 1_000)
        desk.leave(ticket, float(i) / 1_000)
    assert len(desk._book) <= tuning.LINES_MAX
    assert len(desk._book._keys) == len(desk._book._lanes) == len(desk._book)
