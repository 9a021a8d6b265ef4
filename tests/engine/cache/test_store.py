"""Where answers are kept: bounds in memory, time to live in Redis, and Redis out of order."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from devtools import RedisProcess
from engine.cache.store import MAX_ENTRY_BYTES, OVERHEAD, PREFIX, MemoryStore, SharedStore, Store
from engine.cluster import Connection
from engine.cluster.breaker import Breaker


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest, redis_process: RedisProcess) -> Store:
    if request.param == "memory":
        return MemoryStore()
    return SharedStore(Connection(redis_process.url, seconds=5.0), MemoryStore())


def new() -> str:
    return uuid4().hex


def test_what_was_kept_is_found(store: Store) -> None:
    one, two, never = new(), new(), new()
    store.keep({one: b"1", two: "二".encode()}, 60)
    assert store.find([one, never, two]) == {one: b"1", two: "二".encode()}


def test_what_was_kept_last_counts(store: Store) -> None:
    key = new()
    store.keep({key: b"1"}, 60)
    store.keep({key: b"2"}, 60)
    assert store.find([key]) == {key: b"2"}


def test_an_entry_of_256_kib_is_the_largest(store: Store) -> None:
    fits, too_large = new(), new()
    store.keep({fits: b"x" * MAX_ENTRY_BYTES, too_large: b"x" * (MAX_ENTRY_BYTES + 1)}, 60)
    assert set(store.find([fits, too_large])) == {fits}


def test_nothing_to_keep_and_nothing_to_find(redis_process: RedisProcess) -> None:
    """Redis takes neither for a command; three such failures would have it given up."""
    connection = Connection(redis_process.url, seconds=5.0)
    for store in (MemoryStore(), SharedStore(connection, MemoryStore())):
        for _ in range(3):
            store.keep({}, 60)
            assert store.find([]) == {}
    assert not connection.given_up


def test_memory_forgets_in_time() -> None:
    now = [100.0]
    store = MemoryStore(lambda: now[0])
    store.keep({"short": b"1"}, 10)
    store.keep({"long": b"2"}, 20)
    now[0] = 109.9
    assert set(store.find(["short", "long"])) == {"short", "long"}
    now[0] = 110.0
    assert set(store.find(["short", "long"])) == {"long"}
    now[0] = 120.0
    assert store.find(["short", "long"]) == {}


def test_memory_is_bounded_and_keeps_what_is_used() -> None:
    entry = b"x" * (1000 - OVERHEAD)
    store = MemoryStore(size=3000)
    for key in ("a", "b", "c"):
        store.keep({key: entry}, 60)
    assert set(store.find(["a"])) == {"a"}
    store.keep({"d": entry}, 60)
    assert set(store.find(["a", "b", "c", "d"])) == {"a", "c", "d"}


def test_redis_gets_the_time_to_live_and_the_version(redis_process: RedisProcess) -> None:
    store = SharedStore(Connection(redis_process.url, seconds=5.0), MemoryStore())
    key = new()
    store.keep({key: b"1"}, 77)
    left = int(redis_process.ask("TTL", f"{PREFIX}{key}")[1:])
    assert 70 < left <= 77
    assert any(part.isdigit() for part in PREFIX.split(":"))


def test_much_is_written_in_slices(redis_process: RedisProcess) -> None:
    """Each of which passes in the time of a command."""
    connection = Connection(redis_process.url, seconds=5.0)
    store, commands = SharedStore(connection, MemoryStore()), []
    insist = connection.insist
    connection.insist = lambda command: commands.append(1) or insist(command)  # type: ignore
    entries = {new(): b"x" * (MAX_ENTRY_BYTES // 4) for _ in range(10)}
    store.keep(entries, 60)
    assert len(commands) == 3
    assert store.find(list(entries)) == entries


def test_instances_share_what_is_in_redis(redis_process: RedisProcess) -> None:
    one, other = (
        SharedStore(Connection(redis_process.url, seconds=5.0), MemoryStore()) for _ in range(2)
    )
    key = new()
    one.keep({key: b"1"}, 60)
    assert other.find([key]) == {key: b"1"}


@pytest.fixture
def own_redis() -> Iterator[RedisProcess]:
    with RedisProcess() as process:
        yield process


def test_while_redis_does_not_answer_memory_serves(own_redis: RedisProcess) -> None:
    store = SharedStore(Connection(own_redis.url, Breaker(clock=lambda: 0.0)), MemoryStore())
    key, other = new(), new()
    store.keep({key: b"before"}, 60)
    own_redis.stop()
    assert store.find([key]) == {}
    store.keep({other: b"meanwhile"}, 60)
    assert store.find([other]) == {other: b"meanwhile"}
