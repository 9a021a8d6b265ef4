"""Every failed answer that was recorded from real gateways, and what it is taken for.

The tables are complete: a recorded failure that no pattern names fails the test, and so does a
pattern that names none. Those of the five newer gateways are shared with the replayed calls
(`catalogue/recorded_kinds.py`).
"""

import json
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Failure, classify
from engine.errors.evidence import read_evidence
from tests.catalogue.recorded_kinds import BARE, GATEWAYS, KINDS, REFUSED, row_of

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FAMILIES = ("one-api", "new-api")

EXPECTED: dict[str, str] = {
    # Saturated. One API overwrites every 429's words; New API leaves upstream's.
    "one-api chat-sat-[!q]*": "saturated",
    "one-api chat-remap-429-*": "saturated",
    "one-api chat-claude-429-*": "saturated",
    "one-api [!ct]*-sat-forever one-api completions-sat-forever": "saturated",
    "one-api *-sat-html": "saturated",
    "new-api chat-sat-[!q]*": "rate_limited",
    "new-api chat-remap-429-*": "rate_limited",
    "new-api *-claude-429-*": "rate_limited",
    "new-api [!c]*-sat-forever new-api completions-sat-forever": "rate_limited",
    "new-api messages-sat-forever-stream": "rate_limited",
    "new-api *-sat-html": "rate_limited",
    "new-api limit-[!r]*": "rate_limited",
    "* ip-limit-*": "rate_limited",
    # Overloaded.
    "* *-claude-529-*": "overloaded",
    "new-api *-claude-error-first-stream": "overloaded",
    "* *-e503-overloaded*": "overloaded",
    "new-api own-system_cpu_overloaded-*": "overloaded",
    # Quota: the operator's upstream, the user's own.
    "* chat-sat-quota-*": "upstream_quota",
    "* [!ct]*-sat-quota * completions-sat-quota new-api transcription-sat-quota": "upstream_quota",
    "* info-*-exhausted one-api info-*-tiny": "own_quota",
    "* own-token-exhausted-*": "own_quota",
    "* own-token-nomoney*": "own_quota",
    "new-api own-user-nomoney-* one-api own-user-nomoney-embeddings": "own_quota",
    "new-api own-token-tiny*": "own_quota",
    "new-api own-user-poor-big-max_tokens": "own_quota",
    # Keys: the user's own, the operator's upstream one.
    "* own-key-*": "key_refused",
    "* own-accept-language-en": "key_refused",
    "* own-token-disabled*": "key_refused",
    "* own-token-expired-*": "key_refused",
    "* info-*-disabled/401": "key_refused",
    "* info-*-expired": "key_refused",
    "* info-models-no-key": "key_refused",
    "* info-*-wrong-key": "key_refused",
    "new-api info-token-usage-no-key": "key_refused",
    "* chat-e401-* * chat-e403-*": "upstream_refused",
    "* [!ct]*-e401 * completions-e401 new-api transcription-e401": "upstream_refused",
    "* chat-e404-html-*": "upstream_refused",
    "* [!ct]*-e404-html * completions-e404-html": "upstream_refused",
    "new-api transcription-e404-html": "upstream_refused",
    # Not allowed.
    "* own-token-banned*": "access_denied",
    "* own-token-iplimited*": "access_denied",
    "* own-model-not-allowed": "access_denied",
    "* own-suffix-*": "access_denied",
    "new-api own-group-gforbidden": "access_denied",
    # Models and channels.
    "* chat-e404-model-*": "model_not_found",
    "new-api chat-unpriced-model-*": "model_not_found",
    "* [!t]*-unknown-model-x new-api transcription-unknown-model-x": "no_channel",
    "* own-token-nochannel*": "no_channel",
    "* own-model-unknown-stream": "no_channel",
    "* own-model-channel-disabled": "no_channel",
    "* own-accept-language-en-nochannel": "no_channel",
    "* ban-ok-after": "no_channel",
    "one-api own-model-only-in-vip-from-default": "no_channel",
    "one-api own-content-type-missing": "no_channel",
    "new-api own-group-field-in-body": "no_channel",
    "new-api own-group-gauto-unknown-model": "no_channel",
    "new-api own-group-gempty": "no_channel",
    # Wrong addresses. One API has neither messages, nor rerank, nor responses.
    "* own-path-*": "wrong_url",
    "* info-models-trailing-slash": "wrong_url",
    "* info-credit_grants": "wrong_url",
    "* info-token-usage-no-slash": "wrong_url",
    "one-api info-token-usage-disabled/404": "wrong_url",
    "one-api messages-*": "wrong_url",
    "one-api responses-* one-api own-user-nomoney-rerank": "wrong_api",
    # The request itself, also when it is dressed as 500.
    "* chat-e400-context-*": "context_too_long",
    "* chat-e413-html-*": "too_large",
    "one-api speech-too-long": "too_large",
    "new-api own-body-too-large": "too_large",
    "* chat-e400-[!c]*": "bad_request",
    "* [!ct]*-e400 * completions-e400 new-api transcription-e400": "bad_request",
    "* own-json-*": "bad_request",
    "* own-max_tokens-*": "bad_request",
    "* own-messages-*": "bad_request",
    "* own-temperature-string": "bad_request",
    "new-api own-content-type-missing": "bad_request",
    "new-api embeddings-input-missing": "bad_request",
    "new-api rerank-*-empty": "bad_request",
    "new-api own-sensitive-words": "content_refused",
    # Time is up.
    "* *-e524-html*": "upstream_timeout",
    "* chat-e504-html-*": "upstream_timeout",
    "* chat-e408-*": "upstream_timeout",
    # The gateway or its upstream failed.
    "* chat-e500-*": "server_error",
    "* [!ct]*-e500 * completions-e500 * transcription-e500": "server_error",
    "* chat-e502-html-* * chat-e503-html-*": "server_error",
    "new-api *-close-without-answer*": "server_error",
    "one-api [!r]*-close-without-answer*": "server_error",
    "one-api chat-reset-without-answer-*": "server_error",
    "one-api *-dead-port one-api chat-dead-first-then-ok-*": "server_error",
    "* chat-cut-after-content-blocking * *-truncated-conn": "server_error",
    "* *-empty-body*": "server_error",
    "* *-html-200*": "server_error",
    "one-api chat-error-in-200-string-blocking": "server_error",
    "* timeout-*": "server_error",
    "new-api info-subscription-redis-down": "server_error",
    "new-api limit-redis-down": "limiter_failed",
    # One API's transcription answers 500 to everything and tells the rest in its words.
    "one-api transcription-sat-forever": "rate_limited",
    "one-api transcription-error-in-200-no-type": "rate_limited",
    "one-api transcription-error-in-200": "overloaded",
    "one-api transcription-e400": "bad_request",
    "one-api transcription-e401": "upstream_refused",
    "one-api transcription-sat-quota": "upstream_quota",
    "one-api transcription-unknown-model-x": "model_not_found",
    "one-api transcription-e404-html": "server_error",
}
"""`family case[/status]` -> kind; several patterns are parted by a space between pairs."""


def patterns(row: str) -> list[tuple[str, str, str]]:
    words = row.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return [(family, *_case_and_status(case)) for family, case in pairs]


def _case_and_status(case: str) -> tuple[str, str]:
    name, _, status = case.partition("/")
    return name, status or "*"


def recorded(families: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for family in families:
        for path in sorted((FIXTURES / family).glob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                yield family, json.loads(line)


def failed(families: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    """All refusals, but for those of pages that only a site's own front end asks for."""
    return [
        (family, record)
        for family, record in recorded(families)
        if (record.get("status") or 0) >= REFUSED
        and (family in FAMILIES or re.match(r"/api/usage|(?!/api/)", record["path"]))
    ]


def parameters_of(failures: list[tuple[str, dict[str, Any]]]) -> list[object]:
    return [
        pytest.param(family, record, id=f"{family}-{record['case']}-{number}")
        for number, (family, record) in enumerate(failures)
    ]


FAILED = failed(FAMILIES)
FAILED_NEWER = failed(GATEWAYS)
MATCHES = {row: patterns(row) for row in EXPECTED}


def rows_of(family: str, record: dict[str, Any]) -> list[str]:
    return [
        row
        for row, found in MATCHES.items()
        if any(
            fnmatchcase(family, who)
            and fnmatchcase(record["case"], case)
            and fnmatchcase(str(record["status"]), status)
            for who, case, status in found
        )
    ]


def judged(record: dict[str, Any]) -> Failure:
    headers = dict(record["headers"])
    return classify(read_evidence(record["status"], headers, (record.get("body") or "").encode()))


def test_the_fixtures_are_there() -> None:
    assert len(FAILED) > 440
    assert len(FAILED_NEWER) > 750


@pytest.mark.parametrize(("family", "record"), parameters_of(FAILED))
def test_recorded_failure_is_understood(family: str, record: dict[str, Any]) -> None:
    rows = rows_of(family, record)
    assert len(rows) == 1, f"{family} {record['case']} ({record['status']}) is named by {rows}"
    assert judged(record).kind.name == EXPECTED[rows[0]]


def told(family: str, record: dict[str, Any]) -> str:
    return f"{family} {record['status']} {record['case']}"


@pytest.mark.parametrize(("family", "record"), parameters_of(FAILED_NEWER))
def test_recorded_failure_of_a_newer_gateway_is_understood(
    family: str, record: dict[str, Any]
) -> None:
    """Without the URL, which alone tells that an answer came through gpt-load."""
    row = row_of(told(family, record))
    assert row is not None, told(family, record)
    kind = row[1]
    if family == "gpt-load" and kind.startswith("upstream_"):
        kind = BARE.get(record["status"], kind)
    assert judged(record).kind.name == kind


def test_no_row_of_the_newer_gateways_is_in_vain() -> None:
    used = {row_of(told(family, record)) for family, record in FAILED_NEWER}
    assert set(KINDS) <= used


WAITS: tuple[tuple[str, float], ...] = (
    (r"^new-api-2026-08 429 ip-limit-", 180.0),
    (r"^litellm 503 \S+-e503-overloaded", 5.0),
    (r"^litellm 429 chat-claude-429", 9.0),
    (r"^litellm 429 limit-key-rpm", 60.0),
    (r"^litellm 429 cooldown-call3", 5.0),
)
"""Seconds that the newer gateways ask to wait, in headers of theirs or of their upstream."""


def test_what_the_newer_gateways_tell_to_wait() -> None:
    for pattern, seconds in WAITS:
        waits = {
            judged(record).retry_after
            for family, record in FAILED_NEWER
            if re.search(pattern, told(family, record))
            and any("retry-after" in name.lower() for name, _ in record["headers"])
        }
        assert waits == {seconds}, pattern


def test_a_deployment_of_litellm_is_waited_for_to_the_end_of_the_minute() -> None:
    """It says 60 s whatever is left, and counts by the minute of its own clock."""
    limited = [
        record
        for family, record in FAILED_NEWER
        if re.search(r"^litellm 429 limit-(deployment|precall)-rpm", told(family, record))
    ]
    assert limited
    for record in limited:
        answered = parsedate_to_datetime(dict(record["headers"])["date"])
        assert judged(record).retry_after == 60 - answered.second


@pytest.mark.parametrize("row", EXPECTED)
def test_no_row_is_in_vain(row: str) -> None:
    for who, case, status in MATCHES[row]:
        assert any(
            fnmatchcase(family, who)
            and fnmatchcase(record["case"], case)
            and fnmatchcase(str(record["status"]), status)
            for family, record in FAILED
        ), f"{who} {case}"


def test_gateways_ids_are_found_in_recorded_answers() -> None:
    """The redirects carry none, and neither do the pages of unrouted addresses (facts 7)."""
    without = {
        record["case"]
        for _, record in FAILED
        if not judged(record).request_id and record["status"] != 429
    }
    assert without <= {
        "info-models-trailing-slash",
        "info-token-usage-no-slash",
        "own-path-trailing-slash",
    }


def test_recorded_failures_tell_to_wait_in_a_sentence_alone() -> None:
    """Neither gateway passes `Retry-After` on (facts 7); if that changes, this table has to."""
    for _, record in FAILED:
        says_so = "try again in 20s" in (record.get("body") or "")
        assert judged(record).retry_after == (20.0 if says_so else None), record["case"]
