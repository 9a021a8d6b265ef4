"""What to tell a person: one short paragraph, the point first, in the upstream's language first.

Dify shows it as a toast for 6 s, to end users of public apps too: so no markdown, no line break,
and nothing that is not theirs to know (``privacy``).
"""

import re
from dataclasses import replace

from gateway.failure import Failure, Language
from gateway.failure.kinds import CONNECTION_LOST
from gateway.privacy import public_words

LABEL = "Resilient Gateway"
"""How messages name us: the provider's label in Dify."""

LONGEST_TEXT = 2000
"""Bytes of UTF-8; tracebacks repeat it on the wire."""

LABEL_ZH = "韧性网关"
"""The same in Chinese."""

_A_DAY = 86_400.0
_LONGEST_CHINESE = 200
"""Characters of upstream's own words where all is said twice: a Chinese one takes three bytes."""

_CHINESE = re.compile("[\u4e00-\u9fff]")


def explain(failure: Failure, attempts: int, seconds: float, max_retry_seconds: float) -> str:
    """The text of a failed call: in English, and in Chinese before it if the upstream spoke that.

    Args:
        failure: the last attempt's.
        attempts: requests sent.
        seconds: since the call began.
        max_retry_seconds: the waiting budget it had.
    """
    is_chinese = language_of(failure.words) == "zh"
    compose = _in_both if is_chinese else _in_english
    facts = (
        failure.detail,
        _told(failure, max_retry_seconds - seconds),
        _broke_off(failure),
        _spent(attempts, seconds),
    )
    words = public_words(failure)
    if is_chinese and len(words) > _LONGEST_CHINESE:
        words = words[: _LONGEST_CHINESE - 1] + "…"
    while True:
        text = compose(failure, words, facts)
        excess = len(text.encode()) - LONGEST_TEXT
        if excess <= 0 or not words:
            return text
        words = words[: max(0, len(words) - 1 - excess // 2)].rstrip("…") + "…"
        words = "" if words == "…" else words


def language_of(words: str) -> Language:
    """The language that somebody spoke."""
    return "zh" if _CHINESE.search(words) else "en"


def _in_english(failure: Failure, words: str, facts: tuple[str, ...]) -> str:
    texts = failure.kind.en
    said = ", ".join(filter(None, (_status(failure), f"“{words}”" if words else "")))
    sentences = (
        f"{LABEL}: {texts.headline}{f' ({said})' if said else ''}.",
        texts.meaning,
        *facts,
        texts.remedy,
        f"Request id: {failure.request_id[:80]}." if failure.request_id else "",
    )
    return " ".join(filter(None, sentences))


def _in_both(failure: Failure, words: str, facts: tuple[str, ...]) -> str:
    texts = failure.kind.zh
    said = "，".join(filter(None, (_status(failure), f"“{words}”" if words else "")))
    partial = "已收到部分回答，因此没有重试。" if failure.after_content else ""
    chinese = (
        f"{LABEL_ZH}：{texts.headline}{f'（{said}）' if said else ''}。"
        f"{texts.meaning}{partial}{texts.remedy}"
    )
    return f"{chinese} {_in_english(replace(failure, status=None), '', facts)}"


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
