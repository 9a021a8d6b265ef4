"""What anybody may read of an upstream's words: no key, address, account, balance or page."""

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.errors import Failure
from engine.errors.kinds import KEY_REFUSED

MAX_WORDS_CHARACTERS = 500
"""Characters of upstream's own words."""


type _Replacement = str | Callable[[re.Match[str]], str]


class _Lazy:
    """A pattern that is compiled when it is first used: most processes never explain anything."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)

    def sub(self, replacement: _Replacement, text: str) -> str:
        """Replace what matches."""
        return self._compiled.sub(replacement, text)


def _hide_address(found: re.Match[str]) -> str:
    # Imported with the first failure: start-up is outage time.
    from engine.errors.addresses import hide_address  # noqa: PLC0415

    return hide_address(found)


_SECRETS: tuple[tuple[_Lazy, _Replacement], ...] = (
    (
        _Lazy(
            r"\[?\b(?:(?:sk|pk|ak|rk)[-_]|key[-_](?=[\w*.-]*[\d*]))[\w*.-]{3,}\]?", re.IGNORECASE
        ),
        "[key]",
    ),
    (_Lazy(r"\bbearer\s+(?=\S*[\d._*-]\w)\S+", re.IGNORECASE), "[key]"),
    (_Lazy(r"\bAIza[\w-]{16,}|\beyJ[\w-]{8,}\.[\w.-]+"), "[key]"),
    (_Lazy(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{24,}(?:\.\w+)?"), "[key]"),
)
_PAGE = _Lazy(r"(?:\bbody\s*[:=]\s*)?<\s*(?:!doctype|html|head|body|script)\b.*", re.I | re.DOTALL)
_ADDRESSES: tuple[tuple[_Lazy, _Replacement], ...] = (
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
            r"(?<![\w.*-])(?:localhost(?::\d+)?|(?=[\d-]*[a-z])\w+(?:-\w+)+:\d{2,5}\b)",
            re.IGNORECASE,
        ),
        "[address]",
    ),
    (
        _Lazy(
            r"(?<![\w.*-])(?P<name>[\w*-]+(?:\.[\w*-]+)+)(?P<port>:\d{2,5}\b)?(?P<path>/\S*)?",
            re.ASCII,
        ),
        _hide_address,
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


def without_secrets(failure: Failure, secrets: Sequence[str]) -> Failure:
    """The failure without any part of what the call was made with: some servers repeat it.

    Args:
        failure: of one attempt, with upstream's words as they came.
        secrets: all that nobody may read: every key of the call, not only the one in use.
    """
    # Imported with the first failure: start-up is outage time.
    from engine.errors.secrets import redact  # noqa: PLC0415

    return replace(
        failure,
        words=redact(failure.words, secrets),
        note=redact(failure.note, secrets),
        code=redact(failure.code, secrets),
        param=redact(failure.param, secrets),
        request_id=redact(failure.request_id, secrets),
    )


def public_words(failure: Failure) -> str:
    """Upstream's words as anybody may read them, at most 500 characters."""
    if failure.kind is KEY_REFUSED:
        return ""
    words = _PAGE.sub("", failure.words)
    words = mask(words, (*_SECRETS, *_ADDRESSES, *_OWNERS, (_BALANCE, r"\1[…]")))
    if failure.kind.names_balance:
        words = _AMOUNT.sub("[…]", words)
    words = _SPACES.sub(" ", _MARKUP.sub("", words)).strip(" .。")
    return words if len(words) <= MAX_WORDS_CHARACTERS else words[: MAX_WORDS_CHARACTERS - 1] + "…"


def log_words(failure: Failure) -> str:
    """Upstream's words for the operator's log: only what is secret is masked."""
    return _SPACES.sub(" ", mask(f"{failure.words} {failure.note}".strip(), _SECRETS))[
        :MAX_WORDS_CHARACTERS
    ]


def mask(text: str, patterns: tuple[tuple[_Lazy, _Replacement], ...]) -> str:
    """Replace what the patterns find."""
    for pattern, replacement in patterns:
        text = pattern.sub(replacement, text)
    return text
