"""Takes off what Dify, its daemon and logs wrap around an error: JSON in JSON, escape in escape.

The result is a list of pieces: JSON documents that may be errors, and prose that is left.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cli.explain.literals import python_dictionary

_MAX_PIECES = 3_000
_MAX_LEVELS = 12
_MAX_STARTS = 4_000
"""Places where a JSON document is looked for in one text."""

_MAX_SCANNED = 2_000_000
"""Characters that may be read in vain for documents that turn out to be none."""

_MAX_BEFORE_CHARACTERS = 400
_MAX_AFTER_CHARACTERS = 120
"""Characters around a document in which its status may be told."""

_LONGEST_STATUS = 60
"""Characters of a bare status with its words."""

UNKNOWN = 0
"""The status of an error that tells none."""

CUT_OUT = "\x00"
"""Stands in a text where a document was taken out of it."""

_STATUS = re.compile(
    r"(?:status(?:[ _-]?code)?|error code|http(?:/[12](?:\.\d)?)?|response code|状态码)"
    r"[\"']?\s{0,3}(?:[:=：]|is|为)?\s{0,3}[\"'\[(<]{0,2}([1-5]\d\d)(?!\d)"
    r"|(?<![\d.])([45]\d\d) (?:client error|server error|bad request|unauthorized"
    r"|payment required|forbidden|not found|method not allowed|request time-?out"
    r"|(?:payload|content|request entity) too large|unprocessable (?:entity|content)"
    r"|too many requests|internal server error|not implemented|bad gateway"
    r"|service (?:temporarily )?unavailable|gateway time-?out)",
    re.IGNORECASE,
)
_STATUS_BEFORE = re.compile(
    r"(?:^|[\s:：=(（\[【])([45]\d\d)(?: [A-Za-z][A-Za-z -]{2,40})?[)）\]】]?"
    r"\s{0,3}[-–—:：,，]{0,3}\s{0,3}$"
)
"""A bare status in front of a document: `429 {`, `504 - {`, `[400] Bad Request {`."""

_CALL = re.compile(
    r"\[models\]|plugininvokeerror|Invoke(?:RateLimit|Authorization|BadRequest|ServerUnavailable"
    r"|Connection)Error|\bInvokeError|CredentialsValidateFailed|credentials? validation"
    r"|api request failed|(?-i:\bAPI Error\b)|stream disconnected before completion"
    r"|upstream connect error or disconnect|\bAI_[A-Z]\w{2,30}Error"
    r"|\b(?:llm|vlm|embedding|rerank) \w{0,20} ?(?:error|failed)"
    r"|\b(?:BadRequest|Authentication|PermissionDenied|UnprocessableEntity|RateLimit"
    r"|InternalServer|APIStatus|APIConnection|APITimeout|ContextWindowExceeded)Error\b"
    r"|/chat/completions\b|/v1/(?:completions|embeddings|rerank|models|responses|messages|audio)\b"
    r"|openai\.\w*error|litellm\.|x-(?:one|rix)api-request-id|_api_error"
    r"|error code: [45]\d\d - ",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[\"\\/nrtbf'])")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}
_DIFY_CODES = frozenset(
    {
        "completion_request_error",
        "invalid_param",
        "provider_not_initialize",
        "provider_quota_exceeded",
        "model_currently_not_support",
        "app_unavailable",
        "internal_server_error",
        "unauthorized",
        "not_found",
    }
)
_WRAPPING_FIELDS = frozenset(
    {"error_type", "event", "inputs", "outputs", "level", "levelname", "logger", "timestamp"}
)
"""Fields of Dify's records, the daemon's messages and logs in JSON; no gateway's error has them."""

_TEXTS = ("message", "error", "msg", "detail", "description")
_ENVELOPES = frozenset({"error", "response", "header"})


@dataclass(frozen=True, slots=True)
class Delta:
    """Something that may be an error, or hold some.

    Attributes:
        text: prose; for a document the text that it was found in.
        document: a JSON object, or ``None`` for prose.
        status: HTTP status that was told with it; 0 if none was.
        in_call: it was said of a call to a model that failed.
        depth: how many wrappers were taken off.
        is_open: prose that nothing can be taken off any more; where a document was taken out,
            ``CUT_OUT`` stands.
    """

    text: str
    document: dict[str, object] | None = None
    status: int = UNKNOWN
    in_call: bool = False
    depth: int = 0
    is_open: bool = False


def unwrap(text: str) -> Iterator[Delta]:
    """Every piece of a text, wrappers taken off; prose comes after the documents in it."""
    waiting = deque([Delta(text)])
    for _ in range(_MAX_PIECES):
        if not waiting:
            return
        piece = waiting.popleft()
        if piece.document is None and piece.is_open:
            yield piece
            continue
        if piece.document is not None and not _is_wrapper(piece.document):
            status = _status_of(piece.document) or piece.status
            yield replace(piece, status=status)
        if piece.depth < _MAX_LEVELS:
            waiting.extendleft(reversed(_inside(piece)))


def statuses_in(text: str) -> Iterator[tuple[int, int]]:
    """Where an HTTP status is told, and which."""
    for found in _STATUS.finditer(text):
        yield found.start(), int(found[1] or found[2])


def is_of_a_call(text: str) -> bool:
    """Whether a text speaks of a call to a model that failed."""
    return _CALL.search(text) is not None


def _inside(piece: Delta) -> list[Delta]:
    if piece.document is not None:
        return list(_inside_document(piece, piece.document))
    return list(_inside_prose(piece))


def _inside_prose(piece: Delta) -> Iterator[Delta]:
    text = piece.text
    inner = replace(piece, depth=piece.depth + 1)
    rest, begin = [], 0
    for start, end, document in _documents_in(text):
        before = text[max(0, start - _MAX_BEFORE_CHARACTERS) : start].rpartition("\n\n")[2]
        after = text[end : end + _MAX_AFTER_CHARACTERS].partition("\n")[0]
        yield replace(
            inner,
            text="",
            document=document,
            status=_status_around(before, after) or piece.status,
            in_call=piece.in_call or is_of_a_call(f"{before}{text[start:end]}{after}"),
        )
        rest.append(text[begin:start])
        begin = end
    rest.append(text[begin:])
    left = CUT_OUT.join(rest)
    opened = _unescaped(left)
    is_open = opened == left or inner.depth >= _MAX_LEVELS
    yield replace(inner, text=opened, is_open=is_open)


def _inside_document(piece: Delta, document: dict[str, object]) -> Iterator[Delta]:
    is_wrapper = _is_wrapper(document)
    in_call = piece.in_call or "error_type" in document
    inner = replace(piece, document=None, in_call=in_call, depth=piece.depth + 1)
    for name, value in document.items():
        if name in _ENVELOPES and not is_wrapper and isinstance(value, dict):
            continue
        if name == "error_type" and isinstance(value, str):
            yield replace(inner, text=f"error_type: {value}")
        elif isinstance(value, str) and (is_wrapper or _is_wrapping(value)):
            yield replace(inner, text=value)
        else:
            documents = value[:50] if isinstance(value, list) else [value]
            for one in documents:
                if isinstance(one, dict):
                    yield replace(inner, document=one)


def _is_wrapper(document: dict[str, object]) -> bool:
    """Whether Dify, its daemon or a log wrote this around something else."""
    code = document.get("code")
    names = set(document)
    return (
        not names.isdisjoint(_WRAPPING_FIELDS)
        or (isinstance(code, str) and code in _DIFY_CODES)
        or (isinstance(code, int) and code < 0)
        or names == {"description"}
        or any(_is_wrapping(text) for text in map(document.get, _TEXTS) if isinstance(text, str))
    )


def _is_wrapping(text: str) -> bool:
    return "{" in text or "Resilient Gateway" in text or "韧性网关" in text


def _status_of(document: dict[str, object]) -> int:
    for name in ("status_code", "http_status", "status"):
        value = document.get(name)
        if isinstance(value, int | str) and re.fullmatch("[1-5][0-9][0-9]", str(value)):
            return int(value)
    return UNKNOWN


def _status_around(before: str, after: str) -> int:
    told = [status for _, status in statuses_in(before)]
    if told:
        return told[-1]
    if bare := _STATUS_BEFORE.search(before[-_LONGEST_STATUS:]):
        return int(bare[1])
    return next((status for _, status in statuses_in(after)), UNKNOWN)


def _documents_in(text: str) -> Iterator[tuple[int, int, dict[str, object]]]:
    """The JSON objects of a text, outermost ones, with where they begin and end."""
    decode = json.JSONDecoder().raw_decode
    place, scanned = text.find("{"), 0
    for _ in range(_MAX_STARTS):
        if place < 0 or scanned > _MAX_SCANNED:
            return
        end = place + 1
        try:
            document, end = decode(text, place)
        except json.JSONDecodeError as error:
            scanned += error.pos - place
            document = None
            if literal := python_dictionary(text, place):
                document, end = literal
                scanned += end - place
        except RecursionError:
            return
        if isinstance(document, dict) and document:
            yield place, end, document
        place = text.find("{", end)


def _unescaped(text: str) -> str:
    """The text with one level of backslashes taken off."""
    if "\\" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        sign = found[1]
        return chr(int(sign[1:], 16)) if len(sign) > 1 else _PLAIN.get(sign, sign)

    opened = _ESCAPE.sub(plain, text)
    return opened.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
