"""Waiting calls in the log: one line for many, and never a secret."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from engine.call import log as module
from engine.call.log import SECONDS_BETWEEN_LINES, CallLog
from engine.errors import Failure, kinds
from engine.settings import Settings

KEY = "sk-my-secret-key-0123456789"
PROMPT = "my grandmother's recipe"
SETTINGS = Settings("https://api.example.com/v1", KEY, "gpt-5")
FULL = Failure(kinds.SATURATED, 429, words="负载已饱和", request_id="rid-1")


class Clock:
    """Seconds that pass only by the test's word."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with _heard(caplog):
        yield caplog


@contextmanager
def _heard(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The plugin's logger, whatever a test before has done to it."""
    logger = logging.getLogger("gateway")
    before = logger.propagate
    logger.propagate = True
    with caplog.at_level(logging.INFO, logger="gateway"):
        yield
    logger.propagate = before


def test_first_wait_is_told_at_once(clock: Clock, log: pytest.LogCaptureFixture) -> None:
    CallLog(clock).wait(SETTINGS, FULL, 3.25, 2)
    assert log.messages == [
        "gpt-5 at https://api.example.com: saturated (HTTP 429), waits since the last line: 1; "
        "this one 3.2 s after attempt 2, request id rid-1"
    ]


def test_one_line_every_five_seconds_counts_the_calls(
    clock: Clock, log: pytest.LogCaptureFixture
) -> None:
    call_log = CallLog(clock)
    for tenth in range(151):
        clock.now = 100.0 + tenth / 10
        call_log.wait(SETTINGS, FULL, 1.0, tenth)
    counts = [int(re.findall(r"since the last line: (\d+)", line)[0]) for line in log.messages]
    assert counts == [1, 50, 50, 50]


@pytest.mark.parametrize(("later", "lines"), [(0.0, 1), (4.999, 1), (SECONDS_BETWEEN_LINES, 2)])
def test_quiet_time(clock: Clock, log: pytest.LogCaptureFixture, later: float, lines: int) -> None:
    call_log = CallLog(clock)
    call_log.wait(SETTINGS, FULL, 1.0, 1)
    clock.now += later
    call_log.wait(SETTINGS, FULL, 1.0, 2)
    assert len(log.messages) == lines


def test_line_for_each_endpoint_and_model(clock: Clock, log: pytest.LogCaptureFixture) -> None:
    call_log = CallLog(clock)
    others = (
        SETTINGS,
        Settings("https://b.example.com/v1", KEY, "gpt-5"),
        Settings("https://api.example.com/v1", KEY, "gpt-6"),
    )
    for _ in range(3):
        for settings in others:
            call_log.wait(settings, FULL, 1.0, 1)
    # Issue 3: `per endpoint and model one line at most every 5 s`, with however many keys.
    call_log.wait(replace(SETTINGS, api_key="another"), FULL, 1.0, 1)
    assert len(log.messages) == len(others)


def test_failure_tells_what_its_message_must_not(
    clock: Clock, log: pytest.LogCaptureFixture
) -> None:
    failure = Failure(
        kinds.OWN_QUOTA, 403, words=f"[{KEY}] 剩余额度: ＄0.5 at http://10.0.0.7/v1\nsecond line"
    )
    call_log = CallLog(clock)
    for _ in range(3):
        call_log.failure(SETTINGS, failure, attempts=4, seconds=12.34)
    (message,) = log.messages
    assert message.startswith(
        "gpt-5 at https://api.example.com: gave up on own_quota (HTTP 403), "
        "calls since the last line: 1; "
    )
    assert "after attempt 4 in 12.3 s, request id none" in message
    assert "＄0.5 at http://10.0.0.7/v1 second line" in message
    assert [record.levelname for record in log.records] == ["WARNING"]


def test_failure_without_an_answer(clock: Clock, log: pytest.LogCaptureFixture) -> None:
    CallLog(clock).failure(SETTINGS, Failure(kinds.CONNECT_FAILED, note="ConnectTimeout"), 1, 10.0)
    assert "connect_failed (HTTP none)" in log.messages[0]
    assert log.messages[0].endswith(": ConnectTimeout")


@pytest.mark.parametrize(
    "words", [f"bad key {KEY}", f"[{KEY[:6]}***{KEY[-3:]}] refused", f"Bearer {KEY} refused"]
)
def test_no_secret_in_any_line(clock: Clock, log: pytest.LogCaptureFixture, words: str) -> None:
    call_log = CallLog(clock)
    failure = Failure(kinds.SATURATED, 429, words=words, note=words)
    call_log.wait(SETTINGS, failure, 1.0, 1)
    call_log.failure(SETTINGS, failure, 1, 1.0)
    assert len(log.messages) == 2
    for message in log.messages:
        assert KEY not in message
        assert KEY[:6] not in message
        assert "\n" not in message
    assert KEY not in repr(vars(call_log))


def test_waits_and_failures_do_not_silence_each_other(
    clock: Clock, log: pytest.LogCaptureFixture
) -> None:
    call_log = CallLog(clock)
    call_log.wait(SETTINGS, FULL, 1.0, 1)
    call_log.failure(SETTINGS, FULL, 1, 1.0)
    assert [record.levelname for record in log.records] == ["INFO", "WARNING"]


def test_bounded(
    clock: Clock, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ENTRIES", 10)
    call_log = CallLog(clock)
    for number in range(100):
        call_log.wait(Settings("https://a.example/v1", KEY, f"m{number}"), FULL, 1.0, 1)
    assert len(call_log._quiet) == 10
    assert len(log.messages) == 100


def test_numbers_of_an_event_make_no_subject_of_their_own(
    clock: Clock, log: pytest.LogCaptureFixture
) -> None:
    call_log = CallLog(clock)
    for count in (16, 8, 4):
        call_log.event(SETTINGS, "%d inputs at once are refused", count)
    clock.now += SECONDS_BETWEEN_LINES
    call_log.event(SETTINGS, "%d inputs at once are refused", 2)
    assert log.messages == [
        "gpt-5 at https://api.example.com: 16 inputs at once are refused, since the last line: 1",
        "gpt-5 at https://api.example.com: 2 inputs at once are refused, since the last line: 3",
    ]
