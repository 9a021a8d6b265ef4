"""API keys, as people paste them: with labels, quotes and what separates them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.errors.messages import message
from engine.settings.fields import SettingsError
from engine.text.invisible import without_invisible

MAX_KEYS = 100
"""In one field."""

_SEPARATORS = r"[,;\r\n，；、]+"
_LABEL = (
    r"(?i)^\W*[\w\s.-]{0,60}?(?:key|token|authorization|secret|bearer|密钥|令牌|秘钥)s?[_-]?\d{0,2}"
    r"[\"'”’`]?\s*(?:[:：]|[=＝](?![=＝]))\s*(?=\S)"
)
"""Such as ``export OPENAI_API_KEY=``, ``"api_key":``, ``Authorization:``, ``密钥：``."""

_LABEL_WORD = (
    r"(?:export|set|bearer|basic|token|authorization|api|key|apikey|api_key|api-key|密钥|令牌)"
    r"[:：]?|-H|--header|(?:[A-Z]+_)+KEY"
)
"""A word before a key, where nothing but a blank separates them."""

_OPENING, _CLOSING = "([{<（【《「『", ")]}>）】》」』"
_MARKS = "\"'`“”‘’„«»。：！？·*|"
_ENCODED_BLANK = r"(?i)%20|%0A|%0D"


class _Fault(NamedTuple):
    """What no key that works looks like (compiled when it is needed), and what is said of it."""

    found: str
    sentence: str


_FAULTS = (
    _Fault(r"[^\x00-\x7f]", "key_character"),
    _Fault(r"[^!-~]", "key_control"),
    _Fault(r"://", "key_is_address"),
    _Fault(r"\*\*|\.\.\.|•", "key_masked"),
    _Fault(r"(?i)^\$|\{\{|\$\{|^(?:sk-)?[xX]{4,}$|^<?your[-_ ]", "key_placeholder"),
    _Fault(r"[\"'`<>{}\\]", "key_bracket"),
)


def parse_keys(typed: str) -> tuple[str, ...]:
    """Read API keys, separated by commas, semicolons or white space (one group has one key).

    What is pasted along with a key is left out: a label, quotes, brackets, invisible characters.
    Printable ASCII only, as a key has to fit into an HTTP header; the same key twice counts once.

    Raises:
        SettingsError: there is none, or one holds something no key holds. No key is repeated.
    """
    keys = tuple(dict.fromkeys(_keys_in(typed)))
    if not keys:
        raise SettingsError("api_key", "key_empty", missing=True)
    if len(keys) > MAX_KEYS:
        raise SettingsError("api_key", "keys_too_many", most=MAX_KEYS)
    for position, key in enumerate(keys, start=1):
        name = "the_key" if len(keys) == 1 else "key_number"
        which = message(f"settings.{name}", position=position)
        for fault in _FAULTS:
            if re.search(fault.found, key):
                raise SettingsError("api_key", fault.sentence, key=which)
    return keys


def _keys_in(typed: str) -> Iterator[str]:
    text = re.sub(_ENCODED_BLANK, " ", without_invisible(typed))
    for part in re.split(_SEPARATORS, text):
        words = re.sub(_LABEL, "", part).split()
        while len(words) > 1 and _is_label(words[0]):
            del words[0]
        for word in words:
            key = _bare(word)
            if key and key.lower() != "bearer":
                yield key


def _is_label(word: str) -> bool:
    bare = _bare(word)
    return not bare or any(re.fullmatch(_LABEL_WORD, one) for one in (bare, bare.lower()))


def _bare(word: str) -> str:
    """A key without the marks around it; brackets go where they have no other half within."""
    before = ""
    while word != before:
        before = word
        word = word.strip(_MARKS).removesuffix(",").removesuffix(":")
        if word.endswith(".") and not word.endswith(".."):
            word = word[:-1]
        for opening, closing in zip(_OPENING, _CLOSING, strict=True):
            if word.startswith(opening) and word.endswith(closing):
                word = word[1:-1]
            elif word.startswith(opening) and closing not in word:
                word = word[1:]
            elif word.endswith(closing) and opening not in word:
                word = word[:-1]
    return word
