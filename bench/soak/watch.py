"""What a process holds, minute by minute, and whether it levels off."""

import statistics
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.probes import resident_mib
from devtools import PluginProcess

SETTLING_PART = 0.5
"""The first half of a soak, in which connections, keys and caches fill up."""

MIB_A_MINUTE_MAX = 0.25
"""Memory that still grows so fast afterwards does not level off."""

LEAST_MINUTES = 5
"""Fewer samples than that after settling show no slope, only noise."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One minute.

    Attributes:
        minute: since the soak began.
        mib: resident memory.
        descriptors: open files and sockets.
        threads: of the system.
        greenlets: alive in the process.
        calls: ended in this minute.
        alone_ms: median of a call that is made by itself, milliseconds.
        faults: calls that ended as none should, since the beginning.
    """

    minute: float
    mib: float
    descriptors: int
    threads: int
    greenlets: int
    calls: int
    alone_ms: float
    faults: int


def look(plugin: PluginProcess, metrics: str) -> tuple[float, int, int, int]:
    """Memory in MiB, descriptors, threads and greenlets of a process now."""
    proc = Path(f"/proc/{plugin.pid}")
    threads = sum(1 for _ in (proc / "task").iterdir())
    descriptors = sum(1 for _ in (proc / "fd").iterdir())
    return resident_mib(plugin.pid), descriptors, threads, _greenlets(metrics)


def slope(samples: Sequence[Sample]) -> float | None:
    """MiB a minute in the second half; `None` if there are too few minutes in it.

    The median of the slopes between all pairs of minutes: one burst is no growth.
    """
    late = [one for one in samples if one.minute > samples[-1].minute * SETTLING_PART]
    if len(late) < LEAST_MINUTES:
        return None
    pairs = [
        (later.mib - earlier.mib) / (later.minute - earlier.minute)
        for number, earlier in enumerate(late)
        for later in late[number + 1 :]
    ]
    return statistics.median(pairs)


def _greenlets(metrics: str) -> int:
    with urllib.request.urlopen(f"{metrics}/metrics", timeout=30.0) as answer:
        lines = answer.read().decode().splitlines()
    name = "resilient_gateway_threads "
    return int(float(next(line for line in lines if line.startswith(name)).removeprefix(name)))
