"""Where an error says what it says: the envelopes of all vendors, and errors within errors.

Gateways and their clients wrap what they were told: as JSON in ``metadata.raw`` (OpenRouter), in
``cause``, or as JSON or a Python literal behind a prefix in the message. The innermost error is
the one that somebody can do something about: its words, code and parameter count.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder

type Fields = Mapping[str, object]

TEXT_FIELDS = (
    "message",
    "localized_message",
    "msg",
    "err",
    "error_msg",
    "errorMessage",
    "error_message",
    "Message",
    "detail",
    "title",
)
_CODE_FIELDS = ("code", "Code", "error_code", "errcode", "type", "error_type", "status", "reason")
_MAX_LEVELS = 4
_LONGEST_PARSED = 32 * 1024
"""Characters of words that are looked through for an error within them."""

_MOST_OPENINGS = 20
"""Braces of a text that may begin an error."""

_DECODER = JSONDecoder()
_WORDS_OF_ERRORS = ("error", "message", "msg", "error_msg", "errorMessage", "detail")

_ONE_HUB = "Provider API error: "
_LITELLM = "litellm."
_CLASS = re.compile(r"(?:litellm\.(?:exceptions\.)?)?(\w*(?:Error|Exception|Timeout)): ?(?=\S|$)")
_OF_PROVIDER = re.compile(
    r"(?:Timeout Error: )?\w+(?:Exception|Error) ?- ?|Error code: (?P<code>\d{3})(?: - |$)"
)
_LITELLM_TAIL = re.compile(
    r"\.?\s*(?:Received Model Group=|Available Model Group Fallbacks=|Deployments=\{"
    r"|LiteLLM: model group |Deployment (?:Info:|model_group=)|Passed model="
    r"|Error doing the fallback|cooldown_list="
    r"|(?i:(?:and )?no fallback model group (?:was )?found|fallbacks are configured for:)).*",
    re.DOTALL,
)
"""What LiteLLM adds of its operator's setup: nobody else's business."""

_AWS = re.compile(
    r"operation error Bedrock.{0,200}?StatusCode: (?P<status>\d{3}), RequestID: [\w-]*,"
    r"(?: api error)? (?P<code>\w+Exception): ?(?P<message>.*)"
    r"|An error occurred \((?P<name>\w+)\) when calling the \w+ operation[^:]*: ?(?P<said>.*)",
    re.DOTALL,
)
_RETOLD = re.compile(r"type (?P<type>\S*), code (?P<code>\S+), message (?P<message>.*)", re.DOTALL)
"""How One API's transcription words an error of its upstream, always as a 500."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an error says.

    Attributes:
        message: its words; may be empty.
        codes: codes and types, lower case: the innermost error's first.
        param: the parameter that it names.
        status: that an inner error names for itself, 0 if none does.
        outer: words of the error around the innermost, where there is one.
        fields: of the outermost error.
        retold: a gateway told it again under a status of its own.
        flat: the outermost error is the document itself, without an envelope.
    """

    message: str
    codes: tuple[str, ...] = ()
    param: str = ""
    status: int = 0
    outer: str = ""
    fields: Fields = field(default_factory=dict)
    retold: bool = False
    flat: bool = False


def read_said(document: object) -> Said:
    """What a document says of an error, from the innermost one that can be read."""
    outermost = fields = error_fields(document)
    message, codes, param = first_text(fields), codes_of(fields), plain(fields.get("param"))
    outer, status, retold = message, 0, False
    if "request_error" in codes and (told := _RETOLD.fullmatch(message)):
        message, retold, param = told["message"], True, ""
        codes = tuple(code for code in (plain(told["code"]), plain(told["type"])) if code)
    for _ in range(_MAX_LEVELS):
        message, said_codes, said_status = _without_prefix(message)
        codes, status = _joined(said_codes, codes), said_status or status
        inner = next(_errors_within(fields, message), None)
        if inner is None:
            break
        fields = inner
        message = first_text(inner) or message
        status = _status_of(inner) or status
        codes = _joined(codes_of(inner), codes)
        param = plain(inner.get("param")) or param
    return Said(
        message,
        codes,
        param,
        status,
        outer if outer != message else "",
        outermost,
        retold,
        flat=outermost is document,
    )


def error_fields(document: object) -> Fields:
    """The dict that holds message, code and type, whichever envelope it lies in."""
    if isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, str):
        return {"message": document}
    if not isinstance(document, dict):
        return {}
    error = document.get("error")
    if isinstance(error, dict):
        return {**{k: v for k, v in document.items() if k == "retry_after"}, **error}
    if isinstance(error, str) and error:
        return {**document, "message": document.get("message") or error}
    for found in (of_minimax(document), *_nested(document)):
        if isinstance(found, dict) and found:
            return {**document, **found}
    return document


def _nested(document: Fields) -> Iterator[object]:
    """Where else an error lies: in Responses' and Tencent's answers, and in iFlytek's header."""
    errors = document.get("errors")
    if isinstance(errors, list) and errors:
        # Cloudflare's, always a list.
        yield errors[0]
    for outer, inner in (("response", "error"), ("header", None), ("Response", "Error")):
        nested = document.get(outer)
        if isinstance(nested, dict):
            yield nested.get(inner) if inner else nested


def of_minimax(document: Fields) -> dict[str, object]:
    """MiniMax's code and words, always with HTTP 200; empty where the code says success.

    The numbers are its own, and other vendors give them other meanings: the field goes with them.
    """
    said = document.get("base_resp")
    if not isinstance(said, dict) or not said.get("status_code"):
        return {}
    return {"code": f"base_resp.{said['status_code']}", "message": said.get("status_msg")}


def first_text(fields: Fields) -> str:
    """The words of an error."""
    for name in TEXT_FIELDS:
        value = fields.get(name)
        if isinstance(value, dict):
            value = value.get("message") or value.get("detail")
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = _text_of_detail(value[0])
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def codes_of(fields: Fields) -> tuple[str, ...]:
    """The codes and types of an error, as sent, lower case."""
    found = [plain(fields.get(name)) for name in _CODE_FIELDS if _is_code(name, fields.get(name))]
    detail = fields.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):
        # FastAPI's: what is wrong with a field.
        found.append(plain(detail[0].get("type")))
    return tuple(dict.fromkeys(code for code in found if code))


def plain(value: object) -> str:
    """A code or a name in lower case; empty where there is none."""
    return "" if value is None or value == "<nil>" else str(value).strip().lower()


def _is_code(name: str, value: object) -> bool:
    """``status`` and ``reason`` are codes where they are words (Google's, Go's)."""
    if name in ("status", "reason"):
        return isinstance(value, str) and value.isidentifier()
    return isinstance(value, str | int) and not isinstance(value, bool)


def _joined(first: Sequence[str], then: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *then)))


def _without_prefix(message: str) -> tuple[str, tuple[str, ...], int]:
    """The words without what LiteLLM or AWS put around them, and the codes that this held."""
    codes: tuple[str, ...] = ()
    status = 0
    message = _LITELLM_TAIL.sub("", message.removeprefix(_ONE_HUB))
    if message.startswith(_LITELLM):
        while found := _CLASS.match(message):
            codes = (found[1].lower(), *codes)
            message = message[found.end() :]
    while found := _OF_PROVIDER.match(message):
        status = int(found["code"] or status)
        message = message[found.end() :]
    if found := _AWS.search(message):
        codes = (*codes, (found["code"] or found["name"]).lower())
        status = int(found["status"] or 0)
        message = found["message"] or found["said"] or ""
    return message.strip(), codes, status


def _errors_within(fields: Fields, message: str) -> Iterator[Fields]:
    metadata = fields.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    for value in (raw, fields.get("cause"), fields.get("upstream_error"), message):
        if isinstance(value, dict) and _is_error(value, is_whole=True):
            yield error_fields(value)
        elif isinstance(value, str):
            yield from _errors_in_text(value[:_LONGEST_PARSED], is_message=value is message)


def _errors_in_text(text: str, *, is_message: bool) -> Iterator[Fields]:
    """An error as JSON or as a Python literal, perhaps behind a prefix."""
    found = False
    for opening in list(re.finditer(r"[{\[]", text))[:_MOST_OPENINGS]:
        document = _document_at(text, opening.start())
        is_whole = not text[: opening.start()].strip()
        if isinstance(document, list) and document and isinstance(document[0], dict):
            document = {"detail": document} if "msg" in document[0] else document[0]
        if isinstance(document, dict) and _is_error(document, is_whole=is_whole):
            found = True
            yield error_fields(document)
            break
    if not found and not is_message and text.strip() and not text.lstrip().startswith("<"):
        # Words alone, where a whole error is often put: they are nearer to the cause.
        yield {"message": text.strip()}


def _document_at(text: str, start: int) -> object:
    try:
        return _DECODER.raw_decode(text, start)[0]
    except (JSONDecodeError, RecursionError):
        pass
    if text[start + 1 : start + 2] not in ("'", "{"):
        return None
    end = text.rfind("}" if text[start] == "{" else "]") + 1
    try:
        return ast.literal_eval(text[start:end])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _is_error(document: Fields, *, is_whole: bool) -> bool:
    """Whether an object within words is an error, and no message, schema or argument of a request.

    Where it is not all that was said, it has to have a code or a place beside its words.
    """
    error = document.get("error")
    if isinstance(error, dict):
        return bool(first_text(error))
    says = any(
        isinstance(value := document.get(name), str | list) and bool(value)
        for name in _WORDS_OF_ERRORS
    )
    return says and (is_whole or "detail" in document or any(map(document.get, _CODE_FIELDS)))


def _status_of(fields: Fields) -> int:
    code = plain(fields.get("code"))
    return int(code) if code.isdecimal() and 400 <= int(code) < 600 else 0


def _text_of_detail(detail: Fields) -> object:
    """The words of one of FastAPI's errors (vLLM, Mistral, TEI), behind the place it is about."""
    words, place = detail.get("msg"), detail.get("loc")
    steps = place if isinstance(place, list | tuple) else ()
    names = [str(name) for name in steps if name != "body"]
    if not isinstance(words, str) or not names or names[0].isdigit():
        return words
    return f"{'.'.join(names)}: {words}"
