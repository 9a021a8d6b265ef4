"""When a failed call is tried again: the policy, and the ``backoff`` loop that keeps to it."""

import time
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import backoff

from gateway.failure import AttemptError, Failure, Kind

type Jitter = Callable[[float], float]

SLOW_SECONDS = 30.0
"""After an attempt of this length a repeat is dear; see ``Kind.slow_repeats``."""

LAST_CHANCE_SECONDS = 0.25
"""How long before the deadline the last attempt starts, when the pause would outlast it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause that was decided on.

    Attributes:
        failure: why.
        seconds: how long.
    """

    failure: Failure
    seconds: float


def repeats_allowed(failure: Failure) -> int | None:
    """How many repeats this failure is worth; ``None`` as many as the waiting budget holds."""
    kind = failure.kind
    if failure.after_content or failure.final:
        return 0
    if kind.within is not None and failure.seconds > kind.within:
        return 0
    if kind.slow_repeats is not None and failure.seconds > SLOW_SECONDS:
        return kind.slow_repeats
    return kind.repeats


def pause_before_repeat(
    failure: Failure, repeats: int, remaining: float, jitter: Jitter
) -> float | None:
    """Seconds to wait before the call is tried again, or ``None`` to give up.

    What the server told is obeyed to the letter, and given up at once if it is longer than the
    budget. Else full jitter: a part of base x 2^n drawn evenly, so that callers that were refused
    together do not come back together.

    Args:
        failure: the last attempt's.
        repeats: how often the call was repeated after a failure of this kind already.
        remaining: seconds left of the waiting budget.
        jitter: draws a pause from 0 to the seconds given.
    """
    allowed = repeats_allowed(failure)
    if (allowed is not None and repeats >= allowed) or remaining <= 0:
        return None
    if failure.kind.is_rejection:
        # The queue knows better than chance when there is room, and keeps to what was told.
        return 0.0
    if failure.told_wait:
        return failure.told_wait if failure.told_wait <= remaining else None
    if failure.kind.pause.fixed is not None:
        return failure.kind.pause.fixed if failure.kind.pause.fixed <= remaining else None
    ceiling = min(failure.kind.pause.cap, failure.kind.pause.base * 2.0 ** min(repeats, 10))
    pause = jitter(ceiling)
    if pause <= remaining - LAST_CHANCE_SECONDS:
        return pause
    last_chance = remaining - LAST_CHANCE_SECONDS
    return last_chance if last_chance > LAST_CHANCE_SECONDS else None


class Retry:
    """The attempts of one call.

    Args:
        max_retry_seconds: the waiting budget; no attempt starts after it.
        on_wait: told of every pause before it begins.
        clock: monotonic seconds.
        jitter: draws a pause from 0 to the seconds given.
    """

    def __init__(
        self,
        max_retry_seconds: float,
        on_wait: Callable[[Wait], None],
        clock: Callable[[], float] = time.monotonic,
        jitter: Jitter = backoff.full_jitter,
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._on_wait = on_wait
        self._began = clock()
        self._deadline = self._began + max_retry_seconds
        self._repeats: Counter[Kind] = Counter()
        self._pause = 0.0
        self._last: Failure | None = None

    def run[Result](self, attempt: Callable[[], Result]) -> Result:
        """Try until an attempt succeeds or the policy gives up.

        Raises:
            AttemptError: the last attempt's.
        """

        @backoff.on_exception(
            self._pauses,
            AttemptError,
            # The default jitter would shorten what the server told to wait.
            jitter=None,
            giveup=self._gives_up,
            logger=None,
        )
        def persist() -> Result:
            # A pause may have ended late: the process may have been busy.
            if self._last is not None and self._clock() > self._deadline:
                raise AttemptError(replace(self._last, final=True))
            return attempt()

        return persist()

    def _gives_up(self, error: Exception) -> bool:
        if not isinstance(error, AttemptError):
            return True
        failure = error.failure
        self._last = failure
        pause = pause_before_repeat(
            failure, self._repeats[failure.kind], self._deadline - self._clock(), self._jitter
        )
        if pause is None:
            return True
        self._repeats[failure.kind] += 1
        self._pause = pause
        self._on_wait(Wait(failure, pause))
        return False

    def _pauses(self) -> Generator[float, object, None]:
        """What ``backoff`` asks for the seconds to sleep; its first ``send`` only primes it."""
        yield 0.0
        while True:
            yield self._pause
