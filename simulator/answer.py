"""What a server puts on the wire, described as data.

An `Answer` is pure description: a status, headers, a script of body pieces and pauses, and the way
it ends. Behaviours make answers, gateways turn one answer into another, and `http11` plays them.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

type Headers = tuple[tuple[str, str], ...]


class Framing(Enum):
    """How the body's end is told to the client (RFC 9112 §6)."""

    LENGTH = "Content-Length"
    SHORT = "Content-Length larger than what comes"
    CHUNKED = "Transfer-Encoding: chunked"
    CLOSE = "the connection's end"


class End(Enum):
    """What happens after the last step."""

    CLEAN = "the message is complete"
    CUT = "the socket is closed in the middle of the message"
    RESET = "the socket is reset (RST)"
    HANG = "nothing more is ever sent"


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of so many seconds, counted from the end of the pause before it (no drift)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Framed:
    """Bytes that already carry their chunked framing, for streams at full speed."""

    data: bytes


type Step = bytes | Pause | Framed


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. Status 0 means that not one byte of an answer is sent; `end` says what is."""

    status: int
    headers: Headers = ()
    steps: Iterable[Step] = ()
    end: End = End.CLEAN
    framing: Framing = Framing.LENGTH
    delay: float = 0.0
    """Seconds between the request and the status line."""

    @property
    def body(self) -> bytes:
        """The body as one piece, without its pauses."""
        return b"".join(step for step in self.steps if isinstance(step, bytes))

    def header(self, name: str) -> str:
        """The first header of that name, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def is_event_stream(self) -> bool:
        """Whether the answer announces server-sent events."""
        return self.header("Content-Type").startswith("text/event-stream")


def dump(value: Any) -> bytes:
    """JSON as the gateways write it: compact, UTF-8, not ASCII."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def json_answer(status: int, value: Any, headers: Headers = ()) -> Answer:
    """An answer whose body is that value as JSON."""
    return Answer(status, (("Content-Type", "application/json"), *headers), (dump(value),))


def html_answer(status: int, page: str, headers: Headers = ()) -> Answer:
    """An answer whose body is a page."""
    return Answer(status, (("Content-Type", "text/html"), *headers), (page.encode(),))


def no_answer(end: End) -> Answer:
    """Not one byte: the connection closes, is reset, or hangs."""
    return Answer(0, end=end)
