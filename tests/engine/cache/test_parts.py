"""Parts that were paid for are not asked for again, whatever became of the call they came in."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from devtools import RedisProcess
from engine.cache import Cache, PartsCall
from engine.cache.key import cache_key
from engine.cache.single_flight import Landing
from engine.cluster import Connection
from engine.errors import Failure, GatewayError, kinds
from engine.request import Questions, Reuse
from engine.settings import Settings

SETTINGS = Settings("https://gateway.test/v1", "sk", "m", 30.0, ("sk",), cache_ttl_seconds=60)
UPPER = Reuse("text-embedding", dump=lambda part: part, load=str)


class FailedError(Exception):
    """The gateway's part of a call went wrong."""


class PartsCase:
    """Asks for the upper case of texts, two in a request, and counts what it asked for."""

    def __init__(self, cache: Cache, fails_at: str = "") -> None:
        self.cache = cache
        self.fails_at = fails_at
        self.asked: list[str] = []
        self.free: set[int] = set()

    def ask(self, texts: Sequence[str], settings: Settings = SETTINGS) -> list[str]:
        def fetch(positions: Sequence[int]) -> Iterator[list[str]]:
            for start in range(0, len(positions), 2):
                batch = [texts[at] for at in positions[start : start + 2]]
                if self.fails_at in batch:
                    raise FailedError
                self.asked += batch
                yield [text.upper() for text in batch]

        questions = Questions(UPPER, "embeddings", [{"input": text} for text in texts])
        call = PartsCall(self.cache, settings, questions, fetch)
        found = call.run()
        self.free = call.replayed
        return found


@pytest.fixture
def cache() -> Cache:
    return Cache(None)


def test_only_what_is_missing_is_asked_for(cache: Cache) -> None:
    case = PartsCase(cache)
    assert case.ask(["a", "b", "c"]) == ["A", "B", "C"]
    assert case.free == set()
    case.asked.clear()
    assert case.ask(["d", "b", "e", "a"]) == ["D", "B", "E", "A"]
    assert case.asked == ["d", "e"]
    assert case.free == {1, 3}


def test_equal_parts_are_asked_for_once(cache: Cache) -> None:
    case = PartsCase(cache)
    assert case.ask(["a", "b", "a", "a"]) == ["A", "B", "A", "A"]
    assert case.asked == ["a", "b"]
    assert case.free == {2, 3}


def test_what_came_before_a_failure_is_kept(cache: Cache) -> None:
    failing = PartsCase(cache, fails_at="d")
    with pytest.raises(FailedError):
        failing.ask(["a", "b", "c", "d", "e"])
    again = PartsCase(cache)
    assert again.ask(["a", "b", "c", "d", "e"]) == ["A", "B", "C", "D", "E"]
    assert again.asked == ["c", "d", "e"]


def test_a_failure_lets_nobody_wait(cache: Cache) -> None:
    with pytest.raises(FailedError):
        PartsCase(cache, fails_at="a").ask(["a"])
    assert cache.single_flight.join("x")[1]
    assert PartsCase(cache).ask(["a"]) == ["A"]


def test_calls_at_once_share_their_parts_and_never_wait_for_each_other(cache: Cache) -> None:
    """Each of them begins with a text that the other one ends with."""
    forward, backward = PartsCase(cache), PartsCase(cache)
    found: dict[str, list[str]] = {}
    texts = [str(number) for number in range(200)]
    threads = [
        threading.Thread(target=lambda: found.update(forward=forward.ask(texts))),
        threading.Thread(target=lambda: found.update(backward=backward.ask(texts[::-1]))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert found == {"forward": texts, "backward": texts[::-1]}
    assert sorted(forward.asked + backward.asked) == sorted(texts)


def test_instances_share_parts_through_redis(redis_process: RedisProcess) -> None:
    nodes = [PartsCase(Cache(Connection(redis_process.url, seconds=5.0))) for _ in range(2)]
    for node in nodes:
        assert node.ask(["shared", "texts"]) == ["SHARED", "TEXTS"]
    assert [node.asked for node in nodes] == [["shared", "texts"], []]


def test_kept_parts_of_another_shape_are_asked_for_anew_and_replaced(cache: Cache) -> None:
    length = [4]

    def ask(texts: Sequence[str]) -> tuple[list[str], set[int]]:
        def fetch(positions: Sequence[int]) -> Iterator[list[str]]:
            yield [texts[at] * length[0] for at in positions]

        payloads = [{"input": text} for text in texts]
        call = PartsCall(cache, SETTINGS, Questions(UPPER, "embeddings", payloads, len), fetch)
        return call.run(), call.replayed

    ask(["a", "b"])
    length[0] = 8
    assert ask(["a", "c", "b"]) == (["a" * 8, "c" * 8, "b" * 8], set())
    assert ask(["b", "a"]) == (["b" * 8, "a" * 8], {0, 1})


def test_those_past_their_time_share_a_failure(cache: Cache) -> None:
    """And send nothing of their own."""
    failure = Failure(kinds.SATURATED, after_content=True)
    settings = replace(SETTINGS, max_retry_seconds=0.0)
    key = cache_key(settings, "text-embedding", "embeddings", {"input": "a"})
    flight, _ = cache.single_flight.join(key)
    flight.complete(Landing(failure=failure))
    late = PartsCase(cache)
    with pytest.raises(GatewayError) as raised:
        late.ask(["a"], settings)
    assert raised.value.failure.kind is kinds.SATURATED
    assert late.asked == []
