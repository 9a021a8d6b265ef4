"""The pages that web servers and CDNs show, in our own words: HTML where JSON was expected."""

import json

from simulator.answer import Answer
from simulator.http11 import reason

_CLOUDFLARE = {
    520: "Web server is returning an unknown error",
    521: "Web server is down",
    522: "Connection timed out",
    523: "Origin is unreachable",
    524: "A timeout occurred",
    525: "SSL handshake failed",
    526: "Invalid SSL certificate",
}
RETRY_AFTER_524 = 120
"""Seconds, as Cloudflare's JSON says it (facts §1, last row)."""


def nginx_page(status: int) -> str:
    """The page of a bare nginx."""
    title = f"{status} {reason(status)}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )


def cloudflare_page(status: int) -> str:
    """A page of Cloudflare's about the server behind it."""
    title = _CLOUDFLARE.get(status, reason(status))
    return (
        f'<!DOCTYPE html>\n<html lang="en-US"><head><title>gateway.example | {status}: {title}'
        f"</title></head><body><h1>{title}</h1><p>Error code {status}</p>"
        "<p>Cloudflare Ray ID: 8c0ffee000000001</p></body></html>\n"
    )


def cloudflare_json(status: int) -> bytes:
    """The same as JSON, which Cloudflare sends to clients that do not ask for HTML."""
    title = _CLOUDFLARE.get(status, reason(status))
    value = {
        "title": f"Error {status}: {title}",
        "status": status,
        "cloudflare_error": True,
        "retryable": True,
        "retry_after": RETRY_AFTER_524,
        "ray_id": "8c0ffee000000001",
    }
    return json.dumps(value).encode()


def index_page(name: str) -> Answer:
    """The gateway's own web page, which answers every path that is no API."""
    page = (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"/><title>{name}'
        '</title></head><body><div id="root"></div></body></html>\n'
    )
    return Answer(200, (("Content-Type", "text/html; charset=utf-8"),), (page.encode(),))
