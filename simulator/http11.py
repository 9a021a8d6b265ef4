"""The HTTP/1.1 layer: one connection, requests in, answers out, every byte under control."""

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from simulator.answer import Answer, End, Framed, Framing, Headers, Pause, Step

_HEAD_LIMIT = 64 * 1024
_SHORTFALL = 1024
"""Bytes that a `Framing.SHORT` body announces and never sends."""


class GoneError(Exception):
    """The client closed its connection."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived: header names in lower case, the body as bytes."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    keep_alive: bool

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


def reason(status: int) -> str:
    """The reason phrase of a status; Cloudflare's own codes have none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class Connection(asyncio.Protocol):
    """One accepted connection. `serve` runs as a task for as long as it is open."""

    def __init__(
        self,
        number: int,
        serve: Callable[["Connection"], Coroutine[None, None, None]],
        lost: Callable[["Connection"], None],
    ) -> None:
        self.number = number
        self._serve = serve
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._full = False
        self._gone = False
        self.task: asyncio.Task[None] | None = None
        self.answering = False

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start serving."""
        self._transport = cast("asyncio.Transport", transport)
        self.task = self._loop.create_task(self._run())

    def data_received(self, data: bytes) -> None:
        """Keep what arrived."""
        self._buffer += data
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever is reading, writing or pausing."""
        del exc
        self._gone = True
        self._wake()
        self._lost(self)

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        self._full = True

    def resume_writing(self) -> None:
        """There is room again."""
        self._full = False
        self._wake()

    # Reading.

    async def read(self) -> Request | None:
        """The next request, or None when the client closed between two requests.

        Raises:
            GoneError: closed in the middle of a request, or what arrived is no HTTP.
        """
        try:
            return await self._read()
        except ValueError:
            raise GoneError from None

    async def _read(self) -> Request | None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise ValueError("head too long")
            try:
                await self._wait()
            except GoneError:
                if self._buffer:
                    raise
                return None
        lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        method, target, version = lines[0].split(" ")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }
        keep = headers.get("connection", "").lower() != "close" and version == "HTTP/1.1"
        if headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = b""
        if not is_oversized(headers):
            body = await self._read_body(headers)
        return Request(method, target, headers, body, keep and not is_oversized(headers))

    async def _read_body(self, headers: dict[str, str]) -> bytes:
        if "chunked" not in headers.get("transfer-encoding", "").lower():
            return await self._take(int(headers.get("content-length") or 0))
        pieces = []
        while size := int(await self._take_line(), 16):
            pieces.append(await self._take(size))
            await self._take_line()
        await self._take_line()
        return b"".join(pieces)

    async def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            await self._wait()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    async def _take_line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            await self._wait()
        return (await self._take(end + 2))[:-2]

    # Writing.

    async def play(self, answer: Answer, keep_alive: bool) -> bool:
        """Put an answer on the wire; whether the connection can carry another.

        Raises:
            GoneError: the client went away before the end.
        """
        clock = self._loop.time() + answer.delay
        await self._sleep_until(clock)
        if answer.status:
            head, steps = _head(answer, keep_alive)
            await self._write(head)
            chunked = answer.framing is Framing.CHUNKED
            for step in steps:
                if isinstance(step, Pause):
                    clock = max(clock, self._loop.time() - 1.0) + step.seconds
                    await self._sleep_until(clock)
                elif isinstance(step, Framed):
                    await self._write(step.data)
                    await asyncio.sleep(0)
                elif step:
                    await self._write(b"%x\r\n%b\r\n" % (len(step), step) if chunked else step)
            if chunked and answer.end is End.CLEAN:
                await self._write(b"0\r\n\r\n")
        return await self._finish(answer, keep_alive)

    async def _finish(self, answer: Answer, keep_alive: bool) -> bool:
        if answer.end is End.HANG:
            while True:
                await self._wait()
        if answer.end is End.RESET:
            self.reset()
            return False
        closing = answer.framing in {Framing.CLOSE, Framing.SHORT} or answer.status == 0
        return keep_alive and answer.end is End.CLEAN and not closing

    async def _write(self, data: bytes) -> None:
        if self._gone or self._transport.is_closing():
            raise GoneError
        self._transport.write(data)
        while self._full:
            await self._wait()

    async def _sleep_until(self, when: float) -> None:
        while when > self._loop.time():
            timer = self._loop.call_at(when, self._wake)
            try:
                await self._wait()
            finally:
                timer.cancel()

    async def _wait(self) -> None:
        if not self._gone:
            self._waiter = self._loop.create_future()
            await self._waiter
        if self._gone:
            raise GoneError

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # Ending.

    def close(self) -> None:
        """Send what is buffered, then FIN."""
        self._transport.close()

    def reset(self) -> None:
        """RST: linger 0 makes the kernel drop the connection instead of closing it."""
        sock = self._transport.get_extra_info("socket")
        if sock is not None and not self._gone:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def _run(self) -> None:
        try:
            await self._serve(self)
        finally:
            self._transport.close()


BODY_LIMIT = 128 * 1024 * 1024
"""Bytes. New API refuses a larger body (facts §7); here nobody reads one."""


def is_oversized(headers: dict[str, str]) -> bool:
    """Whether the request announces more than the gateways read."""
    return int(headers.get("content-length") or 0) > BODY_LIMIT


def _head(answer: Answer, keep_alive: bool) -> tuple[bytes, Iterable[Step]]:
    """The status line and headers, and the steps to play after them."""
    steps = answer.steps
    framing: Headers = ()
    if answer.framing is Framing.CHUNKED:
        framing = (("Transfer-Encoding", "chunked"),)
    elif answer.framing is not Framing.CLOSE and answer.status != HTTPStatus.NO_CONTENT:
        steps = tuple(steps)
        size = sum(len(step) for step in steps if isinstance(step, bytes))
        extra = _SHORTFALL if answer.framing is Framing.SHORT else 0
        framing = (("Content-Length", str(size + extra)),)
    if not keep_alive and not answer.header("Connection"):
        framing = (*framing, ("Connection", "close"))
    lines = [f"HTTP/1.1 {answer.status} {reason(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in (*answer.headers, *framing)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1"), steps
