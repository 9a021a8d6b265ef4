"""The table's rows as the YAML files that Dify reads."""

from collections.abc import Callable, Iterable
from typing import Any

import yaml

from models.tts.voices import LANGUAGES
from scripts.catalogue.parameters import rules_of
from scripts.catalogue.table import Row, TableError

NOTICE = "# Generated from scripts/catalogue/models.md: change that, then `make catalogue`."

TAKES = {"image": "vision", "pdf": "document", "audio": "audio", "video": "video"}
TOOLS = ("tool-call", "multi-tool-call", "stream-tool-call")

type Json = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as the files of Dify's plugins do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        return super().increase_indent(flow, False)


def files_of(rows: Iterable[Row]) -> dict[str, str]:
    """All files of these models: their text by path, below the repository's root."""
    files: dict[str, str] = {}
    positions: dict[str, list[str]] = {}
    for row in rows:
        folder = f"models/{row.kind.replace('-', '_')}"
        position = positions.setdefault(folder, [])
        position.append(row.model)
        files[f"{folder}/{_name(row, len(position))}.yaml"] = _text(_model(row))
    for folder, models in positions.items():
        files[f"{folder}/_position.yaml"] = _text(models)
    return files


def _name(row: Row, number: int) -> str:
    """The name of a model's file.

    Dify looks the position of embedding models up under another key than the daemon gives (seen on
    1.12 to 1.14), and so lists them as they stand in the package: by the names of their files.
    """
    name = row.model.replace("/", "--")
    return f"{number:02}-{name}" if row.kind == "text-embedding" else name


def _text(content: object) -> str:
    written = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return f"{NOTICE}\n{written}"


def _model(row: Row) -> Json:
    features, properties, rules = _KINDS[row.kind](row)
    model: Json = {
        "model": row.model,
        "label": _label(row),
        "model_type": row.kind,
    }
    if features:
        model["features"] = features
    model["model_properties"] = properties
    if rules:
        model["parameter_rules"] = rules
    if row.deprecated:
        model["deprecated"] = True
    return model


def _label(row: Row) -> dict[str, str]:
    """The name, and of a deprecated model what to do; Dify explains nothing else of it."""
    if not row.deprecated:
        # Dify and the SDK use it for every language that is not given.
        return {"en_US": row.model}
    return {
        "en_US": f"{row.model} (retired {row.until}, use {row.instead})",
        "zh_Hans": f"{row.model}（{row.until} 已下线，请改用 {row.instead}）",
    }


def _features(row: Row) -> list[str]:
    takes = row.words("takes")
    if unknown := set(takes) - set(TAKES):
        raise TableError(f"{row.model}: takes {sorted(unknown)}")
    return [TAKES[kind] for kind in takes]


def _llm(row: Row) -> tuple[list[str], Json, list[Json]]:
    says = row.words("says")
    features = [*(TOOLS if "tools" in says else ()), *_features(row)]
    if "schema" in says:
        features.append("structured-output")
    properties = {"mode": "chat", "context_size": row.count("context")}
    return features, properties, rules_of(row)


def _embedding(row: Row) -> tuple[list[str], Json, list[Json]]:
    batch = row.count("batch")
    return _features(row), {"context_size": row.count("context"), "max_chunks": batch}, []


def _rerank(row: Row) -> tuple[list[str], Json, list[Json]]:
    return _features(row), {"context_size": row.count("context")}, []


def _speech2text(row: Row) -> tuple[list[str], Json, list[Json]]:
    properties = {
        "file_upload_limit": row.count("megabytes"),
        "supported_file_extensions": ",".join(row.words("extensions")),
    }
    return [], properties, []


def _tts(row: Row) -> tuple[list[str], Json, list[Json]]:
    voices = row.words("voices")
    languages = list(LANGUAGES)
    properties = {
        "default_voice": voices[0],
        "voices": [
            {
                "mode": voice,
                "name": voice.rpartition(":")[2].capitalize(),
                "language": languages,
            }
            for voice in voices
        ],
        "word_limit": row.count("characters"),
        "audio_type": row.cells["audio"],
    }
    return [], properties, []


def _moderation(row: Row) -> tuple[list[str], Json, list[Json]]:
    properties = {
        "max_chunks": row.count("batch"),
        "max_characters_per_chunk": row.count("characters"),
    }
    return [], properties, []


_KINDS: dict[str, Callable[[Row], tuple[list[str], Json, list[Json]]]] = {
    "llm": _llm,
    "text-embedding": _embedding,
    "rerank": _rerank,
    "speech2text": _speech2text,
    "tts": _tts,
    "moderation": _moderation,
}
