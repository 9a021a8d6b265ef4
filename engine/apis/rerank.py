"""Rerank requests in the shape that Jina and Cohere share, and answers to rely on.

Answers come in more shapes than that: ``data`` (Voyage), ``output.results`` (DashScope) and a bare
list (Text Embeddings Inference), where a gateway hands them on as they are; scores as text, and
none at all for a document that the model could not judge, which is left out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.apis.indexed import Entry, entries_of, list_of, number_of, positions_of
from engine.apis.json_answer import MalformedError, json_reader
from engine.errors import AttemptError, Failure
from engine.errors.kinds import SERVER_ERROR
from engine.errors.messages import message
from engine.request import Payload, Request, Reuse
from engine.text.blank import not_blank

PATH = "rerank"

_SCORES = ("relevance_score", "score", "relevanceScore", "rerank_score")

type Part = str | Mapping[str, str]
"""A text; or, for models that take images, ``{"text": ...}`` or ``{"image": BASE64}``."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One document's relevance.

    Attributes:
        index: position of the document among those that were sent.
        score: as the model gave it; nothing is scaled.
    """

    index: int
    score: float


def _load(kept: object) -> list[Ranked]:
    if not isinstance(kept, list):
        raise TypeError
    return [Ranked(int(index), float(score)) for index, score in kept]


RERANK_REUSE = Reuse(
    "rerank", dump=lambda ranked: [[one.index, one.score] for one in ranked], load=_load
)


def rerank_request(
    model: str, query: Part, documents: Sequence[Part], *, top_n: int | None = None, user: str = ""
) -> Request[list[Ranked]]:
    """Ask how relevant these documents are.

    Args:
        model: the model's name.
        query: what they are to be relevant to.
        documents: at least one.
        top_n: how many of the best are wanted; ``None`` for all. Servers refuse more than there
            are documents, and Dify's value knows nothing of their number.
        user: on whose behalf; the body has no place for it.
    """
    payload: Payload = {
        "model": model,
        "query": query,
        "documents": [not_blank(document) for document in documents],
        # They are here already.
        "return_documents": False,
    }
    if top_n is not None:
        payload["top_n"] = min(top_n, len(documents))
    count = len(documents)
    reader = json_reader(lambda document: parse_rerank(document, count), name_of_list="results")
    return Request(PATH, payload, reader, asker=user, reuse=RERANK_REUSE)


def parse_rerank(document: Mapping[str, object], count: int) -> list[Ranked]:
    """Read an answer: the documents that it ranks, the best first.

    Usage and the documents themselves, as texts or as objects, are passed over.

    Args:
        document: the answer.
        count: of the documents that were sent.

    Raises:
        MalformedError: it ranks nothing, has no score, or an index that cannot be.
        AttemptError: New API hid an error of its upstream.
    """
    if "results" in document and document["results"] is None:
        raise AttemptError(Failure(SERVER_ERROR, facts=(message("facts.hidden_error"),)))
    entries = _entries(document, count)
    if not entries:
        raise MalformedError("ranks_nothing", count=count)
    positions = positions_of(entries, count)
    scores = [_score(entry) for entry in entries]
    ranked = [
        Ranked(position, score)
        for position, score in zip(positions, scores, strict=True)
        if score is not None
    ]
    if not ranked:
        raise MalformedError("no_scores")
    return sorted(ranked, key=lambda one: (-one.score, one.index))


def _entries(document: Mapping[str, object], count: int) -> list[Entry]:
    """One entry for each document that is ranked; bare scores are in the documents' order."""
    found = list_of(document, "results", "data", "rankings", "ranks", "scores")
    if found and len(found) == count and all(number_of(one) is not None for one in found):
        return [{"index": at, "score": score} for at, score in enumerate(found)]
    return entries_of({"results": found}, "results")


def _score(entry: Entry) -> float | None:
    """How relevant a document is; ``None`` where nothing was found out about it.

    Raises:
        MalformedError: what stands there is no number.
    """
    names = [name for name in _SCORES if name in entry]
    told = next((entry[name] for name in names if entry[name] is not None), None)
    if names and told is None:
        return None
    score = number_of(told)
    if score is None or not math.isfinite(score):
        raise MalformedError("no_score")
    return score
