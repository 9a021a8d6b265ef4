"""Answers byte by byte, for the server that sends what no gateway of the simulator would."""

import socket
import threading

from devtools.raw import Answer, Asked, RawServer

__all__ = ["Answer", "Asked", "RawServer", "holding", "http", "sending"]


def sending(*pieces: bytes) -> Answer:
    """Send these bytes and close."""

    def answer(connection: socket.socket, _asked: Asked) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return answer


def holding(gate: threading.Event, *pieces: bytes) -> Answer:
    """Send these bytes, the last one only when the gate opens (10 s at most)."""

    def answer(connection: socket.socket, _asked: Asked) -> None:
        for piece in pieces[:-1]:
            connection.sendall(piece)
        gate.wait(60.0)
        connection.sendall(pieces[-1])

    return answer


def http(status: int, body: bytes, *headers: str) -> bytes:
    """One whole answer."""
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body
