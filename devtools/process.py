"""A plugin as a process over stdio, run as Dify's daemon runs it.

`python -m main` in the plugin's directory, its whole environment plus `INSTALL_METHOD=local`,
its own process group. Everything on stdout must be JSON lines, the manifest first; what
breaks that rule is kept in `PluginProcess.violations` (the daemon would drop it silently).
"""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Self, override

from .actions import Actions
from .output import Output
from .session import Session
from .wire import Json, envelope

READ_SIZE = 1 << 20
"""Bytes asked of the pipe at once: parsing must never make the plugin wait for us."""

LOOPBACK = "127.0.0.1,localhost"

LAST_WORDS_SECONDS = 5.0
"""How long a dead plugin's stderr is waited for; a child of its own might hold it open."""

ANY_END = b'"type":"end","data":{}}}\n'
"""The rest of a line that ends a session, and of no other: quotes in JSON text are escaped."""


class PluginDiedError(RuntimeError):
    """The plugin's process ended while somebody waited for it."""


def daemon_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment a daemon would pass on: its own, local install, no proxy for loopback."""
    env = {**os.environ, "INSTALL_METHOD": "local"}
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = ",".join(filter(None, (env.get(name), LOOPBACK)))
    return {**env, **(extra or {})}


class PluginProcess(Actions):
    """A running plugin; a context manager, since only killing ends it.

    The SDK spins when stdin ends and exits when its parent is PID 1, so `close` kills the
    process group, and a harness that is itself PID 1 is refused.

    `directory` holds `manifest.yaml` and `main.py`; `provider` is the provider's name;
    `python` the interpreter of the plugin's environment; `env` is added to
    `daemon_environment`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        provider: str = "resilient_gateway",
        python: str | Path = sys.executable,
        env: Mapping[str, str] | None = None,
        entrypoint: str = "main",
    ) -> None:
        if os.getpid() == 1:
            raise RuntimeError("the SDK exits under PID 1: run this under a shell or an init")
        self.provider = provider
        self._output = Output()
        self.violations = self._output.violations
        self.logs = self._output.logs
        self.heartbeats = self._output.heartbeats
        self._ids = itertools.count(1)
        self._stderr: list[bytes] = []
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._stored: list[tuple[float, bytes]] | None = None
        self._ends = 0
        self._ended = False
        self._closed = False
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            [str(python), "-m", entrypoint],
            cwd=directory,
            env=daemon_environment(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._stderr_reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._stdout_reader = threading.Thread(target=self._read_stdout, daemon=True)
        self._stderr_reader.start()
        self._stdout_reader.start()

    # -- life -----------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The plugin's process id."""
        return self._process.pid

    @property
    def manifest(self) -> Json | None:
        """The first line of stdout: the manifest as the SDK read it."""
        return self._output.manifest

    @property
    def stderr(self) -> str:
        """Everything written to stderr so far (the daemon logs it as warnings)."""
        return b"".join(self._stderr).decode(errors="replace")

    @property
    def output(self) -> str:
        """All in which a secret has no business, as one text.

        Log lines, errors with their tracebacks, violations and stderr; not the answers: saving
        a form gives it back, key and all.
        """
        logged = [line.message for line in self.logs]
        return "\n".join([*logged, *self._output.errors, *self.violations, self.stderr])

    def wait_ready(self, timeout: float = 120.0) -> float:
        """Wait for the first heartbeat; returns the seconds since the process was started.

        The daemon gives up after 120 s. Raises PluginDiedError or TimeoutError.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.heartbeats or self._ended, timeout)
            if self.heartbeats:
                return self.heartbeats[0] - self.started_at
            if self._ended:
                raise self._death()
        raise TimeoutError(f"no heartbeat after {timeout} s; stderr: {self.stderr[-2000:]}")

    def close(self) -> None:
        """Kill the process group and wait for it; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._stdout_reader.join()
        self._stderr_reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        try:
            self.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- asking ---------------------------------------------------------------------------

    @override
    def invoke(self, action: str, **data: Any) -> Session:
        """Write one request (`type`, `user_id` and `provider` are filled in); does not wait."""
        request = {"type": "model", "user_id": "u1", "provider": self.provider, **data}
        session_id = f"s{next(self._ids)}"
        line = envelope(session_id, {"action": action, **request})
        session = Session(session_id, time.monotonic())
        self._output.sessions[session_id] = session
        try:
            with self._writing:
                _write_all(_opened(self._process.stdin), line)
        except BrokenPipeError:
            with self._changed:
                self._changed.wait_for(lambda: self._ended, LAST_WORDS_SECONDS)
            raise self._death() from None
        return session

    def write(self, line: bytes) -> None:
        """Write what may be no request at all."""
        with self._writing:
            _write_all(_opened(self._process.stdin), line)

    def close_stdin(self) -> None:
        """End the plugin's input: the daemon has gone, or asks no more."""
        with self._writing:
            _opened(self._process.stdin).close()

    # -- hearing --------------------------------------------------------------------------

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Inside, output is only stored; it is parsed on leaving, with its arrival times.

        For measuring throughput: while the plugin writes, this side only reads and counts
        (see `wait_deferred_ends`).
        """
        with self._changed:
            self._stored, self._ends = [], 0
        try:
            yield
        finally:
            with self._changed:
                stored, self._stored = self._stored or [], None
                for at, data in stored:
                    self._output.feed(data, at)

    def wait_deferred_ends(self, sessions: int, timeout: float = 120.0) -> None:
        """Inside `deferred`: block until that many sessions have ended since it began."""
        with self._changed:
            self._changed.wait_for(lambda: self._ends >= sessions or self._ended, timeout)
            if self._ends < sessions:
                if self._ended:
                    raise self._death()
                raise TimeoutError(f"{self._ends} of {sessions} ended after {timeout} s")

    def _read_stdout(self) -> None:
        fd = _opened(self._process.stdout).fileno()
        tail = b""
        while data := os.read(fd, READ_SIZE):
            at = time.monotonic()
            with self._changed:
                if self._stored is None:
                    self._output.feed(data, at)
                else:
                    self._stored.append((at, data))
                    self._ends += (tail + data).count(ANY_END)
                # too short to hold a whole one, so none is counted twice
                tail = (tail + data)[1 - len(ANY_END) :]
                self._changed.notify_all()
        self._process.wait()
        # what it died of is on stderr, which the other thread may not have read yet
        self._stderr_reader.join(LAST_WORDS_SECONDS)
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for session in list(self._output.sessions.values()):
            session.abandon(self._death())

    def _read_stderr(self) -> None:
        fd = _opened(self._process.stderr).fileno()
        while data := os.read(fd, READ_SIZE):
            self._stderr.append(data)

    # -- details --------------------------------------------------------------------------

    def _death(self) -> PluginDiedError:
        code = self._process.poll()
        return PluginDiedError(f"the plugin ended with code {code}; stderr: {self.stderr[-2000:]}")


def _opened(stream: IO[bytes] | None) -> IO[bytes]:
    """Narrow Popen's optional pipes: ours were all asked for."""
    if stream is None:
        raise RuntimeError("not opened with PIPE")
    return stream


def _write_all(stream: IO[bytes], data: bytes) -> None:
    """Unbuffered pipes may take less than they are given."""
    view = memoryview(data)
    while view:
        view = view[os.write(stream.fileno(), view) :]
