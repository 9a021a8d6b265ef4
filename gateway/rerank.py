"""Rerank requests in the shape that Jina and Cohere share, and answers to rely on.

Answers come in more shapes than that: ``data`` (Voyage), ``output.results`` (DashScope) and a bare
list (Text Embeddings Inference), where a gateway hands them on as they are.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.failure import AttemptError, Failure
from gateway.failure.kinds import SERVER_ERROR
from gateway.indexed import entries_of, positions_of
from gateway.json_answer import MalformedError, json_reader
from gateway.request import Payload, Request, Reuse

PATH = "rerank"

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
        "documents": list(documents),
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
    output = document.get("output")
    if isinstance(output, Mapping):
        document = output
    if "results" in document and document["results"] is None:
        detail = "The gateway hid an error of its upstream: it answered without results."
        raise AttemptError(Failure(SERVER_ERROR, detail=detail))
    entries = entries_of(document, "results", "data")
    if not entries:
        raise MalformedError(f"It ranks none of {count} documents.")
    positions = positions_of(entries, count)
    ranked = [
        Ranked(position, _score(entry)) for position, entry in zip(positions, entries, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.index))


def _score(entry: Mapping[str, object]) -> float:
    score = entry.get("relevance_score", entry.get("score"))
    if not isinstance(score, int | float) or isinstance(score, bool) or not math.isfinite(score):
        raise MalformedError("A document has no score.")
    return float(score)
