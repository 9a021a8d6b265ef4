"""A server of a few lines that plays recorded answers back, byte for byte.

The answer number N of a recording is at `/N/v1/...`, that of gpt-load's at `/N/proxy/plain/v1/...`,
for a pool's path is all that tells it. Headers of the connection are left out and
framed anew: an event stream is sent chunked, event by event; anything else has its length. An
answer that never ended hangs after what had come.
"""

import base64
import json
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from devtools.raw import Asked, RawServer

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
GATEWAYS = (
    "one-api",
    "new-api",
    "new-api-2026-08",
    "litellm",
    "one-hub",
    "done-hub",
    "gpt-load",
)
POOL = "/proxy/plain"
"""In front of every path of gpt-load: the name of a pool of keys."""

ENDPOINTS = ("chat", "completions", "responses", "models")

USAGE_PAGE = "/api/usage/token/"
_RECORDERS_ORIGIN = re.compile(r"^http://127\.0\.0\.1:\d+")
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded answer; `status` is None where not one byte of it ever came."""

    gateway: str
    case: str
    path: str
    method: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ended: str

    @property
    def name(self) -> str:
        """Gateway and case, as the table of expectations writes them."""
        return f"{self.gateway} {self.case}"

    @property
    def told(self) -> str:
        """Gateway, status and case, as the tables of the newer gateways write them."""
        return f"{self.gateway} {self.status} {self.case}"

    @property
    def is_usage_page(self) -> bool:
        """Whether it is the newer New API's page about a key."""
        return self.gateway == "new-api-2026-08" and self.path == USAGE_PAGE

    @property
    def endpoint(self) -> str:
        """The path from `/v1` on, whatever the case put in front of it."""
        return self.path.removeprefix(POOL)

    @property
    def hangs(self) -> bool:
        """Whether the client had to give up."""
        return self.ended.startswith("client gave up")


def recordings(endpoints: Sequence[str] = ENDPOINTS) -> list[Recording]:
    """All answers of these endpoints; not every gateway has each of them."""
    files = [(name, FIXTURES / name / f"{end}.jsonl") for name in GATEWAYS for end in endpoints]
    return [
        _recording(gateway, json.loads(line))
        for gateway, file in files
        if file.exists()
        for line in file.read_text("utf-8").splitlines()
    ]


def parameters_of(found: Sequence[Recording]) -> list[object]:
    """Their numbers, as a test's parameters."""
    return [
        pytest.param(number, id=f"{one.gateway}-{one.case}-{number}")
        for number, one in enumerate(found)
    ]


def _recording(gateway: str, record: dict[str, Any]) -> Recording:
    encoded = record.get("body_base64")
    return Recording(
        gateway,
        record["case"],
        record["path"],
        record["method"],
        record.get("status"),
        tuple((name, value) for name, value in record["headers"]),
        base64.b64decode(encoded) if encoded is not None else record["body"].encode(),
        record["ended"],
    )


class Replay(RawServer):
    """The server; a context manager.

    Redirects lead to the answers in `elsewhere`, by path. What a key's own usage page says of the
    key of a case is `pages`, by that case's last word.
    """

    def __init__(
        self,
        answers: Sequence[Recording],
        elsewhere: dict[str, Recording],
        pages: dict[str, Recording] | None = None,
    ) -> None:
        self._answers = answers
        self._elsewhere = elsewhere
        self._pages = pages or {}
        super().__init__(self._replay, keep_alive=True)

    def url_of(self, number: int) -> str:
        """Where the answer of that number is found."""
        pool = POOL if self._answers[number].gateway == "gpt-load" else ""
        return f"{self.origin}/{number}{pool}/v1"

    def asked_for(self, number: int) -> int:
        """How often it was asked for; looks at the key's own pages are no attempts."""
        is_list = "/models" in self._answers[number].path
        return sum(
            asked.path.startswith(f"/{number}/")
            and not asked.path.endswith(USAGE_PAGE)
            and asked.path.endswith("/models") is is_list
            for asked in self.asked
        )

    def _replay(self, connection: socket.socket, asked: Asked) -> None:
        number, _, _ = asked.path.removeprefix("/").partition("/")
        is_number = number.isdecimal()
        answer = self._answers[int(number)] if is_number else self._elsewhere[asked.path]
        if is_number and asked.path.endswith(USAGE_PAGE):
            answer = self._page_for(answer)
        for delta in _framed(answer):
            connection.sendall(delta)
        if answer.hangs:
            connection.recv(1)

    def _page_for(self, answer: Recording) -> Recording:
        """The usage page of the key that this answer refused, or the answer itself."""
        found = [page for word, page in self._pages.items() if word in answer.case]
        return found[0] if answer.gateway == "new-api-2026-08" and found else answer


def _framed(answer: Recording) -> list[bytes]:
    if answer.status is None:
        return []
    chunked = ("Content-Type", "text/event-stream") in answer.headers
    # A reason phrase may be empty (RFC 9112, 4); Cloudflare's statuses have none.
    lines = [f"HTTP/1.1 {answer.status} "]
    lines += [
        f"{name}: {_RECORDERS_ORIGIN.sub('', value) if name.lower() == 'location' else value}"
        for name, value in answer.headers
        if name.lower() not in _HOP_BY_HOP
    ]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    elif answer.status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {len(answer.body)}")
    head = "\r\n".join([*lines, "", ""]).encode()
    if not chunked:
        return [head, answer.body]
    events = [event + b"\n\n" for event in answer.body.split(b"\n\n")]
    events[-1] = events[-1].removesuffix(b"\n\n")
    chunks = [b"%x\r\n%b\r\n" % (len(event), event) for event in events if event]
    return [head, *chunks, *([] if answer.hangs else [b"0\r\n\r\n"])]
