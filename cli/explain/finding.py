"""An error that was found in a text, and how sure that is."""

from dataclasses import dataclass, field, replace
from enum import Enum

from gateway.failure import Failure, Kind


class Sure(Enum):
    """How sure a cause is, the surest first."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


_ORDER = list(Sure)


@dataclass(frozen=True, slots=True)
class Finding:
    """One error.

    Attributes:
        failure: what it is, with the upstream's words, code, status and request id.
        sure: how sure that is.
        alternatives: what else it may be, as the text does not tell.
        family: the gateway that shows itself in it; empty if none does.
        ours: the text is a message of this plugin.
        request_ids: of the same error, seen several times.
    """

    failure: Failure
    sure: Sure
    alternatives: tuple[Kind, ...] = ()
    family: str = ""
    ours: bool = False
    request_ids: tuple[str, ...] = field(default=())


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
    return distinct


def _same(one: Finding, other: Finding) -> bool:
    """Whether two findings are one error, one of them perhaps cut short or without its words."""
    if one.failure.kind is not other.failure.kind:
        return False
    here, there = _words(one), _words(other)
    statuses = {one.failure.status, other.failure.status} - {None, 0, 200}
    return len(statuses) < 2 and (here.startswith(there) or there.startswith(here))


def _words(finding: Finding) -> str:
    return finding.failure.words.strip(" .。…,，\"'").replace("，", ",")


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
        request_ids=tuple(dict.fromkeys((*_ids(one), *_ids(other)))),
    )


def _ids(finding: Finding) -> tuple[str, ...]:
    own = (finding.failure.request_id,) if finding.failure.request_id else ()
    return tuple(dict.fromkeys((*finding.request_ids, *own)))
