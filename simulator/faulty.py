"""Results that are wrong or oddly written, by name: what a client has to notice or to put up with.

Each is made of the document that a success would be; what it does not apply to stays a success.
"""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from simulator.answer import Answer, json_answer
from simulator.call import Call
from simulator.errors import INVALID, error
from simulator.results import RESULTS, texts_of, vector_of
from simulator.streams import UPSTREAM_HEADERS

type Document = dict[str, Any]
type Change = Callable[[Call, Document], None]

_LISTS = {"embeddings": "data", "rerank": "results", "moderations": "results"}


def _entries(call: Call, document: Document) -> list[Document]:
    entries: list[Document] = document[_LISTS[call.endpoint]]
    return entries


def _set(index: int, name: str, value: Any) -> Change:
    """Give one entry another value."""

    def change(call: Call, document: Document) -> None:
        entries = _entries(call, document)
        entries[min(index, len(entries) - 1)][name] = value

    return change


def _all(name: str, value: Any) -> Change:
    """Give every entry this value; None takes it away."""

    def change(call: Call, document: Document) -> None:
        for entry in _entries(call, document):
            if value is None:
                entry.pop(name, None)
            else:
                entry[name] = value

    return change


def _too_few(call: Call, document: Document) -> None:
    _entries(call, document).pop()


def _too_many(call: Call, document: Document) -> None:
    entries = _entries(call, document)
    entries.append({**entries[-1], "index": len(entries)})


def _none(call: Call, document: Document) -> None:
    document[_LISTS[call.endpoint]] = []


def _null(call: Call, document: Document) -> None:
    document[_LISTS[call.endpoint]] = None


def _twice(call: Call, document: Document) -> None:
    first, second, *_ = _entries(call, document)
    second["index"] = first["index"]


def _reversed(call: Call, document: Document) -> None:
    _entries(call, document).reverse()


def _shorter(call: Call, document: Document) -> None:
    entry = _entries(call, document)[-1]
    entry["embedding"] = entry["embedding"][:1]


def _as_numbers(call: Call, document: Document) -> None:
    """The encoding that was asked for is ignored."""
    for entry, text in zip(_entries(call, document), texts_of(call.body["input"]), strict=True):
        entry["embedding"] = vector_of(text)


def _by_batch(call: Call, document: Document) -> None:
    """As many dimensions as there are inputs: another channel for each batch."""
    texts = texts_of(call.body["input"])
    for entry, text in zip(_entries(call, document), texts, strict=True):
        entry["embedding"] = vector_of(text, len(texts))


def _documents_as_text(call: Call, document: Document) -> None:
    for entry, text in zip(
        _entries(call, document), texts_of(call.body["documents"]), strict=False
    ):
        entry["document"] = text


def _under_data(_call: Call, document: Document) -> None:
    """The list under the name that embeddings have it under."""
    document["data"] = document.pop("results")


def _usage_zero(_call: Call, document: Document) -> None:
    document["usage"] = {"prompt_tokens": 0, "total_tokens": 0}


CHANGES: dict[str, Change] = {
    "result-too-few": _too_few,
    "result-too-many": _too_many,
    "result-none": _none,
    "result-null": _null,
    "index-twice": _twice,
    "index-beyond": _set(0, "index", 99),
    "index-negative": _set(0, "index", -1),
    "index-as-text": _set(0, "index", "0"),
    "index-reversed": _reversed,
    "index-missing": _all("index", None),
    "index-absent": _all("index", None),
    "index-all-zero": _all("index", 0),
    "vector-zero": _set(1, "embedding", [0.0, 0.0, 0.0, 0.0]),
    "vector-nan": _set(1, "embedding", [0.5, math.nan, 0.5, 0.5]),
    "vector-nan-base64": _set(1, "embedding", "AAAAPwAAwH8AAAA/AAAAPw=="),
    "vector-infinite": _set(1, "embedding", [0.5, math.inf, 0.5, 0.5]),
    "vector-empty": _set(1, "embedding", []),
    "vector-null": _set(1, "embedding", None),
    "vector-shorter": _shorter,
    "vector-of-words": _set(1, "embedding", ["a", "b", "c", "d"]),
    "vector-no-base64": _set(1, "embedding", "no vector"),
    "vectors-as-numbers": _as_numbers,
    "vectors-by-batch": _by_batch,
    "score-nan": _set(0, "relevance_score", math.nan),
    "score-as-text": _set(0, "relevance_score", "high"),
    "score-missing": _all("relevance_score", None),
    "documents-as-text": _documents_as_text,
    "documents-absent": _all("document", None),
    "results-under-data": _under_data,
    "usage-zero": _usage_zero,
    "verdict-missing": _all("flagged", None),
    "verdict-as-text": _set(0, "flagged", "no"),
}
"""name -> what is done to the document of a success."""

_LONG_NUMBER = -1.2345678901234567e-100
_LIMIT = re.compile(r"(?P<what>batch|odd-batch|context|dimensions|long-numbers)-(?P<number>\d+)")


def play(call: Call) -> Answer | None:
    """The answer of one of these behaviours, or None if the name is none."""
    limit = _LIMIT.fullmatch(call.behaviour)
    if call.endpoint not in RESULTS or (limit is None and call.behaviour not in CHANGES):
        return None
    if limit is not None:
        return _limited(call, limit["what"], int(limit["number"]))
    document = RESULTS[call.endpoint](call, usage=True)
    CHANGES[call.behaviour](call, document)
    return json_answer(200, document, UPSTREAM_HEADERS)


def _limited(call: Call, what: str, number: int) -> Answer:
    """At most so many inputs, or so many characters of one; or vectors of so many dimensions.

    `odd-batch` refuses in words that nobody knows; `long-numbers` writes each number in as many
    characters as one can have.
    """
    inputs = texts_of(call.body.get("input", call.body.get("documents")))
    if what == "batch" and len(inputs) > number:
        return json_answer(400, _too_large_a_batch(number))
    if what == "odd-batch" and len(inputs) > number:
        words = f"Invalid parameter: at most {number} elements in input"
        return json_answer(400, error(words, INVALID))
    if what == "context" and any(len(text) > number for text in inputs):
        return json_answer(400, _too_long_a_text(number))
    if what == "long-numbers":
        document = RESULTS[call.endpoint](call, usage=True)
        for at, entry in enumerate(document["data"], start=1):
            entry["embedding"] = [_LONG_NUMBER / at] * number
        return json_answer(200, document)
    if what == "dimensions":
        call = replace(call, body=call.body | {"dimensions": number})
    return json_answer(200, RESULTS[call.endpoint](call, usage=True), UPSTREAM_HEADERS)


def _too_large_a_batch(most: int) -> Document:
    """In DashScope's words."""
    return error(
        "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should"
        f" not be larger than {most}.: input.contents",
        "InvalidParameter",
        "InvalidParameter",
    )


def _too_long_a_text(most: int) -> Document:
    """In OpenAI's words, without its code."""
    return error(
        f"This model's maximum context length is {most} tokens, however you requested more.",
        INVALID,
    )
