"""How one part of a check ended."""

from dataclasses import dataclass
from enum import Enum

from engine.errors import Failure, Language
from engine.errors.kinds import (
    CONNECT_FAILED,
    CONNECTION_LOST,
    EMPTY_ANSWER,
    LIMITER_FAILED,
    SERVER_ERROR,
    TLS_FAILED,
    TRUNCATED,
    UPSTREAM_QUOTA,
    UPSTREAM_TIMEOUT,
)
from engine.errors.redact import public_words
from engine.operations.validate import BUSY, SILENT

UNREACHED = frozenset({CONNECT_FAILED, CONNECTION_LOST, TLS_FAILED})
PASSING = (
    BUSY
    | SILENT
    | {
        SERVER_ERROR,
        UPSTREAM_TIMEOUT,
        UPSTREAM_QUOTA,
        EMPTY_ANSWER,
        TRUNCATED,
        LIMITER_FAILED,
    }
)
"""Kinds that say nothing against what was typed: it is the gateway's turn."""


class Verdict(Enum):
    """What a part of a check says."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"
    BUSY = "busy"
    UNREACHED = "unreached"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the report.

    Attributes:
        name: what was checked; stable.
        verdict: how it ended.
        text: what was found.
        advice: what to do about it; may be empty.
        kind: of the failure, as in the catalogue; empty if there is none.
        seconds: that it took, ``None`` where that says nothing.
    """

    name: str
    verdict: Verdict
    text: str
    advice: str = ""
    kind: str = ""
    seconds: float | None = None


def failed(name: str, failure: Failure, language: Language) -> Outcome:
    """The line of something that failed, in the words that Dify would show."""
    kind = failure.kind
    verdict = Verdict.FAILED
    if kind in PASSING:
        verdict = Verdict.BUSY
    elif kind in UNREACHED:
        verdict = Verdict.UNREACHED
    said = ", ".join(
        filter(None, (f"HTTP {failure.status}" if failure.status else "", public_words(failure)))
    )
    texts = failure.texts(language)
    text = f"{texts.headline}{f' ({said})' if said else ''}"
    if failure.facts:
        text = f"{text}: {' '.join(fact.say(language) for fact in failure.facts)}"
    return Outcome(name, verdict, text, texts.remedy, kind.name, failure.seconds or None)
