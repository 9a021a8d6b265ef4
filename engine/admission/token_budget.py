"""Tokens of a minute: what calls may take, what they took, and what a server says is left.

A call counts for its estimate from the moment it is sent, and for what was counted from the moment
its answer is there. No clock and no thread here; times are in seconds.
"""

import itertools
import math
from collections import deque
from dataclasses import dataclass, field

from engine.admission.limits.tuning import MINUTE
from engine.errors.rate_limit_headers import TokensLeft

HEADROOM, FIRST_HEADROOM = 1.1, 1.25
"""An estimate counts for so much more until the gateway has counted it, and for the latter until it
has counted any: estimates miss by a tenth, once it is known by how much they miss on the whole."""

WEIGHT = 0.2
"""Of the latest call in what is learned from all of them."""

MIN_RATIO, MAX_RATIO = 0.25, 4.0
"""Bounds of what was counted over what was estimated; beyond them something else was counted."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one call.

    Attributes:
        prompt: of what is sent.
        answer: of the answer. Before it is there: those that the vendor counts in advance,
            whatever the answer is (``max_tokens``); 0 where it counts the answer itself.
    """

    prompt: int = 0
    answer: int = 0


NO_TOKENS = Tokens()


@dataclass(slots=True, eq=False)
class Charge:
    """What one call counts for, from when it was sent."""

    at: float
    route: "RouteTokens"
    estimate: Tokens
    prompt: int
    """Expected tokens of the prompt, with headroom."""
    answer: int
    """Expected tokens of the answer."""
    tokens: int = 0
    """What it counts for now."""
    number: int = field(default_factory=itertools.count().__next__)
    """Charges are numbered in their order: many are made at one time."""

    def __post_init__(self) -> None:
        self.tokens = self.prompt + self.answer

    @property
    def sent(self) -> int:
        """What an attempt counts for that was processed, but never answered."""
        return self.prompt + self.estimate.answer

    def settled(self, used: Tokens | None) -> tuple[int, int]:
        """What it counts for since it was sent, and further tokens since it was answered.

        Args:
            used: as the gateway counted; ``None`` if it did not.
        """
        if used is None:
            return self.prompt + self.answer, 0
        prompt = used.prompt or self.prompt
        if self.estimate.answer:  # counted in advance, and not given back
            return prompt + self.estimate.answer, 0
        return prompt, used.answer


class RouteTokens:
    """What was learned of the tokens of one model with one key."""

    def __init__(self) -> None:
        self._ratio: float | None = None
        self._answer: float | None = None
        self._remaining = 0
        self._limit: int | None = None
        self._until = -math.inf
        self._counted = -1

    def charge(self, estimate: Tokens, now: float) -> Charge:
        """What a call with this estimate would count for if it was sent now."""
        factor = FIRST_HEADROOM if self._ratio is None else self._ratio * HEADROOM
        prompt = math.ceil(estimate.prompt * factor)
        answer = estimate.answer or math.ceil(self._answer or 0.0)
        return Charge(now, self, estimate, prompt, answer)

    def learn(self, estimate: Tokens, used: Tokens) -> None:
        """A call that was estimated so was counted so."""
        if estimate.prompt and used.prompt:
            ratio = min(MAX_RATIO, max(MIN_RATIO, used.prompt / estimate.prompt))
            self._ratio = _mixed(self._ratio, ratio)
        self._answer = _mixed(self._answer, used.answer)

    def heard_retry_after(
        self, left: TokensLeft, counted: Charge, sent_since: int, now: float
    ) -> None:
        """A server says what is left of its limit.

        Args:
            left: its figures.
            counted: the call that they came with; they count it.
            sent_since: tokens that were sent after it.
            now: the present.
        """
        self._remaining, self._limit = left.remaining - sent_since, left.limit
        self._counted, self._until = counted.number, now + min(left.seconds, MINUTE)

    def take(self, tokens: int, charge: Charge) -> None:
        """A call was sent that counts for so many tokens (or, negative, for so many less)."""
        if charge.number > self._counted:
            self._remaining -= tokens

    def wait_until(self, tokens: int, now: float) -> float:
        """When a call of so many tokens fits into what is left, as the server says."""
        return self._until if now < self._until and tokens > self._remaining else now

    def is_known(self, limit: int, now: float) -> bool:
        """Whether the server's own figure takes the place of a count against this limit.

        Only if its limit is no larger: a smaller one that was typed is kept all the same.
        """
        return now < self._until and self._limit is not None and self._limit <= limit


class TokenBudget:
    """What the calls with one key count for within a minute."""

    def __init__(self) -> None:
        self._charges: deque[Charge] = deque()
        self._used = 0

    def used(self, now: float) -> int:
        """Tokens of the last minute."""
        while self._charges and self._charges[0].at <= now - MINUTE:
            gone = self._charges.popleft()
            self._used -= gone.tokens
            gone.tokens = 0
        return self._used

    def take(self, charge: Charge) -> None:
        """A call is sent."""
        self._charges.append(charge)
        self._used += charge.tokens
        charge.route.take(charge.tokens, charge)

    def correct(self, charge: Charge, tokens: int, now: float) -> None:
        """A call counts for so many tokens instead, if it was sent within the last minute."""
        self.used(now)
        if charge.at > now - MINUTE:
            self._used += tokens - charge.tokens
            charge.route.take(tokens - charge.tokens, charge)
            charge.tokens = tokens

    def answered(self, charge: Charge, used: Tokens, now: float) -> None:
        """The gateway has counted a call's tokens."""
        since_sent, since_answered = charge.settled(used)
        charge.route.learn(charge.estimate, used)
        self.correct(charge, since_sent, now)
        if since_answered:
            self.take(Charge(now, charge.route, NO_TOKENS, since_answered, 0))

    def sent_since(self, charge: Charge) -> int:
        """Tokens that were sent on a call's route after it."""
        later = itertools.takewhile(
            lambda each: each.number > charge.number, reversed(self._charges)
        )
        return sum(each.tokens for each in later if each.route is charge.route)

    def free_at(self, tokens: int, now: float) -> float:
        """When so many of the tokens in use are no longer within the last minute."""
        at = now
        for charge in self._charges:
            if tokens <= 0:
                break
            tokens -= charge.tokens
            at = charge.at + MINUTE
        return at


def _mixed(known: float | None, latest: float) -> float:
    return latest if known is None else known + WEIGHT * (latest - known)
