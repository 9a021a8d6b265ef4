"""How long nothing remains of a key's quota, as the headers of an answer tell.

Gateways pass these headers on from the provider, or add their own. One that says that nothing
remains is worth as much as a `Retry-After`, and it comes with the last answer that succeeded.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

_UNITS = MappingProxyType({"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6})
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?(?:ms|us|µs|h|m|s))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?)(ms|us|µs|h|m|s)")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?")
_EPOCH = 1e9
"""A reset that is greater is no number of seconds from now but a Unix time..."""

_EPOCH_MS = 1e11
"""...and one that is greater still is one in milliseconds (OpenRouter)."""

MAX_WAIT_SECONDS = 86_400.0
"""Seconds; quotas of a day are told, and whatever is longer is a mistake or of no use."""

PAIRS: tuple[tuple[str, str], ...] = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
)
"""What remains, and when it is renewed: OpenAI's, Anthropic's, older drafts of the IETF's."""


TOKENS: tuple[tuple[str, str, str], ...] = tuple(
    (f"{vendor}limit{kind}", f"{vendor}remaining{kind}", f"{vendor}reset{kind}")
    for vendor, kind in (("x-ratelimit-", "-tokens"), ("x-ratelimit-", "-project-tokens"))
) + tuple(
    (f"{kind}-limit", f"{kind}-remaining", f"{kind}-reset")
    for kind in (
        "anthropic-ratelimit-tokens",
        "anthropic-ratelimit-input-tokens",
        "anthropic-ratelimit-output-tokens",
    )
)
"""How many tokens a limit has, how many are left, and when it is whole again: OpenAI's and of those
that follow it, Anthropic's."""

_MINUTE = 60.0
"""Seconds that a limit of tokens is about, where nobody says when it is whole again."""

_PREFIX = "llm_provider-"
"""Before the upstream's headers that LiteLLM passes on [seen]."""


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The upstream's headers that a server passes on, by their own names in lower case."""
    return {
        name.lower().removeprefix(_PREFIX): value
        for name, value in headers.items()
        if name.lower().startswith(_PREFIX)
    }


def _all_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names in lower case; the server's own come before its upstream's."""
    return passed_on(headers) | {name.lower(): value for name, value in headers.items()}


def exhausted_for(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds for which nothing remains of some quota; `None` if something does, or nobody says.

    Args:
        headers: of an answer, names in any case.
        now: the present, for resets that are points in time; defaults to the clock.
    """
    if not any("ratelimit" in name.lower() for name in headers):
        return None
    waits = _sensible(_waits(_all_of(headers), now or datetime.now(UTC)))
    return max(waits, default=None)


def renewed_in(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds until a quota is renewed of which a refusal does not say what remains.

    Args:
        headers: of a refusal, names in any case.
        now: the present, for resets that are points in time; defaults to the clock.
    """
    if not any("ratelimit" in name.lower() for name in headers):
        return None
    found, now = _all_of(headers), now or datetime.now(UTC)
    resets = (found[reset] for left, reset in PAIRS if reset in found and left not in found)
    return min(_sensible(seconds_until(reset, now) for reset in resets), default=None)


@dataclass(frozen=True, slots=True)
class TokensLeft:
    """What a server says is left of its own limit of tokens a minute.

    Attributes:
        remaining: tokens.
        limit: tokens of the whole limit, if it says so.
        seconds: until the limit is whole again.
    """

    remaining: int
    limit: int | None
    seconds: float


def tokens_left(headers: Mapping[str, str], now: datetime | None = None) -> TokensLeft | None:
    """What the headers of an answer say is left of the tokens of a minute; ``None`` if nothing.

    Of several limits the one of which least is left counts.

    Args:
        headers: of an answer, names in any case.
        now: the present, for resets that are points in time; defaults to the clock.
    """
    if not any("tokens" in name.lower() for name in headers):
        return None
    found, now = _all_of(headers), now or datetime.now(UTC)
    told = [
        TokensLeft(remaining, _whole(found.get(limit)), _within_minute(found.get(reset), now))
        for limit, left, reset in TOKENS
        if (remaining := _whole(found.get(left))) is not None
    ]
    return min(told, key=lambda each: each.remaining, default=None)


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    return max(0, int(float(text))) if _NUMBER.fullmatch(text) else None


def _within_minute(reset: str | None, now: datetime) -> float:
    seconds = seconds_until(reset or "", now)
    return min(max(0.0, seconds), _MINUTE) if seconds is not None else _MINUTE


def _sensible(waits: Iterable[float | None]) -> list[float]:
    """Those that lie ahead and within a day: a clock may be wrong."""
    return [seconds for seconds in waits if seconds is not None and 0 < seconds <= MAX_WAIT_SECONDS]


def _waits(headers: Mapping[str, str], now: datetime) -> Iterator[float | None]:
    for remaining, reset in PAIRS:
        if _is_nothing(headers.get(remaining, "")):
            yield seconds_until(headers.get(reset, ""), now)
    for policy in headers.get("ratelimit", "").split(","):
        # `"default";r=0;t=30` (draft 8 and later), `limit=10; remaining=0; reset=30` (draft 7,
        # separated by commas before)
        fields = dict(part.strip().partition("=")[::2] for part in policy.split(";"))
        if _is_nothing(fields.get("r", "")):
            yield seconds_until(fields.get("t", ""), now)
    joined = headers.get("ratelimit", "").replace(",", ";")
    fields = dict(part.strip().partition("=")[::2] for part in joined.split(";"))
    if _is_nothing(fields.get("remaining", "")):
        yield seconds_until(fields.get("reset", ""), now)


def _is_nothing(remaining: str) -> bool:
    remaining = remaining.strip()
    return _NUMBER.fullmatch(remaining) is not None and float(remaining) <= 0


def seconds_until(reset: str, now: datetime) -> float | None:
    """Seconds until a reset: a duration (`6m0s`, `14ms`), seconds, a Unix time or RFC 3339."""
    reset = reset.strip()
    if _DURATION.fullmatch(reset):
        return sum(float(much) * _UNITS[unit] for much, unit in _DURATION_PART.findall(reset))
    if _NUMBER.fullmatch(reset):
        seconds = float(reset)
        seconds = seconds / 1000 if seconds > _EPOCH_MS else seconds
        return seconds - now.timestamp() if seconds > _EPOCH else seconds
    try:
        moment = datetime.fromisoformat(reset)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
