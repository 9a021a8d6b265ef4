"""One attempt: one request, its answer read to the end, the connection given back."""

import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, cast

import requests
import urllib3.exceptions as urllib3_errors

from engine.delta import Delta
from engine.errors import AttemptError, Failure, Kind, classify
from engine.errors.evidence import read_evidence, request_id_of
from engine.errors.kinds import CONNECT_FAILED, NO_ANSWER, TIME_LIMIT, WRONG_URL
from engine.errors.messages import cause_message
from engine.errors.redact import without_secrets
from engine.http.causes import wants_tls
from engine.http.transport import CONNECT_SECONDS, READ_SECONDS, Transport
from engine.request import Reader, Request
from engine.settings import Settings
from engine.settings.secrets import secrets_of

MAX_ERROR_BODY_BYTES = 64 * 1024
"""Bytes read of a refusal; its error fields stand well before."""

_READ_BYTES = 64 * 1024
_READS_BETWEEN_YIELDS = 128
_READS_FOR_END = 2
"""Of what follows the end of an answer: its usage at most, and the end of the body."""
MAX_CALL_SECONDS = 590.0
"""Seconds; the daemon kills an invocation at 600."""

SECONDS_FOR_USAGE = 5.0
"""After the finish reason, in all: whatever keeps the answer open, it is complete."""

SECONDS_FOR_END = 1.0
"""For the end of a body that says nothing more: then its connection can be used again."""

SECONDS_FOR_ERROR = 5.0
"""For the body of a refusal, in all."""

MIN_READ_SECONDS = 0.1
"""Seconds; a time-out of 0 would make a socket fail at once."""

_SUCCESS = range(200, 300)
_NOTHING_THERE = frozenset({404, 405, 501})
_BROKEN = (urllib3_errors.HTTPError, requests.RequestException, OSError)


class Closable(Protocol):
    """Something whose closing ends a read under way."""

    def shutdown(self) -> None:
        """End the read."""


class Sink(Protocol):
    """Who gets what arrives."""

    @property
    def closed(self) -> bool:
        """Nobody waits for it any more."""

    def put(self, deltas: list[Delta]) -> None:
        """Take pieces of the answer."""

    def read_from(self, source: Closable | None) -> None:
        """Be told what to shut down in order to end the read under way."""


class Shutdown:
    """Ends a read of a response that another thread may be in."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response

    def shutdown(self) -> None:
        """End the read; closing would wait for it in CPython's buffered reader."""
        try:
            self._response.raw.shutdown()
        except (ValueError, RuntimeError, OSError):
            # Already read to its end, or closed by the other side.
            return


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long an attempt may take.

    Attributes:
        until: ``time.monotonic()`` at which the call has to be over.
        connect: seconds to connect, for each address of the host.
        read_seconds: seconds between bytes.
    """

    until: float
    connect: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS

    def read_seconds_from(self, now: float) -> float:
        """Seconds that the answer may be silent from now on."""
        return max(MIN_READ_SECONDS, min(self.read_seconds, self.until - now))


def send_attempt[Result](
    transport: Transport,
    settings: Settings,
    request: Request[Result],
    sink: Sink,
    limits: TimeLimits,
    on_admitted: Callable[[Mapping[str, str]], None] = lambda _headers: None,
) -> Result:
    """Ask once, and hand on what arrives.

    Args:
        transport: the connections.
        settings: endpoint, key.
        request: what is asked.
        sink: gets the text as it arrives.
        limits: of time.
        on_admitted: gets the headers when an answer begins that is no refusal.

    Raises:
        AttemptError: the attempt failed.
    """
    began = time.monotonic()
    request_id = ""
    try:
        response = transport.post(
            settings,
            request.path,
            request.payload,
            upload=request.upload,
            connect_seconds=limits.connect,
            read_seconds=limits.read_seconds_from(began),
        )
        headers = dict(response.headers.lower_items())
        request_id = request_id_of(headers)
        try:
            sink.read_from(Shutdown(response))
            if response.status_code not in _SUCCESS:
                raise AttemptError(_failure_of_answer(response, limits, request.absent))
            on_admitted(headers)
            reader = request.reader(response.status_code, response.headers)
            return _read_answer(response, reader, sink, limits)
        finally:
            response.close()
            sink.read_from(None)
    except AttemptError as error:
        now = time.monotonic()
        is_over = error.failure.kind is NO_ANSWER and now >= limits.until - MIN_READ_SECONDS
        failure = replace(
            error.failure,
            kind=TIME_LIMIT if is_over else error.failure.kind,
            seconds=now - began,
            request_id=error.failure.request_id or request_id,
        )
        raise AttemptError(without_secrets(failure, secrets_of(settings))) from None


def _read_answer[Result](
    response: requests.Response, reader: Reader[Result], sink: Sink, limits: TimeLimits
) -> Result:
    received = _received(response)
    until = limits.until
    _shorten_read_timeout(response, limits.read_seconds_from(time.monotonic()))
    try:
        for count, chunk in enumerate(received, start=1):
            was_finished = reader.finished
            _hand_on(partial(reader.feed, chunk), sink)
            if reader.done:
                _read_end(response, reader, received)
                break
            now = time.monotonic()
            if reader.finished and not was_finished:
                until = min(until, now + SECONDS_FOR_USAGE)
            if now >= until:
                if reader.finished:
                    break
                raise AttemptError(Failure(TIME_LIMIT, after_content=reader.content))
            if until - now < limits.read_seconds:
                _shorten_read_timeout(response, max(until - now, MIN_READ_SECONDS))
            if count % _READS_BETWEEN_YIELDS == 0:
                # A stream that is always ready would keep other greenlets from running.
                time.sleep(0)
    except _BROKEN as error:
        if not reader.finished:
            raise AttemptError(_broken(reader, error)) from None
    return _hand_on(reader.close, sink)


def _read_end[Result](
    response: requests.Response, reader: Reader[Result], received: Iterator[bytes]
) -> None:
    """Read the end of what is done, so that the connection is used again; it may not come.

    Usage may stand in it.
    """
    _shorten_read_timeout(response, SECONDS_FOR_END)
    with contextlib.suppress(AttemptError, *_BROKEN):
        for chunk in itertools.islice(received, _READS_FOR_END):
            reader.feed(chunk, [])


def _received(response: requests.Response) -> Iterator[bytes]:
    """The body as it arrives; ``read1`` waits for no more, whatever its framing is."""
    while chunk := response.raw.read1(_READ_BYTES, decode_content=True):
        yield chunk


def _shorten_read_timeout(response: requests.Response, seconds: float) -> None:
    """Wait less long from now on: the answer is complete, or the call has to end."""
    sock = _socket_of(response)
    # It is closed already where an answer with a length came over a connection of its own.
    if sock is not None and sock.fileno() >= 0:
        sock.settimeout(seconds)


def _socket_of(response: requests.Response) -> socket.socket | None:
    """The socket that the body comes from.

    A body that ends with its connection has taken it from the connection; urllib3 keeps its
    ``shutdown`` method all the same.
    """
    connection = response.raw.connection
    if connection is not None and connection.sock is not None:
        return cast("socket.socket", connection.sock)
    return getattr(getattr(response.raw, "_sock_shutdown", None), "__self__", None)


def _hand_on[Result](read: Callable[[list[Delta]], Result], sink: Sink) -> Result:
    """What was received is handed on, also when what came with it is a failure."""
    deltas: list[Delta] = []
    try:
        return read(deltas)
    finally:
        if deltas:
            sink.put(deltas)


def _broken[Result](reader: Reader[Result], error: Exception) -> Failure:
    if isinstance(error, urllib3_errors.ReadTimeoutError):
        return Failure(NO_ANSWER, after_content=reader.content, note="silence within the answer")
    return reader.cut(type(error).__name__)


def _failure_of_answer(
    response: requests.Response, limits: TimeLimits, absent: Kind | None
) -> Failure:
    # The status says enough: a body that does not end must not hold the next attempt up.
    seconds = min(SECONDS_FOR_ERROR, limits.read_seconds)
    _shorten_read_timeout(response, seconds)
    until = min(limits.until, time.monotonic() + seconds)
    body, _ = read_body(response, MAX_ERROR_BODY_BYTES, until)
    failure = classify(
        read_evidence(response.status_code, response.headers, body, url=response.url)
    )
    if absent is not None and failure.kind is WRONG_URL and failure.status in _NOTHING_THERE:
        return replace(failure, kind=absent)
    if wants_tls(body):
        behind = cause_message("port_with_tls")
        return Failure(CONNECT_FAILED, failure.status, cause=behind, final=True)
    return failure


def read_body(response: requests.Response, limit: int, until: float) -> tuple[bytes, bool]:
    """At most ``limit`` bytes of a body, and whether that is all of it.

    Of a body that breaks off, or is not over in time, what has arrived is given back.
    """
    body = b""
    try:
        while len(body) < limit and time.monotonic() < until:
            chunk = response.raw.read1(limit - len(body), decode_content=True)
            if not chunk:
                return body, True
            body += chunk
    except _BROKEN:
        return body, False
    return body, False
