"""What to tell a person: one short paragraph, the point first, in the reader's language.

Dify shows it as a toast for 6 s, to end users of public apps too: so no markdown, no line break,
and nothing that is not theirs to know (``privacy``). The first sentence says what happened and what
to do now. The upstream's own words stay as they were said.
"""

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import Failure, GatewayError, Language
from engine.errors.kinds import CONNECTION_LOST
from engine.errors.messages import BOTH, Listed, Message, message, sentences
from engine.errors.redact import public_words

if TYPE_CHECKING:
    from engine.settings import Settings

MAX_TEXT_CHARACTERS = 2000
"""Bytes of UTF-8; tracebacks repeat it on the wire."""

HELP_URL = "RESILIENT_GATEWAY_HELP_URL"
"""Where the operator may name the address of the page that explains errors; of the environment."""

_LONGEST_URL = 200
_URL = re.compile(r"https?://[\w.:/?&=%#~+-]+")
_A_DAY = 86_400.0
_LONGEST_ID = 80
_REFUSED = 400
"""From here on a status says that something failed; a 200 says nothing to a reader."""

_KEYS_NAMED = 5
"""Of several keys that do not work."""


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
    def reason(self) -> Message:
        """Return how a person recognises it, and why it does not work."""
        name = "frame.key_ending" if self.ending else "frame.key"
        values: dict[str, str] = {"ending": self.ending} if self.ending else {}
        key = message(name, position=self.position, **values)
        return message("facts.key_reason", key=key, reason=self.failure.headline)


def explain(
    failure: Failure,
    languages: Sequence[Language] = BOTH,
    seconds_left: float = math.inf,
    hints: Sequence[Message] = (),
) -> str:
    """Return the text of a failed call.

    Args:
        failure: the last attempt's.
        languages: of the reader, or all of them where nothing is known of the reader; then the
            shortest text comes first, and the upstream's words only there.
        seconds_left: what the call might still wait.
        hints: further sentences.
    """
    facts = (*failure.facts, *_waits(failure, seconds_left), *_not_repeated(failure), *hints)
    words = public_words(failure)
    while True:
        said = {one: _paragraph(failure, facts, one) for one in languages}
        first, *others = sorted(languages, key=lambda one: len(said[one]))
        texts = [_paragraph(replace(failure, words=words), facts, first, is_first=True)]
        texts += [said[one] for one in others]
        text = " ".join((*texts, *_ending(failure, first)))
        excess = len(text.encode()) - MAX_TEXT_CHARACTERS
        if excess <= 0 or not words:
            return text
        words = words[: max(0, len(words) - 1 - excess // 2)].rstrip("…") + "…"
        words = "" if words == "…" else words


def given_up(
    failure: Failure,
    languages: Sequence[Language],
    seconds_left: float = math.inf,
) -> GatewayError:
    """Return the exception that ends a call, with its text; the arguments are ``explain``'s."""
    return GatewayError(failure, explain(failure, languages, seconds_left))


def explain_keys(
    refused: Sequence[RefusedKey],
    total: int,
    languages: Sequence[Language] = BOTH,
    hints: Sequence[Message] = (),
) -> str:
    """Return the text of several keys of which some do not work.

    Args:
        refused: those, in order.
        total: how many were tried.
        languages: as for ``explain``.
        hints: further sentences.
    """
    named = Listed(tuple(one.reason for one in refused[:_KEYS_NAMED]), "reasons")
    left = len(refused) - _KEYS_NAMED
    told = (
        message("facts.keys_bad_more", bad=len(refused), total=total, reasons=named, left=left)
        if left > 0
        else message("facts.keys_bad", bad=len(refused), total=total, reasons=named)
    )
    texts = []
    for language in languages:
        remedy = refused[0].failure.texts(language).remedy
        parts = [told.say(language), remedy, *(hint.say(language) for hint in hints)]
        texts.append(opened("frame.between", parts, language))
    first = min(languages, key=lambda one: len(texts[list(languages).index(one)]))
    return " ".join((*sorted(texts, key=len), *_help(first)))


def opened(separator: str, parts: Sequence[str], language: Language) -> str:
    """Return a text that begins with the plugin's name, as all do that leave the plugin.

    Args:
        separator: the key of what stands between the parts.
        parts: sentences; empty ones are left out.
        language: of the sentences.
    """
    said = sentences(language)
    text = said[separator].join(filter(None, parts))
    return said["frame.opening"].format(label=said["label"], text=text)


def reader_of(settings: "Settings", question: Language) -> tuple[Language, ...]:
    """Return the language of whoever reads the messages of a call.

    Args:
        settings: whose field Language of Messages settles it.
        question: the language of what was asked, which tells it else.
    """
    return (settings.message_language or question,)


def readers_of_form(settings: "Settings") -> tuple[Language, ...]:
    """Return the languages for whoever saves a form: nothing was asked, so that both are said."""
    return (settings.message_language,) if settings.message_language else BOTH


def _paragraph(
    failure: Failure, facts: Sequence[Message], language: Language, *, is_first: bool = False
) -> str:
    texts = failure.texts(language)
    first = message("frame.first", headline=texts.headline, now=texts.now)
    parts = [
        first.say(language),
        _upstream(failure, language) if is_first else "",
        texts.meaning,
        *(fact.say(language) for fact in facts),
        texts.more,
    ]
    return opened("frame.between", parts, language)


def _upstream(failure: Failure, language: Language) -> str:
    """What came back: its status, and its words as they were said."""
    status = failure.status if (failure.status or 0) >= _REFUSED else None
    if failure.words and status:
        values = {"status": status, "words": failure.words}
        return sentences(language)["frame.status_and_words"].format_map(values)
    if failure.words:
        return message("frame.words", words=failure.words).say(language)
    return message("frame.status", status=status).say(language) if status else ""


def _ending(failure: Failure, language: Language) -> tuple[str, ...]:
    """What is for whoever looks further into it: the page of explanations, the request's id."""
    if not failure.request_id:
        return _help(language)
    named = message("frame.request_id", id=failure.request_id[:_LONGEST_ID])
    return (*_help(language), named.say(language))


def _help(language: Language) -> tuple[str, ...]:
    """A link to the page that explains errors; only if the operator has named one."""
    url = os.environ.get(HELP_URL, "").strip()
    if len(url) > _LONGEST_URL or not _URL.fullmatch(url):
        return ()
    return (message("frame.help", url=url).say(language),)


def _waits(failure: Failure, seconds_left: float) -> tuple[Message, ...]:
    if not failure.retry_after or failure.retry_after <= seconds_left:
        return ()
    whom = "key" if failure.limits_key else "model"
    if failure.retry_after >= _A_DAY:
        return (message(f"facts.long_wait_for_{whom}"),)
    return (message(f"facts.wait_for_{whom}", seconds=f"{failure.retry_after:.0f}"),)


def _not_repeated(failure: Failure) -> tuple[Message, ...]:
    if failure.after_content:
        return (message("facts.after_content"),)
    if failure.kind is CONNECTION_LOST and failure.seconds > (
        CONNECTION_LOST.max_wait_seconds or 0
    ):
        return (message("facts.may_be_billed"),)
    return ()
