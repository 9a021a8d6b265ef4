"""How much a model can take: pure objects that are fed with the time and know no clock.

`admit(now)` takes one call or says no; `done(now)` ends a call that was admitted; `wait(now)` is
how long a refused caller would do well to wait (seconds).
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

type Level = Callable[[float], float]
"""Capacity at a time (seconds since the model's first call)."""


class Capacity(Protocol):
    """What every kind of capacity can do."""

    def admit(self, now: float) -> bool:
        """Take one call at this time, or refuse it."""

    def done(self, now: float) -> None:
        """One admitted call has ended."""

    def wait(self, now: float) -> float:
        """Seconds until there may be room."""


@dataclass(slots=True)
class Slots:
    """At most so many calls at once."""

    level: Level
    busy: int = 0

    def admit(self, now: float) -> bool:
        """Take a slot if one is free."""
        if self.busy >= int(self.level(now)):
            return False
        self.busy += 1
        return True

    def done(self, now: float) -> None:
        """Free the slot."""
        del now
        self.busy -= 1

    def wait(self, now: float) -> float:
        """Nobody knows when a call ends: one second."""
        del now
        return 1.0


@dataclass(slots=True)
class Bucket:
    """A token bucket: `level` tokens a second, at most `burst` of them saved."""

    level: Level
    burst: float
    tokens: float = field(init=False)
    filled_at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def admit(self, now: float) -> bool:
        """Take a token if there is one."""
        earned = (now - self.filled_at) * self.level(now)
        self.tokens = min(self.burst, self.tokens + earned)
        self.filled_at = now
        if self.tokens < 1.0 - 1e-9:
            return False
        self.tokens -= 1.0
        return True

    def done(self, now: float) -> None:
        """A rate does not care when calls end."""

    def wait(self, now: float) -> float:
        """Until the next token."""
        rate = self.level(now)
        return (1.0 - self.tokens) / rate if rate > 0 else 60.0


@dataclass(slots=True)
class AdaptiveLimit:
    """So many calls in each window of so many seconds, the first one beginning with the first call.

    With `counts_failures`, refused calls use the window up too, as in New API's second limit.
    """

    level: Level
    seconds: float
    counts_failures: bool = False
    index: int = -1
    used: int = 0

    def admit(self, now: float) -> bool:
        """Take one of the window's calls if any is left."""
        index = int(now // self.seconds)
        if index != self.index:
            self.index, self.used = index, 0
        admitted = self.used < int(self.level(now))
        if admitted or self.counts_failures:
            self.used += 1
        return admitted

    def done(self, now: float) -> None:
        """A window does not care when calls end."""

    def wait(self, now: float) -> float:
        """Until the next window."""
        return (self.index + 1) * self.seconds - now


CHARACTERS_PER_TOKEN = 4
"""Of the simulator's own count."""


@dataclass(slots=True)
class TokenWindow:
    """So many tokens of prompts in any span of so many seconds.

    A prompt that is larger than the whole is admitted when nothing else counts.
    """

    limit: int
    seconds: float
    log: deque[tuple[float, int]] = field(default_factory=deque)

    def admit(self, now: float, characters: int) -> bool:
        """Take the tokens of a prompt if they are left."""
        while self.log and self.log[0][0] <= now - self.seconds:
            self.log.popleft()
        tokens = math.ceil(characters / CHARACTERS_PER_TOKEN)
        if self.log and sum(used for _, used in self.log) + tokens > self.limit:
            return False
        self.log.append((now, tokens))
        return True


@dataclass(slots=True)
class Strangers:
    """Others on the same account: they come at random and take what is free, each for a while."""

    rate: float
    """Arrivals a second (Poisson)."""
    service: float
    """Mean seconds that each stays (exponential)."""
    inner: Capacity
    rng: random.Random
    next_at: float = field(init=False)
    leaving: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.next_at = self.rng.expovariate(self.rate)

    def admit(self, now: float) -> bool:
        """Let the other tenants who came before `now` have their turn, then ask for a place."""
        self._come(now)
        return self.inner.admit(now)

    def done(self, now: float) -> None:
        """One of our own calls has ended; other tenants who came before found its place taken."""
        self._come(now)
        self.inner.done(now)

    def wait(self, now: float) -> float:
        """As the account itself says."""
        return self.inner.wait(now)

    def _come(self, now: float) -> None:
        while self.next_at <= now:
            self._leave(self.next_at)
            if self.inner.admit(self.next_at):
                stay = self.rng.expovariate(1.0 / self.service)
                heapq.heappush(self.leaving, self.next_at + stay)
            self.next_at += self.rng.expovariate(self.rate)
        self._leave(now)

    def _leave(self, now: float) -> None:
        while self.leaving and self.leaving[0] <= now:
            self.inner.done(heapq.heappop(self.leaving))


def level_of(value: float, spec: dict[str, Any], rng: random.Random) -> Level:
    """Capacity over time: constant, in steps, as a random walk, and with an outage.

    `steps` is `[[from second, value], ...]`; `walk` is `{every, step, min, max}`; `outage` is
    `[from second, to second]` or a list of such pairs.
    """
    steps = sorted((float(at), float(much)) for at, much in spec.get("steps", []))
    outage = spec.get("outage", [])
    outages = [outage] if outage and not isinstance(outage[0], list) else outage
    walk = _walk(value, spec["walk"], rng) if "walk" in spec else None

    def level(now: float) -> float:
        if any(start <= now < end for start, end in outages):
            return 0.0
        if walk is not None:
            return walk(now)
        return next((much for at, much in reversed(steps) if at <= now), value)

    return level


def _walk(value: float, spec: dict[str, Any], rng: random.Random) -> Level:
    every, step = float(spec.get("every", 5.0)), float(spec.get("step", 1.0))
    low, high = float(spec.get("min", 1.0)), float(spec.get("max", 2 * value))
    path = [value]

    def level(now: float) -> float:
        while len(path) <= now // every:
            path.append(min(high, max(low, path[-1] + rng.choice((-step, 0.0, step)))))
        return path[int(now // every)]

    return level


def capacity_of(spec: dict[str, Any], rng: random.Random) -> Capacity:
    """The capacity that a scenario describes: `kind`, its size, and how that changes.

    Raises:
        ValueError: the kind is unknown.
    """
    kind = spec.get("kind", "slots")
    if kind == "slots":
        return Slots(level_of(float(spec["slots"]), spec, rng))
    if kind == "bucket":
        return Bucket(level_of(float(spec["rate"]), spec, rng), float(spec.get("burst", 1)))
    if kind == "window":
        level = level_of(float(spec["limit"]), spec, rng)
        return AdaptiveLimit(level, float(spec["seconds"]), bool(spec.get("counts_failures")))
    raise ValueError(f"unknown capacity: {kind!r}")
