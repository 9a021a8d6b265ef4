"""Embedding requests, and answers to rely on: one vector for each input, in their order."""

import base64
import binascii
import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.indexed import Entry, entries_of, positions_of
from gateway.json_answer import MalformedError, json_reader
from gateway.request import Payload, Request, Reuse

PATH = "embeddings"

type Input = str | Mapping[str, str]
"""A text; or, for models that take images, ``{"text": ...}`` or ``{"image": BASE64}`` (Jina's
form, which gateways pass on as it is)."""

type Vector = list[float]


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
    patient: bool = False,
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
        patient: wait though the gateway has let nothing in for a minute.
    """
    payload: Payload = {"model": model, "input": list(inputs), "encoding_format": "base64"}
    if dimensions is not None:
        payload["dimensions"] = dimensions
    if user:
        payload["user"] = user
    count = len(inputs)
    reader = json_reader(lambda document: parse_embeddings(document, count, dimensions))
    return Request(PATH, payload, reader, patient=patient)


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
    entries = entries_of(document, "data")
    if len(entries) != count:
        raise MalformedError(f"It holds {len(entries)} vectors for {count} inputs.")
    vectors: list[Vector] = [[] for _ in entries]
    for position, entry in zip(_positions(entries), entries, strict=True):
        vectors[position] = _vector(entry.get("embedding"))
    lengths = {len(vector) for vector in vectors}
    if dimensions is not None and lengths != {dimensions}:
        raise MalformedError(
            f"It holds vectors of {max(lengths)} dimensions, where {dimensions} were asked for."
        )
    if len(lengths) > 1:
        raise MalformedError(f"Its vectors differ in dimension: {sorted(lengths)[:5]}.")
    return Embeddings(vectors, _tokens(document))


def _positions(entries: Sequence[Entry]) -> list[int]:
    """Where each entry belongs; without any index, or with 0 everywhere, in their order.

    One API's Gemini channel (2025-02) writes index 0 everywhere, and keeps the order.
    """
    indexes = [entry.get("index") for entry in entries]
    if all(index is None for index in indexes) or all(index == 0 for index in indexes):
        return list(range(len(entries)))
    return positions_of(entries, len(entries))


def _vector(value: object) -> Vector:
    """A vector in numbers or in base64 of 32-bit floats, little-endian."""
    try:
        vector = _decoded(value) if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        length = math.hypot(*vector)
    except (TypeError, ValueError, OverflowError):
        raise MalformedError("A vector is neither a list of numbers nor base64.") from None
    # One figure tells it all: infinite or no number if any of them is, zero if all of them are.
    if not 0 < length < math.inf:
        what = "empty" if not vector else "zero" if length == 0 else "not finite"
        raise MalformedError(f"A vector is {what}.")
    return vector


def _decoded(text: str, typecode: str = "f") -> Vector:
    numbers: array[float] = array(typecode)
    try:
        numbers.frombytes(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def _tokens(document: Mapping[str, object]) -> int:
    usage = document.get("usage")
    if not isinstance(usage, Mapping):
        return 0
    for name in ("prompt_tokens", "total_tokens"):
        tokens = usage.get(name)
        if isinstance(tokens, int) and tokens > 0:
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
