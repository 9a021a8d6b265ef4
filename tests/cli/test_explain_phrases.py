"""Every Chinese text of the gateways is translated, or a rule knows what it comes to."""

import re

import pytest

from cli.explain.phrases import translated
from engine.errors.classify import rule_of
from engine.errors.evidence import Evidence
from engine.errors.rules import UNKNOWN_STATUS
from simulator.own import OWN

_CHINESE = re.compile("[\u4e00-\u9fff]")
_VALUES = {"model": "gpt-x", "group": "vip", "key": "sk-abc***xyz", "path": "POST /v1/x"}

SAID = sorted(
    {
        re.sub(r"\{(\w+)\}", lambda found: _VALUES[found[1]], refusal.message)
        for family in OWN.values()
        for refusal in family.values()
        if refusal.message
    }
)
INVENTED = "本令牌一分钟只许三次，歇会儿再来。"
"""The text of a limiter that its user wrote: nobody can know it."""

CHINESE = [words for words in SAID if _CHINESE.search(words) and words != INVENTED]
ENGLISH = [words for words in SAID if not _CHINESE.search(words)]


KNOWN_CHINESE = [words for words in CHINESE if translated(words, "en")]


@pytest.mark.parametrize("words", CHINESE)
def test_chinese_is_translated_or_understood(words: str) -> None:
    """Without a row of its own the report says what its kind comes to."""
    rule = rule_of(Evidence(UNKNOWN_STATUS, words, behind_gateway=True, own=True))
    assert words in KNOWN_CHINESE or (rule is not None and rule.reads)


@pytest.mark.parametrize("words", KNOWN_CHINESE)
def test_chinese_is_translated(words: str) -> None:
    english = translated(words, "en")
    assert english
    assert not _CHINESE.search(english)
    assert translated(words, "zh") == ""
    for name in ("gpt-x", "vip"):
        assert (name in english) == (name in words)


KNOWN_ENGLISH = [words for words in ENGLISH if translated(words, "zh")]


def test_most_english_is_translated_too() -> None:
    assert len(KNOWN_ENGLISH) > 3 * (len(ENGLISH) - len(KNOWN_ENGLISH))


@pytest.mark.parametrize("words", KNOWN_ENGLISH)
def test_english_is_translated(words: str) -> None:
    assert _CHINESE.search(translated(words, "zh"))
    assert translated(words, "en") == ""


def test_unknown_words_have_no_translation() -> None:
    assert translated(INVENTED, "en") == ""
    assert translated("something odd", "zh") == ""
