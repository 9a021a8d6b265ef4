"""How much a model took at once, where it refused more: inputs, or characters of a text."""

import functools
import time
from collections.abc import Callable

from gateway.remembered import Remembered
from gateway.settings import Settings

REMEMBERED_SECONDS = 3600.0


class BatchSizes:
    """Sizes that passed, each for an hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sizes: Remembered[tuple[int, float]] = Remembered()

    def recall(self, settings: Settings, most: int) -> int:
        """The size to begin with, at most ``most``."""
        size, until = self._sizes.get(settings) or (most, 0.0)
        return min(size, most) if until > self._clock() else most

    def remember(self, settings: Settings, size: int) -> None:
        """A batch of this size passed where a larger one did not."""
        until = self._clock() + REMEMBERED_SECONDS
        self._sizes.change(settings, lambda _before: (size, until))


@functools.cache
def shared_sizes() -> BatchSizes:
    """Those of this process."""
    return BatchSizes()
