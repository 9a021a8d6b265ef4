"""One log line for many waiting calls: what, how many, how long, which request."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from engine import observe
from engine.errors import Failure
from engine.errors.redact import log_words
from engine.settings import Settings

SECONDS_BETWEEN_LINES = 5.0
MAX_ENTRIES = 1_000
"""Subjects of which the time of the last line is remembered."""

MAX_ID_CHARACTERS = 80
"""Characters of a request id in a line."""

logger = logging.getLogger("gateway")


class CallLog:
    """Logs waits and failures, each at most one line every 5 s for each endpoint and model."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._quiet: OrderedDict[tuple[str, str, str], tuple[float, int]] = OrderedDict()

    def wait(self, settings: Settings, failure: Failure, seconds: float, requests: int) -> None:
        """A call is about to wait, after so many requests; in the queue if it is for 0 s."""
        calls = self._calls_to_report(settings, "wait")
        if calls:
            logger.info(
                "%s at %s: %s (HTTP %s), waits since the last line: %d; "
                "this one %s after attempt %d, request id %s",
                settings.model,
                settings.origin,
                failure.kind.name,
                failure.status or "none",
                calls,
                f"{seconds:.1f} s" if seconds else "in the queue",
                requests,
                failure.request_id[:MAX_ID_CHARACTERS] or "none",
            )

    def event(self, settings: Settings, what: str, *numbers: int) -> None:
        """Something was done about a failure at once, without a pause.

        Args:
            settings: endpoint and model.
            what: the subject; lines of one subject are at least 5 s apart.
            numbers: of this one, in the place of each ``%d``.
        """
        calls = self._calls_to_report(settings, what)
        if calls:
            logger.info(
                "%s at %s: %s, since the last line: %d",
                settings.model,
                settings.origin,
                what % numbers,
                calls,
            )

    def failure(self, settings: Settings, failure: Failure, attempts: int, seconds: float) -> None:
        """A call was given up; here stands what its message must not tell everybody."""
        observe.current.gave_up(settings, failure)
        calls = self._calls_to_report(settings, "failure")
        if calls:
            logger.warning(
                "%s at %s: gave up on %s (HTTP %s), calls since the last line: %d; "
                "this one after attempt %d in %.1f s, request id %s: %s",
                settings.model,
                settings.origin,
                failure.kind.name,
                failure.status or "none",
                calls,
                attempts,
                seconds,
                failure.request_id[:MAX_ID_CHARACTERS] or "none",
                log_words(failure),
            )

    def _calls_to_report(self, settings: Settings, subject: str) -> int:
        """How many calls the line now due stands for; 0 while no line is due."""
        key = (settings.origin, settings.model, subject)
        now = self._clock()
        with self._lock:
            due, unsaid = self._quiet.pop(key, (now, 0))
            calls = unsaid + 1 if now >= due else 0
            self._quiet[key] = (now + SECONDS_BETWEEN_LINES, 0) if calls else (due, unsaid + 1)
            while len(self._quiet) > MAX_ENTRIES:
                self._quiet.popitem(last=False)
        return calls
