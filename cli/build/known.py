"""What the general plugin's catalogue says of a model by its name, read from its files.

The files are read as YAML: neither the command nor the browser's page has Dify's SDK.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from cli.build.archive import Files
from models.likeness import Catalogue

TYPES = ("llm", "text-embedding", "rerank", "moderation", "speech2text", "tts")
"""Dify's model types, in the order in which it lists them."""

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A predefined model: its name, and its file as it was read."""

    model: str
    document: Json


class KnownModels:
    """The catalogue, to look names up in.

    Args:
        files: of the general plugin.
    """

    def __init__(self, files: Files) -> None:
        self._types = {kind: Catalogue(_read(files, kind)) for kind in TYPES}

    def like(self, kind: str, name: str) -> Known | None:
        """The model whose figures hold for a name, as for custom models in Dify."""
        return self._types[kind].like(name)

    def named(self, kind: str, name: str) -> Known | None:
        """The model of exactly that name."""
        return next((one for one in self._types[kind].models if one.model == name), None)

    @functools.cached_property
    def rules(self) -> Mapping[str, Json]:
        """A rule of each parameter that a chat model of the catalogue offers, by its name."""
        found: dict[str, Json] = {}
        for known in self._types["llm"].models:
            for rule in known.document.get("parameter_rules", ()):
                found.setdefault(rule["name"], rule)
        return found


def is_predefined(path: str) -> bool:
    """Whether a file of the plugin describes predefined models, or their order."""
    return path.startswith("models/") and path.count("/") == 2 and path.endswith(".yaml")


def folder_of(kind: str) -> str:
    """Where the files of a type's models are."""
    return f"models/{kind.replace('-', '_')}"


def _read(files: Files, kind: str) -> list[Known]:
    """In the order of the type's positions: of equals, the catalogue believes the first."""
    folder = f"{folder_of(kind)}/"
    documents = [
        yaml.load(content, _Loader)
        for path, content in files.items()
        if path.startswith(folder) and is_predefined(path) and not path.endswith("_position.yaml")
    ]
    order = yaml.load(files[f"{folder}_position.yaml"], _Loader)
    places = {name: place for place, name in enumerate(order)}
    models = [Known(document["model"], document) for document in documents]
    return sorted(models, key=lambda known: places.get(known.model, len(places)))


_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
