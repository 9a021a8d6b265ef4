"""900 calls at once over some plugin processes, through one gateway of 20 slots."""

import contextlib
from dataclasses import dataclass

from bench.environments import runtime_python
from bench.saturation.figures import Run
from bench.saturation.oracle import oracle_bound_of
from bench.saturation.plugins import SPARE, budget_for, outcome_of, run_of
from bench.saturation.server import CountingServer
from bench.saturation.shapes import MODEL, Shape
from bench.subjects import OURS
from devtools import Json, PluginProcess, RedisProcess, credentials
from engine.cluster.connection import VARIABLE

SLOTS = 20
CALLS = 900
PROCESSES = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Mode:
    """How the processes know of each other.

    Attributes:
        title: for the table.
        redis: whether the operator has one.
        fields: what is typed into the form.
    """

    title: str
    redis: bool
    fields: Json


MODES = {
    "alone": Mode("without Redis", redis=False, fields={}),
    "redis": Mode("with Redis", redis=True, fields={}),
    "strict": Mode(
        f"with Redis and Max Concurrency {SLOTS}",
        redis=True,
        fields={"max_concurrency": str(SLOTS)},
    ),
}


def shape_of(calls: int = CALLS) -> Shape:
    """The gateway: every service a second or so, rejections after a tenth of one."""
    return Shape("nodes", f"{SLOTS} slots", "constant", calls, {"kind": "slots", "slots": SLOTS})


def name_of(mode: str, processes: int) -> str:
    """What a run is filed under."""
    return f"{mode}-{processes}"


def run_many_calls(mode: str, processes: int, seed: int, calls: int = CALLS) -> Run:
    """Calls of one user, dealt out to the processes in turn."""
    shape, how = shape_of(calls), MODES[mode]
    limit = oracle_bound_of(shape, seed)
    budget = budget_for(shape, limit.makespan)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(CountingServer(seed, shape.scenario))
        env = {}
        if how.redis:
            env[VARIABLE] = stack.enter_context(RedisProcess()).url
        plugins = [start(stack, env) for _ in range(processes)]
        form = credentials(
            server.base_url, "sk-bench", max_retry_seconds=f"{budget:.1f}", **how.fields
        )
        for plugin in plugins:
            plugin.chat("ok", credentials=form).wait(SPARE)
        sessions = [
            plugins[number % processes].chat(MODEL, str(number + 1), credentials=form, stream=False)
            for number in range(calls)
        ]
        outcomes = [
            outcome_of(number, session.wait(budget + SPARE))
            for number, session in enumerate(sessions, start=1)
        ]
        return run_of(shape, name_of(mode, processes), seed, limit, (outcomes, server.counted()))


def start(stack: contextlib.ExitStack, env: dict[str, str]) -> PluginProcess:
    """This plugin, in the environment that the daemon makes for it."""
    process = PluginProcess(
        OURS.directory, provider=OURS.provider, python=runtime_python(), env=env
    )
    return stack.enter_context(process)
