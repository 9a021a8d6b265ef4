"""What an answer says of its failure: the error fields of every envelope that gateways use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.errors.envelope import error_fields, first_text, of_minimax, read_said
from engine.errors.retry_after import Answer, read_retry_after
from engine.errors.speaker import FAMILY, speaker_of
from engine.text.characters import whole_characters
from engine.text.json_document import parse_document

_REQUEST_ID = re.compile(r"\s*[(（]\s*request[ _-]?id\s*[:：]\s*([\w.-]+)\s*[)）]", re.IGNORECASE)
_REQUEST_ID_HEADER = re.compile(r"^x-[a-z]*api-request-id$")
_PAGE = re.compile(r"[\ufeff \r\n]*<(?:!doctype|html|head)", re.IGNORECASE)
_SENTENCE = re.compile(r"\w+[\w:,.]*\s\S|[\u4e00-\u9fff]")
_TAGS = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,120})", re.IGNORECASE)
_MAX_TEXT_CHARACTERS = 4000
_NO_CODES = ("0", 200, "200", "success", "ok", "<nil>")
"""What fills the fields of an error object that reports none."""
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
        retry_after: seconds to wait, from headers or body.
        limits_key: the limit is the account's, user's, address's or key's own, not the model's.
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
    retry_after: float | None = None
    limits_key: bool = False
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
    message, request_id = _split_request_id(whole_characters(said.message))
    html = is_page(text)
    title = _TITLE.search(text[:4096]) if html else None
    if document is None and len(text) <= _LONGEST_PLAIN and _SENTENCE.match(text):
        # As proxies and firewalls send it.
        message = whole_characters(text)
    speaker = speaker_of(lower, said, url)
    behind_gateway = bool(speaker.gateway)
    answer = Answer(
        status,
        lower,
        said.fields,
        said.outer or message,
        "" if document is not None else text,
        behind_gateway=behind_gateway,
        of_family=speaker.gateway in FAMILY,
        own=speaker.own,
    )
    retry_after = read_retry_after(answer, now or datetime.now(UTC))
    return Evidence(
        status=status,
        message=message[:_MAX_TEXT_CHARACTERS],
        codes=said.codes,
        param=said.param,
        behind_gateway=behind_gateway,
        own=speaker.own,
        html=html,
        retry_after=retry_after.seconds,
        limits_key=retry_after.of_key,
        request_id=request_id or request_id_of(lower),
        final=lower.get("x-should-retry", "").strip().lower() == "false",
        page=_TAGS.sub(" ", text[:4096]) if html else "",
        note=title[1].strip() if title else text[:200] if document is None else "",
        retold=said.retold,
        inner_status=said.status,
        gateway=speaker.gateway,
    )


def is_page(text: str) -> bool:
    """Whether a text is a web page, by how it begins."""
    return _PAGE.match(text[:512]) is not None


def has_error(document: object) -> bool:
    """Whether a JSON document that came with HTTP 200 reports an error."""
    if not isinstance(document, dict):
        return False
    if means_error(document.get("error")):
        return True
    if document.get("base_resp") and not document.get("choices"):
        return bool(of_minimax(document))
    if document.get("choices") or document.get("object") or document.get("usage"):
        return False
    return document.get("success") is False or bool(first_text(error_fields(document)))


def means_error(error: object) -> bool:
    """Whether what stands under ``error`` is one: New API sends an empty one beside an answer."""
    if isinstance(error, dict):
        return any(value not in _NO_CODES for value in error.values() if value)
    return bool(error)


def _parse(text: str) -> object:
    if text[:1] not in ("{", "["):
        return None
    try:
        return parse_document(text)
    except ValueError:
        return None


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
