"""What to tell a person: one short paragraph, the point first, in the upstream's language first.

Dify shows it as a toast for 6 s, to end users of public apps too: so no markdown, no line break,
and nothing that is not theirs to know (``privacy``).
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.bilingual import NOTHING, Both
from gateway.failure import Failure, GatewayError, Language
from gateway.failure.kinds import CONNECTION_LOST
from gateway.privacy import public_words

LABEL = "Resilient Gateway"
"""How messages name us: the provider's label in Dify."""

LONGEST_TEXT = 2000
"""Bytes of UTF-8; tracebacks repeat it on the wire."""

LABEL_ZH = "韧性网关"
"""The same in Chinese."""

ONE_MODEL = Both("Other models of this key are not affected.", "该密钥的其他模型不受影响。")
WHOLE_KEY = Both("All models of this key have to wait.", "该密钥的所有模型都需要等待。")
"""Whom a wait holds for that is too long."""

HELP_URL = "RESILIENT_GATEWAY_HELP_URL"
"""Where the operator may name the address of the page that explains errors; of the environment."""

_LONGEST_URL = 200
_URL = re.compile(r"https?://[\w.:/?&=%#~+-]+")
_A_DAY = 86_400.0
_LONGEST_CHINESE = 200
"""Characters of upstream's own words where all is said twice: a Chinese one takes three bytes."""

_CHINESE = re.compile("[\u4e00-\u9fff]")
_KEYS_NAMED = 10
"""Of several keys that do not work; half as many where it is said twice."""


@dataclass(frozen=True, slots=True)
class RefusedKey:
    """A key that does not work.

    Attributes:
        position: its place in the field, from 1.
        ending: its last characters, by which a person recognises it; may be empty.
        failure: why.
    """

    position: int
    ending: str
    failure: Failure

    @property
    def name(self) -> Both:
        """How a person recognises it."""
        return Both(
            f"key {self.position}{f' (…{self.ending})' if self.ending else ''}",
            f"第 {self.position} 个{f'（…{self.ending}）' if self.ending else ''}",
        )


def explain(
    failure: Failure,
    attempts: int,
    seconds: float,
    max_retry_seconds: float,
    hint: Both = NOTHING,
) -> str:
    """The text of a failed call: in English, and in Chinese before it if the upstream spoke that.

    Args:
        failure: the last attempt's.
        attempts: requests sent.
        seconds: since the call began.
        max_retry_seconds: the waiting budget it had.
        hint: a sentence more, at the end.
    """
    is_chinese = spoken(failure) == "zh"
    link = _link(is_chinese=is_chinese)
    compose = _in_both if is_chinese else _in_english
    facts = (
        Both(failure.detail, failure.detail_zh),
        _told(failure, max_retry_seconds - seconds),
        _broke_off(failure),
        _spent(attempts, seconds),
    )
    words = public_words(failure)
    if is_chinese and len(words) > _LONGEST_CHINESE:
        words = words[: _LONGEST_CHINESE - 1] + "…"
    while True:
        text = compose(failure, words, facts, hint) + link
        excess = len(text.encode()) - LONGEST_TEXT
        if excess <= 0 or not words:
            return text
        words = words[: max(0, len(words) - 1 - excess // 2)].rstrip("…") + "…"
        words = "" if words == "…" else words


def given_up(
    failure: Failure, attempts: int, seconds: float, max_retry_seconds: float
) -> GatewayError:
    """The exception that ends a call, with its text; the arguments are those of ``explain``."""
    return GatewayError(failure, explain(failure, attempts, seconds, max_retry_seconds))


def explain_keys(refused: Sequence[RefusedKey], total: int, hint: Both = NOTHING) -> str:
    """The text of several keys of which some do not work, in the languages of ``explain``.

    Args:
        refused: those, in order.
        total: how many were tried.
        hint: a sentence more, at the end.
    """
    is_chinese = any(spoken(one.failure) == "zh" for one in refused)
    named = refused[: _KEYS_NAMED // 2 if is_chinese else _KEYS_NAMED]
    left = len(refused) - len(named)
    first = refused[0].failure.kind
    english = "; ".join(f"{one.name.en}: {one.failure.kind.en.headline}" for one in named)
    more = f"; and {left} more" if left else ""
    text = (
        f"{LABEL}: {len(refused)} of {total} API keys do not work. {english}{more}. "
        f"{first.en.remedy}{_after(hint.en)}{_link(is_chinese=is_chinese)}"
    )
    if not is_chinese:
        return text
    chinese = "；".join(f"{one.name.zh}：{one.failure.kind.zh.headline}" for one in named)
    more = f"；另有 {left} 个" if left else ""
    return (
        f"{LABEL_ZH}：{total} 个 API Key 中有 {len(refused)} 个不可用。{chinese}{more}。"
        f"{first.zh.remedy}{hint.zh} {text}"
    )


def language_of(words: str) -> Language:
    """The language that somebody spoke."""
    return "zh" if _CHINESE.search(words) else "en"


def spoken(failure: Failure) -> Language:
    """The language that the upstream spoke."""
    return language_of(failure.words) if failure.words else failure.language


def _in_english(failure: Failure, words: str, facts: tuple[Both, ...], hint: Both) -> str:
    texts = failure.kind.en
    said = ", ".join(filter(None, (_status(failure), f"“{words}”" if words else "")))
    sentences = (
        f"{LABEL}: {texts.headline}{f' ({said})' if said else ''}.",
        texts.meaning,
        *(fact.en for fact in facts),
        texts.remedy,
        f"Request id: {failure.request_id[:80]}." if failure.request_id else "",
        hint.en,
    )
    return " ".join(filter(None, sentences))


def _in_both(failure: Failure, words: str, facts: tuple[Both, ...], hint: Both) -> str:
    texts = failure.kind.zh
    said = "，".join(filter(None, (_status(failure), f"“{words}”" if words else "")))
    told = "".join(fact.zh for fact in facts)
    chinese = (
        f"{LABEL_ZH}：{texts.headline}{f'（{said}）' if said else ''}。"
        f"{texts.meaning}{told}{texts.remedy}{hint.zh}"
    )
    return f"{chinese} {_in_english(replace(failure, status=None), '', facts, hint)}"


def _link(*, is_chinese: bool) -> str:
    """A link to the page that explains errors, at the end; only if the operator has named one."""
    url = os.environ.get(HELP_URL, "").strip()
    if len(url) > _LONGEST_URL or not _URL.fullmatch(url):
        return ""
    return f" 详细说明：{url}" if is_chinese else f" Explained at {url}"


def _after(sentence: str) -> str:
    return f" {sentence}" if sentence else ""


def _status(failure: Failure) -> str:
    return f"HTTP {failure.status}" if failure.status else ""


def _told(failure: Failure, seconds_left: float) -> Both:
    if not failure.told_wait or failure.told_wait <= seconds_left:
        return NOTHING
    is_short = failure.told_wait < _A_DAY
    asked = f"{failure.told_wait:.0f} s" if is_short else "more than a day"
    asked_zh = f" {failure.told_wait:.0f} 秒" if is_short else "一天以上"
    whom = WHOLE_KEY if failure.limits_key else ONE_MODEL
    return Both(
        f"It asks to wait {asked}, longer than this call may still wait. {whom.en}",
        f"网关要求等待{asked_zh}，超过了本次调用还能等待的时间。{whom.zh}",
    )


def _broke_off(failure: Failure) -> Both:
    if failure.after_content:
        return Both(
            "A part of the answer had arrived, so the call was not repeated.",
            "已收到部分回答，因此没有重试。",
        )
    if failure.kind is CONNECTION_LOST and failure.seconds > (CONNECTION_LOST.within or 0):
        return Both(
            "The call may have been billed, so it was not sent again.",
            "这次调用可能已经计费，因此没有重发。",
        )
    return NOTHING


def _spent(attempts: int, seconds: float) -> Both:
    if not attempts:
        return NOTHING
    times = "once" if attempts == 1 else f"{attempts} times"
    return Both(f"Tried {times} in {seconds:.0f} s.", f"{seconds:.0f} 秒内尝试了 {attempts} 次。")
