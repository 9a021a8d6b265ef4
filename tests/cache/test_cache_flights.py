"""Equal questions at once: one asks, the others wait, and nobody for ever."""

import threading

import pytest

from gateway.cache.flights import Flights
from unit.polling import under_gevent


def test_the_first_asks_and_the_others_wait() -> None:
    flights = Flights()
    flight, is_first = flights.join("q")
    assert is_first
    assert flights.join("q") == (flight, False)
    assert flights.join("another")[1]
    flights.land("q", b"answer")
    assert flight.wait(0) == b"answer"
    assert flights.join("q")[1], "it is over"


def test_who_waits_too_long_goes_without() -> None:
    flight, _ = Flights().join("q")
    assert flight.wait(0.01) is None
    assert flight.wait(-1) is None


@pytest.mark.parametrize("answer", [b"answer", None])
def test_all_who_wait_are_told(answer: bytes | None) -> None:
    flights = Flights()
    flights.join("q")
    heard: list[bytes | None] = []
    threads = [
        threading.Thread(target=lambda: heard.append(flights.join("q")[0].wait(30)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    flights.land("q", answer)
    for thread in threads:
        thread.join(30)
    # Who came after the landing leads a flight of its own: no answer either way.
    assert all(one in (answer, None) for one in heard)
    assert not any(thread.is_alive() for thread in threads)


def test_greenlets_wait_too() -> None:
    code = """
    import threading
    from gateway.cache.flights import Flights
    flights, heard = Flights(), []
    flights.join("q")
    waiting = [threading.Thread(target=lambda: heard.append(flights.join("q")[0].wait(30)))
               for _ in range(100)]
    for thread in waiting:
        thread.start()
    flights.land("q", b"a")
    for thread in waiting:
        thread.join()
    print(heard.count(b"a"))
    """
    assert under_gevent(code) == "100"
