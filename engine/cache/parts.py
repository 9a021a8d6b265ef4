"""A call whose answer has a part for each thing asked, each of which may have been paid for."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.cache.cache import Cache
from engine.cache.entry import read_entry, write_entry
from engine.cache.key import cache_key
from engine.cache.single_flight import Flight
from engine.call.attempt import MAX_CALL_SECONDS
from engine.errors import Failure, GatewayError
from engine.errors.explanation import given_up, reader_of
from engine.errors.messages import language_of
from engine.request import Questions
from engine.settings import Settings
from engine.text.asked import asked_text

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
        self._shape = questions.shape
        self._payloads = questions.payloads
        self._ask = ask
        self._positions: dict[str, list[int]] = {}
        for position, payload in enumerate(questions.payloads):
            key = cache_key(settings, self._reuse.kind, questions.path, payload)
            self._positions.setdefault(key, []).append(position)
        self._own: dict[str, Flight] = {}
        self._began = time.monotonic()
        self._budget_ends = self._began + settings.max_retry_seconds
        self._parts: dict[int, Part] = {}
        self.replayed: set[int] = set()

    def run(self) -> list[Part]:
        """All parts, in the order of the questions.

        Raises:
            GatewayError: a request failed for good; what came before it is kept.
        """
        others: dict[str, Flight] = {}
        failure: Failure | None = None
        try:
            for key in self._positions:
                flight, is_first = self._cache.single_flight.join(key)
                (self._own if is_first else others)[key] = flight
            for key, entry in self._cache.store.find(list(self._own)).items():
                if self._take(key, entry):
                    self._complete(key, entry)
            self._fetch(list(self._own))
        except GatewayError as error:
            failure = error.failure
            raise
        finally:
            for key in list(self._own):
                self._complete(key, None, failure)
        # Only now: two calls that each waited for the other's would wait for ever.
        for key, flight in others.items():
            result = flight.wait(self._budget_ends, self._began + MAX_CALL_SECONDS)
            if not self._take(key, result.answer) and result.failure:
                self._fail_if_late(result.failure)
        self._fetch([key for key, at in self._positions.items() if at[0] not in self._parts])
        if len({self._shape(part) for part in self._parts.values()}) > 1:
            self._fetch_anew()
        return [self._parts[position] for position in sorted(self._parts)]

    def _fetch_anew(self) -> None:
        """Ask past the cache for what came from it: a gateway's answers have changed since."""
        keys = [key for key, at in self._positions.items() if at[0] in self.replayed]
        self.replayed.difference_update(self._positions[key][0] for key in keys)
        self._fetch(keys)

    def _fail_if_late(self, failure: Failure) -> None:
        """All who waited at once, past their time, would find no room either.

        Raises:
            GatewayError: the time to wait is over.
        """
        spent, budget = time.monotonic() - self._began, self._settings.max_retry_seconds
        if spent >= budget:
            asked = asked_text(self._payloads[0])
            reader = reader_of(self._settings, language_of(asked))
            raise given_up(replace(failure, after_content=False), reader, 0.0)

    def _complete(self, key: str, entry: bytes | None, failure: Failure | None = None) -> None:
        flight = self._own.pop(key, None)
        if flight is not None:
            self._cache.single_flight.complete(flight, entry, failure)

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
                self._complete(key, entry)
