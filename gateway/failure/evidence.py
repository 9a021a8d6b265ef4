"""What an answer says of its failure: the error fields of every envelope that gateways use."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gateway.documents import parse_document
from gateway.failure.envelope import Fields, error_fields, first_text, of_minimax, read_said
from gateway.failure.speaker import speaker_of
from gateway.quota import exhausted_for

_REQUEST_ID = re.compile(r"\s*[(（]\s*request[ _-]?id\s*[:：]\s*([\w.-]+)\s*[)）]", re.IGNORECASE)
_REQUEST_ID_HEADER = re.compile(r"^x-[a-z]*api-request-id$")
_PAGE = re.compile(r"[\ufeff \r\n]*<(?:!doctype|html|head)", re.IGNORECASE)
_SENTENCE = re.compile(r"\w+[\w:,.]*\s\S|[\u4e00-\u9fff]")
_TAGS = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,120})", re.IGNORECASE)
_LONGEST_TEXT = 4000
_LONGEST_PLAIN = 300
"""Characters of a body that is no JSON and no page, and still says something."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of one failed answer, before they are judged.

    Attributes:
        status: HTTP status; 200 for an error inside a successful answer, 0 if nobody told it.
        message: upstream's words without the request id; may be empty.
        codes: ``code`` and ``type`` as sent, lower case, empty ones left out.
        param: the parameter named, or a remapped status.
        behind_gateway: a gateway answered that has upstreams of its own (``speaker``).
        own: the gateway speaks for itself, not for its upstream.
        html: the body is a web page.
        told_wait: seconds to wait, from headers or body.
        request_id: the gateway's, else the provider's id of the request.
        final: ``x-should-retry: false`` was sent.
        page: what the page says, its first part; for rules only.
        note: a page's title or the body's beginning, for the log.
        retold: the status is the gateway's own, whatever its upstream's was.
        inner_status: that an error within the error names for itself, 0 if none does.
        gateway: which gateway answered; empty where none is known.
    """

    status: int
    message: str = ""
    codes: tuple[str, ...] = ()
    param: str = ""
    behind_gateway: bool = False
    own: bool = False
    html: bool = False
    told_wait: float | None = None
    request_id: str = ""
    final: bool = False
    page: str = ""
    note: str = ""
    retold: bool = False
    inner_status: int = 0
    gateway: str = ""


def read_evidence(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime | None = None,
    url: str = "",
) -> Evidence:
    """Read an answer's error fields whatever its content type says.

    Args:
        status: HTTP status.
        headers: response headers, names in any case.
        body: the body or its first part, bytes.
        now: the present, for ``Retry-After`` dates; defaults to the clock.
        url: that was asked; empty if it is not known.
    """
    text = body.decode("utf-8", "replace").strip()
    document = _parse(text)
    return evidence_of_document(status, headers, document, text, now, url)


def evidence_of_document(
    status: int,
    headers: Mapping[str, str],
    document: object,
    text: str = "",
    now: datetime | None = None,
    url: str = "",
) -> Evidence:
    """Read the error fields of a parsed body, or of an event inside a stream.

    Args:
        status: HTTP status.
        headers: response headers, names in any case.
        document: the JSON; ``None`` where it is none.
        text: what was parsed; says whether it is a page.
        now: the present, for ``Retry-After`` dates; defaults to the clock.
        url: that was asked; empty if it is not known.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    said = read_said(document)
    message, request_id = _split_request_id(_whole_characters(said.message))
    html = _PAGE.match(text[:512]) is not None
    title = _TITLE.search(text[:4096]) if html else None
    if document is None and len(text) <= _LONGEST_PLAIN and _SENTENCE.match(text):
        # As proxies and firewalls send it.
        message = _whole_characters(text)
    speaker = speaker_of(lower, said, url)
    return Evidence(
        status=status,
        message=message[:_LONGEST_TEXT],
        codes=said.codes,
        param=said.param,
        behind_gateway=bool(speaker.gateway),
        own=speaker.own,
        html=html,
        told_wait=told_wait(lower, said.fields, now or datetime.now(UTC)),
        request_id=request_id or request_id_of(lower),
        final=lower.get("x-should-retry", "").strip().lower() == "false",
        page=_TAGS.sub(" ", text[:4096]) if html else "",
        note=title[1].strip() if title else text[:200] if document is None else "",
        retold=said.retold,
        inner_status=said.status,
        gateway=speaker.gateway,
    )


def has_error(document: object) -> bool:
    """Whether a JSON document that came with HTTP 200 reports an error."""
    if not isinstance(document, dict):
        return False
    if document.get("error"):
        return True
    if document.get("base_resp") and not document.get("choices"):
        return bool(of_minimax(document))
    if document.get("choices") or document.get("object") or document.get("usage"):
        return False
    return document.get("success") is False or bool(first_text(error_fields(document)))


def told_wait(headers: Mapping[str, str], fields: Fields, now: datetime) -> float | None:
    """Seconds that the server asks to wait.

    ``retry-after-ms`` (Azure) is the finest, then ``Retry-After`` as seconds (fractions too) or
    as an HTTP-date (RFC 9110 10.2.3), then ``retry_after`` of an error body (Cloudflare), then the
    time at which an exhausted quota is renewed.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    header = headers.get("retry-after", "").strip()
    seconds = _seconds(header)
    if seconds is None and header:
        seconds = _seconds_until(header, now)
    seconds = seconds if seconds is not None else _seconds(fields.get("retry_after"))
    return seconds if seconds is not None else exhausted_for(headers, now)


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _parse(text: str) -> object:
    if text[:1] not in ("{", "["):
        return None
    try:
        return parse_document(text)
    except ValueError:
        return None


def _whole_characters(text: str) -> str:
    """The text without halves of surrogate pairs, which cannot be written down."""
    return text.encode("utf-8", "replace").decode()


def _split_request_id(message: str) -> tuple[str, str]:
    found = _REQUEST_ID.search(message)
    return (_REQUEST_ID.sub("", message).strip(), found[1]) if found else (message, "")


def request_id_of(headers: Mapping[str, str]) -> str:
    """The id of a request from the answer's headers: the gateway's, else another server's."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    for name, value in lower.items():
        if _REQUEST_ID_HEADER.match(name):
            return value
    return lower.get("x-request-id") or lower.get("cf-ray") or ""
