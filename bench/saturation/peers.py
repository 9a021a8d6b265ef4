"""The other clients on the same server: starts them and reads what they say."""

import json
import subprocess
from collections.abc import Mapping

from bench import ROOT

from .environment import bench_python
from .figures import Outcome, Run
from .oracle import oracle_bound_of
from .plugins import run_of, run_sdk_class
from .server import CountingServer
from .shapes import MODEL, Shape

TIMEOUT = 700.0
"""Seconds until a client is killed: longer than its own budget."""

PEERS: Mapping[str, str] = {
    "sdk_class": "no retry (the SDK's OpenAI-compatible class)",
    "three_tries": "3 tries, 2·2ⁿ + U(0, 1) s apart",
    "openai_2": "openai SDK, 2 retries (its default)",
    "openai_10": "openai SDK, 10 retries",
    "litellm_1": "litellm Router, 1 key, 10 retries",
    "litellm_3": "litellm Router, 3 keys, 10 retries",
    "tenacity": "tenacity, full jitter up to 8 s, 480 s",
    "botocore": "botocore's adaptive token bucket, 480 s",
}
"""Every client but ours, with what a table calls it."""

ON_THE_JOB = ("sdk_class", "openai_2", "openai_10", "tenacity", "botocore")
"""Those drawn beside ours on the job of a thousand calls, with one seed."""


def run_peer(client: str, shape: Shape, seed: int) -> Run:
    """One client's run."""
    if client == "sdk_class":
        return run_sdk_class(shape, seed)
    limit = oracle_bound_of(shape, seed)
    with CountingServer(seed, shape.scenario) as server:
        command = [str(bench_python()), "-m", "bench.saturation.clients", client]
        command += [server.base_url, MODEL, str(shape.calls)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{client} ended with {done.returncode}: {done.stderr[-2000:]}")
        rows = json.loads(done.stdout.splitlines()[-1])
        outcomes = [Outcome(number, sent, ended, ok) for number, sent, ended, ok in rows]
        return run_of(shape, client, seed, limit, (outcomes, server.counted()))
