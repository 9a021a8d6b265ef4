"""Reading a failed answer: every envelope of the facts (gateway-errors.md 1, 2 and 7)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.errors.classify import effective_status, kind_of
from engine.errors.evidence import Evidence, evidence_of_document, has_error, read_evidence
from engine.errors.kinds import RATE_LIMITED

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
BUSY = "upstream is busy"


def read(body: object, status: int = 429, headers: dict[str, str] | None = None) -> Evidence:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_evidence(status, headers or {}, raw, NOW)


ENVELOPES: dict[str, tuple[object, str]] = {
    "OpenAI": ({"error": {"message": BUSY, "type": "t", "param": "", "code": "c"}}, BUSY),
    "OpenAI without type": ({"error": {"message": BUSY}}, BUSY),
    "Anthropic": ({"type": "error", "error": {"type": "t", "message": BUSY}}, BUSY),
    "Gemini in a list": ([{"error": {"code": 429, "message": BUSY}}], BUSY),
    "string": ({"error": BUSY}, BUSY),
    "string beside message": ({"error": "Bad", "message": BUSY}, BUSY),
    "message": ({"message": BUSY}, BUSY),
    "task API": ({"code": "quota_not_enough", "message": BUSY, "data": None}, BUSY),
    "models list": ({"success": False, "message": BUSY}, BUSY),
    "msg": ({"code": 1302, "msg": BUSY}, BUSY),
    "err": ({"err": BUSY}, BUSY),
    "error_msg": ({"error_code": 18, "error_msg": BUSY}, BUSY),
    "detail": ({"detail": BUSY}, BUSY),
    "detail of FastAPI": ({"detail": [{"loc": ["body"], "msg": BUSY}]}, BUSY),
    "detail of FastAPI with its place": (
        {"detail": [{"loc": ["body", "messages", 0, "name"], "msg": BUSY}]},
        f"messages.0.name: {BUSY}",
    ),
    "detail of a body that is no JSON": ({"detail": [{"loc": ["body", 7], "msg": BUSY}]}, BUSY),
    "detail inside the message (Mistral)": (
        {"object": "error", "message": {"detail": [{"loc": ["body", "user"], "msg": BUSY}]}},
        f"user: {BUSY}",
    ),
    "detail with message": ({"detail": {"message": BUSY}}, BUSY),
    "header": ({"header": {"code": 10013, "message": BUSY}}, BUSY),
    "response": ({"response": {"error": {"message": BUSY}}}, BUSY),
    "MiniMax": ({"choices": None, "base_resp": {"status_code": 1002, "status_msg": BUSY}}, BUSY),
    "title": ({"title": "Error 524: A timeout occurred", "status": 524}, "Error 524: A timeout"),
    "Shell's other language": ({"error": {"message": "", "localized_message": BUSY}}, BUSY),
    "empty message": ({"error": {"message": "", "type": "rix_api_error"}}, ""),
    "null message": ({"error": {"message": None}}, ""),
    "number as message": ({"error": {"message": 7}}, ""),
    "a list of nothing": ([], ""),
    "no error": ({"id": 1}, ""),
}


@pytest.mark.parametrize(("body", "message"), ENVELOPES.values(), ids=ENVELOPES)
def test_words_of_every_envelope(body: object, message: str) -> None:
    assert read(body).message[: len(message)] == message
    assert bool(read(body).message) == bool(message)


@pytest.mark.parametrize(
    ("fields", "codes", "param"),
    [
        (
            {"code": "RateLimitReached", "type": "rix_api_error"},
            ("ratelimitreached", "rix_api_error"),
            "",
        ),
        ({"code": 429}, ("429",), ""),
        ({"code": "", "type": "new_api_error"}, ("new_api_error",), ""),
        ({"code": None, "type": None, "param": None}, (), ""),
        ({"type": "<nil>", "code": "c"}, ("c",), ""),
        ({"type": "upstream_error", "param": "404"}, ("upstream_error",), "404"),
        ({"param": 200}, (), "200"),
        ({"param": "Max_Tokens"}, (), "max_tokens"),
    ],
)
def test_code_type_and_param(fields: dict[str, Any], codes: tuple[str, ...], param: str) -> None:
    evidence = read({"error": {"message": BUSY, **fields}})
    assert (evidence.codes, evidence.param) == (codes, param)


@pytest.mark.parametrize(
    ("message", "words", "request_id"),
    [
        (f"{BUSY} (request id: 2026112405)", BUSY, "2026112405"),
        (f"{BUSY}(request id: a1)", BUSY, "a1"),
        (f"{BUSY}（request id：a1）", BUSY, "a1"),
        (" (request id: a1)", "", "a1"),
        (f"{BUSY} (request id: a) (request id: b)", BUSY, "a"),
        (f"{BUSY} (x)", f"{BUSY} (x)", ""),
    ],
)
def test_request_id_is_no_part_of_the_words(message: str, words: str, request_id: str) -> None:
    evidence = read({"error": {"message": message}})
    assert (evidence.message, evidence.request_id) == (words, request_id)


@pytest.mark.parametrize(
    ("headers", "request_id", "behind"),
    [
        ({"X-Oneapi-Request-Id": "oa"}, "oa", True),
        ({"x-rixapi-request-id": "rx"}, "rx", True),
        ({"X-Oneapi-Request-Id": "na", "X-New-Api-Version": "v0.9"}, "na", True),
        ({"X-New-Api-Version": "v0.9"}, "", True),
        ({"X-Request-Id": "req_1"}, "req_1", False),
        ({"CF-RAY": "8f"}, "8f", False),
        ({"X-Api-Key": "no"}, "", False),
        ({}, "", False),
    ],
)
def test_headers_tell_the_gateway(headers: dict[str, str], request_id: str, behind: bool) -> None:
    evidence = read({"error": BUSY}, headers=headers)
    assert (evidence.request_id, evidence.behind_gateway) == (request_id, behind)


@pytest.mark.parametrize(
    "kind", ["one_api_error", "new_api_error", "rix_api_error", "shell_api_error", "new_api_panic"]
)
def test_type_tells_that_the_gateway_speaks_for_itself(kind: str) -> None:
    evidence = read({"error": {"message": BUSY, "type": kind}})
    assert evidence.own
    assert evidence.behind_gateway
    assert not read({"error": {"message": BUSY, "type": "upstream_error"}}).own


@pytest.mark.parametrize(
    "page",
    ["<!DOCTYPE html><html>", "<html>\r\n<head>", "\ufeff\n <HTML lang=en>", "<head><title>"],
)
def test_page_is_known_and_its_words_are_not_upstreams(page: str) -> None:
    evidence = read(f"{page}<title>502 Bad Gateway</title>{BUSY}".encode(), 502)
    assert evidence.html
    assert evidence.message == ""
    assert "Bad Gateway" not in evidence.message


def test_title_of_a_page_is_noted_for_the_log() -> None:
    assert read(b"<html><head><title> 504 Time-out </title>", 504).note == "504 Time-out"
    assert read(b"plain words " * 100, 503).note == (b"plain words " * 100)[:200].decode()
    assert read({"error": BUSY}).note == ""


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b'{"error":', b"[1, 2", b"null", b"7", b'"text"', b"[[]]", b"[7]"]
)
def test_any_body_can_be_read(body: bytes) -> None:
    assert read(body).message == ""


def test_words_are_bounded() -> None:
    assert len(read({"error": {"message": "满" * 100_000}}).message) == 4000


@pytest.mark.parametrize(
    ("value", "final"), [("false", True), (" False ", True), ("true", False), ("", False)]
)
def test_server_may_ask_not_to_repeat(value: str, final: bool) -> None:
    assert read({"error": BUSY}, headers={"X-Should-Retry": value}).final == final


def date(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


TOLD: list[tuple[dict[str, str], dict[str, Any], float | None]] = [
    ({}, {}, None),
    ({"Retry-After": "20"}, {}, 20.0),
    ({"RETRY-AFTER": " 1.5 "}, {}, 1.5),
    ({"Retry-After": "0.2"}, {}, 0.2),
    ({"Retry-After": "0"}, {}, 0.0),
    ({"Retry-After": date(30)}, {}, 30.0),
    ({"Retry-After": date(-30)}, {}, None),
    ({"Retry-After": "Tuesday, 24-Nov-26 12:00:07 GMT"}, {}, 7.0),
    ({"Retry-After": "Tue Nov 24 12:00:09 2026"}, {}, 9.0),
    ({"retry-after-ms": "150"}, {}, 0.15),
    ({"retry-after-ms": "1500.5", "Retry-After": "2"}, {}, 1.5005),
    ({"retry-after-ms": "soon", "Retry-After": "2"}, {}, 2.0),
    ({}, {"retry_after": 120}, 120.0),
    ({}, {"retry_after": "3.5"}, 3.5),
    ({"Retry-After": "7"}, {"retry_after": 120}, 7.0),
    ({"Retry-After": "soon"}, {"retry_after": 120}, 120.0),
    ({"X-RateLimit-Remaining-Requests": "0", "X-RateLimit-Reset-Requests": "6m0s"}, {}, 360.0),
    ({"Retry-After": "7", "RateLimit": '"default";r=0;t=30'}, {}, 7.0),
    ({"RateLimit": '"default";r=0;t=30'}, {"retry_after": 120}, 120.0),
    ({"Retry-After": "-5"}, {}, None),
    ({"Retry-After": "inf"}, {}, None),
    ({"Retry-After": "nan"}, {}, None),
    ({"Retry-After": ""}, {}, None),
    ({"Retry-After": "Tue, 99 Nov 2026 99:99:99 GMT"}, {}, None),
    ({}, {"retry_after": True}, None),
    ({}, {"retry_after": None}, None),
    ({}, {"retry_after": [1]}, None),
]


@pytest.mark.parametrize(("headers", "fields", "seconds"), TOLD)
def test_told_wait(headers: dict[str, str], fields: dict[str, Any], seconds: float | None) -> None:
    told = evidence_of_document(429, headers, {"error": {"message": BUSY, **fields}}, now=NOW)
    assert told.retry_after == seconds
    cloudflare = evidence_of_document(429, headers, {"cloudflare_error": True, **fields}, now=NOW)
    assert cloudflare.retry_after == seconds


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"error": {"message": BUSY}}, True),
        ({"error": BUSY, "choices": [{}]}, True),
        ({"error": {"message": BUSY}, "choices": None}, True),
        ({"message": BUSY}, True),
        ({"msg": BUSY, "code": 1302}, True),
        ({"success": False}, True),
        ({"header": {"message": BUSY}}, True),
        ({"response": {"error": {"message": BUSY}}}, True),
        ({"choices": None, "base_resp": {"status_code": 2013, "status_msg": BUSY}}, True),
        ({"vectors": [], "base_resp": {"status_code": 0, "status_msg": "success"}}, False),
        ({"error": None, "choices": []}, False),
        ({"error": {}, "choices": []}, False),
        ({"error": ""}, False),
        ({"success": True, "object": "list", "data": []}, False),
        ({"id": "", "object": "", "choices": [], "prompt_filter_results": [{}]}, False),
        ({"choices": [], "usage": {"prompt_tokens": 1}}, False),
        ({"choices": [{"message": {"content": "x"}}], "message": "fine"}, False),
        ({}, False),
        ([], False),
        ("error", False),
        (None, False),
    ],
)
def test_error_inside_a_success(document: object, expected: bool) -> None:
    assert has_error(document) == expected


@pytest.mark.parametrize(
    ("status", "codes", "html", "effective"),
    [
        (429, ("500",), False, 429),
        (302, (), False, 302),
        (500, ("400",), False, 400),
        (503, ("429 too_many_requests",), False, 429),
        (400, ("429",), False, 429),
        (500, ("404",), False, 500),
        (403, ("429",), False, 403),
        (200, ("429",), False, 429),
        (200, ("x", "503"), False, 503),
        (200, ("200",), False, 500),
        (200, ("10013",), False, 500),
        (200, ("rate_limit_error",), False, 429),
        (200, ("requests",), False, 429),
        (200, ("insufficient_quota",), False, 429),
        (200, ("overloaded_error",), False, 529),
        (200, ("invalid_request_error",), False, 400),
        (200, ("authentication_error",), False, 401),
        (200, ("invalid_api_key", "invalid_request_error"), False, 401),
        (200, ("permission_error",), False, 403),
        (200, ("not_found_error",), False, 404),
        (200, ("request_too_large",), False, 413),
        (200, ("timeout_error",), False, 504),
        (200, (), False, 500),
        (200, (), True, 200),
    ],
)
def test_status_that_an_error_stands_for(
    status: int, codes: tuple[str, ...], html: bool, effective: int
) -> None:
    assert effective_status(Evidence(status, codes=codes, html=html)) == effective


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":{"message":"busy"},"retry_after":1' + b"0" * 400 + b"}",
        b'{"error":' + b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=["number beyond a float", "deep list", "deep object"],
)
def test_hostile_body_is_a_failure_like_any_other(body: bytes) -> None:
    assert kind_of(read_evidence(429, {}, body)) is RATE_LIMITED


def test_hostile_date_is_no_wait() -> None:
    headers = {"Retry-After": "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"}
    assert read_evidence(429, headers, b"").retry_after is None
