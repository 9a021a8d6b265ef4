"""A name is looked up in bounded time, and once for all who wait for it."""

import threading

import pytest

from engine.cluster.resolver import Resolver, look_up
from tests.support.polling import becomes_true, under_gevent


class Lost:
    """A resolver that does not answer until it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.go_on = threading.Event()
        self.asked = 0
        self._error = error

    def __call__(self, _host: str) -> None:
        self.asked += 1
        self.go_on.wait(60.0)
        if self._error:
            raise self._error


def test_who_does_not_answer_is_not_waited_for() -> None:
    lost = Lost()
    resolver = Resolver(0.01, lost)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            resolver.check("redis")
    assert lost.asked == 1, "one look serves all who wait"
    assert not lost.go_on.is_set()
    lost.go_on.set()
    assert becomes_true(lambda: not resolver._looks)
    Resolver(5.0, lost).check("redis")


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("label empty")])
def test_a_name_without_an_address_is_said_so(error: Exception) -> None:
    lost = Lost(error)
    lost.go_on.set()
    resolver = Resolver(5.0, lost)
    with pytest.raises(OSError, match=r"^$"):
        resolver.check("redis")
    assert not resolver._looks


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.0.0.7"])
def test_an_address_needs_no_look(host: str) -> None:
    lost = Lost()
    Resolver(0.01, lost).check(host)
    assert lost.asked == 0


def test_the_machines_own_resolver() -> None:
    look_up("localhost")
    with pytest.raises(OSError, match=r"."):
        look_up("no host has a name of two words")


def test_under_gevent_nobody_else_runs_while_the_lock_is_held() -> None:
    code = """
    import threading, gevent
    from engine.cluster.resolver import Resolver
    seen = []
    resolver = Resolver(5.0, lambda host: None)
    gevent.spawn(lambda: seen.append(resolver._lock.locked()))
    resolver.check("redis")
    print(seen)
    """
    assert under_gevent(code) == "[False]"
