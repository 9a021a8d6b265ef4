"""What only embedding models have in their form."""

import re
from typing import NamedTuple

from engine import (
    AUTO,
    Credentials,
    SettingsError,
    choice,
    field_name,
    parse_count,
    text_of,
)

MAX_BATCH_INPUTS = 64
"""Texts in a request; what is typed above is lowered to it. Larger batches save nothing more, and
their vectors would not fit into a line (``lines``)."""

MAX_DIMENSIONS = 16_384
"""Numbers of a vector; a larger one was not meant."""


class EmbeddingForm(NamedTuple):
    """The fields of an embedding model.

    Attributes:
        context: tokens of one text; ``None`` to look it up.
        max_chunks: texts in a request; ``None`` to look it up.
        dimensions: of the vectors; ``None`` for the model's own.
        vision: images are taken; ``None`` to look it up.
    """

    context: int | None
    max_chunks: int | None
    dimensions: int | None
    vision: bool | None


def parse_form(credentials: Credentials) -> EmbeddingForm:
    """Read the form of an embedding model, or the provider's, which has none of these fields.

    Raises:
        SettingsError: a value cannot be used.
    """
    vision = choice(
        credentials,
        _typed(credentials, "image_embedding_support", "vision_support"),
        (AUTO, "support", "no_support"),
    )
    chunks = _whole(credentials, "max_chunks", 100_000)
    context = _typed(credentials, "max_text_tokens", "context_size")
    return EmbeddingForm(
        context=parse_count(credentials, context),
        max_chunks=None if chunks is None else min(chunks, MAX_BATCH_INPUTS),
        dimensions=_whole(credentials, "dimensions", MAX_DIMENSIONS),
        vision=None if vision == AUTO else vision == "support",
    )


def _typed(credentials: Credentials, variable: str, former: str) -> str:
    """Return the variable that holds a value: that of the form, or its name in older forms.

    Dify's web form takes the first field of a name, so an embedding model's fields no longer have
    the names of a chat model's.
    """
    return variable if text_of(credentials, variable) else former


def _whole(credentials: Credentials, variable: str, most: int) -> int | None:
    typed = text_of(credentials, variable)
    if typed in {"", AUTO}:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", typed) or not 1 <= int(typed) <= most:
        raise SettingsError(variable, "whole_number", field=field_name(variable), most=most)
    return int(typed)
