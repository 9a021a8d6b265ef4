"""A page of the gateway's own, such as its list of models: asked for once, read as JSON."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.call.attempt import TimeLimits, read_body
from engine.errors import AttemptError, Evidence, Failure
from engine.errors.evidence import evidence_of_document
from engine.errors.kinds import NO_ANSWER
from engine.http.transport import Transport
from engine.settings import Settings
from engine.text.json_document import parse_document

_MAX_PAGE_BYTES = 4 * 1024 * 1024
_NO_SUCCESS = 300


@dataclass(frozen=True, slots=True)
class Page:
    """A page that has come, whatever it says.

    Attributes:
        headers: of the answer.
        document: what the JSON says; ``None`` if it is no JSON.
        evidence: what it tells of a failure, if it is one.
    """

    headers: Mapping[str, str]
    document: object
    evidence: Evidence

    @property
    def found(self) -> bool:
        """The status is no refusal; the document may be one."""
        return self.evidence.status < _NO_SUCCESS


def root_of(settings: Settings) -> Settings:
    """The same without the version at the end of the address: where the gateway's own pages are."""
    return replace(settings, endpoint=settings.endpoint.removesuffix("/v1"))


def read_page(transport: Transport, settings: Settings, path: str, limits: TimeLimits) -> Page:
    """Read a page, once and in no queue.

    Args:
        transport: the connections.
        settings: endpoint and key.
        path: below the endpoint.
        limits: of time.

    Raises:
        AttemptError: there was no answer, or not all of one in time.
    """
    response = transport.get(
        settings,
        path,
        connect_seconds=limits.connect,
        read_seconds=limits.read_seconds_from(time.monotonic()),
    )
    try:
        body, whole = read_body(response, _MAX_PAGE_BYTES, limits.until)
    finally:
        response.close()
    text = body.decode("utf-8", "replace").strip()
    try:
        document = parse_document(text)
    except ValueError:
        document = None
    page = Page(
        response.headers,
        document,
        evidence_of_document(response.status_code, response.headers, document, text),
    )
    if page.found and not whole:
        raise AttemptError(Failure(NO_ANSWER, page.evidence.status))
    return page
