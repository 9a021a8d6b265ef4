"""Redis is asked briefly, and nothing of its address is ever said."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from devtools import RedisProcess
from engine.cluster import Connection, UnavailableError, from_environment
from engine.cluster.connection import VARIABLE
from tests.support.polling import ROOT, under_gevent


def ping(connection: Connection) -> bool:
    return bool(connection.run(lambda redis: redis.ping()))


@pytest.fixture
def own_redis() -> Iterator[RedisProcess]:
    with RedisProcess() as process:
        yield process


def test_a_command_is_answered(redis_process: RedisProcess) -> None:
    assert ping(Connection(redis_process.url, seconds=5.0))


def test_calls_at_once_share_one_client() -> None:
    code = """
    import threading, gevent
    from engine.cluster import Connection
    connection = Connection("redis://127.0.0.1:1/0")
    new = connection._new_client
    def slow():
        gevent.sleep(0.01)
        return new()
    connection._new_client = slow
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(connection.redis)) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(seen), len(set(map(id, seen))))
    """
    assert under_gevent(code) == "9 1"


def test_a_name_is_as_good_as_an_address(redis_process: RedisProcess) -> None:
    url = redis_process.url.replace("127.0.0.1", "localhost")
    assert ping(Connection(url, seconds=5.0))


def test_options_in_the_url_do_not_lift_the_limits(redis_process: RedisProcess) -> None:
    url = f"{redis_process.url}?socket_timeout=50&socket_connect_timeout=50&retry_on_timeout=yes"
    connection = Connection(url)
    options = connection.redis.connection_pool.connection_kwargs
    assert options["socket_timeout"] == options["socket_connect_timeout"] == 0.1
    assert options["retry"].get_retries() == 0
    assert not options["retry_on_timeout"]


def test_who_does_not_answer_is_left_alone(
    own_redis: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway")
    connection = Connection(own_redis.url)
    own_redis.stop()
    for _ in range(3):
        with pytest.raises(UnavailableError):
            ping(connection)
    assert connection.given_up
    own_redis.go_on()
    with pytest.raises(UnavailableError):
        ping(connection)
    # Instances of earlier tests may say the same of theirs, whose processes have ended.
    said = [line for line in caplog.messages if "(TimeoutError)" in line]
    assert len(said) == 1
    assert "left alone for 10 s" in said[0]


def test_a_restart_is_survived(redis_process: RedisProcess) -> None:
    """A connection that the server closed is not used again."""
    connection = Connection(redis_process.url, seconds=5.0)
    ping(connection)
    assert redis_process.ask("CLIENT", "KILL", "TYPE", "normal").startswith(b":")
    assert ping(connection)


def test_nothing_of_the_address_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        connection = Connection(f"redis://someone:secret@127.0.0.1:{port}/0")
        for _ in range(3):
            with pytest.raises(UnavailableError) as raised:
                ping(connection)
    said = f"{caplog.text} {raised.value!r} {connection!r} {raised.value.__cause__!r}"
    assert "ConnectionError" in said
    assert not any(part in said for part in ("secret", "someone", "127.0.0.1", str(port)))


@pytest.mark.parametrize("url", ["", "  "])
def test_without_the_variable_there_is_no_redis(url: str) -> None:
    assert from_environment({VARIABLE: url}) is None
    others = {"REDIS_HOST": "redis", "REDIS_PASSWORD": "difyai123456", "REDIS_URL": "redis://x"}
    assert from_environment(others) is None


@pytest.mark.parametrize("url", ["redis://r:6379/1", "rediss://:pw@r", "redis://[::1]:7000"])
def test_the_operator_names_it(url: str) -> None:
    assert from_environment({VARIABLE: url}) is not None


@pytest.mark.parametrize(
    "url", ["unix:///tmp/s", "http://r", "r:6379", "redis:///7", "redis://r:notaport", "redis://[x"]
)
def test_what_is_no_redis_is_said_and_left_out(url: str, caplog: pytest.LogCaptureFixture) -> None:
    assert from_environment({VARIABLE: url}) is None
    assert VARIABLE in caplog.text
    assert url not in caplog.text


def test_libraries_are_imported_when_they_are_needed() -> None:
    """Start-up is outage time, and most operators have no Redis."""
    code = f"""
import os, sys
os.environ["{VARIABLE}"] = "redis://127.0.0.1:1/0"
import main
from engine.client import shared_client
shared_client()
print([name for name in ("redis", "limits", "cachetools", "engine.cache") if name in sys.modules])
"""
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "['engine.cache']"
    early = code.replace("shared_client()\n", "")
    found = subprocess.run(
        [sys.executable, "-c", early], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
