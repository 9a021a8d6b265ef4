"""Vectors and the line that they travel in."""

from decimal import Decimal

import pytest
from dify_plugin.entities.model.text_embedding import EmbeddingUsage, TextEmbeddingResult
from dify_plugin.errors.model import InvokeBadRequestError

from devtools.wire import LINE_LIMIT
from models.text_embedding.lines import (
    MAX_NUMBER_CHARACTERS,
    ROUNDED_NUMBER,
    fitting,
    most_inputs,
)

LONG = -2.2250738585072014e-308
"""As long as a 64-bit float gets in JSON."""


def line_of(vectors: list[list[float]]) -> int:
    """Bytes of the answer as the SDK writes it, without its envelope."""
    nothing = Decimal(0)
    usage = EmbeddingUsage(
        tokens=1,
        total_tokens=1,
        unit_price=nothing,
        price_unit=nothing,
        total_price=nothing,
        currency="USD",
        latency=0.1,
    )
    return len(TextEmbeddingResult(model="m", embeddings=vectors, usage=usage).model_dump_json())


def test_numbers_that_fit_are_left_alone() -> None:
    vectors = [[LONG] * 4096] * 51
    assert fitting(vectors) is vectors
    assert line_of(vectors) < LINE_LIMIT


def test_numbers_that_may_not_fit_are_rounded_to_eight_digits() -> None:
    vectors = [[LONG, 1 / 3, -12345.678901234] + [0.1] * 4093] * 52
    found = fitting(vectors)
    assert found[0][:3] == [-2.2250739e-308, 0.33333333, -12345.679]
    assert line_of(found) < LINE_LIMIT


@pytest.mark.parametrize("number", [LONG, -1.7976931348623157e308, -0.00012345678912345678])
def test_a_number_is_never_longer_than_is_reckoned_with(number: float) -> None:
    many = 1000
    assert line_of([[number] * many]) - line_of([[]]) <= many * MAX_NUMBER_CHARACTERS
    rounded = float(f"{number:.8g}")
    assert line_of([[rounded] * many]) - line_of([[]]) <= many * ROUNDED_NUMBER


@pytest.mark.parametrize("dimensions", [8192])
def test_as_many_as_fit_at_the_boundary(dimensions: int) -> None:
    most = most_inputs(dimensions)
    assert line_of(fitting([[LONG] * dimensions] * most)) < LINE_LIMIT
    with pytest.raises(InvokeBadRequestError, match=f"Max Chunks per Request.* at most {most}:"):
        fitting([[LONG] * dimensions] * (most + 1))


def test_one_vector_always_fits() -> None:
    assert most_inputs(1_000_000) == 1
