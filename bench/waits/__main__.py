"""`python -m bench.waits`: 300 calls on three models, one of which is told to wait 120 s.

The other two are measured with it and without it, in turns: the ratio of the times at which the
last of their calls is answered. Each model has ten slots, and every service takes half a second.
"""

import argparse
import statistics
import sys

from bench.saturation.plugins import SPARE, outcome_of
from bench.saturation.server import CountingServer
from bench.subjects import OURS
from devtools import Json, PluginProcess, Session, credentials

CALLS = 300
TOLD_SECONDS = 120.0
BUDGET = 60.0
BOUND = 1.05
"""The most wanted of the median ratio: no more than noise."""

MODELS = ("told", "one", "other")
_SPEC: Json = {"capacity": {"kind": "slots", "slots": 10}, "service": {"mean": 0.5}}
_TELLS: Json = {"limit": {"scope": "model", "seconds": TOLD_SECONDS}}


def main() -> int:
    """Run from the command line; 0 when the others were not slower, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench.waits", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="pairs of runs (default 5)")
    options = parser.parse_args()
    ratios: list[float] = []
    with OURS.start() as plugin:
        for number in range(options.rounds):
            order = (True, False) if number % 2 else (False, True)
            taken = {tells: run(plugin, number, tells=tells) for tells in order}
            ratios.append(taken[True] / taken[False])
            print(f"{taken[False]:6.2f} s without, {taken[True]:6.2f} s with: {ratios[-1]:.3f}")
    median = statistics.median(ratios)
    print(f"median {median:.3f}, at most {BOUND} is wanted; from {min(ratios):.3f} to ", end="")
    print(f"{max(ratios):.3f}")
    return int(median > BOUND)


def run(plugin: PluginProcess, seed: int, *, tells: bool) -> float:
    """Seconds until the last call of the two models that are told nothing is answered.

    Without the wait the third model refuses nobody and takes its part of the machine too.

    Raises:
        RuntimeError: one of their calls failed.
    """
    scenario = {model: {**_SPEC, "family": "rix"} for model in MODELS}
    if tells:
        scenario[MODELS[0]] |= _TELLS
    with CountingServer(seed, scenario) as server:
        form = credentials(server.base_url, f"sk-{seed}-{tells}", max_retry_seconds=f"{BUDGET:g}")
        plugin.chat("ok", credentials=form, stream=False).wait(SPARE)
        sessions = [
            (model, plugin.chat(model, str(number), credentials=form, stream=bool(number % 2)))
            for number in range(CALLS // len(MODELS))
            for model in MODELS
        ]
        began = min(session.sent_at for _, session in sessions)
        ended = [_end_of(session) for model, session in sessions if model != MODELS[0]]
        for _, session in sessions:
            session.wait(BUDGET + SPARE)
    return max(ended) - began


def _end_of(session: Session) -> float:
    outcome = outcome_of(0, session.wait(BUDGET + SPARE))
    if not outcome.ok:
        raise RuntimeError(f"a call of another model failed: {outcome.why}")
    return outcome.done


if __name__ == "__main__":
    sys.exit(main())
