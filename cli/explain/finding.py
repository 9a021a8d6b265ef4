"""An error that was found in a text, and how sure that is."""

import re
from dataclasses import dataclass, field, replace
from enum import Enum

from engine.errors import Failure, Kind, Language


class Sure(Enum):
    """How sure a cause is, the surest first."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


_ORDER = list(Sure)
_HALF_ID = re.compile(r"\s*\((?:r(?:e(?:q.*)?)?)?$", re.DOTALL)
"""A request id that was cut off; a whole one is no part of the words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One error.

    Attributes:
        failure: what it is, with the upstream's words, code, status and request id.
        sure: how sure that is.
        alternatives: what else it may be, as the text does not tell.
        family: the gateway that shows itself in it; empty if none does.
        ours: the text is a message of this plugin.
        cut: a part of the error is missing, and might say more than what is left.
        request_ids: of the same error, seen several times.
        language: that the error speaks.
    """

    failure: Failure
    sure: Sure
    alternatives: tuple[Kind, ...] = ()
    family: str = ""
    ours: bool = False
    cut: bool = False
    request_ids: tuple[str, ...] = field(default=())
    language: Language = "en"


def merged(findings: list[Finding]) -> list[Finding]:
    """Each error once, in order: the same words inside several wrappers are one error."""
    distinct: list[Finding] = []
    for finding in findings:
        for number, other in enumerate(distinct):
            if _same(finding, other):
                distinct[number] = _both(other, finding)
                break
        else:
            distinct.append(replace(finding, request_ids=_ids(finding)))
    return [one for one in distinct if not any(_is_echo(one, other) for other in distinct)]


def _same(one: Finding, other: Finding) -> bool:
    """Whether two findings are one error, one of them perhaps cut short or without its words."""
    if one.failure.kind is not other.failure.kind or not _agree_on_status(one, other):
        return False
    here, there = _words(one), _words(other)
    return here in there or there in here


def _is_echo(one: Finding, other: Finding) -> bool:
    """Whether one is what was left of the other where the text names it again and is cut off."""
    return (
        one.cut
        and _tells(one) < _tells(other)
        and _agree_on_status(one, other)
        and (one.failure.kind is other.failure.kind or _words(one) in _words(other))
    )


def _tells(finding: Finding) -> tuple[bool, int, bool]:
    return not finding.cut, len(_words(finding)), bool(finding.failure.code)


def _agree_on_status(one: Finding, other: Finding) -> bool:
    return len({one.failure.status, other.failure.status} - {None, 0, 200}) < 2


def _words(finding: Finding) -> str:
    return _HALF_ID.sub("", finding.failure.words).strip(" .。…,，\"'").replace("，", ",")


def _both(one: Finding, other: Finding) -> Finding:
    richer, poorer = (other, one) if len(_words(other)) > len(_words(one)) else (one, other)
    failure = richer.failure
    failure = replace(
        failure,
        status=failure.status or poorer.failure.status,
        code=failure.code or poorer.failure.code,
        param=failure.param or poorer.failure.param,
        request_id=failure.request_id or poorer.failure.request_id,
    )
    return replace(
        richer,
        failure=failure,
        sure=min(one.sure, other.sure, key=_ORDER.index),
        family=richer.family or poorer.family,
        ours=one.ours or other.ours,
        cut=one.cut and other.cut,
        request_ids=tuple(dict.fromkeys((*_ids(one), *_ids(other)))),
        language="zh" if "zh" in (one.language, other.language) else "en",
    )


def _ids(finding: Finding) -> tuple[str, ...]:
    own = (finding.failure.request_id,) if finding.failure.request_id else ()
    return tuple(dict.fromkeys((*finding.request_ids, *own)))
