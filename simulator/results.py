"""What succeeds at the endpoints that answer with a result instead of words, as upstream sends it.

Vectors and scores follow from the texts alone, so that whoever gets them can tell whether each
belongs to its text.
"""

import base64
import struct
import zlib
from typing import Any, Protocol

from simulator.call import Call

DIMENSIONS = 4
"""Of the recorded upstream's vectors."""

FLAGGED = "forbidden"
"""A text that holds this word is flagged by moderation."""

HEARD = "hello from the upstream"
"""The text of every recording."""


class Result(Protocol):
    """Makes the JSON document of a success."""

    def __call__(self, call: Call, *, usage: bool) -> dict[str, Any]:
        """The document, with usage or without."""


def vector_of(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A vector that belongs to this text: its values are exact in 32 bits, none is zero."""
    seed = zlib.crc32(text.encode())
    return [((seed >> at % 24) % 255 + 1) / 256 for at in range(dimensions)]


def score_of(text: str) -> float:
    """A relevance that belongs to this document, from 0 to 1."""
    return zlib.crc32(text.encode()) % 10_001 / 10_000


def texts_of(value: object) -> list[str]:
    """Inputs or documents as texts, however they are written."""
    items = value if isinstance(value, list) else [value]
    return [
        str(one.get("text") or one.get("image")) if isinstance(one, dict) else str(one)
        for one in items
    ]


def embeddings(call: Call, *, usage: bool) -> dict[str, Any]:
    """A vector for each input, as numbers or in base64."""
    texts = texts_of(call.body.get("input", ""))
    dimensions = call.body.get("dimensions") or DIMENSIONS
    vectors: list[Any] = [vector_of(text, dimensions) for text in texts]
    if call.body.get("encoding_format") == "base64":
        vectors = [in_base64(vector) for vector in vectors]
    data = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in enumerate(vectors)
    ]
    value: dict[str, Any] = {"object": "list", "data": data, "model": call.model}
    return value | ({"usage": {"prompt_tokens": 6, "total_tokens": 6}} if usage else {})


def in_base64(vector: list[float]) -> str:
    """A vector as 32-bit floats, little-endian."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def rerank(call: Call, *, usage: bool) -> dict[str, Any]:
    """A score for each document, best first."""
    documents = texts_of(call.body.get("documents", []))
    order = sorted(range(len(documents)), key=lambda index: -score_of(documents[index]))
    results = []
    for index in order[: call.body.get("top_n") or len(order)]:
        one: dict[str, Any] = {"index": index, "relevance_score": score_of(documents[index])}
        if call.body.get("return_documents") is not False:
            one["document"] = {"text": documents[index]}
        results.append(one)
    value: dict[str, Any] = {"id": "rerank-up1", "model": call.model, "results": results}
    return value | ({"usage": {"prompt_tokens": 9, "total_tokens": 9}} if usage else {})


def moderations(call: Call, *, usage: bool) -> dict[str, Any]:
    """A verdict on each input; usage is never sent."""
    del usage
    verdicts = [FLAGGED in text for text in texts_of(call.body.get("input", ""))]
    results = [
        {
            "flagged": flagged,
            "categories": {"violence": flagged},
            "category_scores": {"violence": 0.99 if flagged else 0.01},
        }
        for flagged in verdicts
    ]
    return {"id": "modr-1", "model": call.model, "results": results}


def transcriptions(call: Call, *, usage: bool) -> dict[str, Any]:
    """What was heard; usage is always sent."""
    del call, usage
    tokens = {"input_tokens": 14, "output_tokens": 5, "total_tokens": 19}
    details = {"text_tokens": 0, "audio_tokens": 14}
    use = {"type": "tokens", **tokens, "input_token_details": details}
    return {"text": HEARD, "usage": use}


RESULTS: dict[str, Result] = {
    "embeddings": embeddings,
    "rerank": rerank,
    "moderations": moderations,
    "transcriptions": transcriptions,
}
"""Endpoint -> its result."""
