"""What each literal of the facts (gateway-errors.md 1, 2 and 7) is taken for.

Every rule has to decide at least one row of the table, so that none is dead and none is shadowed.
"""

import pytest

from gateway.failure import KINDS, classify, kinds
from gateway.failure.classify import effective_status, kind_of
from gateway.failure.evidence import Evidence
from gateway.failure.kinds import Kind
from gateway.failure.rules import RULES, Rule
from unit.seen_failures import BAD_STATUS, NA, OA, SATURATED, SEEN, Answer, a

ROWS = [
    pytest.param(answer, kind, id=f"{kind.name}-{number}")
    for kind, answers in SEEN.items()
    for number, answer in enumerate(answers)
]
WITHOUT_ANSWER = {
    kinds.CONNECT_FAILED,
    kinds.TLS_FAILED,
    kinds.CONNECTION_LOST,
    kinds.NO_ANSWER,
    kinds.TIME_LIMIT,
    kinds.EMPTY_ANSWER,
    kinds.TRUNCATED,
    kinds.MALFORMED_ANSWER,
    kinds.BROKEN_TOOL_CALL,
    kinds.QUEUE_FULL,
    kinds.QUEUE_TOO_LONG,
    kinds.GATEWAY_SHUT,
    kinds.KEYS_RESTING,
}
"""Kinds that no error's words lead to: there was none, a success that is not one, or no turn."""


@pytest.mark.parametrize(("answer", "kind"), ROWS)
def test_seen_answer_is_understood(answer: Answer, kind: Kind) -> None:
    assert kind_of(answer.evidence).name == kind.name


def deciding(evidence: Evidence) -> Rule | None:
    status = effective_status(evidence)
    return next((rule for rule in RULES if rule.holds(evidence, status)), None)


@pytest.mark.parametrize(
    "rule",
    [pytest.param(rule, id=f"{number}-{rule.source[:40]}") for number, rule in enumerate(RULES)],
)
def test_every_rule_decides_something_that_was_seen(rule: Rule) -> None:
    answers = [answer for answers in SEEN.values() for answer in answers]
    assert any(deciding(answer.evidence) is rule for answer in answers)


def test_every_kind_is_in_the_table() -> None:
    assert set(SEEN) == set(KINDS) - WITHOUT_ANSWER
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.source[:40])
def test_rule_with_codes_can_hold(rule: Rule) -> None:
    """Evidence holds codes in lower case: a capital in a rule would never match."""
    assert all(code == code.lower() for code in rule.codes or ())


def test_failure_carries_what_the_answer_said() -> None:
    answer = Answer(
        {**NA, "Retry-After": "2.5", "x-should-retry": "false"},
        400,
        "Bad thing (request id: r9)",
        {"type": "t", "param": "Stream"},
    )
    failure = classify(answer.evidence)
    assert (failure.status, failure.words, failure.code) == (400, "Bad thing", "t")
    assert (failure.param, failure.request_id, failure.told_wait) == ("stream", "r9", 2.5)
    assert failure.final
    assert not failure.unstreamed


@pytest.mark.parametrize(("param", "unstreamed"), [("200", True), ("404", False), ("", False)])
def test_one_api_refuses_to_stream_with_param_200(param: str, unstreamed: bool) -> None:
    answer = a(OA, 200, "bad response status code 200", param=param, code=BAD_STATUS)
    assert classify(answer.evidence).unstreamed == unstreamed


def test_saturated_text_proves_a_gateway_even_if_a_proxy_took_its_header() -> None:
    """Facts 1: `insufficient_quota` under that text is the operator's account, not the user's."""
    answer = a({}, 429, SATURATED, type="insufficient_quota", code="insufficient_quota")
    assert kind_of(answer.evidence) is kinds.UPSTREAM_QUOTA
