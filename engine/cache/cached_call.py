"""A call that may be answered by what was paid for already."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.cache.cache import Cache
from engine.cache.entry import read_entry, write_entry
from engine.cache.key import cache_key
from engine.cache.single_flight import Flight
from engine.cache.store import MAX_ENTRY_BYTES
from engine.call.attempt import Closable, Sink
from engine.call.call import Engine, GatewayCall
from engine.call.channel import ConsumerGoneError, merge
from engine.delta import Delta
from engine.errors import AttemptError
from engine.request import Request, Reuse
from engine.settings import Settings

type _Found[Result] = tuple[list[Delta], Result]


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
        self._call_log = engine.call_log
        self._cache = cache
        self._settings = settings
        self._sink = sink
        self._copy = _Copy(sink, self._goes_on, self._is_of_no_use)
        self._flight: Flight | None = None
        reuse = request.reuse if settings.cache_ttl_seconds else None
        self._reuse = reuse
        receiver = self._copy if reuse else sink
        self.call = GatewayCall(engine, settings, request, receiver, until, self._progress)
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
        flight, is_first = self._cache.single_flight.join(key, lambda: self._sink.closed)
        if is_first:
            return self._lead(reuse, flight)
        budget_ends = self.call.began + self._settings.max_retry_seconds
        result = flight.wait(budget_ends, self.call.until)
        found = self._read(reuse, result.answer)
        if found:
            return self._replay(found)
        if result.failure and time.monotonic() >= budget_ends:
            # All of them at once, past their time, would find no room either.
            raise AttemptError(replace(result.failure, after_content=False))
        return self._ask(reuse, key)[0]

    def _lead(self, reuse: Reuse[Result], flight: Flight) -> Result:
        """Look the answer up, or ask; equal calls wait for it meanwhile."""
        single_flight = self._cache.single_flight
        entry, failure = None, None
        self._flight = flight
        try:
            kept = self._cache.store.find([flight.key]).get(flight.key)
            found = self._read(reuse, kept)
            if found:
                entry = kept
                return self._replay(found)
            result, entry = self._ask(reuse, flight.key)
        except AttemptError as error:
            failure = error.failure
            raise
        else:
            if entry is None:
                single_flight.is_of_no_use(flight)
            return result
        finally:
            single_flight.complete(flight, entry, failure)

    def _ask(self, reuse: Reuse[Result], key: str) -> tuple[Result, bytes | None]:
        """Ask the gateway; beside the result, the entry that others may have."""
        result = self.call.run()
        sent = self.call.sent
        own = self.call.model == self._settings.model
        if not own or self._copy.too_long or not self._may_keep(reuse, sent):
            return result, None
        entry = write_entry(reuse, merge(self._copy.deltas), result)
        if entry is not None:
            # Under what was sent in the end: a request that is revised from the start is looked up
            # so from now on. And under what was asked, for what is not always refused.
            entries = dict.fromkeys((key, self._key(reuse, sent)), entry)
            self._cache.store.keep(entries, self._settings.cache_ttl_seconds)
        return result, entry

    def _progress(self, asking: bool) -> None:
        """Tell those who wait how far it is."""
        if self._flight is None:
            return
        if self.call.model != self._settings.model:
            self._is_of_no_use()
        self._flight.progress(asking=asking)

    def _goes_on(self) -> bool:
        """Whether others wait for the answer though the one who asked for it has gone."""
        return self._flight is not None and self._cache.single_flight.goes_on(self._flight)

    def _is_of_no_use(self) -> None:
        if self._flight is not None:
            self._cache.single_flight.is_of_no_use(self._flight)

    def _may_keep(self, reuse: Reuse[Result], request: Request[Result]) -> bool:
        if not reuse.allowed(request.payload):
            return False
        return self._settings.cache_uncertain or reuse.certain(request.payload)

    def _key(self, reuse: Reuse[Result], request: Request[Result]) -> str:
        return cache_key(self._settings, reuse.kind, request.path, request.payload, request.applied)

    def _read(self, reuse: Reuse[Result], entry: bytes | None) -> _Found[Result] | None:
        return read_entry(reuse, entry, self._settings.cache_ttl_seconds) if entry else None

    def _replay(self, found: _Found[Result]) -> Result:
        deltas, result = found
        self.replayed = True
        self._call_log.event(self._settings, "answered from the cache")
        self._sink.put(deltas)
        return result


class _Copy:
    """A sink that keeps a copy of what it passes on, as long as it could be kept.

    Args:
        sink: where it goes.
        goes_on: whether the answer is read to its end though the sink is closed.
        overflows: called when it has become too long to be kept.
    """

    def __init__(
        self, sink: Sink, goes_on: Callable[[], bool], overflows: Callable[[], None]
    ) -> None:
        self._sink = sink
        self._goes_on = goes_on
        self._overflows = overflows
        self._size = 0
        self.deltas: list[Delta] = []

    @property
    def closed(self) -> bool:
        """Nobody waits for the answer any more."""
        return self._sink.closed and not self._goes_on()

    @property
    def too_long(self) -> bool:
        """There was more than an entry holds."""
        return self._size > MAX_ENTRY_BYTES

    def put(self, deltas: list[Delta]) -> None:
        """Pass deltas on."""
        was_too_long = self.too_long
        self._size += sum(len(delta.text) + len(delta.sound) for delta in deltas)
        if not self.too_long:
            self.deltas.extend(deltas)
        elif not was_too_long:
            self.deltas.clear()
            self._overflows()
        try:
            self._sink.put(deltas)
        except ConsumerGoneError:
            if not self._goes_on():
                raise

    def read_from(self, source: Closable | None) -> None:
        """Pass on what has to be shut down."""
        try:
            self._sink.read_from(_Source(source, self._goes_on) if source else None)
        except ConsumerGoneError:
            if not self._goes_on():
                raise


@dataclass(frozen=True, slots=True)
class _Source:
    """What has to be shut down when the consumer goes, unless others wait for it."""

    source: Closable
    goes_on: Callable[[], bool]

    def shutdown(self) -> None:
        """End the read."""
        if not self.goes_on():
            self.source.shutdown()
