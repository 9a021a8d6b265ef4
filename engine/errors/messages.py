"""Every sentence for people, by its key, in the language of whoever reads it.

The sentences are in ``locales``, a file a language, one sentence a line; a file is read when its
language is first spoken, as most processes never explain anything. A translator needs no Python:
a new language is one more file and its row in ``LOCALES``.
"""

import functools
import json
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

type Language = Literal["en", "zh"]

type Value = str | int | Message | Listed
"""What stands in a placeholder: as it is, another sentence, or several of them."""

LOCALES: dict[Language, str] = {"en": "en_US", "zh": "zh_Hans"}
"""The file of each language, named as Dify names languages."""

BOTH: tuple[Language, ...] = tuple(LOCALES)
"""All languages: for readers of whom nothing is known."""

_HAN = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_KANA = "[\u3041-\u309f\u30a1-\u30fa\uff66-\uff9d]"


class Message(NamedTuple):
    """A sentence that is not yet said: its key and what stands in its placeholders."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    def say(self, language: Language) -> str:
        """Return the sentence in a language."""
        sentence = sentences(language)[self.key]
        if not self.values:
            return sentence
        return sentence.format_map({name: _said(value, language) for name, value in self.values})


class Listed(NamedTuple):
    """Several values in one placeholder.

    Attributes:
        values: in order.
        separator: what stands between them: the key of the language's own, below ``frame``.
    """

    values: tuple[Value, ...]
    separator: str = "list"


class Texts(NamedTuple):
    """What a person reads of a kind of failure, in one language.

    Attributes:
        headline: what happened, in a few words.
        now: what to do about it first, as the rest of that sentence.
        meaning: what that means; may be empty where the headline says all.
        more: what else helps; may be empty.
        prevention: how it does not happen again.
        remedy: ``now`` and ``more`` as sentences of their own.
    """

    headline: str
    now: str
    meaning: str
    more: str
    prevention: str
    remedy: str


def message(key: str, /, **values: Value) -> Message:
    """Return a sentence by its key, with the values of its placeholders."""
    return Message(key, tuple(values.items()))


@functools.cache
def sentences(language: Language) -> Mapping[str, str]:
    """Return all sentences of a language by their keys, such as ``kinds.saturated.headline``."""
    import pkgutil  # noqa: PLC0415 - start-up is outage time

    content = pkgutil.get_data(__package__, f"locales/{LOCALES[language]}.json") or b""
    flat: dict[str, str] = {}
    for name, value in json.loads(content).items():
        if isinstance(value, str):
            flat[name] = value
        else:
            flat |= {f"{name}.{key}": sentence for key, sentence in value.items()}
    return flat


@functools.cache
def texts_of(name: str, language: Language, behind: Message | None = None) -> Texts:
    """Return what a person reads of a kind of failure.

    Args:
        name: of the kind.
        language: of the texts.
        behind: what is known to have caused it, which is said in the kind's place.
    """
    said = sentences(language)
    values = behind.values if behind else ()
    base = behind.key if behind else f"kinds.{name}"
    headline, now, more = (
        Message(f"{base}.{part}", values).say(language) for part in ("headline", "now", "more")
    )
    capital = now[:1].upper() + now[1:]
    full_stop = said["frame.first"].rpartition("}")[2]
    between = said["frame.between"]
    return Texts(
        headline,
        now,
        "" if behind else said[f"kinds.{name}.meaning"],
        more,
        said[f"kinds.{name}.prevention"],
        between.join(filter(None, (f"{capital}{full_stop}", more))),
    )


def cause_message(name: str, /, **values: Value) -> Message:
    """Return what is behind a failure, by its name below ``causes``."""
    return message(f"causes.{name}", **values)


def language_of(text: str) -> Language:
    """Return the language of whoever wrote a text: Chinese with Han characters and no kana."""
    is_chinese = re.search(_HAN, text) is not None and re.search(_KANA, text) is None
    return "zh" if is_chinese else "en"


def in_all(one: Message, languages: tuple[Language, ...] = BOTH) -> str:
    """Return a sentence in several languages, the shortest first."""
    return " ".join(sorted((one.say(language) for language in languages), key=len))


def _said(value: Value, language: Language) -> str:
    if isinstance(value, Message):
        return value.say(language)
    if isinstance(value, Listed):
        separator = sentences(language)[f"frame.{value.separator}"]
        return separator.join(_said(one, language) for one in value.values)
    return str(value)
