"""Vectors that fit into one line: a longer one kills the plugin and every call in it.

The daemon reads an answer as one line of less than 5,242,880 bytes (its scanner's limit, seen).
"""

from models.errors import RefusedError

MAX_LINE_BYTES = 5_242_880 - 4_096
"""Bytes that the numbers may take; the rest is for what stands around them."""

MAX_NUMBER_CHARACTERS = 25
"""Bytes of a 64-bit float in JSON with its comma: `-2.2250738585072014e-308,`."""

ROUNDED_NUMBER = 16
"""The same with eight significant digits, more than the 32 bits have that models compute in:
`-0.00012345678,` or `-1.2345678e-308,`."""


def most_inputs(dimensions: int) -> int:
    """How many vectors of this dimension fit into a line, at least 1."""
    return max(1, MAX_LINE_BYTES // (dimensions * ROUNDED_NUMBER))


def fitting(vectors: list[list[float]]) -> list[list[float]]:
    """The vectors as they are if they fit for certain, else rounded to eight digits.

    Raises:
        InvokeBadRequestError: they do not fit even so.
    """
    numbers = sum(map(len, vectors))
    if numbers * MAX_NUMBER_CHARACTERS <= MAX_LINE_BYTES:
        return vectors
    if numbers * ROUNDED_NUMBER <= MAX_LINE_BYTES:
        return [[float(f"{number:.8g}") for number in vector] for vector in vectors]
    dimensions = len(vectors[0])
    raise RefusedError(
        "vectors_too_large",
        most=most_inputs(dimensions),
        count=len(vectors),
        dimensions=dimensions,
    )
