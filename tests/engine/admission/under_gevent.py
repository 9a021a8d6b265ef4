"""Run as a program: the scenes under gevent, and what only greenlets can do."""

from gevent import monkey

monkey.patch_all()

import random  # noqa: E402
from collections.abc import Callable  # noqa: E402

import gevent  # noqa: E402
from gevent.monkey import get_original  # noqa: E402

from engine.admission import KeyLimits, Limiter  # noqa: E402
from tests.engine.admission.scenes import SCENES, Slots, call, get_through, until  # noqa: E402


def killed_greenlets_leave_no_hole() -> None:
    """Kill callers wherever they are, waiting or sending; the others must all get through."""
    limiter, slots, rng = Limiter(), Slots(3), random.Random(7)
    victims = [gevent.spawn(get_through, limiter, slots, call("victim")) for _ in range(60)]
    others = [gevent.spawn(get_through, limiter, slots, call("other")) for _ in range(60)]
    rng.shuffle(victims)
    for victim in victims:
        gevent.sleep(0.003)
        victim.kill(block=False)
    gevent.joinall(others, timeout=60)
    assert all(other.successful() and other.value is None for other in others)
    until(lambda: limiter.waiting == 0)


def a_timeout_inside_the_wait_leaves_no_hole() -> None:
    limiter = Limiter()
    limits = KeyLimits(max_concurrency=1)
    with limiter.enter(call(limits=limits)) as first, first.acquire():
        caught = 0
        for _ in range(20):
            timeout = gevent.Timeout(0.005)
            timeout.start()
            try:
                with limiter.enter(call(limits=limits)) as second:
                    second.acquire()
            except gevent.Timeout as error:
                caught += error is timeout
            finally:
                timeout.close()
        assert caught == 20
        assert limiter.waiting == 0
    with limiter.enter(call(limits=limits)) as third, third.acquire() as permit:
        permit.succeeded()


def the_hub_is_never_blocked() -> None:
    """Greenlets go on beside the queue, as a thread does that no greenlet can hold up.

    A machine that is busy keeps both waiting, a blocked hub only the greenlets.
    """
    limiter, slots = Limiter(), Slots(5)
    beats = {"greenlet": 0, "thread": 0}

    def beat(name: str, sleep: Callable[[float], object]) -> None:
        while not over:
            beats[name] += 1
            sleep(0.001)

    over: list[bool] = []
    start_thread = get_original("_thread", "start_new_thread")
    start_thread(beat, ("thread", get_original("time", "sleep")))
    gevent.spawn(beat, "greenlet", gevent.sleep)
    callers = [gevent.spawn(get_through, limiter, slots, call()) for _ in range(300)]
    gevent.joinall(callers, timeout=60)
    over.append(True)
    assert all(caller.successful() for caller in callers)
    assert beats["greenlet"] >= beats["thread"] / 10 > 1, beats


def nobody_runs_while_the_lock_is_held() -> None:
    """The first caller who parks starts a thread, and the start of a thread lets others run."""
    limiter, one = Limiter(), KeyLimits(max_concurrency=1)
    seen: list[bool] = []
    with limiter.enter(call(limits=one)) as first, first.acquire() as permit:
        parks = gevent.spawn(lambda: limiter.enter(call(limits=one)).acquire().succeeded())
        watches = gevent.spawn(lambda: seen.append(limiter._lock.locked()))
        until(lambda: bool(seen) and limiter.waiting == 1)
        permit.succeeded()
        gevent.joinall([parks, watches], timeout=60)
    assert parks.successful()
    assert seen == [False]


for scene in [
    *SCENES,
    killed_greenlets_leave_no_hole,
    a_timeout_inside_the_wait_leaves_no_hole,
    the_hub_is_never_blocked,
    nobody_runs_while_the_lock_is_held,
]:
    scene()
    print("passed", scene.__name__, flush=True)  # noqa: T201 - this is a program of its own
