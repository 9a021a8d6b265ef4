"""What a model behind a gateway was found to need, remembered for a while."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from gateway.revise import Revision
from gateway.settings import Settings

MOST_ENTRIES = 10_000

type _Key = tuple[str, str, str]


class Memory:
    """Revisions that a model needs, by endpoint, key and model; bounded in number and age."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._needs: OrderedDict[_Key, dict[Revision, float]] = OrderedDict()

    def recall(self, settings: Settings) -> tuple[Revision, ...]:
        """What this model needed lately, in the order in which it was found out."""
        with self._lock:
            needs = self._needs.get(_key(settings), {})
            now = self._clock()
            return tuple(revision for revision, until in needs.items() if until > now)

    def remember(self, settings: Settings, revisions: Iterable[Revision]) -> None:
        """These revisions made a call succeed."""
        with self._lock:
            needs = self._needs.pop(_key(settings), {})
            for revision in revisions:
                needs[revision] = self._clock() + revision.remembered_seconds
            self._needs[_key(settings)] = needs
            while len(self._needs) > MOST_ENTRIES:
                self._needs.popitem(last=False)


def _key(settings: Settings) -> _Key:
    return (settings.endpoint, settings.key_digest, settings.model)
