"""Answers that were paid for already."""

from engine.cache.single_flight import SingleFlight
from engine.cache.store import MemoryStore, SharedStore, Store
from engine.cluster import Connection


class Cache:
    """What the calls of a process share of it.

    Args:
        connection: the operator's Redis; ``None`` to keep answers in this process.
    """

    def __init__(self, connection: Connection | None) -> None:
        memory = MemoryStore()
        self.store: Store = SharedStore(connection, memory) if connection else memory
        self.single_flight = SingleFlight()
