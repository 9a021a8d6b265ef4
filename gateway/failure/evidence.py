"""What an answer says of its failure: the error fields of every envelope that gateways use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.documents import parse_document
from gateway.failure.retry_after import Answer, read_retry_after

_REQUEST_ID = re.compile(r"\s*[(（]\s*request[ _-]?id\s*[:：]\s*([\w.-]+)\s*[)）]", re.IGNORECASE)
_GATEWAY_HEADER = re.compile(r"^x-[a-z]*api-(request-id|version)$|^x-new-api-version$")
_REQUEST_ID_HEADER = re.compile(r"^x-[a-z]*api-request-id$")
_GATEWAY_TYPE = re.compile(r"^(one|new|rix|shell)_api_(error|panic)$")
_GATEWAY_WORDS = re.compile("负载已饱和|无可用渠道|（distributor）")
_RETOLD = re.compile(r"type (?P<type>\S*), code (?P<code>\S+), message (?P<message>.*)", re.DOTALL)
"""How One API's transcription words an error of its upstream, always as a 500."""

_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,120})", re.IGNORECASE)
_TEXT_FIELDS = ("message", "localized_message", "msg", "err", "error_msg", "detail", "title")
_LONGEST_TEXT = 4000
_NO_CODES = ("0", 200, "200", "success", "ok", "<nil>")
"""What fills the fields of an error object that reports none."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of one failed answer, before they are judged.

    Attributes:
        status: HTTP status; 200 for an error inside a successful answer, 0 if nobody told it.
        message: upstream's words without the request id; may be empty.
        codes: ``code`` and ``type`` as sent, lower case, empty ones left out.
        param: the parameter named, or a remapped status.
        behind_gateway: a gateway of the One API family answered (its header, its error type, or
            words that only it uses).
        own: the gateway speaks for itself (its error type), not for its upstream.
        html: the body is a web page.
        told_wait: seconds to wait, from headers or body.
        limits_key: the limit is the account's, user's, address's or key's own, not the model's.
        request_id: the gateway's, else the provider's id of the request.
        final: ``x-should-retry: false`` was sent.
        note: a page's title or the body's beginning, for the log.
        retold: the status is the gateway's own, whatever its upstream's was.
    """

    status: int
    message: str = ""
    codes: tuple[str, ...] = ()
    param: str = ""
    behind_gateway: bool = False
    own: bool = False
    html: bool = False
    told_wait: float | None = None
    limits_key: bool = False
    request_id: str = ""
    final: bool = False
    note: str = ""
    retold: bool = False


def read_evidence(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime | None = None
) -> Evidence:
    """Read an answer's error fields whatever its content type says.

    Args:
        status: HTTP status.
        headers: response headers, names in any case.
        body: the body or its first part, bytes.
        now: the present, for ``Retry-After`` dates; defaults to the clock.
    """
    text = body.decode("utf-8", "replace").strip()
    document = _parse(text)
    return evidence_of_document(status, headers, document, text, now)


def evidence_of_document(
    status: int,
    headers: Mapping[str, str],
    document: object,
    text: str = "",
    now: datetime | None = None,
) -> Evidence:
    """Read the error fields of a parsed body, or of an event inside a stream.

    Args:
        status: HTTP status.
        headers: response headers, names in any case.
        document: the JSON; ``None`` where it is none.
        text: what was parsed; says whether it is a page.
        now: the present, for ``Retry-After`` dates; defaults to the clock.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    fields = _error_fields(document)
    message = _first_text(fields, _TEXT_FIELDS)
    message, request_id = _split_request_id(message)
    codes = tuple(
        value for value in (_plain(fields.get("code")), _plain(fields.get("type"))) if value
    )
    html = text[:512].lstrip("\ufeff \r\n").lower().startswith(("<!doctype", "<html", "<head"))
    is_gateways = any(_GATEWAY_TYPE.match(code) for code in codes)
    retold = _RETOLD.fullmatch(message) if "request_error" in codes else None
    if retold:
        message = retold["message"]
        codes = tuple(code for code in (_plain(retold["code"]), _plain(retold["type"])) if code)
    title = _TITLE.search(text[:4096]) if html else None
    behind_gateway = (
        is_gateways
        or _GATEWAY_WORDS.search(message) is not None
        or is_of_the_family(headers)
    )
    own = is_gateways and not retold
    words = "" if document is not None else text
    retry_after = read_retry_after(
        Answer(status, lower, fields, message, words, behind_gateway, own),
        now or datetime.now(UTC),
    )
    return Evidence(
        status=status,
        message=message[:_LONGEST_TEXT],
        codes=codes,
        param=_plain(fields.get("param")),
        behind_gateway=behind_gateway,
        own=own,
        html=html,
        told_wait=retry_after.seconds,
        limits_key=retry_after.of_key,
        request_id=request_id or request_id_of(lower),
        final=lower.get("x-should-retry", "").strip().lower() == "false",
        note=title[1].strip() if title else text[:200] if document is None else "",
        retold=retold is not None,
    )


def has_error(document: object) -> bool:
    """Whether a JSON document that came with HTTP 200 reports an error."""
    if not isinstance(document, dict):
        return False
    if means_error(document.get("error")):
        return True
    if document.get("base_resp") and not document.get("choices"):
        return bool(_of_minimax(document))
    if document.get("choices") or document.get("object") or document.get("usage"):
        return False
    return document.get("success") is False or bool(_first_text(_error_fields(document), ()))


def means_error(error: object) -> bool:
    """Whether what stands under ``error`` is one: New API sends an empty one beside an answer."""
    if isinstance(error, dict):
        return any(value not in _NO_CODES for value in error.values() if value)
    return bool(error)


def is_of_the_family(headers: Mapping[str, str]) -> bool:
    """Whether a gateway of the One API family answered, as far as headers tell."""
    return any(_GATEWAY_HEADER.match(name.lower()) for name in headers)


def _parse(text: str) -> object:
    if text[:1] not in ("{", "["):
        return None
    try:
        return parse_document(text)
    except ValueError:
        return None


def _error_fields(document: object) -> dict[str, object]:
    """The dict that holds message, code and type, whichever envelope it lies in."""
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict):
        return {}
    error = document.get("error")
    if isinstance(error, dict):
        return {**{k: v for k, v in document.items() if k == "retry_after"}, **error}
    if isinstance(error, str) and error:
        return {**document, "message": document.get("message") or error}
    if told := _of_minimax(document):
        return told
    for outer, inner in (("response", "error"), ("header", None)):
        nested = document.get(outer)
        if isinstance(nested, dict):
            found = nested.get(inner) if inner else nested
            if isinstance(found, dict):
                return {**document, **found}
    return document


def _of_minimax(document: Mapping[str, object]) -> dict[str, object]:
    """MiniMax's code and words, always with HTTP 200; empty where the code says success."""
    said = document.get("base_resp")
    if not isinstance(said, dict) or not said.get("status_code"):
        return {}
    return {"code": said["status_code"], "message": said.get("status_msg")}


def _first_text(fields: Mapping[str, object], names: tuple[str, ...]) -> str:
    for name in names or _TEXT_FIELDS:
        value = fields.get(name)
        if isinstance(value, dict):
            value = value.get("message") or value.get("detail")
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = _text_of_detail(value[0])
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _text_of_detail(detail: Mapping[str, object]) -> object:
    """The words of one of FastAPI's errors (vLLM, Mistral, TEI), behind the place it is about."""
    words, place = detail.get("msg"), detail.get("loc")
    names = [str(name) for name in place if name != "body"] if isinstance(place, list) else []
    if not isinstance(words, str) or not names or names[0].isdigit():
        return words
    return f"{'.'.join(names)}: {words}"


def _plain(value: object) -> str:
    return "" if value is None or value == "<nil>" else str(value).strip().lower()


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
