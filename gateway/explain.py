"""What to tell a person: one short paragraph, the point first.

Dify shows it as a toast for 6 s, to end users of public apps too: so no markdown, no line break,
and nothing that is not theirs to know (balance, token name, key, address, page content).
"""

import functools
import re

from gateway.failure import Failure
from gateway.failure.kinds import CONNECTION_LOST, KEY_REFUSED


class _Lazy:
    """A pattern that is compiled when it is first used: most processes never explain anything."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)

    def sub(self, replacement: str, text: str) -> str:
        """Replace what matches."""
        return self._compiled.sub(replacement, text)


LABEL = "Resilient Gateway"
"""How messages name us: the provider's label in Dify."""

LONGEST_TEXT = 2000
"""Bytes of UTF-8; tracebacks repeat it on the wire."""

_A_DAY = 86_400.0

LONGEST_WORDS = 500
"""Characters of upstream's own words."""

_SECRETS = (
    (_Lazy(r"\[?\b(?:sk|pk|ak|key|rk)[-_][\w*.-]{3,}\]?", re.IGNORECASE), "[key]"),
    (_Lazy(r"\bbearer\s+\S+", re.IGNORECASE), "[key]"),
    (_Lazy(r"\bAIza[\w-]{16,}|\beyJ[\w-]{8,}\.[\w.-]+"), "[key]"),
    (_Lazy(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{24,}(?:\.\w+)?"), "[key]"),
)
_PAGE = _Lazy(r"(?:\bbody\s*[:=]\s*)?<\s*(?:!doctype|html|head|body|script)\b.*", re.I | re.DOTALL)
_ADDRESSES = (
    (_Lazy(r"\b[\w.+-]+@[\w.*-]+\.[\w*]+"), "[mail]"),
    (_Lazy(r"\b[a-z][a-z0-9+.-]*://[^\s\"'）)】，。]+", re.IGNORECASE), "[address]"),
    # IPv6: with brackets, shortened by a double colon, or in full; a time of day is none.
    (_Lazy(r"\[[0-9a-f:.]*:[0-9a-f:.]*\](:\d+)?", re.IGNORECASE), "[address]"),
    (_Lazy(r"(?<![\w:])[0-9a-f:]*::[0-9a-f:]*(?![\w:])", re.IGNORECASE), "[address]"),
    (
        _Lazy(r"(?<![\w:])(?:[\da-f]{1,4}:){7}[\da-f]{1,4}(?![\w:])", re.IGNORECASE),
        "[address]",
    ),
    (
        _Lazy(r"(?<![\w.*])(?:\d{1,3}|\*{3})(?:\.(?:\d{1,3}|\*{3})){3}(?:/\d+)?(?::\d+)?"),
        "[address]",
    ),
    (_Lazy(r"\b(lookup|dial tcp|host) [\w*][\w.*:-]+"), r"\1 [address]"),
    (
        _Lazy(
            r"(?<![\w.*-])(?:localhost(?::\d+)?|(?=[\d.-]*[a-z])\w+(?:[.-]\w+)+:\d{2,5}\b)",
            re.IGNORECASE,
        ),
        "[address]",
    ),
    (
        _Lazy(r"(?<![\w.*-])(?:[a-z\d*-]+\.){2,}[a-z]{2,}\b(?:/\S*)?", re.IGNORECASE),
        "[address]",
    ),
    (
        _Lazy(
            r"(?<![\w.*-])(?:[\w*-]+\.)+(?:com|org|net|cn|io|ai|dev|local|internal|svc|lan|corp)\b"
            r"(?:/\S*)?",
            re.IGNORECASE,
        ),
        "[address]",
    ),
)
_OWNERS = (
    (_Lazy(r"令牌\s.{1,80}?[（(]#\d+[）)]"), "令牌 […]"),
    (_Lazy(r"令牌\s+\S.{0,80}?\s*(?=额度|已|不可用)"), "令牌 […] "),
    (_Lazy(r"\borg(?:anization)?[ -]org-\w+|\borg-\w+"), "[organization]"),
    (_Lazy(r"\b(user|用户)\s*\[\d+\]"), r"\1 […]"),
)
_BALANCE = _Lazy(
    r"((?:余额|额度|balance|remain(?:ing)?|credits?)[^\d\w＄$¥￥€]{0,12}(?:is|为|of)?\s?)"
    r"[＄$¥￥€]?\s?-?\d[\d.,]*",
    re.IGNORECASE,
)
_AMOUNT = _Lazy(r"[＄$¥￥€]?\s?-?\d[\d.,]*")
_SPACES = _Lazy(r"[\s\x00-\x1f\x7f]+")
_MARKUP = _Lazy(r"[`*#<>|]+")


def explain(failure: Failure, attempts: int, seconds: float, max_retry_seconds: float) -> str:
    """The text of a failed call.

    Args:
        failure: the last attempt's.
        attempts: requests sent.
        seconds: since the call began.
        max_retry_seconds: the waiting budget it had.
    """
    kind = failure.kind
    words = public_words(failure)
    while True:
        said = ", ".join(filter(None, (_status(failure), f"“{words}”" if words else "")))
        sentences = (
            f"{LABEL}: {kind.headline}{f' ({said})' if said else ''}.",
            kind.meaning,
            failure.detail,
            _told(failure, max_retry_seconds - seconds),
            _broke_off(failure),
            _spent(attempts, seconds),
            kind.remedy,
            f"Request id: {failure.request_id[:80]}." if failure.request_id else "",
        )
        text = " ".join(filter(None, sentences))
        excess = len(text.encode()) - LONGEST_TEXT
        if excess <= 0 or not words:
            return text
        words = words[: max(0, len(words) - 1 - excess // 2)].rstrip("…") + "…"
        words = "" if words == "…" else words


def public_words(failure: Failure) -> str:
    """Upstream's words as anybody may read them, at most 500 characters."""
    if failure.kind is KEY_REFUSED:
        return ""
    words = _PAGE.sub("", failure.words)
    words = mask(words, (*_SECRETS, *_ADDRESSES, *_OWNERS, (_BALANCE, r"\1[…]")))
    if failure.kind.names_balance:
        words = _AMOUNT.sub("[…]", words)
    words = _SPACES.sub(" ", _MARKUP.sub("", words)).strip(" .。")
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"


def log_words(failure: Failure) -> str:
    """Upstream's words for the operator's log: only what is secret is masked."""
    return _SPACES.sub(" ", mask(f"{failure.words} {failure.note}".strip(), _SECRETS))[
        :LONGEST_WORDS
    ]


def mask(text: str, patterns: tuple[tuple[_Lazy, str], ...]) -> str:
    """Replace what the patterns find."""
    for pattern, replacement in patterns:
        text = pattern.sub(replacement, text)
    return text


def _status(failure: Failure) -> str:
    return f"HTTP {failure.status}" if failure.status else ""


def _told(failure: Failure, seconds_left: float) -> str:
    if not failure.told_wait or failure.told_wait <= seconds_left:
        return ""
    asked = f"{failure.told_wait:.0f} s" if failure.told_wait < _A_DAY else "more than a day"
    return f"It asks to wait {asked}, longer than this call may still wait."


def _broke_off(failure: Failure) -> str:
    if failure.after_content:
        return "A part of the answer had arrived, so the call was not repeated."
    if failure.kind is CONNECTION_LOST and failure.seconds > (CONNECTION_LOST.within or 0):
        return "The call may have been billed, so it was not sent again."
    return ""


def _spent(attempts: int, seconds: float) -> str:
    times = "once" if attempts == 1 else f"{attempts} times"
    return f"Tried {times} in {seconds:.0f} s." if attempts else ""
