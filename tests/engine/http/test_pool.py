"""Kept-alive connections: used again, and closed once idle for 15 s."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from engine.http import pool as module
from engine.http.body import json_body
from engine.http.pool import CONNECTIONS_PER_HOST, IDLE_SECONDS, PooledAdapter, PooledSession
from simulator import Simulator
from tests.support.polling import becomes_true, under_gevent


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=1) as found:
        yield found


@pytest.fixture
def session() -> Iterator[PooledSession]:
    with PooledSession() as found:
        yield found


def ask(session: requests.Session, simulator: Simulator, model: str = "ok") -> int:
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    headers = {"Authorization": "Bearer sk-good"}
    url = f"{simulator.base_url}/chat/completions"
    with session.post(url, json=body, headers=headers, timeout=60) as answer:
        return len(answer.content)


def pool_of(session: requests.Session, simulator: Simulator) -> Any:
    adapter: Any = session.get_adapter(simulator.base_url)
    pools = adapter.poolmanager.pools
    if not pools.keys():
        ask(session, simulator)
    (key,) = pools.keys()
    return pools[key]


def test_connection_is_used_again(session: requests.Session, simulator: Simulator) -> None:
    for _ in range(20):
        assert ask(session, simulator)
    assert simulator.connections == 1


def test_no_more_connections_than_calls_at_once(
    session: requests.Session, simulator: Simulator
) -> None:
    ready = threading.Barrier(8)

    def work() -> None:
        ready.wait(60.0)
        for _ in range(5):
            ask(session, simulator)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert simulator.count() == 40
    assert simulator.connections <= 8


def test_idle_connection_is_closed_after_15_s(
    session: requests.Session, simulator: Simulator
) -> None:
    ask(session, simulator)
    pool = pool_of(session, simulator)
    assert pool.close_idle(time.monotonic() + IDLE_SECONDS - 1) == 1
    assert simulator.open_connections == 1
    assert pool.close_idle(time.monotonic() + IDLE_SECONDS + 1) == 0
    assert becomes_true(lambda: simulator.open_connections == 0)
    assert ask(session, simulator)
    assert simulator.connections == 2


def test_only_the_old_ones_are_closed(session: requests.Session, simulator: Simulator) -> None:
    pool = pool_of(session, simulator)
    old, young = pool._get_conn(), pool._get_conn()
    young.connect()
    for connection in (old, young):
        pool._put_conn(connection)
    assert becomes_true(lambda: simulator.open_connections == 2)
    young.idle_since = old.idle_since + 10
    assert pool.close_idle(old.idle_since + IDLE_SECONDS + 1) == 1
    assert becomes_true(lambda: simulator.open_connections == 1)
    assert old.sock is None
    assert pool._get_conn() is young, "the one used last comes first"


def test_connection_in_use_is_left_alone(session: requests.Session, simulator: Simulator) -> None:
    body = {"model": "ok-slow-20", "messages": [{"role": "user", "content": "x"}], "stream": True}
    headers = {"Authorization": "Bearer sk-good"}
    url = f"{simulator.base_url}/chat/completions"
    with session.post(url, json=body, headers=headers, timeout=60, stream=True) as answer:
        first = answer.raw.read1(10)
        assert pool_of(session, simulator).close_idle(time.monotonic() + 1000) == 0
        assert b"[DONE]" in first + answer.raw.read()


def test_old_connection_is_not_used_even_before_the_sweep(
    session: requests.Session, simulator: Simulator
) -> None:
    ask(session, simulator)
    pool = pool_of(session, simulator)
    connection = pool._get_conn()
    pool._put_conn(connection)
    connection.idle_since -= IDLE_SECONDS + 1
    assert ask(session, simulator)
    assert simulator.connections == 2


def test_sweeper_closes_by_itself_and_then_is_ejected(
    session: requests.Session, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(module, "_SWEEPER", module._Sweeper())
    ask(session, simulator)
    assert becomes_true(lambda: simulator.open_connections == 0)
    assert becomes_true(lambda: not module._SWEEPER._running)
    ask(session, simulator)
    assert becomes_true(lambda: simulator.open_connections == 0), "it begins again"


def test_connection_put_back_while_the_sweeper_ends_is_looked_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the last look and the end of its thread a call may give a connection back."""
    monkeypatch.setattr(module, "_SWEEP_SECONDS", 0.005)
    sweeper = module._Sweeper()
    looks: list[int] = []

    class Pool:
        def close_idle(self, _now: float) -> int:
            looks.append(len(looks))
            if len(looks) == 1:
                sweeper.wake()  # what `_put_conn` does, just after this pool was looked at
            return 0

    pool: Any = Pool()
    sweeper.watch(pool)
    sweeper.wake()
    assert becomes_true(lambda: len(looks) >= 2)


def test_closed_pool_has_nothing_idle(session: requests.Session, simulator: Simulator) -> None:
    pool = pool_of(session, simulator)
    pool.close()
    assert pool.close_idle(time.monotonic()) == 0
    assert becomes_true(lambda: simulator.open_connections == 0)


def test_one_layer_retries_and_it_is_not_this_one() -> None:
    adapter: Any = PooledAdapter()
    assert adapter.max_retries.total == 0
    assert adapter.max_retries.read is False
    assert adapter._pool_maxsize == CONNECTIONS_PER_HOST == 1000
    assert not adapter._pool_block


def test_proxied_connections_expire_too() -> None:
    manager: Any = PooledAdapter().proxy_manager_for("http://127.0.0.1:9")
    pool = manager.connection_from_url("https://api.example.com/v1")
    assert hasattr(pool, "close_idle")


def test_cookies_are_never_kept(session: PooledSession, simulator: Simulator) -> None:
    body = json_body(b'{"model": "openai/ok", "messages": [{"role": "user", "content": "hi"}]}')
    url = f"{simulator.base_url}/chat/completions"
    headers = {"Authorization": "Bearer sk-good", "Content-Type": body.content_type}
    with session.ask("POST", url, headers, body, (60, 60)) as answer:
        assert "set-cookie" in {name.lower() for name in answer.headers}
    assert list(session.cookies) == []
    session.ask("POST", url, headers, body, (60, 60)).close()
    assert "cookie" not in simulator.seen[-1].headers


def test_session_that_was_closed_under_a_call_serves_it_all_the_same(
    session: PooledSession, simulator: Simulator
) -> None:
    """It is closed when it has long not been used, which may be just before it is used again."""
    for connections in (1, 1, 2):
        if connections == 2:
            session.close()
        with session.ask("GET", f"{simulator.base_url}/models", {}, None, (10, 10)) as answer:
            assert answer.raw.read()
        assert simulator.connections == connections


def test_under_gevent() -> None:
    """Greenlets at once, connections used again, and closed when idle."""
    printed = under_gevent("""
        import threading, time
        from engine.http.pool import PooledSession
        from simulator import Simulator

        with Simulator(seed=1) as simulator, PooledSession() as session:
            url = f"{simulator.base_url}/chat/completions"
            def ask():
                body = {"model": "ok", "messages": [{"role": "user", "content": "hi"}]}
                headers = {"Authorization": "Bearer sk-good"}
                with session.post(url, json=body, headers=headers, timeout=60) as answer:
                    assert answer.status_code == 200 and answer.content
            def work():
                for _ in range(4):
                    ask()
            threads = [threading.Thread(target=work) for _ in range(25)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert simulator.count() == 100, simulator.count()
            assert simulator.connections <= 25, simulator.connections
            pools = session.get_adapter(url).poolmanager.pools
            (key,) = pools.keys()
            pool = pools[key]
            assert pool.close_idle(time.monotonic() + 16) == 0
            deadline = time.monotonic() + 60
            while simulator.open_connections and time.monotonic() < deadline:
                time.sleep(0.01)
            print(simulator.open_connections)
    """)
    assert printed == "0"


def test_head_and_body_are_sent_at_once() -> None:
    """A gateway that waits for a request gets all of it with its first read."""
    first_reads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, PooledSession() as session:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while read := connection.recv(65_536):
                    first_reads.append(read)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        server = threading.Thread(target=serve)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/chat/completions"
        for number in range(20):
            body = json_body(b'{"number": %d}' % number)
            with session.ask("POST", url, {}, body, (60, 60)) as answer:
                assert answer.raw.read() == b""
        session.close()
        server.join(10)
    assert [read.partition(b"\r\n\r\n")[2] for read in first_reads] == [
        b'{"number": %d}' % number for number in range(20)
    ]
