"""The report of an error: everything there is to say of it, as plain data."""

from dataclasses import dataclass

from cli.explain import words
from cli.explain.finding import Finding, Sure
from cli.explain.phrases import known_part, translated
from engine.errors import Language, kinds
from engine.errors.kind import Check
from engine.errors.messages import language_of
from engine.errors.redact import public_words
from engine.errors.rules import SERVER_STATUSES

_MAX_CODE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the checklist."""

    ask: str
    where: str
    first: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a support engineer would write.

    Attributes:
        kind: stable name of the cause.
        language: of all sentences, ``en`` or ``zh``.
        original: the upstream's own words, without what is not for everybody.
        translation: the same in the report's language; empty if they are in it.
        status: HTTP status, ``None`` if it is not told.
        code: the error's code or type as sent.
        cause: what happened, in a few words.
        meaning: what that means.
        sure: ``certain``, ``likely`` or ``possible``.
        because: why that sure.
        gateway: the family that shows itself; may be empty.
        error_class: what a workflow's fail branch receives from this plugin.
        alternatives: what else it may be.
        affected: who else has this failure.
        remedy: what to do, in one sentence: the one that Dify shows.
        steps: the same in detail, in order.
        prevention: how it does not happen again.
        checklist: what to ask of the gateway.
        unknown: what the text does not tell.
        request_ids: for the gateway's operator.
    """

    kind: str
    language: Language
    original: str
    translation: str
    status: int | None
    code: str
    cause: str
    meaning: str
    sure: str
    because: str
    gateway: str
    error_class: str
    alternatives: tuple[str, ...]
    affected: str
    remedy: str
    steps: tuple[str, ...]
    prevention: str
    checklist: tuple[Question, ...]
    unknown: tuple[str, ...]
    request_ids: tuple[str, ...]


def report_on(finding: Finding, language: Language | None = None) -> Report:
    """The report of one error.

    Args:
        finding: the error.
        language: of the report; ``None`` for the error's own.
    """
    failure = finding.failure
    kind = failure.kind
    language = language or finding.language
    texts = failure.texts(language)
    # Of a refused key nothing is repeated but the words that are known.
    original = public_words(failure) or known_part(failure.words)
    return Report(
        kind=kind.name,
        language=language,
        original=original,
        translation=_translation(finding, original, language),
        status=failure.status or None,
        code=failure.code[:_MAX_CODE_CHARACTERS],
        cause=texts.headline,
        meaning=texts.meaning,
        sure=finding.sure.value,
        because=_because(finding, language),
        gateway=finding.family,
        error_class=kind.outcome.value,
        alternatives=tuple(one.texts(language).headline for one in finding.alternatives),
        affected=words.AFFECTED[kind.affects].say(language),
        remedy=texts.remedy,
        steps=tuple(words.STEPS[step].say(language) for step in kind.steps),
        prevention=texts.prevention,
        checklist=_checklist(kind.checks, language),
        unknown=_unknown(finding, language),
        request_ids=finding.request_ids,
    )


def _translation(finding: Finding, original: str, language: Language) -> str:
    said = finding.failure.words
    if not said or language_of(said) == language:
        return ""
    known = translated(said, language)
    if known or not original:
        return known
    headline = finding.failure.texts(language).headline
    return words.UNKNOWN_WORDS.say(language).format(headline=headline)


def _because(finding: Finding, language: Language) -> str:
    if finding.ours:
        return words.OURS.say(language)
    if finding.failure.kind is kinds.TRUNCATED and not finding.failure.words:
        return (words.ENDED if finding.sure is Sure.CERTAIN else words.OPEN).say(language)
    sentence = words.SURE[finding.sure].say(language)
    if finding.sure is Sure.LIKELY and not finding.failure.words:
        sentence += f" ({words.BY_STATUS.say(language)})"
    return sentence


def _checklist(checks: tuple[Check, ...], language: Language) -> tuple[Question, ...]:
    """All questions, those that suit the failure first."""
    ordered = (*checks, *(check for check in words.CHECKS if check not in checks))
    return tuple(
        Question(
            words.CHECKS[check].ask.say(language),
            words.CHECKS[check].where.say(language),
            check in checks,
        )
        for check in ordered
    )


def _unknown(finding: Finding, language: Language) -> tuple[str, ...]:
    failure = finding.failure
    missing = [
        words.NO_GATEWAY.say(language).format(headline=one.texts(language).headline)
        for one in finding.alternatives
    ]
    if finding.cut:
        missing.append(words.NOT_WHOLE.say(language))
    if not failure.status and not finding.ours:
        missing.append(words.NO_STATUS.say(language))
    if failure.kind is kinds.SERVER_ERROR and (failure.status or 500) in SERVER_STATUSES:
        missing.append(words.NO_CAUSE.say(language))
    if not finding.request_ids:
        missing.append(words.NO_ID.say(language))
    missing.append(words.NO_OTHERS.say(language))
    return tuple(missing)
