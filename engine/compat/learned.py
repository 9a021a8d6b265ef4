"""What a model behind a gateway was found to need, remembered for a while."""

import time
from collections.abc import Callable, Iterable

from engine.compat.route_store import Remembered
from engine.request import Revision
from engine.settings import Settings


class Memory:
    """Revisions that a model needs; bounded in number and age."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._needs: Remembered[dict[Revision, float]] = Remembered()

    def recall(self, settings: Settings) -> tuple[Revision, ...]:
        """What this model needed lately, in the order in which it was found out."""
        needs, now = self._needs.get(settings) or {}, self._clock()
        return tuple(revision for revision, until in needs.items() if until > now)

    def remember(self, settings: Settings, revisions: Iterable[Revision]) -> None:
        """These revisions made a call succeed."""
        now = self._clock()
        until = {revision: now + revision.remembered_seconds for revision in revisions}
        self._needs.change(settings, lambda needs: {**(needs or {}), **until})
