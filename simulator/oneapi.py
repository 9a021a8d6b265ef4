"""How One API (v0.6.11, 2025-02) passes an upstream's answer on; Rix API and Shell API vary it.

Checked against tests/fixtures/one-api. What matters to a client: a 429 keeps only its type, param
and code; a stream loses every event that has neither choices nor usage, errors included; every
stream ends in `[DONE]`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.answer import Answer, End, Framing, Headers, Pause, Step, dump, no_answer
from simulator.call import Call
from simulator.own import SATURATED
from simulator.streams import DONE

JSON_HEADERS: Headers = (("Content-Type", "application/json; charset=utf-8"),)
STREAM_HEADERS: Headers = (
    ("Cache-Control", "no-cache"),
    ("Connection", "keep-alive"),
    ("Content-Type", "text/event-stream"),
    ("X-Accel-Buffering", "no"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where the relatives of One API differ."""

    kind: str = "one_api_error"
    saturated: tuple[str, str] | None = None
    """Type and code of a plain saturation; None keeps the upstream's."""
    drops_errors: bool = True
    """Whether error events are dropped from streams."""
    hides_non_json: bool = False
    """Whether a 200 JSON body that answers `stream` is turned into an error."""


ONE_API = Dialect(hides_non_json=True)
RIX = Dialect("rix_api_error", ("rix_api_error", "RateLimitReached"), drops_errors=False)
SHELL = Dialect("shell_api_error", drops_errors=False)


def translate(call: Call, up: Answer) -> Answer:
    """What a client of One API receives."""
    return _translate(call, up, ONE_API)


def translate_rix(call: Call, up: Answer) -> Answer:
    """What a client of Rix API (DMXAPI) receives."""
    return _translate(call, up, RIX)


def translate_shell(call: Call, up: Answer) -> Answer:
    """What a client of Shell API receives."""
    return _translate(call, up, SHELL)


def _translate(call: Call, up: Answer, dialect: Dialect) -> Answer:
    if is_copied(call, up):
        return up
    up = buffered_pauses(call, up)
    if up.end is End.HANG and not (up.status and call.stream):
        return no_answer(End.HANG)
    if up.status == 0:
        return _unreachable(call, up, dialect)
    return _relayed(call, up, dialect)


def _relayed(call: Call, up: Answer, dialect: Dialect) -> Answer:
    if call.endpoint == "transcriptions":
        return _transcription(call, up, dialect)
    if up.status != 200:
        return _relay_error(call, up, dialect)
    if call.stream:
        return _stream(call, up, dialect)
    return _whole(call, up, dialect)


def is_copied(call: Call, up: Answer) -> bool:
    """Whether an answer is passed on byte by byte: sound, or whatever came in its place."""
    return call.endpoint == "speech" and up.status == 200


def buffered_pauses(call: Call, up: Answer) -> Answer:
    """The same answer with its opening silence, or all of it for a whole body, before the head."""
    steps = list(up.steps) if isinstance(up.steps, Sequence) else up.steps
    if not isinstance(steps, list):
        return up
    if call.stream and up.is_event_stream:
        lead = next((at for at, step in enumerate(steps) if not isinstance(step, Pause)), 0)
        silence = steps[:lead]
        steps = steps[lead:]
    else:
        silence = [step for step in steps if isinstance(step, Pause)]
        steps = [step for step in steps if not isinstance(step, Pause)]
    waited = sum(step.seconds for step in silence if isinstance(step, Pause))
    return replace(up, steps=tuple(steps), delay=up.delay + waited)


def escaped(body: bytes) -> bytes:
    """JSON as Go writes it: angle brackets and ampersands escaped."""
    for plain, code in ((b"&", b"\\u0026"), (b"<", b"\\u003c"), (b">", b"\\u003e")):
        body = body.replace(plain, code)
    return body


def error_answer(status: int, fields: dict[str, Any], delay: float = 0.0) -> Answer:
    """An error in OpenAI's envelope with these fields."""
    return Answer(status, JSON_HEADERS, (escaped(dump({"error": fields})),), delay=delay)


def read_json(body: bytes) -> Any:
    """The body's JSON, or None if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def message_of(value: dict[str, Any]) -> str:
    """The message of an error that is not in OpenAI's envelope, where the gateways look for it."""
    for name in ("message", "msg", "err", "error_msg", "detail"):
        if isinstance(value.get(name), str):
            return str(value[name])
    header, response = value.get("header"), value.get("response")
    if isinstance(header, dict) and header.get("message"):
        return str(header["message"])
    if isinstance(response, dict) and isinstance(response.get("error"), dict):
        return str(response["error"].get("message", ""))
    return ""


def _with_rid(call: Call, message: str) -> str:
    return f"{message} (request id: {call.rid})"


def _own(call: Call, up: Answer, dialect: Dialect, message: str, code: str) -> Answer:
    fields = {"message": _with_rid(call, message), "type": dialect.kind, "param": "", "code": code}
    return error_answer(500, fields, up.delay)


def _unreachable(call: Call, up: Answer, dialect: Dialect) -> Answer:
    """The upstream closed, reset, or was never there: Go's own words, its address included."""
    upstream = "127.0.0.1:3190"
    cause = "EOF"
    if call.behaviour.startswith("dead-"):
        cause = f"dial tcp {upstream}: connect: connection refused"
    elif up.end is End.RESET:
        cause = f"read tcp 127.0.0.1:60562->{upstream}: read: connection reset by peer"
    message = f'Post "http://{upstream}{call.path}": {cause}'
    if not call.path.startswith("/v1/audio/"):
        message = f"do request failed: {message}"
    return _own(call, up, dialect, message, "do_request_failed")


def _relay_error(call: Call, up: Answer, dialect: Dialect) -> Answer:
    status = 429 if call.behaviour == "sat-param-404" else up.status
    value = read_json(up.body)
    error = value.get("error") if isinstance(value, dict) else None
    fields: dict[str, Any] = {
        "message": "",
        "type": "upstream_error",
        "param": str(up.status),
        "code": "bad_response_status_code",
    }
    if isinstance(error, dict) and error.get("message"):
        fields = {
            "message": error["message"],
            "type": error.get("type") or "",
            "param": error.get("param") or "",
            "code": error.get("code"),
        }
    elif isinstance(value, dict) and error is None:
        fields["message"] = message_of(value) or f"bad response status code {up.status}"
    if status == 429:
        fields["message"] = SATURATED
        if dialect.saturated and fields["code"] == "rate_limit_exceeded":
            fields["type"], fields["code"] = dialect.saturated
    fields["message"] = _with_rid(call, fields["message"])
    return error_answer(status, fields, up.delay)


def _whole(call: Call, up: Answer, dialect: Dialect) -> Answer:
    if up.end is not End.CLEAN or up.framing is Framing.SHORT:
        return _own(call, up, dialect, "unexpected EOF", "read_response_body_failed")
    complaint = go_complaint(up.body)
    if complaint:
        return _own(call, up, dialect, complaint, "unmarshal_response_body_failed")
    error = json.loads(up.body).get("error")
    if isinstance(error, dict) and error.get("type"):
        return _relay_error(call, up, dialect)
    return up


def _transcription(call: Call, up: Answer, dialect: Dialect) -> Answer:
    """Every error that upstream words becomes a 500 whose message tells type and code."""
    if up.end is not End.CLEAN or up.framing is Framing.SHORT:
        return _own(call, up, dialect, "unexpected EOF", "read_response_body_failed")
    if complaint := go_complaint(up.body):
        message = f"unmarshal_response_body_failed err :{complaint}"
        return _own(call, up, dialect, message, "get_text_from_body_err")
    error = json.loads(up.body).get("error")
    if isinstance(error, dict) and error.get("message"):
        code = "<nil>" if error.get("code") is None else error["code"]
        message = f"type {error.get('type') or ''}, code {code}, message {error['message']}"
        return _own(call, up, dialect, message, "request_error")
    return up if up.status == 200 else _relay_error(call, up, dialect)


def go_complaint(body: bytes) -> str:
    """What Go says about a body that should have been an answer; empty if there is nothing."""
    if not body:
        return "unexpected end of JSON input"
    value = read_json(body)
    if not isinstance(value, dict):
        return f"invalid character '{body[:1].decode()}' looking for beginning of value"
    if isinstance(value.get("error"), str):
        return (
            "json: cannot unmarshal string into Go struct field SlimTextResponse.error"
            " of type model.Error"
        )
    return ""


def _stream(call: Call, up: Answer, dialect: Dialect) -> Answer:
    if up.header("Content-Type").startswith("application/json"):
        return _relay_error(call, up, dialect) if dialect.hides_non_json else up
    steps: list[Step] = []
    ended = False
    for step in up.steps if up.is_event_stream else ():
        ended = isinstance(step, bytes) and data_of(step) == b"[DONE]"
        if not isinstance(step, bytes) or not dialect.drops_errors:
            steps.append(step)
        elif line := _forwarded(step):
            steps.append(line)
    end = up.end if up.end is End.HANG else End.CLEAN
    if end is End.CLEAN and not ended:
        steps.append(DONE)
    return Answer(200, STREAM_HEADERS, tuple(steps), end, Framing.CHUNKED, up.delay)


def _forwarded(piece: bytes) -> bytes:
    """The event that One API makes of this one, or nothing."""
    data = data_of(piece)
    if data == b"[DONE]":
        return DONE
    value = read_json(data)
    if not isinstance(value, dict) or not (value.get("choices") or value.get("usage")):
        return b""
    return b"data: " + data + b"\n\n"


def data_of(piece: bytes) -> bytes:
    """The data of one event: its `data:` lines, put together."""
    lines = [line for line in piece.splitlines() if line.startswith(b"data:")]
    return b"\n".join(line[5:].removeprefix(b" ") for line in lines)
