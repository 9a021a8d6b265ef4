"""`python -m bench.soak MINUTES`: ask for so long, print every minute, fail on lasting growth.

Fails as well on any fault of our own: a call that should have been answered and was not, a call
with an error that is none of Dify's, a word on stderr, a line on stdout that is no message.
"""

import argparse
import contextlib
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field

from bench import ROOT
from bench.environments import runtime_python
from devtools import PluginProcess, RedisProcess, Session, SimulatorProcess, credentials
from devtools.redis import free_port
from engine.cluster.connection import VARIABLE
from engine.errors.kind import Outcome

from .mix import Mix, Row
from .watch import MIB_A_MINUTE_MAX, Sample, look, slope

RESULTS = ROOT / "bench" / "results" / "soak.json"
MOST_UNDER_WAY = 1_000
EXPECTED = {outcome.value for outcome in Outcome}
HEAD = "minute     MiB  descriptors  threads  greenlets   calls  alone ms  faults"
LATE_SECONDS = 120.0
"""A call that has to end and is under way for so long beyond its budget hangs."""


@dataclass
class Tally:
    """What became of the calls so far."""

    ended: int = 0
    faults: list[str] = field(default_factory=list)
    under_way: list[tuple[Row, Session]] = field(default_factory=list)

    def collect(self, now: float) -> None:
        """Judge what has ended."""
        left = []
        for row, session in self.under_way:
            if session.done:
                self.ended += 1
                if fault := _fault(row, session):
                    self.faults.append(f"{row.name}: {fault}")
            elif row.ends and now - session.sent_at > row.budget + LATE_SECONDS:
                self.faults.append(f"{row.name}: no end after {now - session.sent_at:.0f} s")
            else:
                left.append((row, session))
        self.under_way = left


def main() -> int:
    """Run from the command line; 0 if nothing grew and nothing was our own fault."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=60.0)
    parser.add_argument("--rate", type=float, default=20.0, help="calls a second (default 20)")
    parser.add_argument("--keys", type=int, default=300, help="API keys (default 300)")
    parser.add_argument("--redis", action="store_true", help="with a Redis beside it")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(SimulatorProcess())
        port = free_port()
        env = {"RESILIENT_GATEWAY_METRICS": f"127.0.0.1:{port}"}
        if options.redis:
            env[VARIABLE] = stack.enter_context(RedisProcess()).url
        plugin = stack.enter_context(PluginProcess(ROOT, python=runtime_python(), env=env))
        mix = Mix(simulator.base_url, options.keys)
        metrics = f"http://127.0.0.1:{port}"
        samples, faults = soak(plugin, mix, metrics, options.minutes, options.rate)
    growth = slope(samples)
    RESULTS.write_text(
        json.dumps(
            {
                "rate": options.rate,
                "keys": options.keys,
                "redis": options.redis,
                "mib_a_minute": growth,
                "faults": len(faults),
                "samples": [asdict(sample) for sample in samples],
            },
            indent=1,
        )
        + "\n",
        "utf-8",
    )
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    if growth is None:
        print("Too short to tell whether memory levels off: give it ten minutes.")
        return 1 if faults else 0
    print(f"Memory grows by {growth:.2f} MiB a minute in the second half.")
    return 1 if faults or growth > MIB_A_MINUTE_MAX else 0


def soak(
    plugin: PluginProcess, mix: Mix, metrics: str, minutes: float, rate: float
) -> tuple[list[Sample], list[str]]:
    """Ask `rate` times a second for so many minutes; the minutes, and all faults."""
    tally, samples = Tally(), []
    began = time.monotonic()
    made = counted = 0
    print(HEAD, flush=True)
    for minute in range(1, round(minutes) + 1):
        while (now := time.monotonic()) < began + 60 * minute:
            while made < (now - began) * rate and len(tally.under_way) < MOST_UNDER_WAY:
                tally.under_way.append(mix.call(plugin))
                made += 1
            made = max(made, int((now - began) * rate) - 1)  # no burst after a hold-up
            time.sleep(0.5 / rate)
            tally.collect(now)
        alone = _alone_ms(plugin, mix.base_url)
        own = [*tally.faults, *plugin.violations, *plugin.stderr.splitlines()]
        calls, counted = tally.ended - counted, tally.ended
        sample = Sample(minute, *look(plugin, metrics), calls, alone, len(own))
        samples.append(sample)
        print(
            f"{sample.minute:6.0f} {sample.mib:7.1f} {sample.descriptors:12} {sample.threads:8}"
            f" {sample.greenlets:10} {sample.calls:7} {sample.alone_ms:9.1f} {sample.faults:7}",
            flush=True,
        )
    return samples, own


def _alone_ms(plugin: PluginProcess, base_url: str) -> float:
    form = credentials(base_url, "sk-good-alone")
    times = []
    for number in range(9):
        session = plugin.chat("openai/ok", f"alone {number}", credentials=form, stream=False).wait()
        times.append((session.events[0].at - session.sent_at) * 1000)
    return statistics.median(times)


def _fault(row: Row, session: Session) -> str:
    error = session.error
    if error is None:
        return "" if row.answered else "answered, though the gateway failed"
    if "Traceback" in error.message:
        return error.message
    if row.answered or error.error_type not in EXPECTED:
        return f"{error.error_type}: {error.message[:200]}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
