"""Which models a key may use, remembered for a minute: what to say of one that it may not."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine.call.attempt import TimeLimits
from engine.call.model_list import is_listed, list_models
from engine.errors import AttemptError, Failure
from engine.errors.suggest import suggest_models, suggestion_sentence
from engine.http.transport import Transport
from engine.settings import Settings

KEPT_SECONDS = 60.0
"""A list is asked for no more often; whoever adds a model at the gateway waits no longer."""

MAX_LISTS = 64
"""Endpoints and keys; those asked for longest ago go."""

MAX_NAMES = 5_000
"""Of one list; a longer one is not kept, and tells nothing."""

_CONNECT_SECONDS, _SILENCE_SECONDS = 2.0, 3.0


@dataclass(slots=True)
class _List:
    until: float
    known: threading.Event = field(default_factory=threading.Event)
    names: tuple[str, ...] | None = None


class ModelLists:
    """The lists of the keys that asked for a model which their gateway does not have.

    Thread-safe: calls that fail at once for the same reason share one request.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lists: OrderedDict[tuple[str, str], _List] = OrderedDict()

    def explained(
        self, transport: Transport, settings: Settings, failure: Failure, until: float
    ) -> Failure:
        """Return the failure as final and with near names, where the list lacks the model.

        Args:
            transport: the connections.
            settings: endpoint, the key that was used, and the model.
            failure: what the gateway said.
            until: when the call has to be over, on the monotonic clock.
        """
        if not failure.kind.is_about_model or failure.after_content:
            return failure
        names = self._look(transport, settings, until)
        if not names or is_listed(settings.model, names):
            return failure
        hint = suggestion_sentence(suggest_models(settings.model, names), len(names))
        return replace(
            failure,
            final=True,
            facts=(*failure.facts, hint),
        )

    def _look(
        self, transport: Transport, settings: Settings, until: float
    ) -> tuple[str, ...] | None:
        now = self._clock()
        key = (settings.endpoint, settings.key_digest)
        with self._lock:
            found = self._lists.get(key)
            asks = found is None or found.until <= now
            if found is None or asks:
                found = self._lists[key] = _List(now + KEPT_SECONDS)
                self._lists.move_to_end(key)
                while len(self._lists) > MAX_LISTS:
                    self._lists.popitem(last=False)
        latest = min(until, now + _CONNECT_SECONDS + _SILENCE_SECONDS)
        if not asks:
            found.known.wait(max(0.0, latest - now))
            return found.names
        try:
            limits = TimeLimits(latest, _CONNECT_SECONDS, _SILENCE_SECONDS)
            names = list_models(transport, settings, limits)
            found.names = tuple(names) if len(names) <= MAX_NAMES else None
        except AttemptError:
            # A gateway without a list, or out of order: it is asked again in a minute.
            return None
        finally:
            found.known.set()
        return found.names
