"""Who is served next, and what is forgotten: the scheduler, with time as a parameter."""

from random import Random

from engine.admission.fair_queue import FairEntry, FairQueue
from engine.admission.limits import tuning
from engine.admission.route_queue import Grant
from engine.admission.scheduler import Scheduler
from tests.engine.admission.scheduling import ask, call, grant, granted, one_slot


def test_users_take_permits_and_each_users_calls_keep_their_order() -> None:
    scheduler = Scheduler(Random(1))
    users = ["a"] * 4 + ["b"] * 2 + ["c"]
    entries = ask(scheduler, 0.0, *(call(user, limits=one_slot()) for user in users))
    order: list[int] = []
    now = 1.0
    while len(order) < len(entries):
        (served,) = [i for i in granted(entries) if i not in order]
        order.append(served)
        scheduler.succeeded(entries[served], grant(entries[served]), now)
        now += 1
    assert order == [0, 4, 6, 1, 5, 2, 3]


def test_a_newcomer_waits_one_round_not_the_whole_batch() -> None:
    queue = FairQueue()
    batch = [FairEntry("batch", i) for i in range(500)]
    for entry in batch:
        queue.push(entry)
    for _ in range(57):
        first = queue.first()
        assert first
        queue.serve(first)
    chat = FairEntry("chat", 500)
    queue.push(chat)
    assert queue.ahead(chat) <= 1
    assert queue.ahead(batch[-1]) == 443


def test_a_user_who_always_has_one_call_waiting_gets_no_more_than_a_permit_each_round() -> None:
    queue, served = FairQueue(), []
    for i in range(10):
        queue.push(FairEntry("batch", i))
    queue.push(FairEntry("eager", 10))
    for i in range(11, 21):
        first = queue.first()
        assert first
        queue.serve(first)
        served.append(first.user)
        if first.user == "eager":
            queue.push(FairEntry("eager", i))
    assert served.count("eager") == 5


def test_a_retry_keeps_its_place() -> None:
    scheduler = Scheduler(Random(1))
    entries = ask(scheduler, 0.0, *(call() for _ in range(8)))
    assert granted(entries) == [0, 1, 2]
    scheduler.rejected(entries[2], grant(entries[2]), None, 0.1)
    scheduler.rejected(entries[1], grant(entries[1]), None, 0.1)
    for i in (2, 1):
        scheduler.enqueue(entries[i], 0.1)
        assert entries[i].waiting
    scheduler.succeeded(entries[0], grant(entries[0]), 2.0)
    assert not entries[1].waiting
    assert entries[2].waiting
    assert entries[3].waiting


def test_a_killed_caller_leaves_no_hole() -> None:
    scheduler = Scheduler(Random(1))
    first, second, third = ask(scheduler, 0.0, *(call(limits=one_slot()) for _ in range(3)))
    scheduler.leave(second, 1.0)
    scheduler.leave(first, 1.0)
    assert isinstance(third.outcome, Grant)
    scheduler.leave(third, 1.0)
    assert scheduler.waiting == 0
    assert granted(ask(scheduler, 2.0, call(limits=one_slot()))) == [0]


def test_what_was_idle_for_an_hour_is_forgotten() -> None:
    scheduler = Scheduler(Random(1))
    for i in range(50):
        (entry,) = ask(scheduler, 0.0, call(keys=(f"k{i}",)))
        scheduler.succeeded(entry, grant(entry), 1.0)
        scheduler.leave(entry, 1.0)
    (kept,) = ask(scheduler, 10.0, call(keys=("busy",)))
    ask(scheduler, 3_605.0, call(keys=("new",)))
    assert len(scheduler._registry) == 2
    assert kept.queue.routes[0].adaptive_limit.in_flight == 1


def test_memory_is_bounded_though_every_call_brings_a_new_key() -> None:
    scheduler = Scheduler(Random(1))
    for i in range(tuning.MAX_QUEUES + 500):
        entry = scheduler.enter(call(keys=(f"k{i}",)), float(i) / 1_000)
        scheduler.leave(entry, float(i) / 1_000)
    assert len(scheduler._registry) <= tuning.MAX_QUEUES
    assert (
        len(scheduler._registry._keys)
        == len(scheduler._registry._routes)
        == len(scheduler._registry)
    )
