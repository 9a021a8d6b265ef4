"""What calls pay when Redis stops (SIGSTOP): it takes bytes and answers nothing.

Everything that may ask Redis is switched on: the cache, Max Concurrency, Requests per Minute. Calls
are made one after the other, then twenty at once; each asks something new, on an idle gateway.
While the breaker is open they are made in turns with those of a plugin that has no Redis: what they
differ by is what it costs then, whatever else the machine does.
"""

import contextlib
import time

from bench.saturation.plugins import SPARE, outcome_of
from bench.saturation.server import CountingServer
from devtools import Json, LogLine, PluginProcess, RedisProcess, credentials
from engine.cluster.connection import VARIABLE

from .many_calls import start

CALLS = 300
TOGETHER = 20
TRIED_SECONDS = 12.0
"""By then Redis has been tried again, after those ten seconds."""
OPEN_SECONDS = 9.0
"""Of the first pause of ten seconds, the part in which the breaker is open for certain."""


def run_outage(seed: int = 1) -> Json:
    """Milliseconds of calls before, from the moment of the stop, and while the breaker is open."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(CountingServer(seed, {}))
        redis = stack.enter_context(RedisProcess())
        plugin = start(stack, {VARIABLE: redis.url})
        asker = _Asker(plugin, server.base_url)
        alone = _Asker(start(stack, {}), server.base_url)
        alone.one_by_one(20)
        asker.one_by_one(20)
        before = asker.one_by_one(CALLS)
        together_before = asker.together()
        redis.stop()
        together = asker.together()
        opened = _opened(plugin.logs)
        while_open: list[float] = []
        meanwhile: list[float] = []
        while time.monotonic() < opened + OPEN_SECONDS and len(while_open) < CALLS:
            while_open += asker.one_by_one(1)
            meanwhile += alone.one_by_one(1)
        trying: list[float] = []
        while time.monotonic() < opened + TRIED_SECONDS:
            trying += asker.one_by_one(1)
        return {
            "failed": asker.failed,
            "before": before,
            "together_before": together_before,
            "together": together,
            "while_open": while_open,
            "meanwhile": meanwhile,
            "trying": trying,
        }


class _Asker:
    """Asks something new each time, and times the answers."""

    def __init__(self, plugin: PluginProcess, base_url: str) -> None:
        self._plugin = plugin
        self._form = credentials(
            base_url,
            "sk-bench",
            max_retry_seconds="60",
            max_concurrency="100",
            requests_per_minute="900000",
            cache_ttl_seconds="60",
        )
        self._asked = 0
        self.failed = 0

    def one_by_one(self, calls: int) -> list[float]:
        """Milliseconds of so many calls."""
        return [milliseconds for _ in range(calls) for milliseconds in self.together(1)]

    def together(self, calls: int = TOGETHER) -> list[float]:
        """Milliseconds of so many calls at once."""
        sessions = []
        for _ in range(calls):
            self._asked += 1
            sessions.append(
                self._plugin.chat(
                    "ok",
                    f"{self._asked} is asked once",
                    credentials=self._form,
                    stream=False,
                    model_parameters={"temperature": 0},
                )
            )
        outcomes = [outcome_of(0, session.wait(SPARE)) for session in sessions]
        self.failed += sum(not outcome.ok for outcome in outcomes)
        return [round((outcome.done - outcome.sent) * 1000, 2) for outcome in outcomes]


def _opened(logs: list[LogLine]) -> float:
    """When the breaker opened.

    Raises:
        RuntimeError: it did not, so there is nothing to measure.
    """
    for line in logs:
        if "left alone" in line.message:
            return line.at
    raise RuntimeError("the calls did not notice that Redis had stopped")
