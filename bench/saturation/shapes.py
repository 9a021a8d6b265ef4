"""What the gateway is like: each shape is a scenario of the simulator and a number of calls.

Services are short (a second or so, log-normal) so that an hour holds everything; what counts are
the proportions, and a rejection takes 0.1 s, a tenth of a service, unless the shape says otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MODEL = "crowded"
POISON = 20_000
"""Characters of a call that a poisoned model always rejects."""

TUNING_SEEDS = (1, 2, 3, 4, 5)
"""For trying things out; nothing measured with them is in the table."""
HELD_OUT_SEEDS = (90_001, 90_098, 90_195, 90_292, 90_389)
"""For the final table only: nothing was ever tuned or chosen with them."""
PEER_SEEDS = 3
"""How many of the seeds the other clients run."""

type Kind = Literal["constant", "changing", "window"]
type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A gateway and the calls made to it, all at once, by one user.

    `compared` shapes are run by the other clients too. `poison` adds a call that never gets in.
    """

    name: str
    title: str
    kind: Kind
    calls: int
    capacity: Json
    mean: float = 1.0
    """Mean seconds of a service."""
    reject_latency: float = 0.1
    extra: Json | None = None
    stream: bool = False
    poison: bool = False
    compared: bool = False

    @property
    def heavy(self) -> bool:
        """Whether it is measured beside one other at most: its calls keep a core busy at times."""
        return self.calls > 500

    @property
    def ours(self) -> float:
        """Our part of the capacity on average, if other tenants get all that they ask for."""
        if self.extra is None or "strangers" not in self.extra:
            return 1.0
        other_tenants = self.extra["strangers"]
        return float(1 - other_tenants["rate"] * other_tenants["service"] / self.capacity["slots"])

    @property
    def spec(self) -> Json:
        """The model's part of the scenario."""
        return {
            "capacity": self.capacity,
            "service": {"mean": self.mean, "distribution": "lognormal", "sigma": 0.5},
            "reject_latency": self.reject_latency,
            "scope": "account",
            **(self.extra or {}),
        }

    @property
    def scenario(self) -> Json:
        """The whole scenario."""
        return {MODEL: self.spec}


def _slots(count: int, **changes: Any) -> Json:
    return {"kind": "slots", "slots": count, **changes}


_BUCKET: Json = {"kind": "bucket", "rate": 10, "burst": 10}
_WINDOW: Json = {"kind": "window", "limit": 100, "seconds": 10}
_MINUTE: Json = {"kind": "window", "limit": 600, "seconds": 60}
_WALK: Json = {"every": 2, "step": 4, "min": 2, "max": 40}

JOB = Shape("job", "20 slots, 1,000 calls", "constant", 1000, _slots(20), compared=True)
"""The job of the title and of the second plot."""

SHAPES: Sequence[Shape] = (
    Shape("slots-1", "1 slot", "constant", 100, _slots(1), mean=0.3),
    Shape("slots-3", "3 slots", "constant", 150, _slots(3), mean=0.6),
    Shape("slots-3-40", "3 slots, 40 calls", "constant", 40, _slots(3), mean=2.0),
    Shape("slots-20", "20 slots", "constant", 300, _slots(20), mean=1.5, compared=True),
    Shape("slots-20-streams", "20 slots, streams", "constant", 300, _slots(20), stream=True),
    Shape(
        "slots-20-slow",
        "20 slots, rejected after 1 s, 1,000 calls",
        "constant",
        1000,
        _slots(20),
        mean=1.5,
        reject_latency=1.0,
    ),
    Shape(
        "slots-20-fast",
        "20 slots, rejected after 50 ms",
        "constant",
        300,
        _slots(20),
        reject_latency=0.05,
    ),
    JOB,
    Shape("slots-100", "100 slots, 1,000 calls", "constant", 1000, _slots(100), mean=2.0),
    Shape("bucket", "10 a second, burst 10", "constant", 300, _BUCKET, compared=True),
    Shape(
        "bucket-told",
        "the same with Retry-After",
        "constant",
        300,
        _BUCKET,
        extra={"retry_after": True},
    ),
    Shape("window", "100 in 10 s", "window", 300, _WINDOW),
    Shape(
        "window-failures",
        "100 in 10 s, failures counted",
        "window",
        300,
        {**_WINDOW, "counts_failures": True},
    ),
    Shape("window-minute", "600 a minute", "window", 1000, _MINUTE),
    Shape(
        "steps",
        "20, then 5, then 40 slots",
        "changing",
        300,
        _slots(20, steps=[[6, 5], [16, 40]]),
        compared=True,
    ),
    Shape(
        "steps-600",
        "the same, services of 2 s, 600 calls",
        "changing",
        600,
        _slots(20, steps=[[20, 5], [40, 40]]),
        mean=2.0,
    ),
    Shape("walk", "2 to 40 slots at random", "changing", 500, _slots(20, walk=_WALK)),
    Shape("outage", "20 slots, gone for 40 s", "changing", 300, _slots(20, outage=[8, 48])),
    Shape(
        "outage-600",
        "the same, services of 2 s, 600 calls",
        "changing",
        600,
        _slots(20, outage=[10, 50]),
        mean=2.0,
    ),
    Shape(
        "strangers",
        "20 slots shared with strangers",
        "changing",
        300,
        _slots(20),
        extra={"strangers": {"rate": 4.0, "service": 2.0}},
    ),
    Shape(
        "poison",
        "20 slots and a poison call",
        "constant",
        300,
        _slots(20),
        extra={"poison": {"characters": POISON}},
        poison=True,
    ),
)
BY_NAME: Mapping[str, Shape] = {shape.name: shape for shape in SHAPES}
