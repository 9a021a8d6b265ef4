"""A model as its gateway lists it: every figure with the page that it is from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

type Field = Literal[
    "type",
    "vendor",
    "context",
    "output",
    "input_price",
    "output_price",
    "currency",
    "tools",
    "vision",
    "document",
    "audio",
    "video",
    "structured",
    "parameters",
    "like",
]
"""What may be told of a model.

``context`` and ``output`` are tokens, prices are for a million tokens, ``tools`` to ``structured``
are true or false, ``parameters`` are names as requests spell them, ``like`` is the model of the
general plugin's catalogue whose parameters hold.
"""

type Value = str | int | bool | Decimal | tuple[str, ...]
type Told = dict[Field, Value]
"""What one page tells of one model; what it does not tell is not there."""


class Figure(NamedTuple):
    """A figure, and where it is from: a page such as ``/v1/models``, or one of the words below."""

    value: Value
    source: str


BY_NAME, BY_DEFAULT, BY_HAND = "name", "default", "hand"
"""Sources that are no page: looked up by the model's name, assumed, typed by a person."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page tells of all models, by their names."""

    source: str
    models: Mapping[str, Told]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model of the gateway's list.

    Attributes:
        name: as the gateway spells it.
        figures: what is known of it, each with its source.
    """

    name: str
    figures: Mapping[Field, Figure]

    def value(self, field: Field) -> Value | None:
        """A figure's value; ``None`` if nothing tells it."""
        figure = self.figures.get(field)
        return None if figure is None else figure.value


def merged(names: Iterable[str], pages: Iterable[Page]) -> list[ListedModel]:
    """The models of `names`, each once; of a figure, the first page that tells it is believed.

    Prices belong together with their currency: they are taken from one page.
    """
    told = list(pages)
    models = []
    for name in dict.fromkeys(names):
        figures: dict[Field, Figure] = {}
        for page in told:
            known = page.models.get(name, {})
            has_price = "input_price" in figures
            for field, value in known.items():
                if field not in figures and not (has_price and field in PRICE):
                    figures[field] = Figure(value, page.source)
        models.append(ListedModel(name, figures))
    return models


PRICE: frozenset[Field] = frozenset({"input_price", "output_price", "currency"})
