"""Asks at once, in no queue: for a save, whose form waits, and for a command at a terminal."""

import time
from collections.abc import Callable

import backoff

from engine.call.loop import run_attempts
from engine.call.policy import (
    NO_REPEATS,
    Action,
    AttemptState,
    RetryLater,
    RetryLimits,
    Revise,
    decide,
)
from engine.compat.rules import RevisedRequest
from engine.errors import Failure


class UnqueuedCall:
    """The attempts of one question.

    Args:
        until: when they have to be over, on the monotonic clock.
        limits: of repeats, beside what is left out where the gateway names what it refuses.
    """

    def __init__(self, until: float, limits: RetryLimits = NO_REPEATS) -> None:
        self._until = until
        self._limits = limits
        self._repeats = 0

    def run[Result, Asked](
        self, attempt: Callable[[], Result], request: RevisedRequest[Asked] | None = None
    ) -> Result:
        """Make attempts until one succeeds or the policy gives up.

        Args:
            attempt: makes one.
            request: what it sends, if it can be changed.

        Raises:
            AttemptError: the last attempt's.
        """

        def decide_next(failure: Failure) -> Action:
            seconds_left = self._until - time.monotonic()
            rule = request.find(failure) if request and seconds_left > 0 else None
            state = AttemptState(seconds_left, self._repeats, key=0, rule=rule, limits=self._limits)
            return decide(failure, state, backoff.full_jitter)

        def perform(action: Action) -> None:
            match action:
                case Revise(failure, rule) if request:
                    request.apply(rule, failure)
                case RetryLater(_, seconds):
                    self._repeats += 1
                    time.sleep(seconds)

        return run_attempts(attempt, decide_next, perform, lambda: time.monotonic() >= self._until)
