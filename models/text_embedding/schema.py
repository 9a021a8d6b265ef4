"""The schema of a customizable embedding model: what was typed, the rest from the catalogue."""

from collections.abc import Mapping

from dify_plugin.entities.model import AIModelEntity, ModelFeature, ModelPropertyKey, ModelType

from engine import Credentials, SettingsError, text_of
from models.adapter import name_at_gateway, plain_schema
from models.likeness import sees
from models.text_embedding.form import EmbeddingForm, parse_form
from models.text_embedding.lines import most_inputs

UNKNOWN_CONTEXT = 4_096
"""Tokens of one text, of a model whose name says nothing; a longer text is cut."""

UNKNOWN_BATCH = 16
"""Of a model whose name says nothing; a batch that is too large for it is halved."""

_FIELDS = (
    ("max_text_tokens", "context_size"),
    ("max_chunks",),
    ("dimensions",),
    ("image_embedding_support", "vision_support"),
)
"""The fields, with the names that they had in older forms."""


def customizable_schema(
    model: str, credentials: Credentials, like: AIModelEntity | None
) -> AIModelEntity:
    """Describe a customizable embedding model; it raises nothing, or the model would vanish.

    Args:
        model: its name in Dify.
        credentials: what was typed.
        like: the model of the catalogue that it is like.
    """
    form = _readable(credentials)
    known: Mapping[ModelPropertyKey, object] = like.model_properties if like else {}
    context = form.context or known.get(ModelPropertyKey.CONTEXT_SIZE, UNKNOWN_CONTEXT)
    batch = form.max_chunks or int(str(known.get(ModelPropertyKey.MAX_CHUNKS, UNKNOWN_BATCH)))
    vision = form.vision
    if vision is None:
        name = name_at_gateway(model, credentials)
        vision = sees(name) if like is None else ModelFeature.VISION in (like.features or ())
    properties = {
        ModelPropertyKey.CONTEXT_SIZE: context,
        ModelPropertyKey.MAX_CHUNKS: min(batch, most_inputs(form.dimensions or 1)),
    }
    features = [ModelFeature.VISION] if vision else []
    return plain_schema(ModelType.TEXT_EMBEDDING, model, credentials, properties, features)


def _readable(credentials: Credentials) -> EmbeddingForm:
    """What was typed, field by field: one that cannot be read leaves the others alone."""
    readable: dict[str, object] = {}
    for names in _FIELDS:
        field = {name: text_of(credentials, name) for name in names}
        try:
            parse_form(field)
        except SettingsError:
            continue
        readable |= field
    return parse_form(readable)
