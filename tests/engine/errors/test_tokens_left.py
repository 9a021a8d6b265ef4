"""What the headers of an answer tell of the tokens that are left."""

from datetime import UTC, datetime

import pytest

from engine.errors.rate_limit_headers import TokensLeft, tokens_left

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        (
            {
                "x-ratelimit-limit-tokens": "30000",
                "x-ratelimit-remaining-tokens": "29500",
                "x-ratelimit-reset-tokens": "1s",
            },
            TokensLeft(29_500, 30_000, 1.0),
        ),
        (
            {
                "Anthropic-RateLimit-Input-Tokens-Limit": "50000",
                "Anthropic-RateLimit-Input-Tokens-Remaining": "49000",
                "Anthropic-RateLimit-Input-Tokens-Reset": "2026-12-01T00:00:02Z",
                "Anthropic-RateLimit-Output-Tokens-Limit": "10000",
                "Anthropic-RateLimit-Output-Tokens-Remaining": "9000",
                "Anthropic-RateLimit-Output-Tokens-Reset": "2026-12-01T00:00:06Z",
            },
            TokensLeft(9_000, 10_000, 6.0),
        ),
        (
            {
                "llm_provider-x-ratelimit-limit-tokens": "30000",
                "llm_provider-x-ratelimit-remaining-tokens": "100",
            },
            TokensLeft(100, 30_000, 60.0),
        ),
        ({"x-ratelimit-remaining-tokens": "12"}, TokensLeft(12, None, 60.0)),
        (
            {"x-ratelimit-remaining-tokens": "-5", "x-ratelimit-reset-tokens": "6m0s"},
            TokensLeft(0, None, 60.0),
        ),
        (
            {"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "soon"},
            TokensLeft(5, None, 60.0),
        ),
        ({"x-ratelimit-remaining-requests": "5"}, None),
        ({"x-ratelimit-remaining-tokens": "many"}, None),
        ({"x-ratelimit-limit-tokens": "30000"}, None),
        ({}, None),
    ],
)
def test_tokens_left(headers: dict[str, str], left: TokensLeft | None) -> None:
    assert tokens_left(headers, NOW) == left
