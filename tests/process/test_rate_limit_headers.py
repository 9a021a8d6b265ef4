"""Headers that say that nothing remains: the key is left alone until it is renewed."""

import itertools
import re
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from devtools import credentials
from tests.process.rig import Rig, error_of, new_key, succeeded
from tests.process.scripted import Asked, Scripted, answering

type Headers = list[tuple[str, str]]

SECONDS = 1.5
MESSAGE = {"role": "assistant", "content": "fine"}
FINE = {
    "object": "chat.completion",
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}],
}
BUSY = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}


def openai() -> Headers:
    return [
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", f"{SECONDS * 1000:.0f}ms"),
    ]


def anthropic() -> Headers:
    renewed = datetime.now(UTC) + timedelta(seconds=SECONDS)
    return [
        ("anthropic-ratelimit-input-tokens-remaining", "0"),
        ("anthropic-ratelimit-input-tokens-reset", renewed.isoformat()),
    ]


def ietf() -> Headers:
    return [("RateLimit", f'"default";r=0;t={SECONDS}')]


def long() -> Headers:
    return [("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s")]


class Spent:
    """A gateway whose first answer uses the quota up; it keeps when it was asked."""

    def __init__(self, told: Callable[[], Headers], status: int = 200) -> None:
        self._told = told
        self._status = status
        self._number = itertools.count()
        self.at: list[float] = []

    def __call__(self, connection: socket.socket, asked: Asked) -> None:
        self.at.append(time.monotonic())
        if next(self._number):
            answer = answering(200, FINE)
        else:
            body = FINE if self._status == 200 else BUSY
            answer = answering(self._status, body, *self._told())
        answer(connection, asked)


@pytest.mark.parametrize("told", [openai, anthropic, ietf])
@pytest.mark.parametrize("status", [200, 429])
def test_nothing_is_sent_until_the_quota_is_renewed(
    rig: Rig, told: Callable[[], Headers], status: int
) -> None:
    gateway = Spent(told, status)
    with Scripted(gateway) as server:
        form = credentials(server.base_url, new_key(), max_retry_seconds="20")
        for _ in range(2):
            session = rig.plugin.chat("m", credentials=form, stream=False)
            assert succeeded(session).text == "fine"
    assert gateway.at[1] - gateway.at[0] >= SECONDS - 0.2


def test_who_may_not_wait_so_long_is_told_why(rig: Rig) -> None:
    gateway = Spent(long)
    with Scripted(gateway) as server:
        form = credentials(server.base_url, new_key(), max_retry_seconds="20")
        succeeded(rig.plugin.chat("m", credentials=form, stream=False))
        error = error_of(rig.plugin.chat("m", credentials=form, stream=False))
    assert error.error_type == "InvokeRateLimitError"
    assert re.search(r"(360|35\d) s", error.message)
    assert len(gateway.at) == 1


def test_another_key_takes_over(rig: Rig) -> None:
    gateway = Spent(long)
    with Scripted(gateway) as server:
        keys = f"{new_key()},{new_key()}"
        form = credentials(server.base_url, keys, max_retry_seconds="20")
        for _ in range(3):
            succeeded(rig.plugin.chat("m", credentials=form, stream=False))
        asked = [one.headers["authorization"] for one in server.asked]
    assert asked[0] != asked[1] == asked[2]
