"""Half texts, several errors, odd notations: what is left tells the cause, or nothing does."""

import json
import re
from pathlib import Path

import pytest

from cli.explain.finding import Sure
from cli.explain.read import read_errors
from engine.errors import kinds
from tests.cli.wrapping import in_daemon, in_dify, in_log, official

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
EXAMPLE = re.findall(r"^PluginInvokeError: .*$", PAGE.read_text("utf-8"), re.MULTILINE)[0]
WORDS = "当前分组上游负载已饱和,请稍后再试"
QUOTA = json.dumps({"error": {"message": "用户额度不足", "code": "insufficient_user_quota"}})
BUSY = json.dumps({"error": {"message": "Overloaded", "type": "overloaded_error"}})


def causes(text: str) -> list[str]:
    return [one.failure.kind.name for one in read_errors(text)]


def test_the_example_of_the_readme_is_one_error_with_all_that_it_tells() -> None:
    (found,) = read_errors(EXAMPLE)
    assert found.failure.kind is kinds.SATURATED
    assert found.sure is Sure.CERTAIN
    assert (found.failure.status, found.failure.words) == (429, WORDS)
    assert found.failure.code == "RateLimitReached"
    assert found.family == "Rix API / DMXAPI"
    assert found.alternatives == ()


@pytest.mark.parametrize("text", [EXAMPLE, in_daemon(official(429, QUOTA))], ids=["dify", "daemon"])
def test_wherever_it_is_cut_the_cause_is_right_or_unknown(text: str) -> None:
    whole = read_errors(text)[0].failure.kind
    for end in range(0, len(text), 5):
        for part in (text[:end], text[end:]):
            for found in read_errors(part):
                by_status = (kinds.RATE_LIMITED, Sure.LIKELY)
                cause = found.failure.kind
                assert cause is whole or (cause, found.sure) == by_status, part


def test_several_errors_at_once_are_told_apart_and_each_is_named_once() -> None:
    body = json.dumps({"error": {"message": WORDS, "type": "rix_api_error"}}, ensure_ascii=False)
    text = "\n\n".join(
        (
            in_dify(official(429, body)),
            in_log(official(403, QUOTA)),
            in_daemon(official(529, BUSY)),
            in_log(official(429, body)),
        )
    )
    assert causes(text) == ["saturated", "own_quota", "overloaded"]


def test_request_ids_of_the_same_error_are_collected() -> None:
    lines = [
        official(429, json.dumps({"error": {"message": f"{WORDS} (request id: 2026{number})"}}))
        for number in (1, 2, 2)
    ]
    (found,) = read_errors("\n".join(lines))
    assert found.request_ids == ("20261", "20262")


ODD: dict[str, tuple[str, str]] = {
    "a Python dictionary": (
        "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit reached for "
        "gpt-x', 'type': 'requests', 'param': None, 'code': 'rate_limit_exceeded'}}",
        "rate_limited",
    ),
    "escaped Chinese": (
        r'status code 429: {"error": {"message": "\u5f53\u524d\u5206\u7ec4\u4e0a\u6e38\u8d1f'
        r'\u8f7d\u5df2\u9971\u548c", "type": "one_api_error"}}',
        "saturated",
    ),
    "words alone": (f"今天一直报 {WORDS}，怎么办？", "saturated"),
    "the end of a line": (
        '请稍后再试","type":"rix_api_error","code":"RateLimitReached"}}',
        "saturated",
    ),
    "status line and page": (
        "HTTP/1.1 502 Bad Gateway\nServer: nginx\n\n<html><head><title>502 Bad Gateway</title>",
        "server_error",
    ),
    "pretty JSON": (
        "[models] Error\n"
        + json.dumps({"error": {"message": "Overloaded", "code": 529}}, indent=4),
        "overloaded",
    ),
    "coloured log": (
        "\x1b[31mERROR\x1b[0m [models] API request failed with status code 401: "
        '{"error":{"message":"无效的令牌","type":"new_api_error"}}',
        "key_refused",
    ),
    "no connection": (
        "[models] Connection Error, HTTPSConnectionPool(host='h', port=443): Max retries exceeded "
        "with url: /v1/chat/completions (Caused by NewConnectionError: Connection refused)",
        "connect_failed",
    ),
    "unknown certificate": (
        "[models] Connection Error, SSLCertVerificationError: certificate verify failed",
        "tls_failed",
    ),
    "Dify's own words for a refused key": (
        "[openai] Incorrect model credentials provided, please check and try again. "
        "InvokeAuthorizationError",
        "key_refused",
    ),
    "an API gateway of a cloud": (
        official(
            429,
            '{"error_msg":"threshold reached: policy ip over ratelimit,limit:5",'
            '"error_code":"APIG.0308","request_id":"914a"}\n',
        ),
        "rate_limited",
    ),
    "a gateway that says nothing": (
        "Run failed: req_id: b1 "
        + in_dify(
            official(
                504,
                '{"error":{"message":"","type":"rix_api_error","param":"","code":'
                '"bad_response_status_code"}}',
            )
        ),
        "upstream_timeout",
    ),
    "a vendor's own plugin": (
        'data: {"event":"error","code":"completion_request_error","status":400,"message":'
        '"[tongyi] Error: PluginInvokeError: {\\"args\\":{},\\"error_type\\":'
        '\\"ServiceUnavailableError\\",\\"message\\":\\"Failed to invoke model qwen, status code: '
        '503, error message: try again\\"}"}',
        "server_error",
    ),
    "an error in somebody's words": (
        json.dumps(
            {
                "error_type": "RuntimeError",
                "error_message": 'HTTP 429: {"error": {"message": "Provider returned error", '
                '"code": 429, "metadata": {"raw": "rate-limited upstream"}}}',
            }
        ),
        "rate_limited",
    ),
    "an error among details": (
        '{"message":"API error.","details":{"error":{"message":"You exceeded your current quota",'
        '"type":"insufficient_quota","code":"insufficient_quota"}}}',
        "upstream_quota",
    ),
    "an empty body": (official(504, ""), "upstream_timeout"),
    "status after the body": (
        f"body={BUSY} status_code=529 url=/v1/chat/completions",
        "overloaded",
    ),
    "a typed error alone": (
        '{"error":{"message":"Unsupported value","type":"invalid_request_error"}}',
        "bad_request",
    ),
    "the class alone": ('{"error":"boom","error_type":"InvokeRateLimitError"}', "rate_limited"),
}


@pytest.mark.parametrize(("text", "cause"), ODD.values(), ids=ODD)
def test_odd_notations(text: str, cause: str) -> None:
    assert causes(text) == [cause]


def test_what_only_a_class_tells_is_no_more_than_possible() -> None:
    (found,) = read_errors(ODD["the class alone"][0])
    assert found.sure is Sure.POSSIBLE


def test_without_a_gateways_mark_the_other_cause_is_named_too() -> None:
    body = json.dumps(
        {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
    )
    (found,) = read_errors(official(401, body))
    assert (found.failure.kind, found.alternatives) == (
        kinds.UPSTREAM_REFUSED,
        (kinds.KEY_REFUSED,),
    )
    assert found.sure is Sure.LIKELY
    (direct,) = read_errors(official(401, body), behind_gateway=False)
    assert (direct.failure.kind, direct.alternatives) == (kinds.KEY_REFUSED, ())


NOISE = {
    "plain lines": "2026-11-24 10:00:00 INFO everything is fine here\n",
    "calls that worked": '10.0.0.1 "POST /v1/chat/completions HTTP/1.1" 200 512 quota=1\n',
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
@pytest.mark.parametrize(("before", "after"), [(60_000, 0), (0, 60_000), (30_000, 30_000)])
def test_an_error_anywhere_in_a_long_log_is_found(noise: str, before: int, after: int) -> None:
    log = noise * before + in_log(official(429, BUSY)) + noise * after
    assert causes(log) == ["rate_limited"]
