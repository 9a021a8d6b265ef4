"""When a server that does not answer is asked again."""

import threading
import time
from collections.abc import Callable

FAILURES = 3
"""In a row, until the server is left alone."""

FIRST_PAUSE = 10.0
"""Seconds until it is tried again."""

MAX_PAUSE_SECONDS = 60.0
"""Seconds; each pause is twice as long as the one before it, up to this."""


class Breaker:
    """Opens after three failures in a row, for 10 s, then twice as long each time, to 60.

    When a pause is over, one command tries; the others are kept off until it has ended.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = 0.0
        self._until = 0.0
        self._trying = False

    @property
    def is_open(self) -> bool:
        """The server did not answer lately, and has not answered since."""
        return self._pause > 0

    def admits(self) -> bool:
        """Whether a command may be sent now; how it ended has to be told."""
        with self._lock:
            if not self._pause:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._pause
            self._trying = True
            return True

    def succeeded(self) -> bool:
        """A command was answered; tells whether the server had been given up."""
        with self._lock:
            was_open = self._pause > 0
            self._failures, self._pause, self._trying = 0, 0.0, False
            return was_open

    def failed(self) -> float:
        """A command was not answered; tells the pause in seconds that begins with it, else 0."""
        with self._lock:
            self._failures += 1
            if self._pause and not self._trying:
                return 0.0  # it was under way already when the pause began
            if not self._pause and self._failures < FAILURES:
                return 0.0
            self._pause = min(MAX_PAUSE_SECONDS, self._pause * 2) if self._pause else FIRST_PAUSE
            self._until = self._clock() + self._pause
            self._trying = False
            return self._pause
