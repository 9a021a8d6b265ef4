"""The fields that only embedding models have, and the schema that Dify is told."""

from typing import Any

import pytest
from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
)

from engine.settings import SettingsError
from models.text_embedding.form import MAX_BATCH_INPUTS, EmbeddingForm, parse_form
from models.text_embedding.schema import customizable_schema

KNOWN = AIModelEntity(
    model="jina-embeddings-v4",
    label=I18nObject(en_US="jina-embeddings-v4"),
    model_type=ModelType.TEXT_EMBEDDING,
    features=[ModelFeature.VISION],
    fetch_from=FetchFrom.PREDEFINED_MODEL,
    model_properties={ModelPropertyKey.CONTEXT_SIZE: 8192, ModelPropertyKey.MAX_CHUNKS: 10},
)


def test_what_is_typed_is_read() -> None:
    typed = {
        "context_size": "8192",
        "max_chunks": "10",
        "dimensions": "1024",
        "vision_support": "support",
    }
    assert parse_form(typed) == EmbeddingForm(8192, 10, 1024, True)


@pytest.mark.parametrize(
    "empty", [{}, {"max_chunks": "", "dimensions": None}, {"max_chunks": "auto"}]
)
def test_what_is_not_typed_is_looked_up(empty: dict[str, Any]) -> None:
    assert parse_form(empty) == EmbeddingForm(None, None, None, None)


def test_a_batch_is_lowered_to_what_a_line_can_carry() -> None:
    """`openai_api_compatible` takes any number, and its users may type it over."""
    assert parse_form({"max_chunks": "2048"}).max_chunks == MAX_BATCH_INPUTS


@pytest.mark.parametrize(
    ("variable", "typed"),
    [
        ("context_size", "8k"),
        ("max_chunks", "0"),
        ("max_chunks", "ten"),
        ("max_chunks", "-1"),
        ("max_chunks", "1.5"),
        ("dimensions", "0"),
        ("dimensions", "17000"),
        ("dimensions", "1024,512"),
        ("vision_support", "yes"),
    ],
)
def test_what_cannot_be_read_is_told(variable: str, typed: str) -> None:
    with pytest.raises(SettingsError) as no:
        parse_form({variable: typed})
    assert no.value.variable == variable


def described(
    like: AIModelEntity | None = None, **typed: str
) -> tuple[dict[ModelPropertyKey, Any], list[ModelFeature]]:
    schema = customizable_schema("m", typed, like)
    assert (schema.model_type, schema.fetch_from) == (
        ModelType.TEXT_EMBEDDING,
        FetchFrom.CUSTOMIZABLE_MODEL,
    )
    return schema.model_properties, list(schema.features or ())


def properties(context: int, batch: int) -> dict[ModelPropertyKey, int]:
    return {ModelPropertyKey.CONTEXT_SIZE: context, ModelPropertyKey.MAX_CHUNKS: batch}


def test_a_name_that_says_nothing_has_batches_of_16() -> None:
    """Dify sends one text a call where no number is declared."""
    assert described() == (properties(4096, 16), [])


def test_a_name_that_is_known_has_its_own_figures() -> None:
    assert described(KNOWN) == (properties(8192, 10), [ModelFeature.VISION])


def test_what_is_typed_goes_before_what_is_known() -> None:
    typed = {"context_size": "512", "max_chunks": "4", "vision_support": "no_support"}
    assert described(KNOWN, **typed) == (properties(512, 4), [])
    assert described(None, vision_support="support")[1] == [ModelFeature.VISION]


def test_large_vectors_come_in_smaller_batches() -> None:
    found, _ = described(max_chunks="64", dimensions="8192")
    assert found[ModelPropertyKey.MAX_CHUNKS] == 39


def test_nothing_that_is_typed_makes_the_model_vanish() -> None:
    typed = {"context_size": "8k", "max_chunks": "ten", "dimensions": "x", "vision_support": "y"}
    assert described(KNOWN, **typed) == described(KNOWN)
    assert described(KNOWN, max_chunks="4", context_size="8k")[0] == properties(8192, 4)


@pytest.mark.parametrize(
    ("former", "now", "typed"),
    [
        ("context_size", "max_text_tokens", "2048"),
        ("vision_support", "image_embedding_support", "support"),
        ("vision_support", "image_embedding_support", "no_support"),
    ],
)
def test_a_field_counts_under_its_former_name_too(former: str, now: str, typed: str) -> None:
    """Forms that were saved before, which had a chat model's names for them."""
    assert parse_form({now: typed}) == parse_form({former: typed}) != parse_form({})
    assert customizable_schema("m", {now: typed}, None) == customizable_schema(
        "m", {former: typed}, None
    )
    with pytest.raises(SettingsError) as no:
        parse_form({now: "?"})
    assert no.value.variable == now
