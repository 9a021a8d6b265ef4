"""A call whose answer has a part for each thing asked, each of which may have been paid for."""

import time
from collections.abc import Callable, Iterator, Sequence

from gateway.cache.cache import Cache
from gateway.cache.entry import read_entry, write_entry
from gateway.cache.key import cache_key
from gateway.request import Questions
from gateway.settings import Settings

type Ask[Part] = Callable[[Sequence[int]], Iterator[Sequence[Part]]]
"""Asks the gateway for the parts at these positions; yields them in order, as they come."""


class PartsCall[Part]:
    """The parts of one call, from the cache as far as they are there.

    Args:
        cache: what was paid for.
        settings: endpoint, keys, model, waiting budget.
        questions: what would be sent for each part alone.
        ask: asks the gateway for parts.

    Attributes:
        replayed: positions of the parts that nothing was paid for.
    """

    def __init__(
        self,
        cache: Cache,
        settings: Settings,
        questions: Questions[Part],
        ask: Ask[Part],
    ) -> None:
        self._cache = cache
        self._settings = settings
        self._reuse = questions.reuse
        self._ask = ask
        self._positions: dict[str, list[int]] = {}
        for position, payload in enumerate(questions.payloads):
            key = cache_key(settings, self._reuse.kind, questions.path, payload)
            self._positions.setdefault(key, []).append(position)
        self._own: set[str] = set()
        self._budget_ends = time.monotonic() + settings.max_retry_seconds
        self._parts: dict[int, Part] = {}
        self.replayed: set[int] = set()

    def run(self) -> list[Part]:
        """All parts, in the order of the questions.

        Raises:
            GatewayError: a request failed for good; what came before it is kept.
        """
        joined = {key: self._cache.flights.join(key) for key in self._positions}
        self._own = {key for key, (_, is_first) in joined.items() if is_first}
        try:
            for key, entry in self._cache.store.find(list(self._own)).items():
                if self._take(key, entry):
                    self._land(key, entry)
            self._fetch([key for key in joined if key in self._own])
        finally:
            for key in list(self._own):
                self._land(key, None)
        # Only now: two calls that each waited for the other's would wait for ever.
        for key, (flight, is_first) in joined.items():
            if not is_first:
                self._take(key, flight.wait(self._budget_ends - time.monotonic()))
        self._fetch([key for key, at in self._positions.items() if at[0] not in self._parts])
        return [self._parts[position] for position in sorted(self._parts)]

    def _land(self, key: str, entry: bytes | None) -> None:
        if key in self._own:
            self._own.remove(key)
            self._cache.flights.land(key, entry)

    def _take(self, key: str, entry: bytes | None) -> bool:
        """Use an entry for the parts that have this key; tells whether it could be used."""
        longest = self._settings.cache_ttl_seconds
        found = read_entry(self._reuse, entry, longest) if entry else None
        if found is None:
            return False
        self._put(key, found[1])
        self.replayed.update(self._positions[key])
        return True

    def _put(self, key: str, part: Part) -> None:
        """Equal parts are asked for once."""
        first, *others = self._positions[key]
        self._parts.update(dict.fromkeys((first, *others), part))
        self.replayed.update(others)

    def _fetch(self, keys: list[str]) -> None:
        """Ask for parts; what comes is kept at once, whatever becomes of the rest."""
        if not keys:
            return
        left = iter(keys)
        for parts in self._ask([self._positions[key][0] for key in keys]):
            got = {next(left): part for part in parts}
            entries: dict[str, bytes] = {}
            for key, part in got.items():
                self._put(key, part)
                entry = write_entry(self._reuse, (), part)
                if entry is not None:
                    entries[key] = entry
            self._cache.store.keep(entries, self._settings.cache_ttl_seconds)
            for key, entry in entries.items():
                self._land(key, entry)
