"""A server of which the test writes every byte: for answers that no simulator has."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

HEAD_OF_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CLOSE_DELIMITED = HEAD_OF_STREAM + b"Connection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: method and path, and its JSON body if it has one."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


type Answer = Callable[[socket.socket, Asked], None]
"""Writes the answer; the connection is closed afterwards."""


class Scripted:
    """A server on loopback, a context manager; each connection carries one request."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._asked: list[Asked] = []
        self._thread = threading.Thread(target=self._accept, name="scripted", daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return self._base_url

    @property
    def asked(self) -> list[Asked]:
        """All requests so far."""
        with self._lock:
            return list(self._asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
                asked = _read(source)
                if asked is not None:
                    with self._lock:
                        self._asked.append(asked)
                    self._answer(connection, asked)
        finally:
            with self._lock:
                self._open.discard(connection)


def _read(source: IO[bytes]) -> Asked | None:
    line = source.readline().split(b" ")
    headers: dict[str, str] = {}
    while (header := source.readline()) not in {b"\r\n", b""}:
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = source.read(int(headers.get("content-length", 0)))
    return Asked(line[0].decode(), line[1].decode(), headers, body) if len(line) > 1 else None


def chunk(text: str = "", finish: str | None = None, **delta: object) -> bytes:
    """One event of a chat's stream."""
    whole = {**({"content": text} if text else {}), **delta}
    choice = {"index": 0, "delta": whole, "finish_reason": finish}
    value = {"id": "c", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def answering(status: int, body: object, *headers: tuple[str, str]) -> Answer:
    """Always this answer: text as it is, anything else as JSON."""
    data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    kind = "text/html" if isinstance(body, str) else "application/json"
    lines = [f"HTTP/1.1 {status} ", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    whole = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + data
    return lambda connection, _asked: connection.sendall(whole)


def streaming(*events: bytes) -> Answer:
    """Always this stream, ended by closing."""
    return lambda connection, _asked: connection.sendall(CLOSE_DELIMITED + b"".join(events))
