"""Embedding requests, and answers to rely on: one vector for each input, in their order."""

import base64
import binascii
import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.apis.indexed import Entry, index_of, layers_of, list_of, number_of, positions_of
from engine.apis.json_answer import MalformedError, json_reader
from engine.apis.usage import Usage
from engine.errors.messages import Listed
from engine.request import Payload, Request, Reuse
from engine.text.base64_text import base64_bytes
from engine.text.json_document import parse_document

PATH = "embeddings"

type Input = str | Mapping[str, str]
"""A text; or, for models that take images, ``{"text": ...}`` or ``{"image": BASE64}`` (Jina's
form, which gateways pass on as it is)."""

type Vector = list[float]

_VECTORS = ("embedding", "vector", "values", "float", "base64")
"""Names of a vector in its entry: Gemini's is ``values``, Cohere's goes by the type of number."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """One input's vector.

    Attributes:
        vector: its numbers.
        tokens: of the input.
    """

    vector: Vector
    tokens: int


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The vectors of some inputs.

    Attributes:
        vectors: one for each input, in the order of the inputs, all of one dimension.
        tokens: of the inputs, as the gateway counted them; 0 if it did not.
        free_tokens: those of them that were paid for before.
    """

    vectors: list[Vector]
    tokens: int
    free_tokens: int = 0


def embeddings_request(
    model: str,
    inputs: Sequence[Input],
    *,
    dimensions: int | None = None,
    user: str = "",
) -> Request[Embeddings]:
    """Ask for the vectors of these inputs.

    They are asked for in base64: a third of the bytes of decimal numbers, read in half the time.
    A gateway that ignores that and sends numbers is understood; one that refuses it is asked again
    without (``revise``).

    Args:
        model: the model's name.
        inputs: at least one.
        dimensions: to shorten the vectors to, where the model can; sent only if given.
        user: on whose behalf.
    """
    payload: Payload = {"model": model, "input": list(inputs), "encoding_format": "base64"}
    if dimensions is not None:
        payload["dimensions"] = dimensions
    if user:
        payload["user"] = user
    count = len(inputs)
    reader = json_reader(
        lambda document: parse_embeddings(document, count, dimensions), name_of_list="data"
    )
    return Request(
        PATH,
        payload,
        reader,
        used=lambda answer: Usage(answer.tokens, 0) if answer.tokens else None,
    )


def parse_embeddings(
    document: Mapping[str, object], count: int, dimensions: int | None = None
) -> Embeddings:
    """Read an answer.

    Dify pairs vectors with texts by their position alone, and passes over those that are zero or
    no numbers, so that all behind one would go to wrong texts: an answer with one of them is none.

    Args:
        document: the answer.
        count: of the inputs.
        dimensions: that were asked for.

    Raises:
        MalformedError: there are too few or too many vectors, one is zero, no vector, or of
            another dimension, or it is not clear which input each belongs to.
    """
    entries = _entries(document)
    if len(entries) != count:
        raise MalformedError("vector_count", found=len(entries), count=count)
    vectors: list[Vector] = [[] for _ in entries]
    for position, entry in zip(_positions(entries), entries, strict=True):
        vectors[position] = _vector(_numbers_of(entry))
    lengths = {len(vector) for vector in vectors}
    if dimensions is not None and lengths != {dimensions}:
        raise MalformedError("vector_length", found=max(lengths), wanted=dimensions)
    if len(lengths) > 1:
        raise MalformedError("vector_lengths", lengths=Listed(tuple(sorted(lengths)[:5])))
    return Embeddings(vectors, _tokens(document))


def _entries(document: Mapping[str, object]) -> list[Entry]:
    """One entry for each vector, whichever API's shape it is.

    ``data`` is OpenAI's; ``embeddings`` Ollama's, Gemini's, DashScope's and Cohere's (by type of
    number in its second version); ``vectors`` MiniMax's; a bare list that of Text Embeddings
    Inference; ``embedding`` one vector's alone.

    Raises:
        MalformedError: there are none.
    """
    for layer in layers_of(document):
        by_type = layer.get("embeddings")
        if isinstance(by_type, Mapping):
            document = {"data": next((one for one in by_type.values() if one), None)}
        elif layer.get("embedding") and not isinstance(layer.get("data"), list):
            document = {"data": [layer]}
    found = list_of(document, "data", "embeddings", "vectors")
    if found and all(isinstance(one, int | float) for one in found):
        found = [found]
    entries = [one if isinstance(one, Mapping) else {"embedding": one} for one in found]
    if any(_numbers_of(entry) is None and len(entry) < 2 for entry in entries):
        raise MalformedError("no_list", name="data")
    return entries


def _numbers_of(entry: Entry) -> object:
    """What stands for the vector itself in an entry."""
    found: object = entry
    for _ in range(2):
        if isinstance(found, Mapping):
            held = found
            found = next((held[name] for name in _VECTORS if held.get(name) is not None), None)
    # A model that gives a vector for each token gives one for the text as a list of one.
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        return found[0]
    return found


def _positions(entries: Sequence[Entry]) -> list[int]:
    """Where each entry belongs; without any index, or with 0 everywhere, in their order.

    One API's Gemini channel (2025-02) writes index 0 everywhere, and keeps the order.
    """
    indexes = [index_of(entry) for entry in entries]
    if all(index is None for index in indexes) or all(index == 0 for index in indexes):
        return list(range(len(entries)))
    return positions_of(entries, len(entries))


def _vector(value: object) -> Vector:
    """A vector in numbers, in base64 of 32-bit floats, little-endian, or as text of JSON."""
    try:
        if isinstance(value, str):
            text = value.strip()
            value = parse_document(text) if text.startswith("[") else _decoded(text)
        vector: list[Any] = list(value)  # type: ignore[call-overload]
        if vector and isinstance(vector[0], str):
            vector = [_number(one) for one in vector]
        length = math.hypot(*vector)
    except (TypeError, ValueError, OverflowError):
        raise MalformedError("vector_type") from None
    # One figure tells it all: infinite or no number if any of them is, zero if all of them are.
    if not 0 < length < math.inf:
        what = "empty" if not vector else "zero" if length == 0 else "not_finite"
        raise MalformedError(f"vector_{what}")
    return vector


def _number(value: object) -> float:
    number = number_of(value)
    if number is None:
        raise TypeError
    return number


def _decoded(text: str, typecode: str = "f") -> Vector:
    numbers: array[float] = array(typecode)
    try:
        numbers.frombytes(base64_bytes(text))
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def _tokens(document: Mapping[str, object]) -> int:
    usage = document.get("usage")
    if not isinstance(usage, Mapping):
        return 0
    for name in ("prompt_tokens", "input_tokens", "total_tokens"):
        tokens = number_of(usage.get(name))
        if tokens is not None and 0 < tokens < math.inf:
            return int(tokens)
    return 0


def _dump(part: Embedded) -> object:
    """In 32 bits a number if that is what they were, else in 64: they come back as they are."""
    numbers = array("f", part.vector)
    if numbers.tolist() != part.vector:
        numbers = array("d", part.vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    text = base64.b64encode(numbers.tobytes()).decode()
    return {"type": numbers.typecode, "vector": text, "tokens": part.tokens}


def _load(kept: object) -> Embedded:
    if not isinstance(kept, dict) or kept["type"] not in ("f", "d"):
        raise TypeError
    return Embedded(_decoded(kept["vector"], kept["type"]), int(kept["tokens"]))


EMBEDDING_REUSE = Reuse("text-embedding", dump=_dump, load=_load)
"""Text by text, so that an index that failed half way does not pay twice."""
