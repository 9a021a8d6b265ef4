"""Asking a server as the recorder of the fixtures did: plain HTTP, and all that came back."""

import http.client
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from urllib3.filepost import encode_multipart_formdata

from simulator.sound import wave_of

CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": "hi there"}]}
COMPLETION: dict[str, Any] = {"prompt": "say five words to me"}
EMBEDDINGS: dict[str, Any] = {"input": ["a", "b"]}
RERANK: dict[str, Any] = {"query": "q", "documents": ["a", "b"], "return_documents": False}
MODERATIONS: dict[str, Any] = {"input": "say five words to me"}
RESPONSE: dict[str, Any] = {"input": [{"role": "user", "content": "hi there"}]}
"""Prompts of as many tokens as those that were recorded (9 and 5, as New API counts)."""

QUESTIONS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": COMPLETION,
    "/v1/responses": RESPONSE,
    "/v1/embeddings": EMBEDDINGS,
    "/v1/rerank": RERANK,
    "/v1/moderations": MODERATIONS,
    "/v1/audio/transcriptions": {"file": ("audio.wav", wave_of(), "audio/wav")},
    "/v1/audio/speech": {"input": "hi", "voice": "alloy"},
}
"""Path -> the fields of a good question, but for the model."""


@dataclass(frozen=True)
class Heard:
    """An answer; status None if not one byte of it came."""

    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ended: str = "complete"

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


def ask(  # noqa: PLR0913 - a request has that many parts, all of them optional
    base: str,
    path: str,
    body: dict[str, Any] | bytes | None = None,
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    key: str = "sk-good",
    timeout: float = 60.0,
    limit: float = math.inf,
    enough: Callable[[bytes], bool] | None = None,
    patience: float = 60.0,
) -> Heard:
    """One request on a connection of its own.

    `timeout` is how long silence is borne, `limit` how long the whole body may take (seconds).
    With `enough` both count only from when it is true of the body, and until then silence is
    borne for `patience` seconds: an answer that never ends is told from one that is merely late.
    """
    parts = urlsplit(base)
    if enough is not None and enough(b""):
        enough = None
    borne = timeout if enough is None else patience
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=borne)
    data, content_type = _encoded(body)
    sent = {"Authorization": f"Bearer {key}"} if key else {}
    if data is not None:
        sent["Content-Type"] = content_type
    sent |= headers or {}
    try:
        connection.request(method, parts.path + path, data, sent)
        sock = connection.sock  # the connection forgets it if the answer is to close it
        response = connection.getresponse()
        return _read(response, limit, enough, lambda: sock.settimeout(timeout))
    except TimeoutError:
        return Heard(None, ended="silence")
    except ConnectionResetError as error:  # RemoteDisconnected is one of them
        closed = isinstance(error, http.client.RemoteDisconnected)
        return Heard(None, ended="closed" if closed else "reset")
    finally:
        connection.close()


def _encoded(body: dict[str, Any] | bytes | None) -> tuple[bytes | None, str]:
    """The body and its type: a form where there is a file, else JSON."""
    if isinstance(body, dict) and "file" in body:
        return encode_multipart_formdata(body)
    return json.dumps(body).encode() if isinstance(body, dict) else body, "application/json"


def _read(
    response: http.client.HTTPResponse,
    limit: float,
    enough: Callable[[bytes], bool] | None,
    hurry: Callable[[], None],
) -> Heard:
    """The answer; once the body is `enough`, `hurry` is called and `limit` begins."""
    names: dict[str, str] = {}
    for name, value in response.getheaders():
        names.setdefault(name.lower(), value)
    body = b""
    deadline = math.inf if enough else time.monotonic() + limit
    ended = "complete"
    try:
        while piece := response.read1(65536):
            body += piece
            if enough is not None and enough(body):
                enough = None
                hurry()
                deadline = time.monotonic() + limit
            if time.monotonic() > deadline:
                ended = "limit"
                break
        if response.length and ended == "complete":
            ended = "cut"
    except TimeoutError:
        ended = "silence"
    except http.client.IncompleteRead:
        ended = "cut"
    except ConnectionResetError:
        ended = "reset"
    return Heard(response.status, names, body, ended)


def chat(base: str, model: str, *, stream: bool = False, **options: Any) -> Heard:
    """One chat; keyword arguments that `ask` does not know become fields of the request."""
    return _ask_model(base, "/v1/chat/completions", model, stream=stream, **options)


def completion(base: str, model: str, *, stream: bool = False, **options: Any) -> Heard:
    """One completion of the old kind."""
    return _ask_model(base, "/v1/completions", model, stream=stream, **options)


def _ask_model(base: str, path: str, model: str, **options: Any) -> Heard:
    known = {
        name: options.pop(name)
        for name in ("key", "timeout", "headers", "limit")
        if name in options
    }
    return ask(base, path, QUESTIONS[path] | {"model": model} | options, **known)


def events(body: bytes) -> list[Any]:
    """The JSON of every `data:` line but `[DONE]`."""
    lines = [line[5:].strip() for line in body.splitlines() if line.startswith(b"data:")]
    return [json.loads(line) for line in lines if line != b"[DONE]"]


def said(body: bytes) -> str:
    """The text of a chat stream."""
    choices = [choice for one in events(body) for choice in one.get("choices") or []]
    return "".join(choice["delta"].get("content") or "" for choice in choices)
