"""How gpt-load (v1.4.9) passes an upstream's answer on: as it is, but for errors.

Checked against tests/fixtures/gpt-load. JSON errors are written anew, fields in alphabetical order;
what is no JSON is wrapped; a 404 and every success go through byte for byte, and a cut stream ends
as if it were whole.
"""

from dataclasses import replace
from typing import Any

from simulator.answer import Answer, End, Framing, Headers, dump, no_answer
from simulator.call import Call
from simulator.oneapi import JSON_HEADERS, STREAM_HEADERS, escaped, read_json

GUARD: Headers = (
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
)
"""What its answers carry for browsers."""

_PASSED = frozenset({200, 404})


def translate(call: Call, up: Answer) -> Answer:
    """What a client of gpt-load receives."""
    if up.end is End.HANG and not up.status:
        return no_answer(End.HANG)
    if up.status == 0 and up.end is End.RESET:
        return Answer(200, GUARD, delay=up.delay)
    if up.status == 0:
        address = f"http://127.0.0.1:3190{call.path}"
        return _wrapped(500, f'Post "{address}": EOF', up)
    if up.status in _PASSED:
        return _passed(call, up)
    value = read_json(up.body)
    if not isinstance(value, dict):
        return _wrapped(up.status, up.body.decode(), up)
    body = escaped(dump(_in_order(value)))
    return Answer(up.status, (*JSON_HEADERS, *GUARD), (body,), delay=up.delay)


def _passed(call: Call, up: Answer) -> Answer:
    if not call.stream:
        return replace(up, headers=(*up.headers, *GUARD))
    kept = tuple(
        pair for pair in up.headers if pair[0].lower() not in {"content-type", "cache-control"}
    )
    headers = (*STREAM_HEADERS, *kept, *GUARD)
    if up.end in {End.CUT, End.RESET} or up.framing is Framing.SHORT:
        up = replace(up, end=End.CLEAN, framing=Framing.CHUNKED)
    if up.end is End.CLEAN and isinstance(up.steps, tuple | list) and not up.steps:
        return replace(up, headers=headers, framing=Framing.LENGTH)
    return replace(up, headers=headers)


def _wrapped(status: int, message: str, up: Answer) -> Answer:
    body = escaped(dump({"code": "UPSTREAM_ERROR", "message": message}))
    return Answer(status, (*JSON_HEADERS, *GUARD), (body,), delay=up.delay)


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return [_in_order(one) for one in value] if isinstance(value, list) else value
