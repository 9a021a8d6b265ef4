"""A listed model with every figure that Dify needs: what the gateway tells, the name, defaults."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from cli.build.known import TYPES, Known, KnownModels
from cli.build.listed import BY_DEFAULT, BY_NAME, Field, Figure, ListedModel
from cli.check.models import type_by_name
from models.likeness import sees, told_size

UNKNOWN_CONTEXT = {"llm": 128_000, "text-embedding": 4_096, "rerank": 4_096}
"""Tokens, of a model whose name says nothing; those of the general plugin's custom models."""

UNKNOWN_OUTPUT = 8_192

ABILITIES: dict[Field, tuple[str, ...]] = {
    "tools": ("tool-call", "multi-tool-call", "stream-tool-call"),
    "vision": ("vision",),
    "document": ("document",),
    "audio": ("audio",),
    "video": ("video",),
    "structured": ("structured-output",),
}
"""What is told of a chat model, and how Dify is told."""

SEEING_TYPES = ("text-embedding", "rerank")
"""Types whose models may see pictures, and have no other ability."""


@dataclass(frozen=True, slots=True)
class Described:
    """A model as Dify will have it.

    Attributes:
        name: as the gateway spells it.
        kind: Dify's type.
        vendor: whose it is, as far as anything tells.
        context: tokens; ``None`` for types that have none.
        output: tokens of the longest answer; ``None`` for types that have none.
        features: Dify's words.
        price: of a million tokens in and out, and the currency; ``None`` if it is not told.
        parameters: the only ones that the gateway takes; ``None`` if it does not say.
        like: the model of the catalogue whose parameters and properties hold; empty if none does.
        sources: where each of these is from, by its name.
        deprecated: the gateway has it no longer; apps that use it keep it.
    """

    name: str
    kind: str
    vendor: str = ""
    context: int | None = None
    output: int | None = None
    features: tuple[str, ...] = ()
    price: tuple[Decimal, Decimal, str] | None = None
    parameters: tuple[str, ...] | None = None
    like: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    deprecated: bool = False


def describe(
    models: Iterable[ListedModel], known: KnownModels
) -> tuple[list[Described], list[str]]:
    """The models that Dify has a type for, and the names of those that it has none for."""
    described, left_out = [], []
    for model in models:
        figure = model.figures.get("type") or Figure(type_by_name(model.name), BY_NAME)
        if figure.value in TYPES:
            described.append(_describe(model, figure, known))
        else:
            left_out.append(model.name)
    return described, left_out


def _describe(model: ListedModel, kind: Figure, known: KnownModels) -> Described:
    kind_name = str(kind.value)
    like = known.like(kind_name, model.name)
    context = _context(model, kind_name, like)
    output = _output(model, like, context) if kind_name == "llm" else None
    features, feature_sources = _features(model, kind_name, like)
    price = _price(model)
    parameters = model.figures.get("parameters") if kind_name == "llm" else None
    vendor = model.figures.get("vendor")
    sources = {
        "type": kind.source,
        "vendor": vendor.source if vendor else "",
        "context": context.source if context else "",
        "output": output.source if output else "",
        "features": feature_sources,
        "price": model.figures["input_price"].source if price else "",
        "parameters": parameters.source if parameters else "",
    }
    return Described(
        name=model.name,
        kind=kind_name,
        vendor=str(vendor.value) if vendor else "",
        context=int(str(context.value)) if context else None,
        output=int(str(output.value)) if output else None,
        features=features,
        price=price,
        parameters=_words(parameters),
        like=like.model if like else "",
        sources=tuple((name, source) for name, source in sources.items() if source),
    )


def _context(model: ListedModel, kind: str, like: Known | None) -> Figure | None:
    if kind not in UNKNOWN_CONTEXT:
        return None
    if told := model.figures.get("context"):
        return told
    properties: dict[str, Any] = like.document["model_properties"] if like else {}
    if size := properties.get("context_size"):
        return Figure(size, BY_NAME)
    if kind == "llm" and (size := told_size(model.name)):
        return Figure(size, BY_NAME)
    return Figure(UNKNOWN_CONTEXT[kind], BY_DEFAULT)


def _output(model: ListedModel, like: Known | None, context: Figure | None) -> Figure:
    most = int(str(context.value)) if context else UNKNOWN_OUTPUT
    if told := model.figures.get("output"):
        # Where they contradict each other, an answer longer than the context is none.
        return replace_value(told, min(int(str(told.value)), most))
    for rule in like.document.get("parameter_rules", ()) if like else ():
        if rule.get("use_template") == "max_tokens":
            return Figure(min(int(rule["max"]), most), BY_NAME)
    return Figure(min(UNKNOWN_OUTPUT, most), BY_DEFAULT)


def replace_value(figure: Figure, value: int) -> Figure:
    """The same figure with another value."""
    return figure._replace(value=value)


def _features(model: ListedModel, kind: str, like: Known | None) -> tuple[tuple[str, ...], str]:
    """Dify's words for what it can do, and where they are from."""
    if kind == "llm":
        fields = ABILITIES
        by_name = ABILITIES["tools"] + (("vision",) if sees(model.name) else ())
    elif kind in SEEING_TYPES:
        fields = {"vision": ("vision",)}
        by_name = ("vision",) if sees(model.name) else ()
    else:
        return (), ""
    features = set(by_name if like is None else like.document.get("features", ()))
    sources = {BY_NAME if like or sees(model.name) else BY_DEFAULT}
    for field, words in fields.items():
        if told := model.figures.get(field):
            (features.update if told.value else features.difference_update)(words)
            sources.add(told.source)
    pages = sorted(source for source in sources if source.startswith("/"))
    rest = sorted(sources - set(pages)) if len(pages) < len(fields) else []
    ordered = (word for words in ABILITIES.values() for word in words)
    return tuple(word for word in ordered if word in features), ", ".join([*pages, *rest])


def _price(model: ListedModel) -> tuple[Decimal, Decimal, str] | None:
    each, answer = model.value("input_price"), model.value("output_price")
    if not isinstance(each, Decimal):
        return None
    currency = str(model.value("currency") or "USD")
    return each, answer if isinstance(answer, Decimal) else Decimal(0), currency


def _words(figure: Figure | None) -> tuple[str, ...] | None:
    return figure.value if figure and isinstance(figure.value, tuple) else None


def retired(model: Described) -> Described:
    """The same model as one that the gateway has no longer."""
    return replace(model, deprecated=True)
