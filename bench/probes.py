"""The measuring itself: single calls through a plugin, or around it, and a process's memory."""

import http.client
import json
import subprocess
import time
from collections import deque
from pathlib import Path
from urllib.parse import urlsplit

from devtools import Json, PluginProcess, Session

TIMEOUT = 120.0
"""Seconds until a call counts as lost."""


WORDS = 500
"""Of each stream in `verify_order`."""

TOKEN = " token"
"""What the simulator's `tokens-N` says N times; order is verified apart, see `verify_order`."""


class WrongAnswerError(AssertionError):
    """A measured call did not answer what it should have; its time means nothing."""


def blocking_seconds(plugin: PluginProcess, model: str, credentials: Json) -> float:
    """From writing the request to the arrival of the whole answer."""
    session = plugin.chat(model, credentials=credentials, stream=False).wait(TIMEOUT)
    _answered(session)
    return session.events[0].at - session.sent_at


def first_token_seconds(plugin: PluginProcess, model: str, credentials: Json) -> float:
    """From writing the request to the arrival of the first text; waits for the end as well."""
    session = plugin.chat(model, credentials=credentials).wait(TIMEOUT)
    _answered(session)
    return session.wait_for_text(TIMEOUT).at - session.sent_at


def run_window(
    plugin: PluginProcess, model: str, credentials: Json, *, calls: int, in_flight: int
) -> None:
    """Make `calls` blocking calls, never more than `in_flight` at once."""
    window: deque[Session] = deque()
    for _ in range(calls):
        if len(window) == in_flight:
            _answered(window.popleft().wait(TIMEOUT))
        window.append(plugin.chat(model, credentials=credentials, stream=False))
    for session in window:
        _answered(session.wait(TIMEOUT))


def streams_seconds(
    plugin: PluginProcess, tokens: int, credentials: Json, *, streams: int
) -> float:
    """Seconds that `streams` streams of `tokens` tokens take together.

    From writing the first request to the last end. The output is parsed afterwards, and
    every token must have arrived.
    """
    with plugin.deferred():
        sessions = [
            plugin.chat(f"tokens-{tokens}", credentials=credentials) for _ in range(streams)
        ]
        plugin.wait_deferred_ends(streams, TIMEOUT)
    for session in sessions:
        _answered(session)
        expect_text(session.text, TOKEN * tokens)
    return max(session.events[-1].at for session in sessions) - sessions[0].sent_at


def verify_order(plugin: PluginProcess, credentials: Json, *, streams: int) -> None:
    """Check, untimed, that no token is lost, doubled, out of order or in another's stream.

    Each stream echoes its own numbered words. Raises WrongAnswerError.
    """
    prompts = [" ".join(f"{stream}{word:03}" for word in range(WORDS)) for stream in range(streams)]
    sessions = [plugin.chat("echo", prompt, credentials=credentials) for prompt in prompts]
    for session, prompt in zip(sessions, prompts, strict=True):
        expect_text(session.wait(TIMEOUT).text, prompt)


def expect_text(text: str, expected: str) -> None:
    """Raise WrongAnswerError, saying where they part, unless both are the same."""
    if text == expected:
        return
    pairs = enumerate(zip(text, expected, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(text), len(expected)))
    raise WrongAnswerError(
        f"{len(text)} characters instead of {len(expected)}, different from {at}: "
        f"{text[at : at + 40]!r} instead of {expected[at : at + 40]!r}"
    )


def _answered(session: Session) -> None:
    if session.error is not None or not session.text:
        raise WrongAnswerError(f"no answer: {session.error}")


class Direct:
    """The same calls without any plugin: one kept-alive connection, standard library only."""

    def __init__(self, base_url: str) -> None:
        url = urlsplit(base_url)
        self._path = f"{url.path}/chat/completions"
        self._connection = http.client.HTTPConnection(url.netloc, timeout=TIMEOUT)

    def seconds(self, model: str, *, stream: bool) -> float:
        """Until the whole answer, or until the first bytes of a stream's body."""
        body = {
            "model": model,
            "stream": stream,
            "messages": [{"role": "user", "content": "hi"}],
        }
        began = time.monotonic()
        self._connection.request(
            "POST",
            self._path,
            json.dumps(body),
            {"Content-Type": "application/json", "Authorization": "Bearer sk-bench"},
        )
        answer = self._connection.getresponse()
        if stream:
            answer.read1()
            taken = time.monotonic() - began
            answer.read()
        else:
            answer.read()
            taken = time.monotonic() - began
        if answer.status != 200:
            raise WrongAnswerError(f"HTTP {answer.status} without a plugin")
        return taken

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def resident_mib(pid: int) -> float:
    """Resident memory of a process in MiB: from /proc, elsewhere from `ps`."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024
    asked = subprocess.run(
        ["/bin/ps", "-o", "rss=", "-p", str(pid)], check=True, capture_output=True, text=True
    )
    return int(asked.stdout) / 1024
