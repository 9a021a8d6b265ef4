"""A gateway that shows the pages it is given, and lists what it is told."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override


@contextmanager
def serving(pages: Mapping[str, Any], key: str = "sk-good-7f3a9c21") -> Iterator[str]:
    """Serve JSON documents by path, and nothing else; gives the origin.

    A text is sent as it is, as a web page. Whoever has no key, or another, is refused.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(self.path)

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(f"{self.path}?{asked.get('model')}")

        def _answer(self, path: str) -> None:
            page = pages.get(path)
            status = 404 if page is None else 200
            if self.headers["Authorization"] != f"Bearer {key}":
                status, page = 401, {"error": {"message": "Invalid token", "type": "x"}}
            is_text = isinstance(page, str)
            body = page if is_text else json.dumps(page or {"detail": "Not Found"})
            content = str(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if is_text else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listing(*names: str, **fields: Any) -> dict[str, Any]:
    """A list of models; `fields` are in every entry."""
    return {"object": "list", "data": [{"id": name, "object": "model", **fields} for name in names]}
