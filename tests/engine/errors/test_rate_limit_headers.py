"""Every way in which headers tell that nothing remains of a quota, and until when."""

from datetime import UTC, datetime

import pytest

from engine.errors.rate_limit_headers import PAIRS, exhausted_for, seconds_until

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)

RESETS = [
    ("6m0s", 360.0),
    ("8.64s", 8.64),
    ("14ms", 0.014),
    ("1h2m3s", 3723.0),
    ("500us", 0.0005),
    ("0s", 0.0),
    ("12", 12.0),
    ("0.5", 0.5),
    (" 30 ", 30.0),
    (str(int(NOW.timestamp()) + 40), 40.0),
    ("2026-11-25T12:00:20Z", 20.0),
    ("2026-11-25T13:00:20+01:00", 20.0),
    ("2026-11-25T12:00:20", 20.0),
    ("2026-11-25T11:59:00Z", -60.0),
]


@pytest.mark.parametrize(("reset", "seconds"), RESETS)
def test_every_way_to_write_a_reset(reset: str, seconds: float) -> None:
    assert seconds_until(reset, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize("reset", ["", "soon", "6m0", "m", "1.2.3s", "Wed, 25 Nov"])
def test_what_is_no_reset_tells_nothing(reset: str) -> None:
    assert seconds_until(reset, NOW) is None


@pytest.mark.parametrize(("remaining", "reset"), PAIRS)
def test_each_pair_of_headers_counts_when_nothing_remains(remaining: str, reset: str) -> None:
    assert exhausted_for({remaining.title(): "0", reset.title(): "7"}, NOW) == 7
    assert exhausted_for({remaining: "-3", reset: "7"}, NOW) == 7
    assert exhausted_for({remaining: "1", reset: "7"}, NOW) is None
    assert exhausted_for({remaining: "0"}, NOW) is None
    assert exhausted_for({reset: "7"}, NOW) is None
    assert exhausted_for({remaining: "none", reset: "7"}, NOW) is None


IETF = [
    ('"default";r=0;t=30', 30.0),
    ('"burst";r=5;t=1, "day";r=0;t=3600', 3600.0),
    ("limit=100, remaining=0, reset=5", 5.0),
    ("limit=100; remaining=0; reset=5", 5.0),
    ('"default";r=50;t=30', None),
    ("limit=100, remaining=50, reset=5", None),
    ("", None),
    ("nonsense;;=,", None),
]


@pytest.mark.parametrize(("value", "seconds"), IETF)
def test_the_header_of_the_ietf_in_all_its_drafts(value: str, seconds: float | None) -> None:
    assert exhausted_for({"RateLimit": value}, NOW) == seconds


def test_the_longest_counts_and_what_is_over_does_not() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert exhausted_for(headers, NOW) == 360
    assert exhausted_for({**headers, "x-ratelimit-remaining-tokens": "9"}, NOW) == 2
    over = {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-25T11:59:00Z",
    }
    assert exhausted_for(over, NOW) is None
    assert exhausted_for({}, NOW) is None
