"""Whatever becomes of the operator's Redis, every call is answered, and paid for once."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devtools import PluginProcess, RedisProcess, Session
from engine.cluster.connection import SECONDS, VARIABLE
from simulator import Simulator
from tests.process.rig import ROOT, WORDS, Rig, new_key, succeeded

pytestmark = pytest.mark.xdist_group("protocol-redis-faults")

EVERYTHING = {
    "max_concurrency": "3",
    "requests_per_minute": "1000",
    "cache_ttl_seconds": "60",
    "cache_scope": "all",
}
CALLS = 12


class LatePipe:
    """Passes bytes on to a port, and what is answered only later than anybody waits for it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.is_late = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """What the operator would name."""
        return f"redis://127.0.0.1:{self.port}/0"

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except ConnectionRefusedError:
                client.close()
                continue
            for source, target in ((client, server), (server, client)):
                late = target is client
                threading.Thread(
                    target=self._pass, args=(source, target, late), daemon=True
                ).start()

    def _pass(self, source: socket.socket, target: socket.socket, late: bool) -> None:
        try:
            while data := source.recv(65536):
                if late and self.is_late.is_set():
                    time.sleep(3 * SECONDS)
                target.sendall(data)
        except OSError:
            return
        finally:
            target.close()


@pytest.fixture
def gateway() -> Iterator[Simulator]:
    with Simulator(seed=3) as simulator:
        yield simulator


def kill(redis: RedisProcess, _pipe: LatePipe) -> None:
    redis.close()


def freeze(redis: RedisProcess, _pipe: LatePipe) -> None:
    redis.stop()


def fill(redis: RedisProcess, _pipe: LatePipe) -> None:
    redis.ask("CONFIG", "SET", "maxmemory", "1")
    assert redis.ask("SET", "a", "b").startswith(b"-OOM")


def flush(redis: RedisProcess, _pipe: LatePipe) -> None:
    redis.ask("FLUSHALL")


def lock(redis: RedisProcess, _pipe: LatePipe) -> None:
    redis.ask("CONFIG", "SET", "requirepass", "another")
    redis.ask("CLIENT", "KILL", "TYPE", "normal")


def delay(_redis: RedisProcess, pipe: LatePipe) -> None:
    pipe.is_late.set()


def demote(redis: RedisProcess, _pipe: LatePipe) -> None:
    """A failover: the one that was asked takes no more writes."""
    redis.ask("CONFIG", "SET", "min-replicas-to-write", "1")


FAULTS: tuple[Callable[[RedisProcess, LatePipe], None], ...] = (
    kill,
    freeze,
    fill,
    flush,
    lock,
    delay,
    demote,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_no_call_is_lost_or_paid_for_twice(
    gateway: Simulator, fault: Callable[[RedisProcess, LatePipe], None]
) -> None:
    """Calls wait, are in flight and come anew when it happens."""
    key = new_key()
    with RedisProcess() as redis:
        pipe = LatePipe(redis.port)
        with PluginProcess(ROOT, env={VARIABLE: pipe.url}) as plugin:
            rig = Rig(plugin, gateway, key)

            def ask(prompt: str) -> Session:
                return rig.chat("openai/tokens-10-every-50", prompt, budget=90, fields=EVERYTHING)

            succeeded(ask("before"))
            sessions = [ask(f"waits {number}") for number in range(CALLS)]
            sessions[0].wait_for_text()
            fault(redis, pipe)
            sessions += [ask(f"comes {number}") for number in range(CALLS)]
            assert {succeeded(session).text for session in sessions} == {" token" * 10}
            assert gateway.count() == 1 + 2 * CALLS
            # Equal questions are answered from what was paid for, also meanwhile.
            assert succeeded(ask("comes 1")).text == " token" * 10
            assert gateway.count() <= 2 + 2 * CALLS
            assert plugin.violations == []
            assert plugin.stderr == ""
            assert str(pipe.port) not in plugin.output
        pipe.close()


def test_a_wrong_password_from_the_beginning_is_no_fault_of_a_call(gateway: Simulator) -> None:
    with RedisProcess() as redis:
        redis.ask("CONFIG", "SET", "requirepass", "right")
        url = f"redis://:wrong-secret@127.0.0.1:{redis.port}/0"
        with PluginProcess(ROOT, env={VARIABLE: url}) as plugin:
            rig = Rig(plugin, gateway, new_key())
            for number in range(4):
                session = rig.chat("rix/ok", str(number), budget=30, fields=EVERYTHING)
                assert succeeded(session).text == WORDS
            assert "wrong-secret" not in plugin.output
