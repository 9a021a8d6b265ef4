"""The simulator as a process of its own, so that it takes no time from the one who measures."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from .wire import Json

ROOT = Path(__file__).resolve().parents[1]

type SimulatorStats = Json
"""What the simulator counted: `GET /__sim__/stats`."""


class SimulatorProcess:
    """`python -m simulator` on a free port of loopback; a context manager.

    `base_url` is what a user would type (it ends in `/v1`), `origin` the server itself.
    """

    def __init__(self, seed: int = 1, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "--port", "0", "--seed", str(seed), *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,  # it serves until this ends, so it cannot outlive us
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            where = _first_line(self._process)
        except BaseException:
            self.close()
            raise
        self.origin = where["origin"]
        self.base_url = where["base_url"]
        self._asking = threading.Lock()
        self._connection = http.client.HTTPConnection(urlsplit(self.origin).netloc, timeout=60.0)

    @property
    def pid(self) -> int:
        """The simulator's process id."""
        return self._process.pid

    def stats(self) -> SimulatorStats:
        """What it has counted since the last reset, our own connection left out.

        `posts` maps models to requests; the rest are totals (see the simulator's own `stats`).
        """
        found = self._control("GET", "stats")
        ours = {name: found[name] - 1 for name in ("connections", "open_connections")}
        return {**found, **ours}

    def reset(self) -> None:
        """Forget what was counted, and every model's state."""
        self._control("POST", "reset")

    def wait_for(self, met: Callable[[SimulatorStats], bool], timeout: float = 60.0) -> None:
        """Poll the counts until `met`; raises TimeoutError with the last ones."""
        deadline = time.monotonic() + timeout
        while not met(stats := self.stats()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not met after {timeout} s: {stats}")
            time.sleep(0.02)

    def _control(self, method: str, name: str) -> Json:
        """Ask over one kept connection: a new one each time would be counted among the plugin's."""
        with self._asking:
            self._connection.request(method, f"/__sim__/{name}")
            answer = self._connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the simulator answered {answer.status} to {name}: {body[:200]!r}")
        value: Json = json.loads(body)
        return value

    def close(self) -> None:
        """Kill it and wait; safe to call twice."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _first_line(process: subprocess.Popen[bytes]) -> dict[str, str]:
    """Where it listens, which is the first thing that the simulator says."""
    first = process.stdout.readline() if process.stdout else b""
    if not first:
        raise RuntimeError("the simulator did not start; its reason is above, on stderr")
    where: dict[str, str] = json.loads(first)
    return where
