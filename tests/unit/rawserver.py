"""A server that sends the bytes it was given: for what no gateway of the simulator would send."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

type Answer = Callable[[socket.socket], None]


def sending(*pieces: bytes) -> Answer:
    """Send these bytes and close."""

    def answer(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return answer


def holding(gate: threading.Event, *pieces: bytes) -> Answer:
    """Send these bytes, the last one only when the gate opens (10 s at most)."""

    def answer(connection: socket.socket) -> None:
        for piece in pieces[:-1]:
            connection.sendall(piece)
        gate.wait(10)
        connection.sendall(pieces[-1])

    return answer


def http(status: int, body: bytes, *headers: str) -> bytes:
    """One whole answer."""
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


class RawServer:
    """Listens on loopback and answers each connection's first request; keeps what was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.impatient = False
        """Whether to answer before anything was asked."""
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        # The listening socket is closed when the test ends.
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        # A client may well have gone by then: that is what some tests are about.
        with connection, contextlib.suppress(OSError):
            if self.impatient:
                connection.sendall(http(400, b"no TLS here"))
            self.requests.append(_request(connection))
            self._answer(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or _gone()
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line[15:])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536) or _gone()
    return head + b"\r\n\r\n" + body


def _gone() -> bytes:
    raise ConnectionError("the client went")
