"""Where answers are kept: in memory, or in the operator's Redis."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, cast

from engine.cluster import Connection, UnavailableError, names

if TYPE_CHECKING:
    from cachetools import TLRUCache
    from redis import Redis

MAX_ENTRY_BYTES = 256 * 1024
"""Bytes of one answer; a larger one is not kept."""

MEMORY_BYTES = 64 * 1024 * 1024
"""Bytes of all answers that this process keeps."""

OVERHEAD = 512
"""Bytes that an entry takes beside its content: its key, and its places in the cache's tables."""

PREFIX = f"{names.PREFIX}answer:"

SLICE = MAX_ENTRY_BYTES
"""Bytes written at once: more may not pass in the time that Redis is given for a command, and
three commands that do not would have it given up, and leases with it."""


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
        self._made: TLRUCache[str, tuple[bytes, int]] | None = None

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """What is kept under these keys."""
        with self._lock:
            kept = self._entries()
            found = {key: kept.get(key) for key in keys}
        return {key: entry[0] for key, entry in found.items() if entry is not None}

    def keep(self, entries: Mapping[str, bytes], seconds: int) -> None:
        """Keep these, unless they are too large."""
        with self._lock:
            kept = self._entries()
            for key, content in entries.items():
                if len(content) <= MAX_ENTRY_BYTES:
                    kept[key] = (content, seconds)

    def _entries(self) -> "TLRUCache[str, tuple[bytes, int]]":
        """Made when first used; called under the lock, so that it is made once."""
        if self._made is None:
            from cachetools import TLRUCache  # noqa: PLC0415

            self._made = TLRUCache(
                self._size,
                ttu=lambda _key, entry, now: now + entry[1],
                timer=self._clock,
                getsizeof=lambda entry: len(entry[0]) + OVERHEAD,
            )
        return self._made


class SharedStore:
    """The operator's Redis, for all instances; while it does not answer, this instance's memory."""

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
        small = {key: value for key, value in entries.items() if len(value) <= MAX_ENTRY_BYTES}
        for part in _slices(small):
            self._keep(part, seconds)

    def _keep(self, part: Mapping[str, bytes], seconds: int) -> None:
        def write(redis: "Redis") -> None:
            pipeline = redis.pipeline(transaction=False)
            for key, value in part.items():
                pipeline.set(PREFIX + key, value, ex=seconds)
            pipeline.execute()

        try:
            self._connection.insist(write)
        except UnavailableError:
            self._memory.keep(part, seconds)


def _slices(entries: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Entries in slices of at most ``SLICE`` bytes; a single one may be as large."""
    part: dict[str, bytes] = {}
    size = 0
    for key, value in entries.items():
        if part and size + len(value) > SLICE:
            yield part
            part, size = {}, 0
        part[key] = value
        size += len(value)
    if part:
        yield part
