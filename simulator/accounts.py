"""What the gateways tell of themselves and of a key's balance (facts §4).

Checked against the recorded answers. New API's `/api/usage/token/` answers for exhausted and
disabled keys too, in its own envelope; both bill pages refuse them as any `/v1` endpoint does.
"""

from typing import Any

from simulator.answer import Answer, dump
from simulator.call import Call
from simulator.keys import fault_of_key
from simulator.oneapi import JSON_HEADERS
from simulator.prices import available, pricing

PAGES = {
    "/v1/dashboard/billing/subscription": ("GET", "subscription"),
    "/v1/dashboard/billing/usage": ("GET", "usage"),
    "/api/usage/token/": ("GET", "token"),
    "/api/status": ("GET", "status"),
}
"""Path -> method and name."""

NAMES = frozenset(name for _, name in PAGES.values())
MISSING = {
    "one-api": frozenset({"token"}),
    "rix": frozenset({"token"}),
    "shell": frozenset({"token"}),
    "one-hub": frozenset({"token"}),
    "done-hub": frozenset({"token"}),
    "litellm": NAMES,
    "gpt-load": NAMES,
    "openai": NAMES,
    "cdn": NAMES,
}
"""Pages that a family does not have."""

_GROUPS = {
    "default": {"id": 1, "symbol": "default", "name": "默认分组", "ratio": 1, "api_rate": 60000},
    "slow": {"id": 4, "symbol": "slow", "name": "slow", "ratio": 1, "api_rate": 3},
}
_HUB_PAGES: dict[str, Any] = {
    "/api/user_group_map": {"data": _GROUPS, "message": "", "success": True},
    "/api/available_model": {"data": available(), "message": "", "success": True},
}
OPEN: dict[str, dict[str, Any]] = {
    "litellm": {
        "/health/liveliness": "I'm alive!",
        "/health/readiness": {"status": "healthy", "db": "Not connected"},
        "/": "LiteLLM: RUNNING",
    },
    "gpt-load": {
        "/health": {"status": "healthy", "timestamp": "2026-11-30T22:28:08Z", "uptime": "2m31s"}
    },
    "new-api-2026-08": {"/api/pricing": pricing()},
    "one-hub": _HUB_PAGES,
    "done-hub": _HUB_PAGES,
}
"""Pages that the newer gateways show to anybody: family -> path -> what they say."""

QUOTA_PER_UNIT = 500_000
UNLIMITED = 100_000_000
"""What a bill page says of a key without a limit, whatever the account holds."""

STARTED = 1795468309
_VERSIONS = {
    "one-api": ("One API", "v0.6.11-alpha.22-1-g8df4a267"),
    "new-api": ("New API", "v0.9.16-patch.1-592-gf4f144bc"),
    "rix": ("Rix API", "v1.0.0"),
    "shell": ("Shell API", "v1.0.0"),
    "new-api-2026-08": ("New API", "v1.0-116255f0"),
    "one-hub": ("One Hub", "v0.14.27-22-g387f8bf1"),
    "done-hub": ("Done Hub", "v0.0.0"),
}
_HUBS = frozenset({"one-hub", "done-hub"})
_OF_USER = {"sk-nomoney": 0}
_RICH = 100_000_000
"""Quota of the user of a key: the hubs' bill pages tell it where the key has no limit."""
_GRANTED = {"sk-limited": 500_000, "sk-tiny": 10, "sk-exhausted": 0}
"""Keys with a limit, in quota; every other one is unlimited."""

_USED = {"new-api-2026-08": 2458, "one-hub": 31020, "done-hub": 30060}
_USED_ELSEWHERE = 381
"""What the good key has used so far."""

_EXPIRED_AT = 1795464733


def refusal_of(call: Call) -> str | None:
    """The refusal that this page answers the key with, by name, or None."""
    if call.endpoint in ("status", "token"):
        return None
    # One API counts a nearly empty key as exhausted; New API does not look at it here.
    if call.family == "one-api" and _kind(call.key) == "sk-tiny":
        return "key-exhausted-again"
    fault = fault_of_key(
        call.key, again=call.family == "one-api", endpoint=call.endpoint, behaviour="ok"
    )
    is_of_the_key = fault is not None and fault.startswith("key-")
    return fault if is_of_the_key or fault in ("user-banned", "hang") else None


def open_page(family: str, path: str) -> Answer | None:
    """The page that anybody may see there, if there is one."""
    if path not in OPEN.get(family, {}):
        return None
    plain = (("content-type", "application/json"),)
    return Answer(200, plain if family == "litellm" else JSON_HEADERS, (dump(OPEN[family][path]),))


def page(call: Call) -> Answer:
    """The page that was asked for."""
    pages = {"subscription": _subscription, "usage": _usage, "token": _token, "status": _status}
    return pages[call.endpoint](call)


def _subscription(call: Call) -> Answer:
    granted = _granted(call.key)
    if granted is None and call.family in _HUBS:
        granted = _OF_USER.get(_kind(call.key), _RICH)
    limit: float = UNLIMITED if granted is None else granted / QUOTA_PER_UNIT
    limit = int(limit) if limit == int(limit) else limit
    value: dict[str, Any] = {
        "object": "billing_subscription",
        "has_payment_method": True,
        "soft_limit_usd": limit,
        "hard_limit_usd": limit,
        "system_hard_limit_usd": limit,
        "access_until": 0,
    }
    return _json(200, value)


def _usage(call: Call) -> Answer:
    return _json(200, {"object": "list", "total_usage": _used(call) * 100 / QUOTA_PER_UNIT or 0})


_TOKEN_REFUSED = {
    "new-api": {"": "未提供 Authorization 请求头", "sk-wrong": "无效的令牌"},
    "new-api-2026-08": {
        "": "Token not provided",
        "sk-wrong": "Invalid token",
        "sk-disabled": "This token status is unavailable",
    },
}
"""Family -> kind of key -> what its own page says: of late a key that is off is refused there."""


def _token(call: Call) -> Answer:
    kind = _kind(call.key)
    refused = _TOKEN_REFUSED.get(call.family, _TOKEN_REFUSED["new-api"])
    if (message := refused.get(kind)) is not None:
        return _json(401, {"message": message, "success": False})
    granted, used = _granted(call.key), _used(call)
    data = {
        "expires_at": _EXPIRED_AT if kind == "sk-expired" else 0,
        "model_limits": {},
        "model_limits_enabled": False,
        "name": kind.removeprefix("sk-"),
        "object": "token_usage",
        "total_available": (granted or 0) - used,
        "total_granted": granted or 0,
        "total_used": used,
        "unlimited_quota": granted is None,
    }
    return _json(200, {"code": True, "data": data, "message": "ok"})


def _status(call: Call) -> Answer:
    title, version = _VERSIONS[call.family]
    data = {
        "display_in_currency": True,
        "quota_per_unit": QUOTA_PER_UNIT,
        "start_time": STARTED,
        "system_name": title,
        "version": version,
    }
    if call.family == "new-api":
        data = {"_qn": "new-api", "announcements": []} | data | {"quota_display_type": "USD"}
    return _json(200, {"data": data, "message": "", "success": True})


def _json(status: int, value: dict[str, Any]) -> Answer:
    return Answer(status, JSON_HEADERS, (dump(value),))


def _granted(key: str) -> int | None:
    return _GRANTED.get(_kind(key))


def _used(call: Call) -> int:
    if _kind(call.key) not in ("sk-good", "sk-normal"):
        return 0
    return _USED.get(call.family, _USED_ELSEWHERE)


def _kind(key: str) -> str:
    """The key without what tells several of its kind apart."""
    return "-".join(key.split("-")[:2])
