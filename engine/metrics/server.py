"""The HTTP server: two pages, read only, to whoever may read them."""

import base64
import binascii
import hmac
import ipaddress
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, override
from urllib.parse import urlsplit

from engine.metrics.address import AddressError, MetricsAddress

MAX_CONNECTIONS = 16
"""At once; further ones are closed."""

IDLE_SECONDS = 10.0
"""Whoever says nothing for so long is hung up on."""

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Document(NamedTuple):
    """What is answered."""

    media_type: str
    content: bytes


type Page = Callable[[str, str], Document]
"""Makes a document for a query and an ``Accept`` or ``Accept-Language`` header."""


class MetricsServer(ThreadingHTTPServer):
    """Serves pages on the first free port of an address; threads, greenlets under gevent.

    Args:
        address: where, and what has to be shown.
        pages: by path, each with the header that decides how it is written.

    Raises:
        AddressError: no port is free.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: MetricsAddress, pages: dict[str, tuple[str, Page]]) -> None:
        self.address, self.pages = address, pages
        self._room = threading.BoundedSemaphore(MAX_CONNECTIONS)
        if ":" in address.host:
            self.address_family = socket.AF_INET6
        for port in address.ports:
            try:
                super().__init__((address.host, port), _Handler)
            except OSError:
                continue
            return
        raise AddressError(f"no free port among {address.ports[0]}-{address.ports[-1]}")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Serve from now on, as long as the process lives."""
        threading.Thread(target=self.serve_forever, name="metrics", daemon=True).start()

    def may_read(self, host: str, authorization: str) -> bool:
        """Whether a request comes from somebody who may read.

        Without a token only this machine reaches the port, but so does a browser on it: a page of
        another site that has its name resolved to 127.0.0.1 shows in the ``Host`` that it names.
        """
        token = self.address.token
        if token:
            return hmac.compare_digest(_shown(authorization).encode(), token.encode())
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name == "localhost" or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    @override
    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client went away, and stderr is the daemon's log."""


class _Handler(BaseHTTPRequestHandler):
    server: MetricsServer
    timeout = IDLE_SECONDS
    server_version, sys_version = "resilient-gateway", ""

    def do_GET(self) -> None:
        host = self.headers.get("Host", "")
        if not self.server.may_read(host, self.headers.get("Authorization", "")):
            self._refuse(HTTPStatus.UNAUTHORIZED if self.server.address.token else _FORBIDDEN)
            return
        parts = urlsplit(self.path)
        if parts.path not in self.server.pages:
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        header, page = self.server.pages[parts.path]
        document = page(parts.query, self.headers.get(header, ""))
        self._send(HTTPStatus.OK, document)

    @override
    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no GET, or no HTTP, without repeating a word of it."""
        known = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else code
        self._refuse(HTTPStatus(known))

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: stderr is the daemon's log."""

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(status, Document("text/plain; charset=utf-8", f"{status.phrase}\n".encode()))

    def _send(self, status: HTTPStatus, document: Document) -> None:
        self.send_response(status)
        for name, value in SECURITY.items():
            self.send_header(name, value)
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="metrics", charset="UTF-8"')
        self.send_header("Content-Type", document.media_type)
        self.send_header("Content-Length", str(len(document.content)))
        self.end_headers()
        self.wfile.write(document.content)


_FORBIDDEN = HTTPStatus.FORBIDDEN


def _shown(authorization: str) -> str:
    """The token that was shown: as a bearer, or as the password of a browser's dialogue."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return ""
