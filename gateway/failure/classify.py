"""From evidence to a failure."""

from gateway.failure import kinds
from gateway.failure.errors import Failure
from gateway.failure.evidence import Evidence
from gateway.failure.kinds import Kind
from gateway.failure.rules import RULES

_STATUS_OF_CODE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "permission_error": 403,
    "permission_denied": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "requests": 429,
    "tokens": 429,
    "insufficient_quota": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def classify(evidence: Evidence) -> Failure:
    """Judge one failed answer."""
    return Failure(
        kind=kind_of(evidence),
        status=evidence.status,
        words=evidence.message,
        code=evidence.codes[0] if evidence.codes else "",
        param=evidence.param,
        request_id=evidence.request_id,
        told_wait=evidence.told_wait,
        final=evidence.final,
        unstreamed=_refuses_to_stream(evidence),
        note=evidence.note,
    )


def kind_of(evidence: Evidence) -> Kind:
    """The kind that the first holding rule names."""
    status = effective_status(evidence)
    for rule in RULES:
        if rule.holds(evidence, status):
            return rule.kind
    return kinds.SERVER_ERROR


def effective_status(evidence: Evidence) -> int:
    """The status that an error stands for.

    An error inside HTTP 200 (in a stream, or a body that an upstream sent so) has none of its
    own: a numeric code or a well-known type tells it, and without either it is taken for a 500.
    """
    if evidence.status >= 300 or evidence.html:
        return evidence.status
    for code in evidence.codes:
        if code.isdecimal() and 400 <= int(code) < 600:
            return int(code)
        if code in _STATUS_OF_CODE:
            return _STATUS_OF_CODE[code]
    return 500


def _refuses_to_stream(evidence: Evidence) -> bool:
    """Whether asking without ``stream`` may work: OA answers a JSON body with param ``200``."""
    return evidence.param == "200" and "bad_response_status_code" in evidence.codes
