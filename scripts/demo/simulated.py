"""With nothing configured: three calls through a simulated gateway that fails as real ones do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devtools import PluginProcess, SimulatorProcess, SimulatorStats, credentials

from . import ROOT, building
from .checks import Checks
from .screen import DIM, RED, Screen
from .watch import Watched, watch

REFUSALS = 4
"""How often the gateway says that it is full before it answers."""
SATURATED = f"rix/sat-{REFUSALS}-then-ok"
HOPELESS = "rix/sat-forever"
PATIENCE = 5
"""Seconds of waiting that the hopeless call is allowed (`max_retry_seconds`)."""
WRONG_KEY = "sk-wrong-0123456789abcdef"
GOOD_KEY = "sk-demo-0123456789abcdef"
PROMPT = "Say hello."


def run(screen: Screen, prompt: str | None) -> bool:
    """Show it all, in at most some 40 s; whether everything that was shown really happened."""
    checks = Checks(screen)
    with _simulator(screen) as sim, _plugin(screen) as plugin:
        _saturated(screen, checks, sim, plugin, prompt or PROMPT)
        _hopeless(screen, checks, sim, plugin)
        _refused(screen, checks, sim, plugin)
        _summary(screen, checks, sim.stats(), plugin)
        building.show(screen, checks, sim, GOOD_KEY, prompt or PROMPT)
    return checks.held


@contextmanager
def _simulator(screen: Screen) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=1) as sim:
        screen.line(f"A simulated gateway listens on {sim.base_url}, in its own process.")
        yield sim


@contextmanager
def _plugin(screen: Screen) -> Iterator[PluginProcess]:
    with PluginProcess(ROOT) as plugin:
        seconds = plugin.wait_ready()
        screen.line(f"The plugin runs as Dify's daemon runs it, ready after {seconds:.1f} s.")
        yield plugin


def _saturated(
    screen: Screen, checks: Checks, sim: SimulatorProcess, plugin: PluginProcess, prompt: str
) -> None:
    screen.title(f"1. A full gateway: {REFUSALS} times 429, then there is room")
    screen.paragraph(f"Prompt: {prompt}", DIM)
    screen.start_clock()
    form = credentials(sim.base_url, GOOD_KEY, max_retry_seconds="45")
    session = plugin.chat(SATURATED, prompt, credentials=form)
    call = watch(screen, plugin, session, _arrivals(screen, sim, SATURATED))
    screen.line()
    checks.claim("the answer arrived, with a finish reason", _answered(call), session.error)
    asked = requests(sim.stats(), SATURATED)
    checks.claim(
        f"the gateway was asked {REFUSALS + 1} times: {REFUSALS} refusals, one answer",
        asked == REFUSALS + 1,
        asked,
    )
    waited = call.first_text or call.ended
    # the first sign is due 1 s after the call began
    checks.claim(
        f"{waited:.1f} s of waiting, {call.signs_of_life} signs of life",
        call.signs_of_life > 0 or waited < 1.5,
    )


def _hopeless(screen: Screen, checks: Checks, sim: SimulatorProcess, plugin: PluginProcess) -> None:
    screen.title(
        f"2. A gateway that stays full: after at most {PATIENCE} s, a sentence for a person"
    )
    screen.start_clock()
    form = credentials(sim.base_url, GOOD_KEY, max_retry_seconds=str(PATIENCE))
    session = plugin.chat(HOPELESS, PROMPT, credentials=form)
    call = watch(screen, plugin, session, _arrivals(screen, sim, HOPELESS))
    _show_error(screen, call)
    _claim_error(checks, call, "InvokeRateLimitError")
    asked = requests(sim.stats(), HOPELESS)
    checks.claim(f"it was tried more than once: {asked} requests", asked > 1)
    checks.claim(f"it ended after {call.ended:.1f} s", call.ended < PATIENCE + 5)


def _refused(screen: Screen, checks: Checks, sim: SimulatorProcess, plugin: PluginProcess) -> None:
    screen.title("3. A wrong key: no waiting, no second request")
    screen.start_clock()
    form = credentials(sim.base_url, WRONG_KEY)
    call = watch(screen, plugin, plugin.chat("rix/ok", PROMPT, credentials=form))
    _show_error(screen, call)
    _claim_error(checks, call, "InvokeAuthorizationError")
    asked = requests(sim.stats(), "rix/ok")
    checks.claim("the gateway was asked once", asked == 1, asked)


def _arrivals(screen: Screen, sim: SimulatorProcess, model: str) -> Callable[[], None]:
    """Something that says so when another request has reached the gateway."""
    counted = 0

    def look() -> None:
        nonlocal counted
        now = requests(sim.stats(), model)
        for number in range(counted + 1, now + 1):
            screen.timed(time.monotonic(), f"request {number} reached the gateway")
        counted = now

    return look


def _show_error(screen: Screen, call: Watched) -> None:
    if call.session.error is None:
        return
    screen.line(f"  {call.session.error.error_type}", RED)
    screen.paragraph(call.session.error.message)
    screen.line()


def _claim_error(checks: Checks, call: Watched, error_type: str) -> None:
    error = call.session.error
    found = error.error_type if error else "an answer"
    checks.claim(f"Dify is told {error_type}, which it understands", found == error_type, found)


def _answered(call: Watched) -> bool:
    session = call.session
    return session.error is None and bool(session.text) and session.finish_reason == "stop"


def _summary(screen: Screen, checks: Checks, stats: SimulatorStats, plugin: PluginProcess) -> None:
    screen.title("What the gateway counted")
    for model in (SATURATED, HOPELESS, "rix/ok"):
        screen.line(f"  {model:24} {requests(stats, model):4} requests")
    screen.line(f"  {'connections':24} {stats['connections']:4}")
    screen.line()
    leaked = [key for key in (GOOD_KEY, WRONG_KEY) if key in plugin.output]
    checks.claim(
        "no key in its log, its errors and their tracebacks, or on stderr", not leaked, leaked
    )
    broken = plugin.violations
    checks.claim("nothing on its stdout but the protocol", not broken, broken)


def requests(stats: SimulatorStats, model: str) -> int:
    """Chats that the simulator counted for a model."""
    return int(stats["posts"].get(model, 0))
