"""Equal questions at once: one asks, the others wait, and nobody for ever."""

import threading
import time

import pytest

from engine.cache.single_flight import HELD_SECONDS, NO_USE_SECONDS, Flights, Landing
from tests.support.polling import under_gevent


def test_the_first_asks_and_the_others_wait() -> None:
    flights = Flights()
    flight, is_first = flights.join("q")
    assert is_first
    assert flights.join("q") == (flight, False)
    assert flights.join("another")[1]
    flights.land(flight, b"answer")
    assert flight.wait(0, 0) == Landing(b"answer")
    assert flights.join("q")[1], "it is over"


def test_who_waits_too_long_goes_without() -> None:
    flight, _ = Flights().join("q")
    assert flight.wait(0, time.monotonic() + 0.01) == Landing()
    assert flight.wait(0, 0) == Landing()


@pytest.mark.parametrize("answer", [b"answer", None])
def test_all_who_wait_are_told(answer: bytes | None) -> None:
    flights = Flights()
    flight, _ = flights.join("q")
    late = time.monotonic() + 30
    heard: list[bytes | None] = []
    threads = [
        threading.Thread(target=lambda: heard.append(flights.join("q")[0].wait(late, late).answer))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    flights.land(flight, answer)
    for thread in threads:
        thread.join(60.0)
    # Who came after the landing leads a flight of its own: no answer either way.
    assert all(one in (answer, None) for one in heard)
    assert not any(thread.is_alive() for thread in threads)


def test_who_is_past_his_time_waits_for_a_request_under_way_but_for_no_queue() -> None:
    now = [0.0]
    flight, _ = Flights(lambda: now[0]).join("q")
    flight.progress(asking=False)
    now[0] = HELD_SECONDS
    assert flight.wait(HELD_SECONDS, 100.0) == Landing()
    flight.progress(asking=True)
    ended: list[Landing] = []
    waiting = threading.Thread(target=lambda: ended.append(flight.wait(0.0, 100.0)))
    waiting.start()
    waiting.join(0.05)
    assert not ended
    flight.land(Landing(b"answer"))
    waiting.join(60.0)
    assert ended == [Landing(b"answer")]


def test_nobody_waits_for_what_is_of_no_use_nor_for_the_next_for_a_minute() -> None:
    now = [0.0]
    flights = Flights(lambda: now[0])
    flight, _ = flights.join("q")
    flights.is_of_no_use(flight)
    assert flight.wait(9.0, 9.0) == Landing()
    assert [flights.join("q")[1] for _ in range(2)] == [True, True]
    now[0] = NO_USE_SECONDS
    assert [flights.join("q")[1] for _ in range(2)] == [True, False]


def test_what_can_be_kept_after_all_is_waited_for_again() -> None:
    flights = Flights()
    flights.is_of_no_use(flights.join("q")[0])
    flights.land(flights.join("q")[0], b"answer")
    assert [flights.join("q")[1] for _ in range(2)] == [True, False]


def test_it_goes_on_for_those_who_wait_and_who_comes_too_late_asks_anew() -> None:
    flights, gone = Flights(), [False]
    flight, _ = flights.join("q")
    flights.join("q", lambda: gone[0])
    assert flights.goes_on(flight)
    gone[0] = True
    assert not flights.goes_on(flight)
    assert flights.join("q")[1]


def test_greenlets_wait_too() -> None:
    code = """
    import threading, time
    from engine.cache.single_flight import Flights
    flights, heard = Flights(), []
    flight, _ = flights.join("q")
    late = time.monotonic() + 30
    def wait():
        heard.append(flights.join("q")[0].wait(late, late).answer)
    waiting = [threading.Thread(target=wait)
               for _ in range(100)]
    for thread in waiting:
        thread.start()
    flights.land(flight, b"a")
    for thread in waiting:
        thread.join()
    print(heard.count(b"a"))
    """
    assert under_gevent(code) == "100"
