"""Answers of which the test writes every byte: chats and their streams that no simulator has."""

import json

from devtools.raw import Answer, Asked
from devtools.raw import RawServer as Scripted

__all__ = [
    "CLOSE_DELIMITED",
    "HEAD_OF_STREAM",
    "Answer",
    "Asked",
    "Scripted",
    "answering",
    "behind_one_api",
    "chunk",
    "streaming",
]

HEAD_OF_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CLOSE_DELIMITED = HEAD_OF_STREAM + b"Connection: close\r\n\r\n"


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


def behind_one_api(*events: bytes) -> Answer:
    """Always this stream, by a gateway that ends every stream like a whole one."""
    head = HEAD_OF_STREAM + b"X-Oneapi-Request-Id: 2026120100\r\nConnection: close\r\n\r\n"
    return lambda connection, _asked: connection.sendall(head + b"".join(events))


def streaming(*events: bytes) -> Answer:
    """Always this stream, ended by closing."""
    return lambda connection, _asked: connection.sendall(CLOSE_DELIMITED + b"".join(events))
