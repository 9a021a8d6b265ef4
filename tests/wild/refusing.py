"""A gateway that refuses as a labelled case says, and answers once its reason is gone."""

import json
import socket
import threading
from collections.abc import Mapping

from devtools.raw import Asked, RawServer
from tests.wild.cases import Case

ANSWER = "ok"
"""What it says to a chat that it does not refuse."""

DIMENSIONS = 3

_SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(413)


class RefusingGateway:
    """Plays one case over a real socket; a context manager.

    Attributes:
        case: what it plays.
        posts: bodies of the requests for an answer, in order, as JSON; empty for a form. A followed
            redirect is none.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.posts: list[dict[str, object]] = []
        self._path = ""
        self._lock = threading.Lock()
        self._server = RawServer(self._answer)

    @property
    def base_url(self) -> str:
        """What is typed as API Base URL."""
        return self._server.base_url

    def __enter__(self) -> "RefusingGateway":
        self._server.__enter__()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.__exit__(None, None, None)

    def _answer(self, connection: socket.socket, asked: Asked) -> None:
        if asked.method != "POST":
            connection.sendall(_http(404, {}, b'{"detail":"Not Found"}'))
            return
        is_form = asked.headers.get("content-type", "").startswith("multipart/")
        payload = {} if is_form else asked.json
        with self._lock:
            self._path = self._path or asked.path
            if asked.path == self._path:
                self.posts.append(payload)
            first = self.posts[0]
        refused = self._refuses(first, payload)
        connection.sendall(self._refusal() if refused else _answered(asked.path, payload))

    def _refuses(self, first: Mapping[str, object], payload: Mapping[str, object]) -> bool:
        if limits := self.case.get("while"):
            given = payload.get("input")
            texts = given if isinstance(given, list) else [given]
            longest = max(len(str(text)) for text in texts)
            most: int = limits.get("inputs", len(texts))
            return len(texts) > most or bool(longest > limits.get("longest", longest))
        revised = self.case["revises"]
        if not revised:
            return True
        kept = [name in payload and payload[name] == first.get(name) for name in revised]
        return all(kept) if self.case.get("any") else any(kept)

    def _refusal(self) -> bytes:
        body = self.case["body"].encode()
        media = "application/json" if body[:1] in b'{["' else "text/html"
        return _http(self.case["status"], {"Content-Type": media, **self.case["headers"]}, body)


def _answered(path: str, payload: Mapping[str, object]) -> bytes:
    if path.endswith("audio/speech"):
        return _http(200, {"Content-Type": "audio/mpeg"}, _SOUND)
    if payload.get("stream"):
        choice = {"index": 0, "delta": {"content": ANSWER}, "finish_reason": "stop"}
        chunk = json.dumps({"object": "chat.completion.chunk", "choices": [choice]})
        body = f"data: {chunk}\n\ndata: [DONE]\n\n".encode()
        return _http(200, {"Content-Type": "text/event-stream"}, body)
    return _http(200, {"Content-Type": "application/json"}, json.dumps(_result(payload)).encode())


def _result(payload: Mapping[str, object]) -> dict[str, object]:
    if "documents" in payload:
        documents = payload["documents"]
        count = len(documents) if isinstance(documents, list) else 0
        scored = [{"index": at, "relevance_score": 0.5} for at in range(count)]
        return {"results": scored}
    if "messages" in payload:
        message = {"role": "assistant", "content": ANSWER}
        return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    texts = payload.get("input")
    texts = texts if isinstance(texts, list) else [texts]
    # The first number says which text it is, in order.
    vectors = [[float(_number(text)), 1.0, 0.0] for text in texts]
    data = [
        {"object": "embedding", "index": at, "embedding": vector}
        for at, vector in enumerate(vectors)
    ]
    return {"object": "list", "data": data}


def _number(text: object) -> int:
    """A text begins with its number."""
    return int(str(text).split(" ", 1)[0])


def _http(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
