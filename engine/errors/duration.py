"""A wait in a sentence, such as "Please try again in 6m0s", or 请在 20 秒后重试."""

import functools
import re

_UNITS: tuple[tuple[str, float], ...] = (
    (r"ms|msecs?|millis|milliseconds?|毫秒", 1e-3),
    (r"s|secs?|seconds?|秒[钟鐘]?", 1.0),
    (r"m|mins?|minutes?|分[钟鐘]?", 60.0),
    (r"h|hrs?|hours?|[个個]?小[时時]", 3600.0),
    (r"d|days?|天", 86_400.0),
)
"""Patterns of whole units, and their seconds."""

_DIGITS = {"一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5} | {
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_NUMBER = rf"(?:\d{{1,9}}(?:\.\d{{1,9}})?|半|[{''.join(_DIGITS)}十]{{1,3}})"
_UNIT = "|".join(pattern for pattern, _ in _UNITS)
_PART = rf"{_NUMBER}\s?(?:{_UNIT})(?![a-z])"
_DURATION = rf"(?P<wait>{_PART}(?:(?:,?\s?(?:and\s)?|零|又)?{_PART}){{0,4}})"
_ABOUT = r"(?:(?:about|approximately|around|another|at least|~)\s?)?"

_SENTENCES = (
    # "try again in", "retry your request after", "available again in", "limit resets in"
    r"\b(?:try|retry|available|resets?|renewed|refreshe[sd]|refills?|resumes?)\b"
    rf"[^.!?。\d]{{0,40}}?\b(?:in|after)\s{_ABOUT}{_DURATION}",
    # "wait 20 seconds", "please wait for 20s before retrying"
    rf"\bwait(?: time)?(?: for| is|:)?\s{_ABOUT}{_DURATION}",
    # as a header or a field is written, with a unit
    rf"\bretry[ _-]?after\W{{1,4}}{_ABOUT}{_DURATION}",
    # "in 20 seconds, try again"
    rf"(?:^|[.!?,;]\s)(?:please\s)?(?:in|after)\s{_ABOUT}{_DURATION},?\s(?:please\s)?(?:re)?try\b",
    # 请在 20 秒后重试, 20秒之后再试, 请于1分30秒後恢复
    rf"{_DURATION}\s?(?:之|以)?[后後]\s?(?:请|請|再|重|恢|尝|嘗|可|解|继|繼|刷|才|自动|自動)",
    # 请等待 20 秒, 还需等待：20s
    r"(?:等待|稍等|稍候|还需|還需|冷却|冷卻|剩余|剩餘)(?:时间|時間)?\s?(?:约|約|大约|至少|为|為)?"
    rf"\s?[:：]?\s?{_DURATION}(?!\s?(?:超时|逾时|逾時|内|內))",
)

_BARE = r"\bretry[ _-]?after\W{1,4}(?P<wait>\d{1,9}(?:\.\d{1,9})?)\s?(?=[.,;:!)}\]\"'\\]|$)"
"""A number without a unit, as the header has it: seconds."""


def duration_in(words: str) -> float | None:
    """Seconds that a sentence asks to wait; ``None`` if none does."""
    for pattern in _compiled():
        if found := pattern.search(words):
            return _seconds(found["wait"])
    return None


@functools.cache
def _compiled() -> tuple[re.Pattern[str], ...]:
    # With the first sentence, not with the process: start-up is outage time.
    return tuple(re.compile(one, re.IGNORECASE) for one in (*_SENTENCES, _BARE))


def _seconds(duration: str) -> float:
    parts = _part().findall(duration)
    if not parts:
        return float(duration)
    return sum(_value(number) * _unit(unit) for number, unit in parts)


@functools.cache
def _part() -> re.Pattern[str]:
    return re.compile(rf"({_NUMBER})\s?({_UNIT})(?![a-z])", re.IGNORECASE)


def _value(number: str) -> float:
    """A number as written; in Chinese a half, or one up to 99."""
    if number == "半":
        return 0.5
    if number[0].isascii():
        return float(number)
    tens, ten, ones = number.rpartition("十")
    return 10 * bool(ten) * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


@functools.cache
def _unit(unit: str) -> float:
    return next(
        seconds for pattern, seconds in _UNITS if re.fullmatch(pattern, unit, re.IGNORECASE)
    )
