"""One call that was sent, as the limit sees it, and one that may have itself to blame."""

import itertools
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Attempt:
    """One call that was sent, as long as it is in flight."""

    sent_at: float
    ahead: int
    """Calls in flight before it, less those of them that turned out to be rejected."""
    before: int
    """Calls ever admitted before it, as far as known."""
    call: int | None = None
    """Number of the call, if known: all attempts of a call have the same."""
    number: int = field(default_factory=itertools.count().__next__)
    """Attempts are numbered in the order in which they are sent, whatever their limit."""
    admitted: bool = False
    """It survived the time that a rejection takes, or its answer has begun."""


@dataclass(slots=True)
class PoisonCandidate:
    """One call that alone was rejected of late, and the limit before: it may be the call's fault.

    A gateway that is full at some number of calls in flight admits nobody beyond it. If it lets
    others in there, sent later, then it was not full: the call is too large, or on a list.
    """

    call: int
    """Its number."""
    size: float
    """The limit's, before it was rejected."""
    speed: float | None
    """By which it climbed then, if it did; calls a second."""
    target: float | None
    """Where its climb over known ground would have ended."""
    number: int = 0
    """Of its latest attempt."""
    level: int = 0
    """Calls in flight before that."""

    def narrow(self, level: int) -> None:
        """Another call was rejected at a higher level: the limit was too large all the same."""
        self.size, self.speed = min(self.size, level), None
        self.target = None if self.target is None else min(self.target, level)

    def is_cleared_by(self, attempt: Attempt) -> bool:
        """Whether this attempt, which was admitted, shows that the gateway was not full."""
        return attempt.number > self.number and attempt.ahead >= self.level
