"""A server of which the test writes every byte: for answers that no simulator would send."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    raw: bytes
    """All of it as it came."""

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


type Answer = Callable[[socket.socket, Asked], None]
"""Writes the answer. The connection is closed afterwards, unless the server keeps it alive."""


class RawServer:
    """Listens on loopback and keeps what was asked; a context manager.

    A request counts as asked before it is answered. A client that goes away is no failure.

    Attributes:
        greeting: sent before anything was asked.
    """

    def __init__(self, answer: Answer, *, keep_alive: bool = False) -> None:
        self._answer = answer
        self._keep_alive = keep_alive
        self.greeting = b""
        self._lock = threading.Lock()
        self._asked: list[Asked] = []
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="raw server", daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What is typed as API Base URL."""
        return f"{self.origin}/v1"

    @property
    def asked(self) -> list[Asked]:
        """All requests so far."""
        with self._lock:
            return list(self._asked)

    @property
    def requests(self) -> list[bytes]:
        """All requests so far, as they came."""
        return [asked.raw for asked in self.asked]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # `shutdown` wakes the thread in `accept`, which `close` alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with self._lock:
                    self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError), connection, connection.makefile("rb") as source:
                connection.sendall(self.greeting)
                while asked := _read(source):
                    with self._lock:
                        self._asked.append(asked)
                    self._answer(connection, asked)
                    if not self._keep_alive:
                        return
        finally:
            with self._lock:
                self._open.discard(connection)


def _read(source: IO[bytes]) -> Asked | None:
    """The next request; `None` when the client has gone."""
    lines = [source.readline()]
    headers: dict[str, str] = {}
    while (line := source.readline()) not in {b"\r\n", b""}:
        lines.append(line)
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    method, _, rest = lines[0].decode("latin-1").partition(" ")
    body = source.read(int(headers.get("content-length", 0)))
    raw = b"".join([*lines, b"\r\n", body])
    return Asked(method, rest.split(" ")[0], headers, body, raw) if rest else None
