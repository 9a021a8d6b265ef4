"""The loop: attempts, until one succeeds or the policy gives up, and what became of them."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from engine.call.policy import Action, GiveUp, QueueAgain, RetryLater
from engine.errors import AttemptError, Failure, Kind


class AttemptHistory:
    """The failed attempts of a call on one model, and the time that it has.

    Args:
        max_wait_seconds: the waiting budget; after a pause no attempt starts later.
        clock: monotonic seconds.

    Attributes:
        failures: in their order; what the log and a message tell of them.
        refused_keys: position of each key that cannot be used, and why.
        rejected_keys: positions of the keys that had no room.
    """

    def __init__(
        self, max_wait_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self.deadline = clock() + max_wait_seconds
        self._repeats: Counter[Kind] = Counter()
        self.failures: list[Failure] = []
        self.refused_keys: dict[int, str] = {}
        self.rejected_keys: set[int] = set()

    @property
    def last(self) -> Failure | None:
        """The latest failure."""
        return self.failures[-1] if self.failures else None

    @property
    def seconds_left(self) -> float:
        """Of the waiting budget."""
        return self.deadline - self._clock()

    def repeats(self, kind: Kind) -> int:
        """How often the call was repeated after a failure of this kind."""
        return self._repeats[kind]

    def count_repeat(self, kind: Kind) -> None:
        """It is repeated once more."""
        self._repeats[kind] += 1

    def add(self, failure: Failure, key: int, *, has_fit_key: bool) -> None:
        """Keep what became of an attempt.

        Args:
            failure: why it failed.
            key: position of the key that was used.
            has_fit_key: another key of the call may serve the model.
        """
        self.failures.append(failure)
        kind = failure.kind
        if kind.condemns_key or (kind.condemns_route and has_fit_key):
            self.refused_keys.setdefault(key, kind.name)
        elif kind.is_rejection:
            self.rejected_keys.add(key)


def run_attempts[Result](
    attempt: Callable[[], Result],
    decide_next: Callable[[Failure], Action],
    perform: Callable[[Action], None],
    is_late: Callable[[], bool],
) -> Result:
    """Make attempts until one succeeds or the call is given up; the only loop that repeats.

    Args:
        attempt: makes one.
        decide_next: what to do after a failure.
        perform: does it: pauses, changes the key, the request or the model.
        is_late: whether the time to wait is over, asked after a pause, which may have ended late
            as the process was busy.

    Raises:
        AttemptError: the failure that ends the call.
    """
    while True:
        try:
            return attempt()
        except AttemptError as error:
            failure = error.failure
        action = decide_next(failure)
        while not isinstance(action, GiveUp):
            perform(action)
            if not isinstance(action, RetryLater | QueueAgain) or not is_late():
                break
            action = decide_next(replace(action.failure, final=True))
        else:
            raise AttemptError(action.failure)
