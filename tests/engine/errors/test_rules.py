"""What each known answer is taken for: those of the facts and of vendors, and the labelled ones.

Every rule has to decide at least one of them, or of what the simulator's gateways say of
themselves, so that none is dead and none is shadowed. A new error is a row of a rule and a row of
the simulator (or, where no simulated gateway says it, of `known.jsonl`), and nothing else.
"""

import json

import pytest

from engine.errors import KINDS, classify, kinds
from engine.errors.classify import kind_of, rule_of
from engine.errors.evidence import Evidence, read_evidence
from engine.errors.rules import RULES, Rule
from simulator.own import OWN, Refusal
from tests.support.details import details
from tests.wild.cases import Case, read_cases

OA = {"X-Oneapi-Request-Id": "2026112405"}
SATURATED = "当前分组上游负载已饱和，请稍后再试 (request id: 2026112405)"

KNOWN = read_cases("known")
LABELLED = read_cases("errors")

WITHOUT_ANSWER = {
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


def evidence_of(case: Case) -> Evidence:
    return read_evidence(case["status"], case["headers"], case["body"].encode())


def answer(status: int, headers: dict[str, str], **error: object) -> Evidence:
    return read_evidence(status, headers, json.dumps({"error": error}).encode())


def said_by(family: str, refusal: Refusal) -> Evidence:
    """A simulated gateway's own refusal, as an answer."""
    kind = refusal.kind or f"{family.replace('-', '_')}_error"
    return answer(refusal.status, OA, message=refusal.message, type=kind, code=refusal.code)


DECIDED = [
    *(rule_of(evidence_of(case)) for case in (*KNOWN, *LABELLED)),
    *(rule_of(said_by(who, row)) for rows in OWN.values() for who, row in rows.items()),
]


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: case["id"])
def test_known_answer_is_understood(case: Case) -> None:
    # What a parameter or smaller parts cure is judged by its success (wild/test_errors).
    if not case["revises"] and not case.get("while"):
        assert kind_of(evidence_of(case)).name in (case["kind"], *case.get("also", ()))


@pytest.mark.parametrize(
    "rule",
    [pytest.param(rule, id=f"{number}-{rule.source[:40]}") for number, rule in enumerate(RULES)],
)
def test_every_rule_decides_something_that_was_seen(rule: Rule) -> None:
    assert any(decided is rule for decided in DECIDED)


def test_every_kind_is_in_the_table() -> None:
    assert {case["kind"] for case in KNOWN} == {
        kind.name for kind in KINDS if kind not in WITHOUT_ANSWER
    }
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.source[:40])
def test_rule_with_codes_can_hold(rule: Rule) -> None:
    """Evidence holds codes in lower case: a capital in a rule would never match."""
    assert all(code == code.lower() for code in rule.codes or ())


def test_failure_carries_what_the_answer_said() -> None:
    headers = {**OA, "Retry-After": "2.5", "x-should-retry": "false"}
    said = {"message": "Bad thing (request id: r9)", "type": "t", "param": "Stream"}
    failure = classify(answer(400, headers, **said))
    assert (failure.status, failure.words, failure.code) == (400, "Bad thing", "t")
    assert (failure.param, failure.request_id, failure.retry_after) == ("stream", "r9", 2.5)
    assert failure.final
    assert not failure.unstreamed


@pytest.mark.parametrize(("param", "unstreamed"), [("200", True), ("404", False), ("", False)])
def test_one_api_refuses_to_stream_with_param_200(param: str, unstreamed: bool) -> None:
    said = {"message": "bad response status code 200", "param": param}
    evidence = answer(200, OA, code="bad_response_status_code", **said)
    assert classify(evidence).unstreamed == unstreamed


def test_saturated_text_proves_a_gateway_even_if_a_proxy_took_its_header() -> None:
    """Facts 1: `insufficient_quota` under that text is the operator's account, not the user's."""
    evidence = answer(429, {}, message=SATURATED, code="insufficient_quota")
    assert kind_of(evidence) is kinds.UPSTREAM_QUOTA


def test_words_that_are_not_about_the_failure_are_not_shown() -> None:
    """done-hub says of every fault that it is full: its reader would wait in vain."""
    failure = classify(answer(503, OA, message=SATURATED, code="service_unavailable"))
    assert (failure.kind, failure.words) == (kinds.SERVER_ERROR, "")
    assert details(failure)
