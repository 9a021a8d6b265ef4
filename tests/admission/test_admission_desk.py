"""Who is served next, on which lane, and who is refused: the desk, with time as a parameter."""

from random import Random

import pytest

from gateway.admission import tuning
from gateway.admission.desk import Desk
from gateway.admission.gates import Limits, Throughput
from gateway.admission.line import Call, Grant, Ticket
from gateway.admission.queue import FairQueue, Place
from gateway.admission.refusal import NoTurn, Reason

ENDPOINT = "http://gateway/v1"


def call(user: str = "u", keys: tuple[str, ...] = ("k",), **more: object) -> Call:
    return Call(ENDPOINT, keys, str(more.pop("model", "m")), user, **more)  # type: ignore[arg-type]


def ask(desk: Desk, now: float, *calls: Call) -> list[Ticket]:
    tickets = []
    for one in calls:
        ticket = desk.enter(one, now)
        desk.ask(ticket, now)
        tickets.append(ticket)
    return tickets


def granted(tickets: list[Ticket]) -> list[int]:
    return [i for i, ticket in enumerate(tickets) if isinstance(ticket.outcome, Grant)]


def grant(ticket: Ticket) -> Grant:
    assert isinstance(ticket.outcome, Grant)
    return ticket.outcome


def refusal(ticket: Ticket) -> NoTurn:
    assert isinstance(ticket.outcome, NoTurn)
    return ticket.outcome


def one_slot(**limits: int) -> Limits:
    return Limits(max_concurrency=1, **limits)


# -- order


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


# -- poison


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


# -- keys


def test_the_key_with_most_room_comes_first_and_a_full_one_hands_over() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call(keys=("a", "b")) for _ in range(6)))
    assert sorted(grant(ticket).position for ticket in tickets) == [0, 0, 0, 1, 1, 1]
    desk.succeeded(tickets[0], grant(tickets[0]), 1.0)
    desk.rejected(tickets[1], grant(tickets[1]), None, 1.0)
    desk.ask(tickets[1], 1.0)
    assert grant(tickets[1]).position == 0


def test_positions_are_the_callers_own() -> None:
    desk = Desk(Random(1))
    (one,) = ask(desk, 0.0, call(keys=("b", "a")))
    lane = grant(one).lane
    (two,) = ask(desk, 0.0, call(keys=("a", "b")))
    assert (lane is grant(two).lane) == (grant(one).position != grant(two).position)


def test_a_dead_key_rests_and_is_then_tried_by_one_call() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call(keys=("a", "b")))
    dead = grant(first).position
    desk.dead(first, grant(first), "refused", 0.5)
    tickets = ask(desk, 1.0, *(call(keys=("a", "b")) for _ in range(3)))
    assert {grant(ticket).position for ticket in tickets} == {1 - dead}
    later = ask(desk, 0.6 + tuning.REST_SECONDS, *(call(keys=("a", "b")) for _ in range(4)))
    tried = [ticket for ticket in later if ticket.outcome and grant(ticket).position == dead]
    assert len(tried) == 1
    desk.succeeded(tried[0], grant(tried[0]), 400.0)
    assert granted(later) == [0, 1, 2, 3]


def test_a_key_without_the_model_rests_for_it_alone() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    unfit = grant(first).position
    assert desk.unfit(first, grant(first), "no channel", 0.0)
    tickets = ask(desk, 1.0, *(call(keys=keys) for _ in range(3)))
    assert {grant(ticket).position for ticket in tickets} == {1 - unfit}
    others = ask(desk, 1.0, *(call(keys=keys, model="other") for _ in range(2)))
    assert {grant(ticket).position for ticket in others} == {0, 1}
    desk.wake(ENDPOINT, keys, 2.0)
    (again,) = ask(desk, 2.0, call(keys=keys))
    assert grant(again).position == unfit


def test_a_key_without_the_model_is_tried_again_by_one_call_after_its_rest() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    unfit = grant(first).position
    desk.unfit(first, grant(first), "no channel", 0.0)
    later = ask(desk, tuning.REST_SECONDS, *(call(keys=keys) for _ in range(3)))
    assert [grant(ticket).position for ticket in later].count(unfit) == 1


def test_the_last_key_that_may_serve_the_model_does_not_rest() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    assert desk.unfit(first, grant(first), "no channel", 0.0)
    (second,) = ask(desk, 0.0, call(keys=keys))
    assert not desk.unfit(second, grant(second), "no channel", 0.0)
    (third,) = ask(desk, 0.0, call(keys=keys))
    assert isinstance(third.outcome, Grant)


def test_a_key_without_the_model_is_tried_before_nobody_is() -> None:
    desk = Desk(Random(1))
    keys = ("a", "b")
    (first,) = ask(desk, 0.0, call(keys=keys))
    unfit = grant(first).position
    desk.unfit(first, grant(first), "no channel", 0.0)
    (second,) = ask(desk, 0.0, call(keys=keys))
    desk.dead(second, grant(second), "no quota", 0.0)
    (third,) = ask(desk, 0.0, call(keys=keys))
    assert grant(third).position == unfit


def test_when_all_keys_rest_the_refusal_says_why_by_position() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, call(keys=("a", "b")), call(keys=("a", "b")))
    reasons = {}
    for ticket in tickets:
        reasons[grant(ticket).position] = f"reason {grant(ticket).position}"
        desk.dead(ticket, grant(ticket), reasons[grant(ticket).position], 1.0)
    (late,) = ask(desk, 2.0, call(keys=("a", "b")))
    assert refusal(late).reason is Reason.RESTING
    assert refusal(late).resting == ((0, "reason 0"), (1, "reason 1"))
    desk.wake(ENDPOINT, ("a",), 3.0)
    (saved,) = ask(desk, 3.0, call(keys=("a", "b")))
    assert grant(saved).position == 0


def test_a_sole_key_is_always_tried() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call())
    desk.dead(first, grant(first), "refused", 0.5)
    assert granted(ask(desk, 1.0, call())) == [0]


def test_a_sole_key_is_tried_though_it_rests_for_those_who_have_others() -> None:
    desk = Desk(Random(1))
    (rich,) = ask(desk, 0.0, call(keys=("a", "b")))
    name = ("a", "b")[grant(rich).position]
    desk.dead(rich, grant(rich), "refused", 0.5)
    (sole,) = ask(desk, 1.0, call(keys=(name,)))
    assert granted([sole]) == [0]


def test_a_resting_key_is_tried_when_time_comes_though_the_others_are_full() -> None:
    desk = Desk(Random(1))
    both = call(keys=("a", "b"), limits=one_slot())
    (first,) = ask(desk, 0.0, both)
    desk.dead(first, grant(first), "refused", 0.5)
    busy_one, waiting = ask(desk, 1.0, both, both)
    assert granted([busy_one, waiting]) == [0]
    assert desk.due() == pytest.approx(0.5 + tuning.REST_SECONDS)
    desk.tick(0.5 + tuning.REST_SECONDS)
    assert granted([busy_one, waiting]) == [0, 1]


def test_a_told_wait_stops_the_key_for_all_its_models_and_those_who_cannot_wait() -> None:
    desk = Desk(Random(1))
    told, *_ = ask(desk, 0.0, *(call() for _ in range(3)))
    hasty, calm = ask(desk, 0.0, *[call(deadline=d) for d in (10.0, 60.0)])
    desk.rejected(told, grant(told), 30.0, 1.0)
    assert refusal(hasty).reason is Reason.TOLD
    assert refusal(hasty).wait == pytest.approx(30.0)
    (other,) = ask(desk, 2.0, call(model="other", deadline=60.0))
    assert other.waiting
    desk.tick(30.99)
    assert other.waiting
    desk.tick(31.0)
    assert isinstance(other.outcome, Grant)
    assert isinstance(calm.outcome, Grant)


def test_who_comes_while_the_server_told_to_wait_longer_is_refused_at_once() -> None:
    desk = Desk(Random(1))
    (told,) = ask(desk, 0.0, call())
    desk.rejected(told, grant(told), 30.0, 1.0)
    hasty, calm = ask(desk, 2.0, call(deadline=30.0), call(deadline=32.0))
    assert refusal(hasty).reason is Reason.TOLD
    assert refusal(hasty).wait == pytest.approx(29.0)
    assert calm.waiting


def test_an_exhausted_quota_stops_the_key_before_any_rejection() -> None:
    desk = Desk(Random(1))
    (first,) = ask(desk, 0.0, call())
    desk.exhausted(grant(first), 12.0, 1.0)
    (second,) = ask(desk, 2.0, call())
    desk.tick(12.9)
    assert second.waiting
    desk.tick(13.0)
    assert granted([second]) == [0]


def test_calls_per_minute_are_kept_strictly_failed_ones_counted() -> None:
    desk = Desk(Random(1))
    limits = Limits(requests_per_minute=2)
    tickets = ask(desk, 0.0, *(call(limits=limits) for _ in range(4)))
    assert granted(tickets) == [0, 1]
    desk.dropped(tickets[0], grant(tickets[0]), 1.0)
    desk.succeeded(tickets[1], grant(tickets[1]), 1.0)
    assert granted(tickets[2:]) == []
    assert desk.due() == pytest.approx(tuning.MINUTE)
    desk.tick(60.0)
    assert granted(tickets[2:]) == []
    desk.tick(tuning.MINUTE)
    assert granted(tickets[2:]) == [0, 1]


def test_the_strictest_limit_of_the_last_hour_counts() -> None:
    desk = Desk(Random(1))
    ask(desk, 0.0, call(limits=Limits(max_concurrency=2)))
    tickets = ask(desk, 10.0, *(call(limits=Limits(max_concurrency=9)) for _ in range(3)))
    assert granted(tickets) == [0]
    ask(desk, 3_700.0, call(limits=Limits(max_concurrency=9)))
    assert granted(tickets) == [0, 1]


def test_the_limit_of_a_key_holds_over_its_models() -> None:
    desk = Desk(Random(1))
    first, second = ask(desk, 0.0, call(limits=one_slot()), call(model="other", limits=one_slot()))
    assert granted([first, second]) == [0]
    desk.succeeded(first, grant(first), 1.0)
    assert granted([second]) == [0]


# -- refusals


def test_nobody_waits_past_the_deadline() -> None:
    desk = Desk(Random(1))
    _, late = ask(desk, 0.0, *(call(limits=one_slot(), deadline=5.0) for _ in range(2)))
    desk.expire(late, 4.9)
    assert late.waiting
    desk.expire(late, 5.0)
    assert refusal(late).reason is Reason.DEADLINE
    assert refusal(late).waiting == 1
    desk.leave(late, 5.0)
    desk.ask(late, 5.1)
    assert refusal(late).reason is Reason.DEADLINE


def test_the_first_turn_is_given_though_the_budget_is_nothing() -> None:
    """0 seconds mean never to wait, not never to be sent."""
    desk = Desk(Random(1))
    (first,) = ask(desk, 6.0, call(deadline=5.0))
    desk.rejected(first, grant(first), None, 6.1)
    desk.ask(first, 6.1)
    assert refusal(first).reason is Reason.DEADLINE


def test_the_newest_call_of_the_greediest_user_is_refused_at_the_bound() -> None:
    desk = Desk(Random(1))
    limits = one_slot()
    batch = ask(desk, 0.0, *(call("batch", limits=limits) for _ in range(1_001)))
    assert all(ticket.waiting for ticket in batch[1:])
    (chat,) = ask(desk, 1.0, call("chat", limits=limits))
    assert chat.waiting
    assert refusal(batch[-1]).reason is Reason.FULL
    assert refusal(batch[-1]).waiting == 1_001
    assert all(ticket.waiting for ticket in batch[1:-1])


def test_the_process_bound_hits_the_key_with_most_waiting() -> None:
    desk = Desk(Random(1))
    for key, count in (("a", 951), ("b", 600), ("c", 452)):
        ask(desk, 0.0, *(call(keys=(key,), limits=one_slot()) for _ in range(count)))
    assert desk.waiting == 2_000
    (last,) = ask(desk, 1.0, call(keys=("c",), limits=one_slot()))
    assert last.waiting
    assert desk.waiting == 2_000


def test_the_payload_bound_hits_who_holds_most_of_it() -> None:
    desk = Desk(Random(1))
    megabyte = 1024 * 1024
    small = ask(desk, 0.0, *(call("s", limits=one_slot(), payload_bytes=9) for _ in range(50)))
    large = ask(
        desk, 0.0, *(call("l", limits=one_slot(), payload_bytes=100 * megabyte) for _ in range(3))
    )
    assert [ticket.waiting for ticket in large] == [True, True, False]
    assert refusal(large[2]).reason is Reason.FULL
    assert all(ticket.waiting for ticket in small[1:])


def busy(desk: Desk, seconds: float) -> float:
    """Calls of 1 s through one slot while others wait; returns the time."""
    ask(desk, 0.0, *(call(limits=one_slot()) for _ in range(int(seconds) + 50)))
    (line,) = desk._crowd.lines
    now = 0.0
    while now < seconds:
        now += 1.0
        lane = line.lanes[0]
        (attempt,) = lane.window._flying
        lane.window.succeeded(attempt, now)
        lane.throughput.answered(now)
        lane.key.in_flight -= 1
        desk._serve(lane.key, now)
    return now


def test_who_cannot_be_served_in_time_is_refused_at_once() -> None:
    desk = Desk(Random(1))
    now = busy(desk, 60.0)
    (late,) = ask(desk, now, call(limits=one_slot(), deadline=now + 20.0))
    assert refusal(late).reason is Reason.HOPELESS
    assert refusal(late).rate == pytest.approx(1.0)
    (calm,) = ask(desk, now, call(limits=one_slot(), deadline=now + 200.0))
    assert calm.waiting


def test_with_nothing_known_nobody_is_refused_early() -> None:
    desk = Desk(Random(1))
    tickets = ask(desk, 0.0, *(call(limits=one_slot(), deadline=1.0) for _ in range(500)))
    assert all(ticket.waiting for ticket in tickets[1:])


def shut(desk: Desk) -> float:
    """A gate that has been closed for over a minute."""
    (probe,) = ask(desk, 0.0, call(deadline=1_000.0))
    now = 0.1
    while now < 70.0:
        desk.rejected(probe, grant(probe), None, now)
        desk.ask(probe, now)
        now = desk.due()
        desk.tick(now)
    desk.rejected(probe, grant(probe), None, now)
    desk.leave(probe, now)
    return now


def test_a_gate_closed_for_a_minute_refuses_a_new_call_within_five_seconds() -> None:
    desk = Desk(Random(1))
    now = shut(desk)
    impatient, patient = ask(
        desk, now, call(deadline=now + 45), call(deadline=now + 45, patient=True)
    )
    desk.expire(impatient, now + 4.9)
    assert impatient.waiting
    desk.expire(impatient, now + 5.0)
    assert refusal(impatient).reason is Reason.SHUT
    assert refusal(impatient).closed_for == pytest.approx(now + 5.0 - 0.1)
    desk.expire(patient, now + 5.0)
    assert patient.waiting


def test_also_the_call_that_tried_it_in_vain() -> None:
    """It is the probe, perhaps again and again: each time it would have waited five seconds."""
    desk = Desk(Random(1))
    now = shut(desk) + 5.0
    (new,) = ask(desk, now, call(deadline=now + 45))
    desk.rejected(new, grant(new), None, now + 0.1)
    desk.ask(new, now + 0.1)
    assert new.until == now + 5


def test_but_nobody_who_waited_before_it_closed() -> None:
    desk = Desk(Random(1))
    probe, waiting = ask(desk, 0.0, *(call(deadline=1_000.0, limits=one_slot()) for _ in range(2)))
    now = 0.1
    while now < 70.0:
        tried = probe if isinstance(probe.outcome, Grant) else waiting
        desk.rejected(tried, grant(tried), None, now)
        desk.ask(tried, now)
        now = desk.due()
        desk.tick(now)
    assert probe.until == waiting.until == 1_000.0


def test_unless_the_probe_passes() -> None:
    desk = Desk(Random(1))
    now = shut(desk)
    probe, *_, last = ask(desk, now, *(call(deadline=now + 45) for _ in range(20)))
    assert last.until == now + 5
    desk.tick(desk.due())
    desk.first_byte(grant(probe), now + 4.0)
    desk.expire(last, now + 5.0)
    assert last.waiting
    assert last.until == now + 45


def test_a_rate_seen_while_nobody_waited_is_no_rate() -> None:
    throughput = Throughput()
    throughput.pressed(0.0, waiting=True)
    throughput.answered(5.0)
    throughput.pressed(6.0, waiting=False)
    assert throughput.best(100.0) is None
    throughput.pressed(100.0, waiting=True)
    for now in range(100, 130):
        throughput.answered(float(now))
    assert throughput.best(130.0) == 1.0
    assert throughput.best(130.0 + 600.0) is None


# -- memory


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


def test_a_call_that_may_not_wait_is_sent_though_the_window_is_full() -> None:
    """`0 = never wait`: what was only guessed of a gateway refuses nobody."""
    desk = Desk(Random(1))
    tickets = [desk.enter(call(deadline=0.0), 0.0) for _ in range(20)]
    for ticket in tickets:
        desk.ask(ticket, 0.001)
    assert all(isinstance(ticket.outcome, Grant) for ticket in tickets)


def test_a_call_that_may_not_wait_keeps_to_the_limits_of_its_key() -> None:
    desk = Desk(Random(1))
    limits = Limits(max_concurrency=2)
    tickets = [desk.enter(call(deadline=0.0, limits=limits), 0.0) for _ in range(5)]
    for ticket in tickets:
        desk.ask(ticket, 0.001)
    assert sum(isinstance(ticket.outcome, Grant) for ticket in tickets) == 2
