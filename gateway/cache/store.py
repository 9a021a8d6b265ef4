"""Where answers are kept: in memory, or in the operator's Redis."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from gateway.shared import Connection, UnavailableError

if TYPE_CHECKING:
    from cachetools import TLRUCache
    from redis import Redis

LARGEST_ENTRY = 256 * 1024
MEMORY_BYTES = 64 * 1024 * 1024
OVERHEAD = 512
"""Bytes that an entry takes beside its content: its key, and its places in the cache's tables."""

PREFIX = "resilient-gateway:1:answer:"
"""The number changes with the meaning of what is kept: nodes of two versions do not meet."""


class Store(Protocol):
    """Keeps bytes for a while."""

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """What is kept under these keys."""

    def keep(self, entries: Mapping[str, bytes], seconds: int) -> None:
        """Keep these, unless they are too large."""


class MemoryStore:
    """At most 64 MiB; what was not used for longest goes first. Imports its library when used."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, size: int = MEMORY_BYTES
    ) -> None:
        self._clock = clock
        self._size = size
        self._lock = threading.Lock()

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """What is kept under these keys."""
        kept = self._entries
        with self._lock:
            found = {key: kept.get(key) for key in keys}
        return {key: entry[0] for key, entry in found.items() if entry is not None}

    def keep(self, entries: Mapping[str, bytes], seconds: int) -> None:
        """Keep these, unless they are too large."""
        kept = self._entries
        with self._lock:
            for key, content in entries.items():
                if len(content) <= LARGEST_ENTRY:
                    kept[key] = (content, seconds)

    @cached_property
    def _entries(self) -> "TLRUCache[str, tuple[bytes, int]]":
        from cachetools import TLRUCache  # noqa: PLC0415

        return TLRUCache(
            self._size,
            ttu=lambda _key, entry, now: now + entry[1],
            timer=self._clock,
            getsizeof=lambda entry: len(entry[0]) + OVERHEAD,
        )


class SharedStore:
    """The operator's Redis, for all nodes; while it does not answer, this node's memory."""

    def __init__(self, connection: Connection, memory: MemoryStore) -> None:
        self._connection = connection
        self._memory = memory

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """What is kept under these keys."""
        if not keys:
            return {}
        names = [PREFIX + key for key in keys]

        def read(redis: "Redis") -> list[bytes | None]:
            # The library types its blocking client like its asynchronous one.
            return cast("list[bytes | None]", redis.mget(names))

        try:
            values = self._connection.insist(read)
        except UnavailableError:
            return self._memory.find(keys)
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}

    def keep(self, entries: Mapping[str, bytes], seconds: int) -> None:
        """Keep these, unless they are too large."""
        small = {key: value for key, value in entries.items() if len(value) <= LARGEST_ENTRY}
        if not small:
            return

        def write(redis: "Redis") -> None:
            pipeline = redis.pipeline(transaction=False)
            for key, value in small.items():
                pipeline.set(PREFIX + key, value, ex=seconds)
            pipeline.execute()

        try:
            self._connection.insist(write)
        except UnavailableError:
            self._memory.keep(small, seconds)
