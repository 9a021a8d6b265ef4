"""A call that may be answered by what was paid for already."""

import time

from gateway.cache.cache import Cache
from gateway.cache.entry import read_entry, write_entry
from gateway.cache.key import cache_key
from gateway.cache.store import LARGEST_ENTRY
from gateway.call import Engine, GatewayCall
from gateway.exchange import Shutdown, Sink
from gateway.pieces import Piece
from gateway.relay import merge
from gateway.request import Request, Reuse
from gateway.settings import Settings

type _Found[Result] = tuple[list[Piece], Result]


class CachedCall[Result]:
    """A call, asked of the cache first if the form wants that.

    Args:
        engine: what calls share.
        cache: what was paid for.
        settings: endpoint, keys, models and waiting budget.
        request: what is asked.
        sink: gets the answer as it arrives.
        until: when it has to be over, on the monotonic clock; 590 s from now at the latest.

    Attributes:
        call: the call to the gateway.
        replayed: the answer is a former one, or that of an equal call: nothing was paid for it.
    """

    def __init__(
        self,
        engine: Engine,
        cache: Cache,
        settings: Settings,
        request: Request[Result],
        sink: Sink,
        until: float | None = None,
    ) -> None:
        self._journal = engine.journal
        self._cache = cache
        self._settings = settings
        self._sink = sink
        self._copy = _Copy(sink)
        reuse = request.reuse if settings.cache_ttl_seconds else None
        self._reuse = reuse
        self.call = GatewayCall(engine, settings, request, self._copy if reuse else sink, until)
        self.replayed = False

    def run(self) -> Result:
        """Answer from the cache, or with an equal call, or ask the gateway.

        Raises:
            AttemptError: the last model's failure.
        """
        reuse = self._reuse
        if reuse is None:
            return self.call.run()
        request = self.call.first_request()
        if not self._may_keep(reuse, request):
            return self.call.run()
        key = self._key(reuse, request)
        flight, is_first = self._cache.flights.join(key)
        if is_first:
            return self._lead(reuse, key)
        budget_ends = self.call.began + self._settings.max_retry_seconds
        left = min(budget_ends, self.call.until) - time.monotonic()
        found = self._read(reuse, flight.wait(left))
        return self._replay(found) if found else self._ask(reuse)[0]

    def _lead(self, reuse: Reuse[Result], key: str) -> Result:
        """Look the answer up, or ask; equal calls wait for it meanwhile."""
        entry = None
        try:
            kept = self._cache.store.find([key]).get(key)
            found = self._read(reuse, kept)
            if found:
                entry = kept
                return self._replay(found)
            result, entry = self._ask(reuse)
            return result
        finally:
            self._cache.flights.land(key, entry)

    def _ask(self, reuse: Reuse[Result]) -> tuple[Result, bytes | None]:
        """Ask the gateway; beside the result, the entry that others may have."""
        result = self.call.run()
        sent = self.call.sent
        own = self.call.model == self._settings.model
        if not own or self._copy.too_long or not self._may_keep(reuse, sent):
            return result, None
        entry = write_entry(reuse, merge(self._copy.pieces), result)
        if entry is not None:
            seconds = self._settings.cache_ttl_seconds
            # Under what was sent in the end: a revised request is looked up so from now on.
            self._cache.store.keep({self._key(reuse, sent): entry}, seconds)
        return result, entry

    def _may_keep(self, reuse: Reuse[Result], request: Request[Result]) -> bool:
        if not reuse.allowed(request.payload):
            return False
        return self._settings.cache_uncertain or reuse.certain(request.payload)

    def _key(self, reuse: Reuse[Result], request: Request[Result]) -> str:
        return cache_key(self._settings, reuse.kind, request.path, request.payload)

    def _read(self, reuse: Reuse[Result], entry: bytes | None) -> _Found[Result] | None:
        return read_entry(reuse, entry, self._settings.cache_ttl_seconds) if entry else None

    def _replay(self, found: _Found[Result]) -> Result:
        pieces, result = found
        self.replayed = True
        self._journal.event(self._settings, "answered from the cache")
        self._sink.put(pieces)
        return result


class _Copy:
    """A sink that keeps a copy of what it passes on, as long as it could be kept."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._size = 0
        self.pieces: list[Piece] = []

    @property
    def closed(self) -> bool:
        """Nobody waits for the answer any more."""
        return self._sink.closed

    @property
    def too_long(self) -> bool:
        """There was more than an entry holds."""
        return self._size > LARGEST_ENTRY

    def put(self, pieces: list[Piece]) -> None:
        """Pass pieces on."""
        self._size += sum(len(piece.text) + len(piece.sound) for piece in pieces)
        if self.too_long:
            self.pieces.clear()
        else:
            self.pieces.extend(pieces)
        self._sink.put(pieces)

    def read_from(self, source: Shutdown | None) -> None:
        """Pass on what has to be shut down."""
        self._sink.read_from(source)
