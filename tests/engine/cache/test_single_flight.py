"""Equal questions at once: one asks, the others wait, and nobody for ever."""

import threading
import time

import pytest

from engine.cache.single_flight import HELD_SECONDS, NO_USE_SECONDS, Landing, SingleFlight
from tests.support.polling import under_gevent


def test_the_first_asks_and_the_others_wait() -> None:
    single_flight = SingleFlight()
    flight, is_first = single_flight.join("q")
    assert is_first
    assert single_flight.join("q") == (flight, False)
    assert single_flight.join("another")[1]
    single_flight.complete(flight, b"answer")
    assert flight.wait(0, 0) == Landing(b"answer")
    assert single_flight.join("q")[1], "it is over"


def test_who_waits_too_long_goes_without() -> None:
    flight, _ = SingleFlight().join("q")
    assert flight.wait(0, time.monotonic() + 0.01) == Landing()
    assert flight.wait(0, 0) == Landing()


@pytest.mark.parametrize("answer", [b"answer", None])
def test_all_who_wait_are_told(answer: bytes | None) -> None:
    single_flight = SingleFlight()
    flight, _ = single_flight.join("q")
    late = time.monotonic() + 30
    heard: list[bytes | None] = []
    threads = [
        threading.Thread(
            target=lambda: heard.append(single_flight.join("q")[0].wait(late, late).answer)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    single_flight.complete(flight, answer)
    for thread in threads:
        thread.join(60.0)
    # Who came after the landing leads a flight of its own: no answer either way.
    assert all(one in (answer, None) for one in heard)
    assert not any(thread.is_alive() for thread in threads)


def test_who_is_past_his_time_waits_for_a_request_under_way_but_for_no_queue() -> None:
    now = [0.0]
    flight, _ = SingleFlight(lambda: now[0]).join("q")
    flight.progress(asking=False)
    now[0] = HELD_SECONDS
    assert flight.wait(HELD_SECONDS, 100.0) == Landing()
    flight.progress(asking=True)
    ended: list[Landing] = []
    waiting = threading.Thread(target=lambda: ended.append(flight.wait(0.0, 100.0)))
    waiting.start()
    waiting.join(0.05)
    assert not ended
    flight.complete(Landing(b"answer"))
    waiting.join(60.0)
    assert ended == [Landing(b"answer")]


def test_nobody_waits_for_what_is_of_no_use_nor_for_the_next_for_a_minute() -> None:
    now = [0.0]
    single_flight = SingleFlight(lambda: now[0])
    flight, _ = single_flight.join("q")
    single_flight.is_of_no_use(flight)
    assert flight.wait(9.0, 9.0) == Landing()
    assert [single_flight.join("q")[1] for _ in range(2)] == [True, True]
    now[0] = NO_USE_SECONDS
    assert [single_flight.join("q")[1] for _ in range(2)] == [True, False]


def test_what_can_be_kept_after_all_is_waited_for_again() -> None:
    single_flight = SingleFlight()
    single_flight.is_of_no_use(single_flight.join("q")[0])
    single_flight.complete(single_flight.join("q")[0], b"answer")
    assert [single_flight.join("q")[1] for _ in range(2)] == [True, False]


def test_it_goes_on_for_those_who_wait_and_who_comes_too_late_asks_anew() -> None:
    single_flight, gone = SingleFlight(), [False]
    flight, _ = single_flight.join("q")
    single_flight.join("q", lambda: gone[0])
    assert single_flight.goes_on(flight)
    gone[0] = True
    assert not single_flight.goes_on(flight)
    assert single_flight.join("q")[1]


def test_greenlets_wait_too() -> None:
    code = """
    import threading, time
    from engine.cache.single_flight import SingleFlight
    single_flight, heard = SingleFlight(), []
    flight, _ = single_flight.join("q")
    late = time.monotonic() + 30
    def wait():
        heard.append(single_flight.join("q")[0].wait(late, late).answer)
    waiting = [threading.Thread(target=wait)
               for _ in range(100)]
    for thread in waiting:
        thread.start()
    single_flight.complete(flight, b"a")
    for thread in waiting:
        thread.join()
    print(heard.count(b"a"))
    """
    assert under_gevent(code) == "100"
