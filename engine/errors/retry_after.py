"""How long a server asks to wait, and for whom: every place and form in which servers say so.

What is more exact comes first: headers, then fields of the body, then reset headers, then a
sentence. An absurd value (negative, no number, past, longer than a day) is passed over, and the
next place is looked at.
"""

import functools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from engine.errors.duration import duration_in
from engine.errors.rate_limit_headers import MAX_WAIT_SECONDS, exhausted_for, passed_on, renewed_in

_TOO_MANY = 429

_HEADERS: tuple[tuple[str, float], ...] = (
    ("retry-after-ms", 1e-3),  # Azure OpenAI
    ("x-ms-retry-after-ms", 1e-3),  # other services of Azure
    ("retry-after", 1.0),  # RFC 9110 10.2.3, fractions too
)
"""Names and their unit in seconds, the finest first."""

_FIELDS: tuple[tuple[str, float], ...] = (
    ("retry_after_ms", 1e-3),
    ("retry_after", 1.0),  # Cloudflare's JSON, FastAPI services
    ("retry_after_seconds", 1.0),  # OpenRouter's metadata
    ("retryAfter", 1.0),
)
"""The same in error bodies, and in their ``metadata``."""

_RETRY_DELAY = re.compile(r"retryDelay\W{1,12}(\d+(?:\.\d+)?)s", re.ASCII)
"""``google.rpc.RetryInfo`` within JSON that stands, escaped or not, in a message."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is read of a refusal.

    Attributes:
        status: HTTP status.
        headers: names in lower case.
        fields: the error's own fields.
        message: its words, in full.
        text: the body as text; what is no JSON has no other words.
        behind_gateway: a gateway answered that has upstreams of its own.
        of_family: it is of the One API family.
        own: the gateway speaks for itself, not for its upstream.
    """

    status: int
    headers: Mapping[str, str]
    fields: Mapping[str, object]
    message: str
    text: str = ""
    behind_gateway: bool = False
    of_family: bool = False
    own: bool = False

    @property
    def is_retold(self) -> bool:
        """Whether a gateway repeats its upstream's words: an account in them is the operator's."""
        return (self.behind_gateway and not self.own) or self.message.startswith("litellm.")


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """What a server said about waiting.

    Attributes:
        seconds: how long to wait; ``None`` if it did not say, or nothing of use.
        of_key: the limit is the account's, user's, address's or key's own: it holds for every
            model. Else it holds for the model that was asked.
    """

    seconds: float | None
    of_key: bool = False


def read_retry_after(answer: Answer, now: datetime) -> RetryAfter:
    """Read what a refusal says about waiting.

    Args:
        answer: the refusal.
        now: the present, for points in time; the server's own clock (``Date``) is preferred.
    """
    now = _moment(answer.headers.get("date", "")) or now
    found = (seconds for seconds in _told(answer, now) if _is_sensible(seconds))
    seconds = next(found, None)
    for constant in CONSTANTS:
        if seconds == constant.seconds and _matches(constant.words, answer.message):
            seconds = _to_next_minute(now) if constant.ends_with_minute else None
    return RetryAfter(seconds, of_key=is_of_key(answer))


def _told(answer: Answer, now: datetime) -> Iterator[float | None]:
    for headers in (answer.headers, passed_on(answer.headers)):
        for name, unit in _HEADERS:
            value = headers.get(name, "").strip()
            yield _scaled(_number(value), unit)
            if name == "retry-after" and (moment := _moment(value)):
                yield _until(moment, now)
    metadata = answer.fields.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for fields in (answer.fields, metadata):
        for name, unit in _FIELDS:
            yield _scaled(_number(fields.get(name)), unit)
    yield _retry_info(answer.fields.get("details"))
    if found := _RETRY_DELAY.search(answer.message):
        yield float(found[1])
    inner = metadata.get("headers")  # OpenRouter repeats its upstream's in the body
    for one in (answer.headers, inner if isinstance(inner, dict) else {}):
        named = {str(name).lower(): str(value) for name, value in one.items()}
        yield exhausted_for(named, now)
        if answer.status == _TOO_MANY:
            yield renewed_in(named, now)
    words = answer.message or answer.text
    yield duration_in(words)
    yield _moment_in(words, now)


def _is_sensible(seconds: float | None) -> bool:
    return seconds is not None and 0 <= seconds <= MAX_WAIT_SECONDS


def _scaled(number: float | None, unit: float) -> float | None:
    return None if number is None else number * unit


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _moment(date: str) -> datetime | None:
    """A point in time as HTTP writes it."""
    if not date:
        return None
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _until(moment: datetime, now: datetime) -> float | None:
    """Seconds until then; a time that has passed tells nothing."""
    seconds = (moment - now).total_seconds()
    return seconds if seconds >= 0 else None


def _retry_info(details: object) -> float | None:
    """``retryDelay`` of ``google.rpc.RetryInfo`` (google.aip.dev/193), "44s" or seconds and nanos.

    It is a protobuf duration: in JSON a text, in some proxies the two numbers of its fields.
    """
    for detail in details if isinstance(details, list) else ():
        if not isinstance(detail, dict):
            continue
        delay = detail.get("retryDelay") or detail.get("retry_delay")
        if isinstance(delay, dict):
            seconds, nanos = _number(delay.get("seconds", 0)), _number(delay.get("nanos", 0))
            return None if seconds is None or nanos is None else seconds + nanos / 1e9
        if isinstance(delay, str):
            return _number(delay.strip().removesuffix("s"))
    return None


_MOMENT = re.compile(
    r"(?:resets?|renewed|retry|again|available)\b[^\d\n]{0,24}"
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?) ?(Z|UTC|GMT|[+-]\d\d:\d\d)",
    re.IGNORECASE,
)
"""A point in time in a sentence, such as "Limit resets at: 2026-11-30 22:32:16 UTC" (LiteLLM);
one without its zone could be any hour."""


def _moment_in(words: str, now: datetime) -> float | None:
    found = _MOMENT.search(words)
    if found is None:
        return None
    zone = "+00:00" if found[2].upper() in ("Z", "UTC", "GMT") else found[2]
    try:
        return _until(datetime.fromisoformat(found[1] + zone), now)
    except ValueError:
        return None


def _to_next_minute(now: datetime) -> float:
    return 60.0 - now.second - now.microsecond / 1e6


@dataclass(frozen=True, slots=True)
class Constant:
    """A wait that a server tells whatever is left of it.

    Attributes:
        words: a pattern of the message that it comes with.
        seconds: what it tells.
        source: where that is known from.
        ends_with_minute: it is over at the next full minute; else when another call ends, which
            the queue learns by itself.
    """

    words: str
    seconds: float
    source: str
    ends_with_minute: bool


CONSTANTS: tuple[Constant, ...] = (
    Constant(
        r"limit type: max_parallel_requests",
        60.0,
        "LiteLLM 1.108: a slot of a key is free as soon as another call ends",
        ends_with_minute=False,
    ),
    Constant(
        r"max_parallel_requests slots in use",
        60.0,
        "LiteLLM 1.108: the same of a deployment",
        ends_with_minute=False,
    ),
    Constant(
        r"^litellm\.\w+: (?:Model rate limit exceeded\. [RT]PM limit"
        r"|No deployments available for selected model\. )",
        60.0,
        "LiteLLM 1.108: a deployment's rpm and tpm are counted by the minute of the clock",
        ends_with_minute=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """A sign that a limit is the account's, user's, address's or key's own.

    OpenAI, Anthropic, Azure, Gemini, Groq and DashScope limit each model apart, though their words
    name the organization or account: those words are no sign.

    Attributes:
        words: a pattern that the message matches; of an empty message ``^$``.
        source: who says so, and where that is known from.
        retold: it counts also where a gateway repeats it: the words are the gateway's own. Those
            of an upstream speak of the operator's account, of which each model may have another.
        family: only a gateway of the One API family says so.
    """

    words: str
    source: str
    retold: bool = False
    family: bool = False


OWNERS: tuple[Owner, ...] = (
    Owner(
        r"^rate limit exceeded for (?!model)\w+: .*limit type:",
        "LiteLLM 1.108 [seen]: of a key, user, team, organization; `model_per_key` is a model's",
        retold=True,
    ),
    Owner(
        r"您已达到(?:总)?请求数限制",
        "New API [seen]: per user, over all models",
        retold=True,
    ),
    Owner(r"^您的速率达到上限", "one-hub, done-hub [seen]: per user, by its group", retold=True),
    Owner(
        r"^$",
        "New API [seen]: an empty 429 is the limit of a user, or, with Retry-After, of an address",
        retold=True,
        family=True,
    ),
    Owner(
        r"error code: 1015|\byou are being rate limited\b|\bError 1015\b",
        "Cloudflare, error 1015: the address is limited, whatever it asks for",
        retold=True,
    ),
    Owner(
        r"\byour account\b.{0,80}\breached\b.{0,30}\bmax\b",
        "Moonshot, platform.moonshot.cn/docs, rate limits: shared by all models of an account",
    ),
    Owner(
        r"您的账[户号]已达到速率限制",
        "Zhipu, docs.bigmodel.cn, error 1302: the account's; a model's is 1305",
    ),
    Owner(
        r"\btrial key\b.{0,40}\blimited to\b",
        "Cohere, docs.cohere.com/docs/rate-limits: a trial key's calls a minute",
    ),
    Owner(
        r"\breduced rate limits\b",
        "Voyage, docs.voyageai.com/docs/rate-limits: an account without a payment method",
    ),
    Owner(r"API ?Key使用频率超过限制", "GPT_API_free [reported]: of a free key"),
    Owner(
        r"\b(?:for|of|per|by|on) (?:this|your|the|each) "
        r"(?:api[ _-]?)?(?:key|token|account|user|ip)\b"
        r"|\b(?:api[ _-]?key|account|user|ip(?: address)?)(?:'s)? (?:rate|request|concurrency)"
        r"[ _-]limit",
        "any server: the words name the key, account, user or address",
    ),
    Owner(
        r"(?:您|你|该|此|当前|单个|每个)的?"
        r"(?:账户|账号|帐户|帐号|帳號|用户|令牌|密钥|IP|API ?Key)"
        r".{0,16}(?:速率|频率|频繁|并发|限流|请求数|次数|上限)",
        "any server: the same in Chinese",
    ),
)
"""Each row is tested. A message that names a model is that model's, whoever is named beside it."""

_NAMES_MODEL = re.compile(r"\bmodels?\b|模型", re.IGNORECASE)


def is_of_key(answer: Answer) -> bool:
    """Whether words tell that the limit is not the model's alone."""
    words = answer.message or answer.text[:4096]
    if _NAMES_MODEL.search(words):
        return False
    return any(
        _matches(owner.words, words)
        and (owner.retold or not answer.is_retold)
        and (answer.of_family or not owner.family)
        for owner in OWNERS
    )


def _matches(pattern: str, words: str) -> bool:
    return _compiled(pattern).search(words) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # When first needed: compiling all would be paid at the start, which is outage time.
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
