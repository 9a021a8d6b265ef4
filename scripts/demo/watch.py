"""Follow one call and the plugin's own log at the same time, and print both as they happen."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from devtools import LogLine, PluginProcess, Session
from devtools.session import text_of

from .screen import CYAN, DIM, YELLOW, Screen

LIMIT = 600.0
"""Seconds after which Dify's daemon kills an invocation, and the demo gives up."""


@dataclass(slots=True)
class Watched:
    """What was seen of a finished call; times are seconds since it was asked."""

    session: Session
    logs: list[LogLine]
    signs_of_life: int = 0
    first_text: float | None = None
    ended: float = 0.0


def watch(
    screen: Screen,
    plugin: PluginProcess,
    session: Session,
    look: Callable[[], None] = lambda: None,
) -> Watched:
    """Print the call until it ends; raises TimeoutError after the daemon's own limit.

    `look` is called ten times a second until the first text, to print what else has changed.
    """
    logged = len(plugin.logs)
    watched = Watched(session, plugin.logs[logged:])
    seen = 0
    while session.sent_at + LIMIT > time.monotonic():
        event = session.poll(seen, timeout=0.1)
        for line in plugin.logs[logged:]:
            watched.logs.append(line)
            screen.timed(line.at, f"plugin's log, {line.level}: {line.message}", YELLOW)
        logged = len(plugin.logs)
        if watched.first_text is None:
            look()
        if event is None:
            if watched.first_text is None:
                screen.moving(f"no answer yet; signs of life so far: {watched.signs_of_life}")
            continue
        seen += 1
        if event.kind == "end":
            screen.rest()
            watched.ended = event.at - session.sent_at
            return watched
        if event.kind == "stream" and (text := text_of(event.data)):
            if watched.first_text is None:
                watched.first_text = event.at - session.sent_at
                screen.timed(event.at, "the answer:", CYAN)
            screen.piece(text)
        elif event.kind == "stream" and watched.first_text is None:
            watched.signs_of_life += 1
            screen.timed(event.at, "sign of life: an empty delta, so that Stop works", DIM)
    raise TimeoutError(f"no end after {LIMIT:.0f} s")
