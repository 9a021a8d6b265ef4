"""Models with a capacity, from their names (`slots-20-500`) or from a scenario file.

A scenario is JSON: model name -> how it behaves. Every field but one of `behaviour` and `capacity`
may be left out::

    {"gpt-4o": {
        "family": "rix", "behaviour": "sat-3-then-ok",
        "capacity": {"kind": "slots", "slots": 20, "steps": [[10, 5], [40, 40]],
                     "walk": {"every": 5, "step": 4, "min": 2, "max": 40}, "outage": [30, 70]},
        "service": {"mean": 2.0, "distribution": "lognormal", "sigma": 0.5},
        "reject_latency": 0.1, "retry_after": false, "scope": "account",
        "other tenants": {"rate": 3.0, "service": 2.0}, "poison": {"characters": 20000},
        "tokens": {"limit": 60000, "seconds": 60}}}

`kind` is `slots` (`slots`), `bucket` (`rate` a second, `burst`) or `window` (`limit`, `seconds`,
`counts_failures`). `scope` is `key` (the default: each key has its own) or `account` (all keys
share). `tokens` limits the tokens of prompts besides, four characters each. A poisoned model
refuses every call with more characters than that, for ever. `limit` is one that tells how long to
wait (see `waits`).
"""

import json
import math
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.capacity import Capacity, Strangers, TokenWindow, capacity_of

type Scenario = dict[str, dict[str, Any]]

_NUMBER = r"\d+(?:\.\d+)?"
_NAMES = (
    re.compile(rf"(?P<kind>slots)-(?P<slots>\d+)(?:-(?P<ms>{_NUMBER}))?"),
    re.compile(
        rf"(?P<kind>bucket)-(?P<rate>{_NUMBER})-(?P<burst>{_NUMBER})(?:-(?P<ms>{_NUMBER}))?"
    ),
    re.compile(rf"(?P<kind>windowf?)-(?P<limit>\d+)-(?P<seconds>{_NUMBER})(?:-(?P<ms>{_NUMBER}))?"),
)
_FIELDS = frozenset(
    {
        "family",
        "behaviour",
        "capacity",
        "service",
        "reject_latency",
        "retry_after",
        "scope",
        "strangers",
        "poison",
        "tokens",
        "limit",
    }
)


def load(source: Scenario | Path | str | None) -> Scenario:
    """The scenario of a file or a dictionary; nothing is an empty one.

    Raises:
        ValueError: it is no JSON object of objects, or a field is unknown.
    """
    if source is None:
        return {}
    value = source if isinstance(source, dict) else json.loads(Path(source).read_text("utf-8"))
    if not isinstance(value, dict) or not all(isinstance(spec, dict) for spec in value.values()):
        raise ValueError("a scenario is a JSON object: model name -> object")
    for name, spec in value.items():
        if unknown := set(spec) - _FIELDS:
            raise ValueError(f"scenario of {name!r}: unknown fields {sorted(unknown)}")
    return value


def spec_of(name: str) -> dict[str, Any] | None:
    """The scenario that a model's name spells out, or None if it spells none."""
    for pattern in _NAMES:
        match = pattern.fullmatch(name)
        if match is None:
            continue
        capacity: dict[str, Any] = {
            key: float(value)
            for key, value in match.groupdict().items()
            if value is not None and key not in {"kind", "ms"}
        }
        kind = match["kind"]
        capacity["kind"] = "window" if kind == "windowf" else kind
        capacity["counts_failures"] = kind == "windowf"
        service = float(match["ms"] or 0) / 1000
        return {"capacity": capacity, "service": {"mean": service}}
    return None


@dataclass(slots=True)
class CrowdedModel:
    """One model with a capacity, for one key or for all: who is let in, and for how long."""

    spec: dict[str, Any]
    capacity: Capacity
    rng: random.Random
    began: float | None = None
    """When the first call came (monotonic seconds)."""
    admitted: int = 0
    rejected: int = 0
    busy: int = 0
    busy_peak: int = 0
    service_seconds: float = field(default=0.0)
    tokens: TokenWindow | None = None

    @classmethod
    def build(cls, name: str, spec: dict[str, Any], seed: int) -> "CrowdedModel":
        """The model as its scenario describes it; each kind of chance has its own generator."""
        capacity = capacity_of(spec["capacity"], random.Random(f"{seed}/{name}/walk"))
        if strangers := spec.get("strangers"):
            rng = random.Random(f"{seed}/{name}/strangers")
            rate, stay = float(strangers["rate"]), float(strangers.get("service", 1.0))
            capacity = Strangers(rate, stay, capacity, rng)
        limit = spec.get("tokens")
        tokens = TokenWindow(int(limit["limit"]), float(limit["seconds"])) if limit else None
        service = random.Random(f"{seed}/{name}/service")
        return cls(spec, capacity, service, tokens=tokens)

    def enter(self, now: float, characters: int) -> float | None:
        """Seconds that the call will take, or None if it is refused."""
        if self.began is None:
            self.began = now
        limit = self.spec.get("poison", {}).get("characters", math.inf)
        if characters > limit or not self._admits(now - self.began, characters):
            self.rejected += 1
            return None
        self.admitted += 1
        self.busy += 1
        self.busy_peak = max(self.busy_peak, self.busy)
        seconds = self._service()
        self.service_seconds += seconds
        return seconds

    def _admits(self, now: float, characters: int) -> bool:
        if not self.capacity.admit(now):
            return False
        if self.tokens is None or self.tokens.admit(now, characters):
            return True
        self.capacity.done(now)
        return False

    def leave(self, now: float) -> None:
        """The call has ended, one way or another."""
        self.busy -= 1
        self.capacity.done(now - (self.began or now))

    def retry_after(self, now: float) -> float | None:
        """Seconds that a refusal tells, or None if it tells nothing."""
        if not self.spec.get("retry_after"):
            return None
        return max(0.001, self.capacity.wait(now - (self.began or now)))

    @property
    def reject_latency(self) -> float:
        """Seconds until a refusal is sent."""
        return float(self.spec.get("reject_latency", 0.0))

    def _service(self) -> float:
        service = self.spec.get("service", {})
        mean = float(service.get("mean", 0.0))
        if mean <= 0 or service.get("distribution", "constant") == "constant":
            return mean
        sigma = float(service.get("sigma", 0.5))
        return self.rng.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma)
