"""The simulator itself: a server in a thread, and what it saw."""

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from simulator.answer import Answer, Headers, dump
from simulator.form import body_of
from simulator.gateway import Gateway, Plan
from simulator.http11 import Connection, GoneError, Request
from simulator.oneapi import JSON_HEADERS
from simulator.routes import Route, route_of
from simulator.scenario import Scenario, load

_CONTROL = "/__sim__/"
_BACKLOG = 4096
_POLL = 0.005
"""Seconds between two looks of `wait_for`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    model: str
    key: str
    headers: dict[str, str]
    """Names in lower case."""
    body: dict[str, Any] | None
    """The JSON object or the form that was sent, or None."""
    stream: bool
    at: float
    """When (monotonic seconds)."""
    connection: int
    """Number of the TCP connection, from 1."""


class Simulator:
    """A server on loopback that fails as the real gateways fail.

    `seed` decides all chance; `scenario` is a file or a dictionary (see `scenario`). Use it as a
    context manager, or call `close`. Every method may be called from any thread.
    """

    def __init__(self, seed: int = 0, scenario: Scenario | Path | str | None = None, port: int = 0):
        self.gateway = Gateway(seed, load(scenario), time.monotonic)
        self._loop = asyncio.new_event_loop()
        self._open: set[Connection] = set()
        self._forget()
        self.connections = 0
        ready: threading.Event = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(ready, port), name="simulator", daemon=True
        )
        self._failure: OSError | None = None
        self._thread.start()
        ready.wait()
        if self._failure is not None:
            raise self._failure

    # What it saw.

    @property
    def base_url(self) -> str:
        """The address that a user would type."""
        return f"{self.origin}/v1"

    @property
    def seen(self) -> list[Seen]:
        """Every request so far, in order of arrival."""
        return list(self._seen)

    @property
    def open_connections(self) -> int:
        """TCP connections that are open now."""
        return len(self._open)

    def count(self, model: str | None = None) -> int:
        """How many POST requests came for this model, or in all."""
        if model is None:
            return self._posts.total()
        return self._posts[model]

    def wait_for(self, predicate: Callable[["Simulator"], bool], timeout: float = 60.0) -> bool:
        """Whether the predicate came true within so many seconds."""
        deadline = time.monotonic() + timeout
        while not predicate(self):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL)
        return True

    def stats(self) -> dict[str, Any]:
        """All the counts as plain data; `models` has a row for each model and key with capacity."""
        crowded = [
            {
                "model": model,
                "key": key,
                "admitted": place.admitted,
                "rejected": place.rejected,
                "busy": place.busy,
                "busy_peak": place.busy_peak,
                "service_seconds": place.service_seconds,
            }
            for (model, key), place in list(self.gateway.crowded.items())
        ]
        return {
            "requests": self.count(),
            "posts": dict(self._posts),
            "connections": self.connections,
            "open_connections": self.open_connections,
            "in_flight": self._in_flight,
            "in_flight_peak": self.in_flight_peak,
            "aborted": self.aborted,
            "models": crowded,
        }

    def reset(self) -> None:
        """Forget what was seen and every model's state; go on listening."""
        if threading.current_thread() is self._thread:
            self._reset()
            return
        done = threading.Event()

        def reset() -> None:
            self._reset()
            done.set()

        self._loop.call_soon_threadsafe(reset)
        done.wait()

    def _reset(self) -> None:
        self._forget()
        self.connections = len(self._open)
        self.gateway.reset()

    def _forget(self) -> None:
        self._seen: list[Seen] = []
        self._posts: Counter[str] = Counter()
        self._in_flight = len([one for one in self._open if one.task and one.answering])
        self.in_flight_peak = self._in_flight
        self.aborted = 0

    # Life.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self, ready: threading.Event, port: int) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(ready, port))

    async def _serve(self, ready: threading.Event, port: int) -> None:
        self._stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(self._accept, "127.0.0.1", port, backlog=_BACKLOG)
        except OSError as error:
            self._failure = error
            ready.set()
            return
        self.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await self._stop.wait()
        server.close()
        tasks = [one.task for one in self._open if one.task is not None]
        for one in list(self._open):
            one.reset()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self) -> Connection:
        self.connections += 1
        connection = Connection(self.connections, self._converse, self._open.discard)
        self._open.add(connection)
        return connection

    async def _converse(self, connection: Connection) -> None:
        """All the requests of one connection."""
        with contextlib.suppress(GoneError):
            while (request := await connection.read()) is not None:
                if request.path.startswith(_CONTROL):
                    answer = self._controlled(request)
                    await connection.play(answer, request.keep_alive)
                elif not await self._answer(connection, request):
                    return

    async def _answer(self, connection: Connection, request: Request) -> bool:
        route = route_of(request)
        self._note(connection, request, route)
        plan = self.gateway.plan(request, route, self.origin)
        self._in_flight += 1
        connection.answering = True
        self.in_flight_peak = max(self.in_flight_peak, self._in_flight)
        try:
            return await connection.play(_dated(plan), request.keep_alive)
        except GoneError:
            self.aborted += 1
            raise
        finally:
            self._in_flight -= 1
            connection.answering = False
            if plan.finished is not None:
                plan.finished(time.monotonic())

    def _note(self, connection: Connection, request: Request, route: Route) -> None:
        value = body_of(request)
        body = value if isinstance(value, dict) else None
        model = body.get("model") if body else ""
        model = model if isinstance(model, str) else ""
        stream = bool(body and body.get("stream") is True)
        self._seen.append(
            Seen(
                request.method,
                request.path,
                model,
                route.key,
                request.headers,
                body,
                stream,
                time.monotonic(),
                connection.number,
            )
        )
        if request.method == "POST":
            self._posts[model] += 1

    def _controlled(self, request: Request) -> Answer:
        """The control endpoints; they never count."""
        name = request.path.removeprefix(_CONTROL)
        if (request.method, name) == ("GET", "stats"):
            return Answer(200, JSON_HEADERS, (dump(self.stats()),))
        if (request.method, name) == ("GET", "seen"):
            return Answer(200, JSON_HEADERS, (dump([asdict(one) for one in self._seen]),))
        if (request.method, name) == ("POST", "reset"):
            self._reset()
            return Answer(200, JSON_HEADERS, (dump({"reset": True}),))
        return Answer(404, JSON_HEADERS, (dump({"error": "no such control"}),))


def _dated(plan: Plan) -> Answer:
    """The answer with a date, as every server sends one."""
    date: Headers = (("Date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())),)
    return replace(plan.answer, headers=(*plan.answer.headers, *date))
