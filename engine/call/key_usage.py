"""Why a key is refused, where the gateway's refusal does not say it: the key's own usage page.

New API of 2026-08 has one sentence for keys that are wrong, expired, switched off and used up; its
page `/api/usage/token/` tells them apart, for keys that are refused too. It allows 20 calls in 20
minutes by address, so it is asked only then, once in a while for each key.
"""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from engine.call.attempt import TimeLimits
from engine.call.page import Page, read_page, root_of
from engine.compat.route_store import RouteStore
from engine.errors import AttemptError, Failure
from engine.errors.kinds import OWN_QUOTA
from engine.errors.messages import Message, cause_message
from engine.http.transport import Transport
from engine.settings import Settings

PATH = "api/usage/token/"

SECONDS_FOR_PAGE = 4.0
"""For all of the page; the failure that it explains is known already."""

REMEMBERED_SECONDS = 300.0
"""What a page said of a key: as long as a refused key is left alone."""

_REFUSED = 401
_LATEST = 1e11
"""Seconds since 1970 that are a date."""

type Reason = tuple[Message, bool] | None
"""What is wrong with a key, and whether it is its quota; `None` if nothing was found."""


class KeyUsage:
    """Asks the page and keeps what it said, by endpoint and key.

    Args:
        clock: monotonic seconds, for how long a reason is kept.
        today: seconds since 1970, to compare with a key's end.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._today = today
        self._reasons: RouteStore[tuple[Reason, float]] = RouteStore()

    def explained(self, transport: Transport, settings: Settings, failure: Failure) -> Failure:
        """The failure with its reason, where its words have several and the page tells which.

        Args:
            transport: the connections.
            settings: endpoint and key that were refused.
            failure: the refusal.
        """
        if not failure.ambiguous:
            return failure
        reason = self._reason(transport, settings.with_model(""))
        if reason is None:
            return failure
        behind, is_quota = reason
        explained = replace(failure, cause=behind)
        # Its words say that the key is wrong.
        return replace(explained, kind=OWN_QUOTA, words="") if is_quota else explained

    def _reason(self, transport: Transport, settings: Settings) -> Reason:
        known = self._reasons.get(settings)
        if known is not None and known[1] > self._clock():
            return known[0]
        limits = TimeLimits(
            time.monotonic() + SECONDS_FOR_PAGE,
            connect=SECONDS_FOR_PAGE,
            read_seconds=SECONDS_FOR_PAGE,
        )
        try:
            page = read_page(transport, root_of(settings), PATH, limits)
            reason = reason_of(page, self._today())
        except AttemptError:
            reason = None
        until = self._clock() + REMEMBERED_SECONDS
        self._reasons.change(settings, lambda _before: (reason, until))
        return reason


@functools.cache
def shared_key_usage() -> KeyUsage:
    """That of this process."""
    return KeyUsage()


def reason_of(page: Page, today: float) -> Reason:
    """Why a key is refused, as its usage page tells it.

    An unlimited key may show less than nothing left: that is no reason.

    Args:
        page: what came, whatever its status is.
        today: seconds since 1970.
    """
    document = page.document if isinstance(page.document, Mapping) else {}
    if page.evidence.status == _REFUSED and document.get("success") is False:
        return cause_message(
            "key_disabled" if _is_status(page.evidence.message) else "key_unknown"
        ), False
    data = document.get("data")
    if not page.found or not isinstance(data, Mapping):
        return None
    end = data.get("expires_at")
    if isinstance(end, int | float) and 0 < end < min(today, _LATEST):
        date = datetime.fromtimestamp(end, UTC).date().isoformat()
        return cause_message("key_expired", date=date), False
    left = data.get("total_available")
    is_limited = data.get("unlimited_quota") is False
    is_used_up = is_limited and isinstance(left, int | float) and left <= 0
    return (cause_message("key_used_up"), True) if is_used_up else None


def _is_status(message: str) -> bool:
    return "status" in message.lower() or "状态" in message or "狀態" in message
