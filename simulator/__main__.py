"""`python -m simulator [--port N] [--seed N] [--scenario FILE]`: the simulator as a process.

The first line on stdout is one JSON object, `{"origin": ..., "base_url": ...}`. It serves until
SIGTERM, SIGINT or the end of stdin.
"""

import argparse
import contextlib
import json
import os
import resource
import signal
import sys
from types import FrameType

from simulator.server import Simulator

_OPEN_FILES = 16384


def main() -> int:
    """Serve until told to stop; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m simulator")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--seed", type=int, default=0, help="decides all chance")
    parser.add_argument("--scenario", help="a JSON file: model name -> how it behaves")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    _allow_connections()
    with (
        contextlib.suppress(KeyboardInterrupt),
        Simulator(options.seed, options.scenario, options.port) as sim,
    ):
        addresses = {"origin": sim.origin, "base_url": sim.base_url}
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        while os.read(sys.stdin.fileno(), 4096):
            pass
    return 0


def _allow_connections() -> None:
    """Raise the limit of open files: a thousand connections do not fit into the usual 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
