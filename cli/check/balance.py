"""What is left of a key's quota, where the gateway's API tells it (facts: gateway-errors 4)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cli.check.outcome import Outcome, Verdict
from cli.check.wire import read_page
from cli.check.words import SAY
from engine.call.page import root_of
from engine.errors import AttemptError, Language
from engine.http.transport import Transport
from engine.settings import Settings

UNLIMITED = 100_000_000
"""What the bill page says of a key without a limit of its own."""

QUOTA_PER_UNIT = 500_000
"""How New API counts: so much is one of the site's units."""

LITTLE = 0.1
"""Units (dollars, as a rule) below which a balance is worth a word."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What is known of a key's quota, in the site's unit.

    Attributes:
        left: what is left; ``None`` if the key has no limit of its own.
        used: what was used; ``None`` if that is not told.
        expires: when the key ends, ISO date; empty for never or unknown.
        limits: of the key, each by the name of its sentence.
        blocked: somebody switched the key off.
    """

    left: float | None
    used: float | None
    expires: str = ""
    limits: tuple[tuple[str, int], ...] = ()
    blocked: bool = False


_LIMITS = {"rpm_limit": "rpm", "tpm_limit": "tpm", "max_parallel_requests": "parallel"}
"""LiteLLM's fields, and the sentences for them."""


def read_balance(transport: Transport, settings: Settings) -> Balance:
    """Ask New API's page first, which answers for used-up keys too, then the bill pages.

    Raises:
        AttemptError: the gateway has none of these pages.
    """
    try:
        data = read_page(transport, root_of(settings), "api/usage/token/").document.get("data")
    except AttemptError:
        data = None
    if isinstance(data, dict) and "total_available" in data:
        is_unlimited = data.get("unlimited_quota") is True
        left = None if is_unlimited else _number(data.get("total_available")) / QUOTA_PER_UNIT
        used = _number(data.get("total_used")) / QUOTA_PER_UNIT
        return Balance(left, used, _date(data.get("expires_at")))
    if found := _of_litellm(transport, settings):
        return found
    bill = read_page(transport, settings, "dashboard/billing/subscription").document
    limit = _number(bill.get("hard_limit_usd"))
    try:
        usage = read_page(transport, settings, "dashboard/billing/usage").document
        used_so_far: float | None = _number(usage.get("total_usage")) / 100
    except AttemptError:
        used_so_far = None
    left = None if limit >= UNLIMITED else limit - (used_so_far or 0.0)
    return Balance(left, used_so_far, _date(bill.get("access_until")))


def _of_litellm(transport: Transport, settings: Settings) -> Balance | None:
    """What LiteLLM tells of the key that asks; nothing where it has no database."""
    try:
        info = read_page(transport, root_of(settings), "key/info").document.get("info")
    except AttemptError:
        return None
    if not isinstance(info, dict) or "spend" not in info:
        return None
    spend, budget = _number(info.get("spend")), info.get("max_budget")
    limits = [(name, info.get(field)) for field, name in _LIMITS.items()]
    return Balance(
        _number(budget) - spend if isinstance(budget, int | float) else None,
        spend,
        str(info.get("expires") or "")[:10],
        tuple((name, limit) for name, limit in limits if isinstance(limit, int)),
        blocked=info.get("blocked") is True,
    )


def outcome_of(balance: Balance, language: Language) -> Outcome:
    """The line of the report."""
    used = SAY["used"].say(language).format(used=_amount(balance.used or 0.0))
    if balance.left is None:
        text, verdict = SAY["unlimited"].say(language), Verdict.OK
    else:
        text = SAY["left"].say(language).format(left=_amount(balance.left))
        verdict = Verdict.OK if balance.left > LITTLE else Verdict.NOTE
    if balance.used is not None:
        text = f"{text}, {used}"
    if balance.limits:
        told = ", ".join(
            SAY[name].say(language).format(limit=f"{limit:,}") for name, limit in balance.limits
        )
        text += SAY["limits"].say(language).format(limits=told)
    if balance.blocked:
        text, verdict = f"{SAY['blocked'].say(language)}; {text}", Verdict.FAILED
    if balance.expires:
        text += SAY["expires"].say(language).format(date=balance.expires)
    advice = SAY["top_up"].say(language) if verdict is Verdict.NOTE else ""
    return Outcome("balance", verdict, text, advice)


def _amount(value: float) -> str:
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _date(value: object) -> str:
    seconds = _number(value)
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if 0 < seconds < 1e11 else ""
