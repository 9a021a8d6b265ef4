"""From evidence to a failure."""

import re

from engine.errors import kinds
from engine.errors.evidence import Evidence
from engine.errors.exceptions import Failure
from engine.errors.kinds import Kind
from engine.errors.messages import message
from engine.errors.rules import RULES, UNKNOWN_STATUS, Rule

_UNKNOWN = Rule(kinds.SERVER_ERROR, "nothing that is known")
_STATUS_CODE = re.compile(r"[45]\d\d(?:$|[ _])")

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
    # How the Responses API says within a stream that something is wrong with the request.
    "invalid_prompt": 400,
    "invalid_image": 400,
    "invalid_image_format": 400,
    "invalid_base64_image": 400,
    "invalid_image_url": 400,
    "invalid_image_mode": 400,
    "image_file_not_found": 400,
    "image_too_large": 400,
    "image_too_small": 400,
    "image_parse_error": 400,
    "image_file_too_large": 400,
    "unsupported_image_media_type": 400,
    "empty_image_file": 400,
    # MiniMax, within a 200: what is wrong with the request.
    "base_resp.2013": 400,
    "failed_to_download_image": 400,
}

KNOWN_CODES = frozenset(_STATUS_OF_CODE)
"""Types and codes that OpenAI and Anthropic document."""


def classify(evidence: Evidence) -> Failure:
    """Judge one failed answer."""
    rule = rule_of(evidence) or _UNKNOWN
    words = "" if rule.hides_words else evidence.message
    return Failure(
        kind=rule.kind,
        status=evidence.status,
        words=words,
        code=evidence.codes[0] if evidence.codes else "",
        param=evidence.param,
        request_id=evidence.request_id,
        retry_after=evidence.retry_after,
        limits_key=evidence.limits_key,
        final=evidence.final or rule.final,
        ambiguous=rule.ambiguous,
        unstreamed=_refuses_to_stream(evidence),
        note=evidence.note,
        facts=(message(f"facts.{rule.fact}"),) if rule.fact else (),
    )


def kind_of(evidence: Evidence) -> Kind:
    """The kind that the first holding rule names."""
    return (rule_of(evidence) or _UNKNOWN).kind


def rule_of(evidence: Evidence) -> Rule | None:
    """The first rule that holds."""
    status = effective_status(evidence)
    return next((rule for rule in RULES if rule.holds(evidence, status)), None)


def effective_status(evidence: Evidence) -> int:
    """The status that an error stands for.

    An error inside HTTP 200 (in a stream, or a body that an upstream sent so) has none of its
    own, and one that the gateway retells has lost it: a numeric code or a well-known type tells
    it, and without either it is taken for a 500, or is as unknown as the answer's. Under 400 and
    5xx, which gateways give to what they cannot place, a numeric code counts more than the status.
    """
    if evidence.html:
        return evidence.status
    if evidence.status >= 300 and not evidence.retold:
        is_vague = evidence.status == 400 or evidence.status >= 500
        told = evidence.inner_status or _numeric(evidence.codes[:2])
        # What was not found there says nothing of the address that was asked.
        return told if is_vague and told not in (0, 404, 405) else evidence.status
    for code in evidence.codes:
        if number := _numeric((code,)):
            return number
        if code in _STATUS_OF_CODE:
            return _STATUS_OF_CODE[code]
    return 500 if evidence.status else UNKNOWN_STATUS


def _numeric(codes: tuple[str, ...]) -> int:
    """The first code that is a status of an error, 0 if none is."""
    numbers = (int(code[:3]) for code in codes if _STATUS_CODE.match(code))
    return next(numbers, 0)


def _refuses_to_stream(evidence: Evidence) -> bool:
    """Whether asking without ``stream`` may work: OA answers a JSON body with param ``200``."""
    return evidence.param == "200" and "bad_response_status_code" in evidence.codes
