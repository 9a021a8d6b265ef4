"""How a check asks: the engine's own connections, counted, with short limits."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import override

import requests

from gateway.documents import parse_document
from gateway.exchange import Limits, read_body
from gateway.failure import AttemptError, classify, without_secrets
from gateway.failure.evidence import has_error, read_evidence
from gateway.request import Upload
from gateway.settings import Settings
from gateway.transport import CONNECT_SECONDS, READ_SECONDS, Transport

CONNECT_LIMIT = 6.0
SILENCE_LIMIT = 45.0
"""Seconds between bytes: a model that thinks first may take its time."""

PAGE_LIMIT = 15.0
LARGEST_PAGE = 4 * 1024 * 1024


class CountedTransport(Transport):
    """Counts what it sends: pages read, which cost nothing, and requests to models."""

    def __init__(self) -> None:
        super().__init__()
        self._counts = threading.Lock()
        self.pages = 0
        self.posts = 0

    @override
    def post(
        self,
        settings: Settings,
        path: str,
        payload: Mapping[str, object],
        *,
        upload: Upload | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> requests.Response:
        """Count, and send."""
        with self._counts:
            self.posts += 1
        return super().post(
            settings,
            path,
            payload,
            upload=upload,
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
        )

    @override
    def get(
        self,
        settings: Settings,
        path: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> requests.Response:
        """Count, and send."""
        with self._counts:
            self.pages += 1
        return super().get(
            settings, path, connect_seconds=connect_seconds, read_seconds=read_seconds
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read: its headers, and the JSON object that it is (empty if it is none)."""

    headers: Mapping[str, str]
    document: dict[str, object]


def call_limits() -> Limits:
    """The limits of one request to a model, from now on."""
    return Limits(time.monotonic() + 2 * SILENCE_LIMIT, CONNECT_LIMIT, SILENCE_LIMIT)


def read_page(transport: Transport, settings: Settings, path: str) -> Page:
    """Read a page of the gateway's.

    Raises:
        AttemptError: it was not found, or it is an error.
    """
    until = time.monotonic() + PAGE_LIMIT
    response = transport.get(settings, path, connect_seconds=CONNECT_LIMIT, read_seconds=PAGE_LIMIT)
    try:
        body, _ = read_body(response, LARGEST_PAGE, until)
        evidence = read_evidence(response.status_code, response.headers, body)
    finally:
        response.close()
    try:
        document = parse_document(body.decode("utf-8", "replace"))
    except ValueError:
        document = None
    is_success = isinstance(document, dict) and "data" in document
    if evidence.status >= 300 or (has_error(document) and not is_success):
        raise AttemptError(without_secrets(classify(evidence), settings.secrets))
    return Page(response.headers, document if isinstance(document, dict) else {})


def root_of(settings: Settings) -> Settings:
    """The same without the version at the end of the address: where the gateway's own pages are."""
    return replace(settings, endpoint=settings.endpoint.removesuffix("/v1"))
