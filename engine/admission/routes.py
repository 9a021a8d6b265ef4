"""What is known of a key, and of one model with that key, at one endpoint."""

from bisect import bisect_right
from dataclasses import dataclass, field
from random import Random

from engine.admission.cooldown import Cooldown, SharedLimit
from engine.admission.limits.adaptive import NEVER, AdaptiveLimit
from engine.admission.limits.attempt import Attempt
from engine.admission.limits.tuning import (
    ASKING_SECONDS,
    BEST_BUCKET,
    BEST_BUCKETS,
    IDLE_SECONDS,
    LOOK_AGAIN,
    MINUTE,
    Tuning,
)
from engine.admission.token_budget import Charge, RouteTokens, TokenBudget, Tokens


@dataclass(frozen=True, slots=True)
class Told:
    """Why a server told to wait.

    Attributes:
        cause: the failure, as a text that whoever is refused meanwhile is handed; empty if a quota
            was used up by a call that succeeded.
        of_key: it holds for every model of the key.
    """

    cause: str = ""
    of_key: bool = False


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What the operator knows of the key; `None`: find out."""

    max_concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


class StrictestLimit:
    """The strictest of the limits given for a key within the last hour."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}

    def give(self, limit: int | None, now: float) -> None:
        """A call came with this limit."""
        if limit is not None:
            self._seen[limit] = now
        if len(self._seen) > 1:
            self._seen = {value: at for value, at in self._seen.items() if now - at < IDLE_SECONDS}

    def value(self, now: float) -> int | None:
        """The limit to keep to."""
        if not self._seen:
            return None
        return min((v for v, at in self._seen.items() if now - at < IDLE_SECONDS), default=None)


class InstanceShare:
    """The part of every strict limit that this instance keeps to by itself.

    Attributes:
        instances: 1 while the instances agree on every call; else how many have to share the limit.
    """

    def __init__(self) -> None:
        self.instances = 1

    def of(self, limit: int) -> int:
        """This instance's part of a limit; never less than one call."""
        return max(1, limit // self.instances)


class Ejection:
    """Whether to leave something alone: for some minutes, then until the one call that tries it."""

    def __init__(self) -> None:
        self.until = -NEVER
        self.reason: str | None = None

    def begin(self, reason: str, until: float) -> None:
        """It does not serve."""
        self.until, self.reason = until, reason

    def end(self) -> None:
        """It serves, or may."""
        self.until, self.reason = -NEVER, None

    def holds(self, now: float, in_flight: int) -> bool:
        """Whether to leave it alone now, with so many calls under way."""
        return self.reason is not None and (now < self.until or in_flight > 0)


class KeyState:
    """One key at one endpoint: what the server told of it, and the limits its owner gave."""

    def __init__(self, share: InstanceShare) -> None:
        self._share = share
        self._held_until: float | None = None
        self.in_flight = 0
        self.cooldown = Cooldown()
        """The server told to wait, and that it is about the key."""
        self.shared = SharedLimit()
        self.ejection = Ejection()
        """The key was refused, or its quota is used up."""
        self.concurrency = StrictestLimit()
        self.per_minute = StrictestLimit()
        self.tokens_per_minute = StrictestLimit()
        self.tokens = TokenBudget()
        self._sent: list[float] = []

    def hold(self, until: float) -> None:
        """Other instances use all that the limits allow: one call asks again at that time."""
        self._held_until = until

    def lease_granted(self) -> bool:
        """The other instances leave room; tells whether they did not before."""
        was_held, self._held_until = self._held_until is not None, None
        return was_held

    def ended(self, now: float) -> None:
        """A call with this key has ended."""
        self.in_flight -= 1
        if self._held_until is not None:
            self._held_until = min(self._held_until, now)

    def ejected(self, now: float) -> bool:
        """Whether to leave the key alone."""
        return self.ejection.holds(now, self.in_flight)

    def room(self, now: float) -> int:
        """Calls that the key takes now, whatever their model."""
        if self._held_until is not None and now < self._held_until:
            return 0
        room = 1_000_000 if self._held_until is None else 1
        most = self.concurrency.value(now)
        if most is not None:
            room = min(room, self._share.of(most) - self.in_flight)
        rate = self.per_minute.value(now)
        if rate is not None:
            self._forget(now)
            room = min(room, self._share.of(rate) - len(self._sent))
        return self.cooldown.room(now, max(0, room))

    def most_within(self, seconds: float, now: float) -> float:
        """Requests that may be sent within so many seconds at most, as far as that is limited."""
        rate = self.per_minute.value(now)
        return NEVER if rate is None else self._share.of(rate) * (seconds // MINUTE + 1)

    def token_limit(self, now: float) -> int | None:
        """Tokens that this instance's calls with the key may take in a minute."""
        limit = self.tokens_per_minute.value(now)
        return None if limit is None else self._share.of(limit)

    def due(self, now: float) -> float:
        """Time at which there may be room though no call ends."""
        due = max(self.cooldown.due(now), self._held_until or -NEVER)
        rate = self.per_minute.value(now)
        if rate is not None and len(self._sent) >= self._share.of(rate):
            due = max(due, self._sent[len(self._sent) - self._share.of(rate)] + MINUTE)
            if self._share.instances > 1:
                due = min(due, now + LOOK_AGAIN)  # the other instances may be heard of again
        return due

    def sent(self, now: float) -> None:
        """A call goes out with this key."""
        self.in_flight += 1
        self.cooldown.sent(now)
        if self.per_minute.value(now) is not None:
            self._sent.append(now)
        if self._held_until is not None:
            # One at a time asks the other instances; how it ends frees the key, or holds it again.
            self._held_until = now + ASKING_SECONDS

    def unsent(self, sent_at: float) -> None:
        """It did not go out after all."""
        self.in_flight -= 1
        self.cooldown.unsent(sent_at)
        if sent_at in self._sent:
            self._sent.remove(sent_at)

    def _forget(self, now: float) -> None:
        del self._sent[: bisect_right(self._sent, now - MINUTE)]


@dataclass(slots=True)
class _Bucket:
    number: int
    admitted: int = 0
    answered: int = 0


class Throughput:
    """The best rate that a route showed in ten minutes, while calls were waiting throughout."""

    def __init__(self) -> None:
        self._buckets: list[_Bucket] = []
        self._pressed_since = NEVER

    def pressed(self, now: float, *, waiting: bool) -> None:
        """Whether calls wait from now on."""
        if not waiting:
            self._pressed_since = NEVER
            if self._buckets and self._buckets[-1].number == int(now // BEST_BUCKET):
                self._buckets.pop()
        elif self._pressed_since == NEVER:
            self._pressed_since = now

    def admitted(self, sent_at: float, count: int) -> None:
        """A call was sent (1) or turned out to have been rejected (-1)."""
        if bucket := self._bucket(sent_at):
            bucket.admitted += count

    def answered(self, now: float) -> None:
        """A call was answered."""
        if bucket := self._bucket(now):
            bucket.answered += 1

    def best(self, now: float) -> float | None:
        """Calls a second at best; `None` if unknown."""
        current = int(now // BEST_BUCKET)
        rates = [
            max(bucket.admitted, bucket.answered) / BEST_BUCKET
            for bucket in self._buckets
            if current - BEST_BUCKETS <= bucket.number < current
        ]
        return max(rates, default=0.0) or None

    def _bucket(self, at: float) -> _Bucket | None:
        """The bucket of that time, if calls waited since its beginning."""
        number = int(at // BEST_BUCKET)
        for bucket in reversed(self._buckets):
            if bucket.number == number:
                return bucket
        newest = self._buckets[-1].number if self._buckets else -1
        if number <= newest or self._pressed_since > number * BEST_BUCKET:
            return None
        self._buckets.append(_Bucket(number))
        del self._buckets[:-BEST_BUCKETS]
        return self._buckets[-1]


@dataclass(slots=True, eq=False)
class Route:
    """One model with one key: the way that a call takes."""

    key: KeyState
    adaptive_limit: AdaptiveLimit
    throughput: Throughput = field(default_factory=Throughput)
    ejection: Ejection = field(default_factory=Ejection)
    """The key may not use this model, or its group has no channel for it."""
    cooldown: Cooldown = field(default_factory=Cooldown)
    """The server told to wait; that holds for this model with this key."""
    tokens: RouteTokens = field(default_factory=RouteTokens)

    @classmethod
    def new(cls, key: KeyState, now: float, rng: Random, tuning: Tuning) -> "Route":
        """A route of which nothing is known."""
        return cls(key, AdaptiveLimit(now, rng, tuning))

    def ejected(self, now: float) -> bool:
        """Whether to leave it alone, for the key's sake or for the model's."""
        return self.key.ejected(now) or self.ejection.holds(now, self.adaptive_limit.in_flight)

    @property
    def ejected_until(self) -> float:
        """When its ejection is over, if it cools down."""
        return max(self.key.ejection.until, self.ejection.until)

    @property
    def ejection_reason(self) -> str:
        """Why it cools down."""
        return self.key.ejection.reason or self.ejection.reason or ""

    def wake(self) -> None:
        """The key works, and for this model."""
        self.key.ejection.end()
        self.ejection.end()

    def heard_retry_after(self, wait: float, now: float, sent_at: float, reason: Told) -> None:
        """The server told an attempt sent at `sent_at` to wait so many seconds."""
        if reason.of_key:
            self.key.cooldown.begin(wait, now, reason.cause, sent_at)
            return
        self.cooldown.begin(wait, now, reason.cause, sent_at)
        until = self.key.shared.heard_retry_after(self, now, self.cooldown.retry_at)
        if until is not None:
            self.key.cooldown.begin(until - now, now, reason.cause, sent_at)

    def admitted(self, sent_at: float, now: float) -> bool:
        """A call sent then was admitted; returns whether that ends a wait that was told."""
        self.key.shared.admitted(sent_at)
        of_model = self.cooldown.admitted(sent_at, now)
        return self.key.cooldown.admitted(sent_at, now) or of_model

    @property
    def cooling(self) -> Cooldown:
        """Of the waits that were told, for the model or for the key, the one that ends last."""
        of_key = self.key.cooldown
        return of_key if of_key.retry_at > self.cooldown.retry_at else self.cooldown

    def allows(self, now: float) -> bool:
        """Whether what is no guess, a told wait or a limit of the key, leaves room for a call."""
        return self.cooldown.room(now, self.key.room(now)) > 0

    def room(self, now: float) -> int:
        """Calls that may take this route now."""
        return min(self.key.room(now), self.cooldown.room(now, self.adaptive_limit.room(now)))

    def due(self, now: float) -> float:
        """Time at which there may be room though nothing happens."""
        due = max(self.key.due(now), self.cooldown.due(now), self.adaptive_limit.due(now))
        return due if due > now or self.room(now) else NEVER

    def tokens_due(self, estimate: Tokens, now: float) -> float:
        """Time from which on a call may be sent as far as its tokens go; ``now`` if it may.

        A call that is larger than the whole limit is sent when no other call counts any more.
        """
        limit = self.key.token_limit(now)
        if limit is None:
            return now
        tokens = self.tokens.charge(estimate, now).tokens
        due = self.tokens.wait_until(tokens, now)
        if due > now or self.tokens.is_known(limit, now):
            return due
        used = self.key.tokens.used(now)
        return self.key.tokens.free_at(used + tokens - limit, now) if used else now

    def charge(self, estimate: Tokens, now: float) -> Charge | None:
        """A call that is sent now counts for these tokens, where they are limited."""
        if self.key.token_limit(now) is None:
            return None
        charge = self.tokens.charge(estimate, now)
        self.key.tokens.take(charge)
        return charge

    def send(self, now: float, call: int) -> Attempt:
        """A call takes this route."""
        self.key.sent(now)
        self.cooldown.sent(now)
        self.throughput.admitted(now, 1)
        return self.adaptive_limit.sent(now, call)

    def unsent(self, attempt: Attempt, now: float) -> None:
        """It did not go out after all."""
        self.key.unsent(attempt.sent_at)
        self.cooldown.unsent(attempt.sent_at)
        self.throughput.admitted(attempt.sent_at, -1)
        self.adaptive_limit.unsent(attempt, now)
