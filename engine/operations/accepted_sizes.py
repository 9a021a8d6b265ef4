"""How much a model took at once, where it refused more: inputs, or characters of a text."""

import functools
import re
import time
from collections.abc import Callable

from engine.call.policy import NO_REPEATS, Action, AttemptState, decide
from engine.compat.route_store import RouteStore
from engine.errors import Failure
from engine.errors.kinds import BAD_REQUEST, CONTEXT_TOO_LONG, TOO_LARGE
from engine.settings import Settings

REMEMBERED_SECONDS = 3600.0
"""Then the larger size is tried again: what stands behind a name may have changed."""

_TOO_MUCH = re.compile(r"\blength\b|too (?:long|large)|exceed|超过|超出|过长|上限", re.IGNORECASE)


class AcceptedSizes:
    """Sizes that passed, each for an hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sizes: RouteStore[tuple[int, float]] = RouteStore()

    def recall(self, settings: Settings, most: int) -> int:
        """The size to begin with, at most ``most``."""
        size, until = self._sizes.get(settings) or (most, 0.0)
        return min(size, most) if until > self._clock() else most

    def learn(self, settings: Settings, size: int) -> None:
        """This size passed where a larger one did not."""
        until = self._clock() + REMEMBERED_SECONDS
        self._sizes.change(settings, lambda _before: (size, until))


def is_too_much(failure: Failure, about: re.Pattern[str]) -> bool:
    """Whether less at once may pass: vendors have many words for it, and a document is at stake.

    Args:
        failure: of what was sent.
        about: words for what there is too much of, besides those for being too much.
    """
    is_about = failure.kind is BAD_REQUEST and about.search(failure.words) is not None
    return is_about or says_too_much(failure)


def says_too_much(failure: Failure) -> bool:
    """Whether it speaks of too much, of whatever it is."""
    if failure.kind is BAD_REQUEST:
        return _TOO_MUCH.search(failure.words) is not None
    return failure.kind in (TOO_LARGE, CONTEXT_TOO_LONG)


def decide_size(failure: Failure, *, is_too_much: bool, parts: int, can_shorten: bool) -> Action:
    """Return what to do about a request that the call itself has given up on.

    Args:
        failure: why it was given up.
        is_too_much: less at once may pass.
        parts: how many things were asked for at once.
        can_shorten: the one text can still be cut.
    """
    state = AttemptState(
        0.0, is_too_much=is_too_much, parts=parts, can_shorten=can_shorten, limits=NO_REPEATS
    )
    return decide(failure, state, lambda seconds: seconds)


@functools.cache
def shared_sizes() -> AcceptedSizes:
    """Those of this process."""
    return AcceptedSizes()
