"""Runs through a whole plugin process over stdio, as Dify's daemon runs it."""

import contextlib
import math
import statistics
from collections import Counter
from collections.abc import Sequence

from bench.subjects import OURS, SDK_CLASS, Subject
from devtools import Json, PluginProcess, Session, credentials

from .figures import Outcome, Run, displacement, percentile
from .oracle import OracleBound, oracle_bound_of
from .server import Counted, CountingServer
from .shapes import JOB, MODEL, POISON, Shape

MAX_BUDGET_SECONDS = 480.0
"""The most that the form takes, seconds."""
SPARE = 120.0
"""Seconds after the budget until a call counts as lost."""
TELLING = 80
"""Characters of an error that are kept."""
POISON_AT = 10
"""The poison call comes so early that it would block everybody."""


def run_ours(shape: Shape, seed: int) -> Run:
    """This plugin, allowed to wait 1.2 times the limit."""
    return _run(OURS, shape, seed)


def run_sdk_class(shape: Shape, seed: int) -> Run:
    """The SDK's own class, which does not retry."""
    return _run(SDK_CLASS, shape, seed)


def budget_for(shape: Shape, limit: float) -> float:
    """Seconds that a call may wait: the least that the target allows, 1.2 calls over capacity."""
    return min(MAX_BUDGET_SECONDS, 1.2 * limit / shape.ours)


def run_of(
    shape: Shape,
    client: str,
    seed: int,
    limit: OracleBound,
    found: tuple[Sequence[Outcome], Counted],
) -> Run:
    """The figures of a run from what the client and the server recorded.

    Raises:
        ValueError: the server's services were not those that the limit was computed from.
    """
    outcomes, counted = found
    good = [outcome for outcome in outcomes if outcome.ok]
    began = min(outcome.sent for outcome in outcomes)
    served = float(counted.place["service_seconds"])
    if counted.place["admitted"] == shape.calls and abs(served - limit.service_seconds) > 1e-6:
        raise ValueError(f"{shape.name}/{seed}: limit of {limit.service_seconds} s, got {served} s")
    admitted = sorted((o.number for o in good), key=lambda number: counted.last[number])
    finished = [o.number for o in sorted(good, key=lambda o: o.done)]
    latencies = [o.done - o.sent for o in good]
    return Run(
        shape=shape.name,
        client=client,
        seed=seed,
        calls=shape.calls,
        answered=len(good),
        limit=limit.makespan,
        makespan=max((o.done for o in good), default=began) - began,
        requests=counted.requests,
        admitted_displacement=displacement(admitted),
        finish_displacement=displacement(finished),
        finish_displacement_limit=limit.finish_displacement,
        p50=percentile(latencies, 0.5),
        p99=percentile(latencies, 0.99),
        answers=sorted(round(o.done - began, 2) for o in good) if shape is JOB else [],
        errors=dict(Counter(o.why for o in outcomes if o.why)),
    )


def outcome_of(number: int, session: Session) -> Outcome:
    """What became of a session that has ended."""
    error = session.error
    why = f"{error.error_type}: {error.message[:TELLING]}" if error else ""
    ok = error is None and bool(session.text)
    return Outcome(number, session.sent_at, session.events[-1].at, ok, why)


def _run(subject: Subject, shape: Shape, seed: int) -> Run:
    limit = oracle_bound_of(shape, seed)
    budget = budget_for(shape, limit.makespan)
    with CountingServer(seed, shape.scenario) as server, subject.start() as plugin:
        form = _form(server, budget)
        _warm_up(plugin, form)
        sessions = []
        for number in range(shape.calls):
            if shape.poison and number == POISON_AT:
                _chat(plugin, "0 " + "x" * POISON, form, shape)
            sessions.append(_chat(plugin, str(number + 1), form, shape))
        outcomes = [
            outcome_of(number, session.wait(budget + SPARE))
            for number, session in enumerate(sessions, start=1)
        ]
        return run_of(shape, subject.name, seed, limit, (outcomes, server.counted()))


def _chat(plugin: PluginProcess, prompt: str, form: Json, shape: Shape) -> Session:
    return plugin.chat(MODEL, prompt, credentials=form, stream=shape.stream)


def _form(server: CountingServer, budget: float) -> Json:
    return credentials(server.base_url, "sk-bench", max_retry_seconds=f"{budget:.1f}")


def _warm_up(plugin: PluginProcess, form: Json) -> None:
    """The first call of a process imports; a plugin that is in use has made it long ago."""
    for stream in (False, True):
        plugin.chat("ok", credentials=form, stream=stream).wait(SPARE)


def run_masked(seed: int, calls: int = 40) -> Json:
    """Permanent failures behind the mask of a saturation: requests and seconds until told so."""
    with CountingServer(seed, {}) as server, OURS.start() as plugin:
        form = _form(server, 120.0)
        _warm_up(plugin, form)
        model = "rix/sat-quota"
        sessions = [
            plugin.chat(model, str(number + 1), credentials=form, stream=False)
            for number in range(calls)
        ]
        ended = [outcome_of(0, session.wait(SPARE + 120.0)) for session in sessions]
        return {
            "seed": seed,
            "calls": calls,
            "requests": server.counted(model).requests,
            "refused": sum(not outcome.ok for outcome in ended),
            "seconds": max(outcome.done - outcome.sent for outcome in ended),
            "errors": sorted({session.error.error_type for session in sessions if session.error}),
        }


def run_second_user(seed: int, calls: int = 500, slots: int = 20) -> Json:
    """Another user's chats, one after the other, while a batch is queued.

    Every service takes one second exactly, so a latency in seconds is one in service times.
    """
    service = 1.0
    capacity = {"kind": "slots", "slots": slots}
    spec = {"capacity": capacity, "service": {"mean": service}, "reject_latency": 0.1}
    scenario = {MODEL: {**spec, "scope": "account"}}
    with CountingServer(seed, scenario) as server, OURS.start() as plugin:
        form = _form(server, 1.2 * calls / slots * service + 60)
        _warm_up(plugin, form)
        batch = [
            plugin.chat(MODEL, str(n + 1), credentials=form, stream=False, user_id="batch")
            for n in range(calls)
        ]
        latencies: list[float] = []
        while sum(not session.done for session in batch) > calls // 5:
            chat = plugin.chat(MODEL, "0", credentials=form, stream=False, user_id="chat")
            outcome = outcome_of(0, chat.wait(SPARE))
            latencies.append(outcome.done - outcome.sent if outcome.ok else math.inf)
        answered = sum(outcome_of(0, one.wait(SPARE)).ok for one in batch)
    return {
        "seed": seed,
        "calls": calls,
        "answered": answered,
        "latencies": [round(latency / service, 3) for latency in latencies],
    }


def run_lone(calls: int = 500) -> Json:
    """Milliseconds that a call takes on an idle gateway, with the queue and without, in turns."""
    taken: dict[str, list[float]] = {"gated": [], "ungated": []}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(CountingServer(1, {}))
        form = _form(server, 45.0)
        entrypoints = {"gated": "main", "ungated": "bench.saturation.without_queue"}
        plugins = {
            name: stack.enter_context(PluginProcess(OURS.directory, entrypoint=entrypoint))
            for name, entrypoint in entrypoints.items()
        }
        for plugin in plugins.values():
            _warm_up(plugin, form)
        for call in range(calls):
            names = list(plugins) if call % 2 == 0 else list(plugins)[::-1]
            for name in names:
                session = plugins[name].chat("ok", credentials=form, stream=False).wait(SPARE)
                outcome = outcome_of(0, session)
                if not outcome.ok:
                    raise RuntimeError(f"a lone call failed: {session.error}")
                taken[name].append((session.events[0].at - session.sent_at) * 1000)
    medians = {name: statistics.median(found) for name, found in taken.items()}
    return {"calls": calls, **medians, "added": medians["gated"] - medians["ungated"]}
