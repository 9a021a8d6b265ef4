"""A static site on loopback, and a server that hopes for a visit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files as any static host does, with no header that helps."""

    @override
    def log_message(self, format: str, *args: Any) -> None:
        pass


class Trap:
    """Notes every path that somebody asks it for; every origin may read its answers."""

    def __init__(self, server: ThreadingHTTPServer, visits: list[str]) -> None:
        self.origin = _origin(server)
        self.visits = visits


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; the origin."""
    with _running(partial(_Quiet, directory=str(folder))) as server:
        yield _origin(server)


@contextmanager
def trap() -> Iterator[Trap]:
    """Serve what takes note."""
    visits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with _running(Handler) as server:
        yield Trap(server, visits)


@contextmanager
def _running(handler: Any) -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _origin(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"
