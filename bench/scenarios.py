"""The three scenarios. Each run takes every subject in turn, so that noise falls on all alike."""

import contextlib
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from devtools import PluginProcess, SimulatorProcess

from .figures import IN_FLIGHT, Samples
from .probes import (
    Direct,
    blocking_seconds,
    first_token_seconds,
    resident_mib,
    run_window,
    streams_seconds,
    verify_order,
)
from .subjects import BARE, OURS, SDK_CLASS, Subject, chat_credentials

STREAMS = 8
MILLISECONDS = 1000.0

SMALL = "ok"
"""Answers at once, in a few words."""
SHORT_STREAM = "tokens-3-every-2"
"""A stream that goes on after its first token, as real ones do."""
BUSY = f"slots-{IN_FLIGHT * 5}-20"
"""Never full, and 20 ms a call, so that the calls of a window really overlap."""


LATENCIES = (
    ("blocking", blocking_seconds, SMALL),
    ("first_token", first_token_seconds, SHORT_STREAM),
)
WARM_UP_CALLS = 5
"""Calls of each kind that a new process makes before it is timed: the first one imports."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: runs per subject, calls per run and kind, tokens per stream."""

    runs: int
    latency_calls: int
    stream_tokens: int
    window_calls: int = 200


FULL = Size(runs=30, latency_calls=40, stream_tokens=4000)
QUICK = Size(runs=6, latency_calls=40, stream_tokens=2000)

type Progress = Callable[[str], None]
type Scenario = Callable[[SimulatorProcess, Size, Progress], Samples]


def _in_turn(subjects: Sequence[Subject], run: int) -> Sequence[Subject]:
    """A,B then B,A: nobody always comes second."""
    return subjects if run % 2 == 0 else subjects[::-1]


def _collector() -> Samples:
    return defaultdict(lambda: defaultdict(list))


def measure_fresh(sim: SimulatorProcess, size: Size, progress: Progress) -> Samples:
    """A new process each time: start-up, memory, and connections (none are left over)."""
    samples = _collector()
    subjects = (OURS, SDK_CLASS, BARE)
    for subject in subjects:  # byte code and file caches as warm for the first as for the last
        with subject.start():
            pass
    for run in range(size.runs):
        for subject in _in_turn(subjects, run):
            progress(f"fresh process, run {run + 1} of {size.runs}: {subject.name}")
            with subject.start() as plugin:
                samples["start_up"][subject.name].append(plugin.wait_ready() * MILLISECONDS)
                samples["rss_start"][subject.name].append(resident_mib(plugin.pid))
                if subject is not BARE:
                    _use(subject, plugin, sim, size, samples)
    return samples


def _use(
    subject: Subject, plugin: PluginProcess, sim: SimulatorProcess, size: Size, samples: Samples
) -> None:
    form = chat_credentials(sim.base_url)
    before = sim.stats()["connections"]
    run_window(plugin, BUSY, form, calls=size.window_calls, in_flight=IN_FLIGHT)
    samples["connections"][subject.name].append(sim.stats()["connections"] - before)
    streams_seconds(plugin, size.stream_tokens // 4, form, streams=STREAMS)
    samples["rss_after"][subject.name].append(resident_mib(plugin.pid))


def measure_streams(sim: SimulatorProcess, size: Size, progress: Progress) -> Samples:
    """Tokens per second that come out of eight long streams at once."""
    samples = _collector()
    form = chat_credentials(sim.base_url)
    with _running((OURS, SDK_CLASS)) as plugins:
        for plugin in plugins.values():
            verify_order(plugin, form, streams=STREAMS)
            streams_seconds(plugin, size.stream_tokens // 4, form, streams=STREAMS)
        for run in range(size.runs):
            progress(f"long streams, run {run + 1} of {size.runs}")
            for subject in _in_turn(tuple(plugins), run):
                seconds = streams_seconds(
                    plugins[subject], size.stream_tokens, form, streams=STREAMS
                )
                rate = STREAMS * size.stream_tokens / seconds
                verify_order(plugins[subject], form, streams=STREAMS)
                samples["tokens_per_second"][subject.name].append(rate)
    return samples


def measure_latency(sim: SimulatorProcess, size: Size, progress: Progress) -> Samples:
    """Milliseconds that a plugin adds to a call, one call at a time, in turns call by call.

    What the same call takes without a plugin (the median of all runs) is taken off. Each run
    has new processes: the same code is up to 5 % faster in one process than in another.
    """
    samples = _collector()
    around: dict[str, list[float]] = defaultdict(list)
    form = chat_credentials(sim.base_url)
    for run in range(size.runs):
        progress(f"latency, run {run + 1} of {size.runs}")
        with (
            _running(_in_turn((OURS, SDK_CLASS), run)) as plugins,
            contextlib.closing(Direct(sim.base_url)) as direct,
        ):
            for figure, probe, model in LATENCIES:
                for plugin in plugins.values():
                    for _ in range(WARM_UP_CALLS):
                        probe(plugin, model, form)
                for call in range(size.latency_calls):
                    for subject in _in_turn(tuple(plugins), call):
                        taken = probe(plugins[subject], model, form)
                        samples[figure][subject.name].append(taken * MILLISECONDS)
                    around[figure].append(direct.seconds(model, stream=figure == "first_token"))
    for figure, found in samples.items():
        base = statistics.median(around[figure]) * MILLISECONDS
        for subject_name, taken_all in found.items():
            found[subject_name] = [taken - base for taken in taken_all]
    return samples


@contextlib.contextmanager
def _running(subjects: Sequence[Subject]) -> Iterator[Mapping[Subject, PluginProcess]]:
    """All of them started, for as long as the context lasts."""
    with contextlib.ExitStack() as stack:
        yield {subject: stack.enter_context(subject.start()) for subject in subjects}


SCENARIOS: Mapping[str, Scenario] = {
    "fresh": measure_fresh,
    "streams": measure_streams,
    "latency": measure_latency,
}
