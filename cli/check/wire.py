"""How a check asks: the engine's own connections, counted, with short limits."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import override

import requests

from engine.call import page as pages
from engine.call.attempt import TimeLimits
from engine.errors import AttemptError, classify
from engine.errors.evidence import has_error
from engine.errors.redact import without_secrets
from engine.http.body import Body
from engine.http.transport import Transport
from engine.settings import Settings
from engine.settings.secrets import secrets_of

CONNECT_LIMIT = 6.0
"""Seconds to connect."""

SILENCE_LIMIT = 45.0
"""Seconds between bytes: a model that thinks first may take its time."""

PAGE_LIMIT = 15.0
"""Seconds for a page, in all."""


class CountedTransport(Transport):
    """Counts what it sends: pages read, which cost nothing, and requests to models."""

    def __init__(self) -> None:
        super().__init__()
        self._counts = threading.Lock()
        self.pages = 0
        self.posts = 0

    @override
    def _send(
        self,
        settings: Settings,
        method: str,
        path: str,
        body: Body | None,
        timeout: tuple[float, float],
    ) -> requests.Response:
        with self._counts:
            if method == "GET":
                self.pages += 1
            else:
                self.posts += 1
        return super()._send(settings, method, path, body, timeout)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read: its headers, and the JSON object that it is (empty if it is none)."""

    headers: Mapping[str, str]
    document: dict[str, object]


def call_limits() -> TimeLimits:
    """The limits of one request to a model, from now on."""
    return TimeLimits(time.monotonic() + 2 * SILENCE_LIMIT, CONNECT_LIMIT, SILENCE_LIMIT)


def page_limits() -> TimeLimits:
    """The limits of one page, from now on."""
    return TimeLimits(time.monotonic() + PAGE_LIMIT, CONNECT_LIMIT, PAGE_LIMIT)


def read_page(transport: Transport, settings: Settings, path: str) -> Page:
    """Read a page of the gateway's.

    Raises:
        AttemptError: it was not found, or it is an error.
    """
    page = pages.read_page(transport, settings, path, page_limits())
    document = page.document if isinstance(page.document, dict) else {}
    if not page.found or (has_error(document) and "data" not in document):
        raise AttemptError(without_secrets(classify(page.evidence), secrets_of(settings)))
    return Page(page.headers, document)
