"""Rerank through the process: true scores, and zeros that mean unset."""

import pytest

from devtools import Json, Session, predefined
from simulator.results import score_of
from tests.process.rig import Rig, error_of, succeeded
from tests.process.scripted import Scripted, answering

DOCS = [f"document {number}" for number in range(8)]
BEST_FIRST = sorted(range(8), key=lambda index: -score_of(DOCS[index]))


def form(rig: Rig) -> Json:
    return predefined(rig.simulator.base_url, rig.key)


def rerank(rig: Rig, model: str, docs: list[str], **extra: float) -> Session:
    return rig.plugin.rerank(model, "q", docs, credentials=form(rig), **extra)  # type: ignore[arg-type]


def indexes(session: Session) -> list[int]:
    return [doc["index"] for doc in succeeded(session).value["docs"]]


def test_zeros_mean_unset(rig: Rig) -> None:
    """The daemon makes 0 of a number and a threshold that were not given."""
    assert indexes(rerank(rig, "openai/ok", DOCS)) == BEST_FIRST
    assert rig.bodies() == [
        {"model": "openai/ok", "query": "q", "documents": DOCS, "return_documents": False}
    ]


def test_the_best_few_are_asked_for(rig: Rig) -> None:
    assert indexes(rerank(rig, "new-api/ok", DOCS, top_n=3)) == BEST_FIRST[:3]
    assert [body["top_n"] for body in rig.bodies()] == [3]


def test_a_threshold_holds_for_true_scores(rig: Rig) -> None:
    threshold = score_of(DOCS[BEST_FIRST[4]])
    session = rerank(rig, "openai/ok", DOCS, score_threshold=threshold)
    assert indexes(session) == BEST_FIRST[:5]
    assert [doc["score"] for doc in session.value["docs"]] == [
        score_of(DOCS[index]) for index in BEST_FIRST[:5]
    ]


def test_a_single_document_keeps_its_score(rig: Rig) -> None:
    """The SDK's class scales it to 0.0, and a threshold then filters it."""
    (doc,) = succeeded(rerank(rig, "openai/ok", DOCS[:1], score_threshold=0.0001)).value["docs"]
    assert doc == {"index": 0, "text": DOCS[0], "score": score_of(DOCS[0])}


def test_no_documents_are_answered_without_a_call(rig: Rig) -> None:
    assert succeeded(rerank(rig, "rix/sat-forever", [])).value["docs"] == []
    assert rig.seen() == []


@pytest.mark.parametrize(
    "behaviour", ["documents-as-text", "documents-absent", "usage-zero", "index-reversed"]
)
@pytest.mark.parametrize("family", ["new-api", "rix", "openai"])
def test_shapes_of_an_answer(rig: Rig, family: str, behaviour: str) -> None:
    session = succeeded(rerank(rig, f"{family}/{behaviour}", DOCS))
    assert indexes(session) == BEST_FIRST
    assert [doc["text"] for doc in session.value["docs"]] == [DOCS[index] for index in BEST_FIRST]


RESULTS = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": -2.5}]


@pytest.mark.parametrize(
    "document",
    [
        [{"index": one["index"], "score": one["relevance_score"]} for one in RESULTS],
        {"output": {"results": RESULTS}, "usage": {"total_tokens": 9}, "request_id": "r"},
        {"object": "list", "data": RESULTS, "usage": {"total_tokens": 9}},
    ],
    ids=["Text Embeddings Inference", "DashScope", "Voyage"],
)
def test_shapes_of_servers_behind_a_gateway(rig: Rig, document: object) -> None:
    with Scripted(answering(200, document)) as server:
        form = predefined(server.base_url, rig.key)
        session = rig.plugin.rerank("m", "q", DOCS[:2], credentials=form)
        docs = succeeded(session).value["docs"]
    assert [(doc["index"], doc["score"]) for doc in docs] == [(1, 0.9), (0, -2.5)]


def test_documents_that_would_kill_the_plugin_are_refused(rig: Rig) -> None:
    """Their texts go back to Dify, all in one line; a part of them that is wanted may fit."""
    large = [f"{number}{'大' * 20_000}" for number in range(100)]
    session = rerank(rig, "openai/ok", large)
    error = error_of(session)
    assert error.error_type == "InvokeBadRequestError"
    assert "lower Top K" in error.message
    few = succeeded(rerank(rig, "openai/ok", large, top_n=60))
    assert len(few.value["docs"]) == 60
    assert rig.plugin.violations == []


def test_an_error_that_new_api_hides_is_one(rig: Rig) -> None:
    error = error_of(rerank(rig, "new-api/error-in-200", DOCS))
    assert error.error_type == "InvokeServerUnavailableError"
    assert "hid an error" in error.message
    assert len(rig.seen()) == 4


def multimodal(rig: Rig, query: Json, docs: list[Json]) -> Session:
    return rig.plugin.invoke(
        "invoke_multimodal_rerank",
        model_type="rerank",
        model="openai/ok",
        credentials=form(rig),
        query=query,
        docs=docs,
        score_threshold=0,
        top_n=0,
    )


def test_images_are_ranked_and_not_handed_back(rig: Rig) -> None:
    text = {"content": "a cat", "content_type": "text"}
    image = {"content": "aGk=", "content_type": "image"}
    docs = succeeded(multimodal(rig, text, [text, image])).value["docs"]
    assert {doc["index"]: doc["text"] for doc in docs} == {0: "a cat", 1: ""}
    succeeded(multimodal(rig, image, [text]))
    first, second = rig.bodies()
    assert (first["query"], first["documents"]) == ("a cat", [{"text": "a cat"}, {"image": "aGk="}])
    assert second["query"] == {"image": "aGk="}
