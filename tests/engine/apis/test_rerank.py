"""Rerank requests, and what of an answer is believed."""

import math
from typing import Any

import pytest

from engine.apis.json_answer import MalformedError
from engine.apis.rerank import Part, Ranked, parse_rerank, rerank_request
from engine.errors import AttemptError, kinds


def ranked(*pairs: tuple[object, object], **more: Any) -> dict[str, Any]:
    return {"results": [{"index": at, "relevance_score": s, **more} for at, s in pairs]}


def test_the_request_asks_for_all_and_for_no_documents_back() -> None:
    request = rerank_request("m", "q", ["a", "b"], user="u")
    assert request.path == "rerank"
    assert request.payload == {
        "model": "m",
        "query": "q",
        "documents": ["a", "b"],
        "return_documents": False,
    }
    assert request.user == "u"
    assert rerank_request("m", "q", ["a", "b"], top_n=3).payload["top_n"] == 2


def test_a_blank_document_does_not_lose_the_others() -> None:
    parts: list[Part] = ["a", " ", {"text": "\u200b"}, {"image": "aGk="}]
    sent = rerank_request("m", "q", parts).payload["documents"]
    assert sent == ["a", ".", {"text": "."}, {"image": "aGk="}]


@pytest.mark.parametrize(
    "document",
    [
        ranked((1, 0.9), (0, 0.2)),
        ranked((0, 0.2), (1, 0.9)),
        ranked((0, 0.2), (1, 0.9), document="a text"),
        ranked((0, 0.2), (1, 0.9), document={"text": "a text"}),
        {"results": [{"index": 0, "score": 0.2}, {"index": 1, "score": 0.9}]},
        {"data": ranked((0, 0.2), (1, 0.9))["results"]},
        {**ranked((0, 0.2), (1, 0.9)), "usage": {"total_tokens": 0}},
        ranked((1, "0.9"), (0, "0.2")),
        ranked(("1", 0.9), ("0", 0.2)),
        ranked((2, 0.9), (1, 0.2)),
        {
            "results": [
                {"index": 0, "relevance_score": None, "score": 0.2},
                {"index": 1, "score": 0.9},
            ]
        },
        {"scores": [0.2, 0.9]},
        {"data": {"results": ranked((0, 0.2), (1, 0.9))["results"]}},
        {"output": ranked((0, 0.2), (1, 0.9)), "usage": {"total_tokens": 9}, "request_id": "r"},
    ],
)
def test_the_best_come_first_with_their_true_scores(document: dict[str, Any]) -> None:
    assert parse_rerank(document, 2) == [Ranked(1, 0.9), Ranked(0, 0.2)]


def test_a_document_without_a_score_does_not_lose_the_others() -> None:
    assert parse_rerank(ranked((0, 0.2), (1, None), (2, 0.4)), 3) == [
        Ranked(2, 0.4),
        Ranked(0, 0.2),
    ]


def test_equal_scores_keep_the_order_of_the_documents() -> None:
    assert [one.index for one in parse_rerank(ranked((2, 1), (0, 1), (1, 1)), 3)] == [0, 1, 2]


@pytest.mark.parametrize("score", [0.95, 0.02, -7.5, 0])
def test_a_score_is_not_scaled(score: float) -> None:
    """Min-max scaling would make 0.0 of a single document, and filter it (facts: peers, 4)."""
    assert parse_rerank(ranked((0, score)), 1) == [Ranked(0, float(score))]


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({}, "no list “results”"),
        ({"results": "x"}, "no list “results”"),
        (ranked(), "ranks none of 2"),
        (ranked((0, 0.5), (0, 0.4)), "index 0 twice"),
        (ranked((2, 0.5)), "index 2, but 2 inputs"),
        (ranked((-1, 0.5)), "index -1"),
        (ranked((None, 0.5)), "no index"),
        (ranked(("first", 0.5)), "no index"),
        (ranked((1, 0.5), (2, 0.4), (3, 0.3)), "index 2, but 2 inputs"),
        (ranked((0, None)), "No document has a score"),
        (ranked((0, "high")), "no score"),
        (ranked((0, "NaN")), "no score"),
        ({"results": [{"index": 0}]}, "no score"),
        ({"results": [0.5]}, "no list “results”"),
        (ranked((0, True)), "no score"),
        (ranked((0, math.nan)), "no score"),
        (ranked((0, math.inf)), "no score"),
    ],
)
def test_what_cannot_be_believed_is_refused(document: dict[str, Any], what: str) -> None:
    with pytest.raises(MalformedError, match=what):
        parse_rerank(document, 2)


def test_an_error_that_new_api_hid_is_one_of_its_upstream() -> None:
    with pytest.raises(AttemptError) as raised:
        parse_rerank({"results": None, "usage": {"total_tokens": 0}}, 2)
    assert raised.value.failure.kind is kinds.SERVER_ERROR
    assert raised.value.failure.facts[0].key == "facts.hidden_error"
