"""Every place and form in which a server says how long to wait, and whose limit it is."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.errors.duration import duration_in
from engine.errors.evidence import Evidence, read_evidence
from engine.errors.retry_after import CONSTANTS, OWNERS

NOW = datetime(2026, 11, 30, 22, 30, 20, tzinfo=UTC)
LITELLM = "\n\nLiteLLM: model group 'm' failed with the error above. No fallback was attempted."


def read(
    body: object, headers: dict[str, str] | None = None, status: int = 429, now: datetime = NOW
) -> Evidence:
    data = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return read_evidence(status, headers or {}, data.encode(), now)


def said(message: str, **fields: object) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


SENTENCES: list[tuple[str, float | None]] = [
    ("Please try again in 6m0s.", 360.0),
    ("Requested 1. Please try again in 20s. Visit https://x.test to learn more.", 20.0),
    ("Please try again in 20ms.", 0.02),
    ("please try again in 1.2s", 1.2),
    ("Please try again in 8m38.4s.", 518.4),
    ("Please try again in 1h2m3s", 3723.0),
    ("Your account u<ak> request reached max RPM: 3, please try again after 1 seconds", 1.0),
    ("Try again in 5 seconds. All deployments are in cooldown.", 5.0),
    ("try your request again in about 2 minutes", 120.0),
    ("try again in 1 minute and 5 seconds", 65.0),
    ("Please retry in 44.1s.", 44.1),
    ("retry after 30 seconds", 30.0),
    ("Please retry after 17 seconds.", 17.0),
    ("Retry-After: 30", 30.0),
    ("retry_after=12.5}", 12.5),
    ("{'retry_after': 7}", 7.0),
    ("Please wait 12 seconds before retrying.", 12.0),
    ("wait for 3 min", 180.0),
    ("Limit resets in 1 hour 5 minutes", 3900.0),
    ("Slow down. In 20 seconds, please try again.", 20.0),
    ("请在 20 秒后重试", 20.0),
    ("请20秒后再试", 20.0),
    ("請在 20 秒後重試", 20.0),
    ("请于1分30秒之后再尝试", 90.0),
    ("请求过于频繁，请一分钟后再试", 60.0),
    ("请三十秒后重试", 30.0),
    ("请二十五秒后重试", 25.0),
    ("半小时后恢复", 1800.0),
    ("请等待 20 秒", 20.0),
    ("还需等待：500毫秒", 0.5),
    ("Please try again in 0s", 0.0),
    ("Please try again later.", None),
    ("请稍后再试", None),
    ("您已达到请求数限制：1分钟内最多请求3次", None),
    ("60 requests per 1 minute are allowed", None),
    ("retry after 3 attempts", None),
    ("Request timed out after 30 seconds, try again later", None),
    ("等待 30 秒超时", None),
    ("请在 30 秒内完成", None),
    ("", None),
]


@pytest.mark.parametrize(("words", "seconds"), SENTENCES)
def test_what_a_sentence_asks_to_wait(words: str, seconds: float | None) -> None:
    assert duration_in(words) == (None if seconds is None else pytest.approx(seconds))
    assert read(said(words)).retry_after == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    "words", ["1" * 60_000, "十" * 60_000, "try again " * 6_000, "in 1s" * 9_000]
)
def test_hostile_words_are_read_in_no_time(words: str) -> None:
    """A pattern that goes back and forth over so much would not end within the test's time."""
    assert duration_in(words) is None or duration_in(words) == 1.0


HEADERS: list[tuple[dict[str, str], float | None]] = [
    ({"llm_provider-retry-after": "9"}, 9.0),
    ({"llm_provider-retry-after-ms": "1500"}, 1.5),
    ({"LLM_Provider-Retry-After": "9", "Retry-After": "4"}, 4.0),
    ({"x-ms-retry-after-ms": "250"}, 0.25),
    ({"llm_provider-x-ratelimit-reset-requests": "20s"}, 20.0),
    (
        {
            "llm_provider-x-ratelimit-remaining-tokens": "0",
            "llm_provider-x-ratelimit-reset-tokens": "6m0s",
            "llm_provider-x-ratelimit-remaining-requests": "9",
            "llm_provider-x-ratelimit-reset-requests": "20s",
        },
        360.0,
    ),
    ({"x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "9s"}, 2.0),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1796077850000"}, 30.0),
    (
        {
            "llm_provider-anthropic-ratelimit-requests-remaining": "0",
            "llm_provider-anthropic-ratelimit-requests-reset": "2026-11-30T22:30:50Z",
        },
        30.0,
    ),
    ({"retry-after": "-5"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "86401"}, None),
    ({"retry-after": "86400"}, 86400.0),
    ({"retry-after": "999999", "llm_provider-retry-after": "9"}, 9.0),
    ({"retry-after-ms": "-1", "retry-after": "3"}, 3.0),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-12-09T00:00:00Z"}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), HEADERS)
def test_what_headers_ask_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert read(said("busy"), headers).retry_after == seconds


def test_a_header_beats_a_sentence_and_an_absurd_one_does_not() -> None:
    body = said("Please try again in 20s.")
    assert read(body, {"retry-after": "3"}).retry_after == 3.0
    assert read(body, {"llm_provider-x-ratelimit-reset-requests": "4s"}).retry_after == 4.0
    assert read(body, {"retry-after": "99999999"}).retry_after == 20.0


def test_a_reset_alone_is_a_wait_only_where_too_much_was_sent() -> None:
    headers = {"x-ratelimit-reset-requests": "6m0s"}
    assert read(said("broken"), headers, status=500).retry_after is None


def test_dates_are_read_by_the_servers_own_clock() -> None:
    """This machine's may be wrong, by hours."""
    there = datetime(2026, 11, 30, 20, 0, 0, tzinfo=UTC)

    def date(seconds: float) -> str:
        return (there + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    headers = {"date": date(0), "retry-after": date(25)}
    assert read(said("busy"), headers).retry_after == 25.0
    assert read(said("busy"), headers | {"retry-after": date(-9)}).retry_after is None


def info(delay: object) -> dict[str, Any]:
    kind = "type.googleapis.com/google.rpc.RetryInfo"
    details = [
        {"@type": "type.googleapis.com/google.rpc.Help"},
        {"@type": kind, "retryDelay": delay},
    ]
    return said("You exceeded your current quota.", code=429, details=details)


BODIES: list[tuple[object, float | None]] = [
    (info("44s"), 44.0),
    (info("44.123456789s"), 44.123456789),
    (info({"seconds": "3", "nanos": 500_000_000}), 3.5),
    (info("soon"), None),
    (info("-4s"), None),
    ([info("44s")], 44.0),
    (said("GeminiException - " + json.dumps(info("44s"))), 44.0),
    (said("GeminiException - b" + repr(json.dumps(info("44s")))), 44.0),
    (said("GeminiException - " + repr(info("44s"))), 44.0),
    (said("x", retry_after=9), 9.0),
    (said("x", retry_after_ms=900), 0.9),
    (said("x", metadata={"retry_after_seconds": 8}), 8.0),
    (
        said("x", metadata={"headers": {"X-RateLimit-Remaining": "0",
                                        "X-RateLimit-Reset": "1796077850000"}}),
        30.0,
    ),
    (said("x", metadata={"headers": {"X-RateLimit-Remaining": "0",
                                     "X-RateLimit-Reset": "1741305600000"}}), None),
    (said("Limit resets at: 2026-11-30 22:31:00 UTC"), 40.0),
    (said("Limit resets at: 2026-11-30 22:31:00"), None),
    (said("x", details="none", metadata="none", retry_after="soon"), None),
    ("slow down, retry after 5 seconds", 5.0),
]  # fmt: skip


@pytest.mark.parametrize(("body", "seconds"), BODIES)
def test_what_bodies_ask_to_wait(body: object, seconds: float | None) -> None:
    found = read(body).retry_after
    assert found == (None if seconds is None else pytest.approx(seconds))


TOLD_ALWAYS: dict[str, tuple[str, str, float | None]] = {
    CONSTANTS[0].words: (
        "Rate limit exceeded for api_key: abc. Limit type: max_parallel_requests. Remaining: 0",
        "retry-after",
        None,
    ),
    CONSTANTS[1].words: (
        f"litellm.RateLimitError: Deployment has all max_parallel_requests slots in use.{LITELLM}",
        "llm_provider-retry-after",
        None,
    ),
    CONSTANTS[2].words: (
        f"litellm.RateLimitError: Model rate limit exceeded. RPM limit=2, current usage=3{LITELLM}",
        "llm_provider-retry-after",
        40.0,
    ),
}


@pytest.mark.parametrize("constant", CONSTANTS, ids=lambda one: one.source)
def test_a_wait_that_is_told_whatever_is_left_of_it(constant: Any) -> None:
    message, header, seconds = TOLD_ALWAYS[constant.words]
    date = {"date": NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    assert read(said(message), date | {header: "60"}).retry_after == seconds
    assert read(said(message), date | {header: "7"}).retry_after == 7.0


GATEWAY = {"X-New-Api-Version": "v1"}
BUSY: list[tuple[str, dict[str, str], str]] = [
    (OWNERS[0].words, {}, "Rate limit exceeded for api_key: ab12. Limit type: requests. Current"),
    (
        OWNERS[0].words,
        {},
        "Rate limit exceeded for team: ab12. Limit type: tokens. Current limit: 2",
    ),
    (OWNERS[1].words, GATEWAY, "您已达到请求数限制：1分钟内最多请求3次"),
    (OWNERS[1].words, GATEWAY, "您已达到总请求数限制：1分钟内最多请求6次，包括失败次数"),
    (OWNERS[2].words, {"X-Oneapi-Request-Id": "1"}, "您的速率达到上限，请稍后再试。"),
    (OWNERS[3].words, GATEWAY, ""),
    (OWNERS[4].words, {}, "error code: 1015"),
    (OWNERS[4].words, GATEWAY, "You are being rate limited"),
    (
        OWNERS[5].words,
        {},
        "Your account org-a<ak-b> request reached organization max RPM: 3, please",
    ),
    (OWNERS[6].words, {}, "您的账户已达到速率限制，请您控制请求频率"),
    (OWNERS[7].words, {}, "You are using a Trial key, which is limited to 40 API calls / minute."),
    (OWNERS[8].words, {}, "You will have reduced rate limits of 3 RPM and 10K TPM."),
    (OWNERS[9].words, {}, "免费的API Key使用频率超过限制：每天200次。"),
    (OWNERS[10].words, {}, "Too many requests for this API key"),
    (OWNERS[10].words, {}, "User rate limit exceeded"),
    (OWNERS[11].words, {}, "当前用户请求过于频繁"),
]


@pytest.mark.parametrize(("row", "headers", "words"), BUSY)
def test_words_that_say_that_the_limit_is_the_keys_own(
    row: str, headers: dict[str, str], words: str
) -> None:
    assert read(said(words) if words else "", headers).limits_key
    owner = next(one for one in OWNERS if one.words == row)
    assert re.search(owner.words, words, re.IGNORECASE)
    # What an upstream says of an account, a gateway only repeats: it is the operator's.
    retold = read(said(f"litellm.RateLimitError: OpenAIException - {words}" if words else ""), {})
    assert retold.limits_key == (owner.retold and not owner.words.startswith("^"))


def test_every_row_is_shown() -> None:
    assert {row for row, _, _ in BUSY} == {owner.words for owner in OWNERS}
    assert len(TOLD_ALWAYS) == len(CONSTANTS)


OF_A_MODEL = [
    "Rate limit reached for gpt-x in organization org-x on requests per min (RPM): Limit 3, Used 3",
    "Rate limit reached for gpt-x in organization org-x on requests per day (RPD): Limit 200",
    "This request would exceed your organization's rate limit of 50,000 input tokens per minute.",
    "Rate limit exceeded for model_per_key: ab12:gpt-x. Limit type: requests. Current limit: 2",
    "Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded token",
    "Rate limit of 10 per 60s exceeded for UserByModelByMinute. Please wait 12 seconds",
    "该模型当前访问量过大，请您稍后再试",
    "当前用户对该模型的请求过于频繁",
    "当前分组上游负载已饱和，请稍后再试",
    "Rate limit exceeded: free-models-per-day",
    "Resource has been exhausted (e.g. check quota).",
    "too many requests",
]


@pytest.mark.parametrize("words", OF_A_MODEL)
def test_words_that_do_not(words: str) -> None:
    assert not read(said(words), {"retry-after": "20"}).limits_key


def test_what_an_upstream_says_of_its_account_is_the_operators_behind_a_gateway() -> None:
    words = "您的账户已达到速率限制，请您控制请求频率"
    assert not read(said(words, type="upstream_error"), GATEWAY).limits_key
    assert not read("", {}).limits_key, "nobody of the family"
