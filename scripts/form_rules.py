"""What must be true of the provider's forms and of the predefined models.

The daemon decodes these files and checks next to nothing; the SDK checks them when the plugin
starts, Dify when a page lists providers. One unknown value there hides **every** provider of a
workspace (seen on Dify 1.12), so only values that Dify 1.4 knows are allowed.
"""

import fnmatch
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

MODEL_TYPES = {"llm", "text-embedding", "rerank", "speech2text", "moderation", "tts"}
METHODS = {"predefined-model", "customizable-model"}
FIELD_TYPES = {"text-input", "secret-input", "select", "radio"}
"""Dify knows `switch` too, but its web shows no control for one, and breaks on the next edit."""
FEATURES = {
    "tool-call", "multi-tool-call", "agent-thought", "vision", "stream-tool-call",
    "document", "video", "audio", "structured-output",
}  # fmt: skip
PROPERTIES = {
    "mode", "context_size", "max_chunks", "file_upload_limit", "supported_file_extensions",
    "max_characters_per_chunk", "default_voice", "voices", "word_limit", "audio_type",
    "max_workers",
}  # fmt: skip
PARAMETER_TYPES = {"float", "int", "string", "boolean", "text"}
TEMPLATES = {
    "temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "max_tokens",
    "response_format", "json_schema",
}  # fmt: skip
PSEUDO_VARIABLES = {"__model_type", "__model_name"}

type Json = dict[str, Any]
type Files = Mapping[str, bytes]
type Problems = Iterator[str]


def check(manifest: Json, files: Files) -> Problems:
    """Yield every broken rule of the providers that `manifest` names, and of their models."""
    for path in (manifest.get("plugins") or {}).get("models") or ():
        provider = _load(path, files)
        if isinstance(provider, str):
            yield provider
            continue
        yield from _provider(path, provider, files)
        yield from _forms(path, provider)
        yield from _models(path, provider, files)


def _load(path: str, files: Files) -> Json | str:
    """The content of a YAML file, or a sentence that says why there is none."""
    try:
        content = _parsed(files[path])
    except KeyError:
        return f"{path} is not in the package"
    except yaml.YAMLError as error:
        return f"{path} cannot be read: {error}"
    return content if isinstance(content, dict) else f"{path} holds no fields"


@functools.lru_cache(maxsize=1024)
def _parsed(content: bytes) -> Any:
    """What is in a file; nobody here changes it. There are a hundred, read again and again."""
    return yaml.load(content, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)


def _english(texts: object) -> bool:
    return isinstance(texts, dict) and bool(texts.get("en_US"))


def _provider(path: str, provider: Json, files: Files) -> Problems:
    if not _english(provider.get("label")):
        yield f"{path}: label.en_US is missing"
    for field in ("icon_small", "icon_large", "icon_small_dark", "icon_large_dark"):
        for icon in (provider.get(field) or {}).values():
            if f"_assets/{icon}" not in files:
                yield f"{path}: {field} {icon!r} is not in _assets"
    guide = provider.get("help") or {}
    if guide and not (_english(guide.get("title")) and _english(guide.get("url"))):
        yield f"{path}: help needs title.en_US and url.en_US"
    for field, known in (("supported_model_types", MODEL_TYPES), ("configurate_methods", METHODS)):
        values = set(provider.get(field) or ())
        if not values or values - known:
            yield f"{path}: {field} has unknown values or none: {sorted(values - known)}"
    python = (provider.get("extra") or {}).get("python") or {}
    for source in (python.get("provider_source"), *(python.get("model_sources") or ())):
        if source not in files:
            yield f"{path}: {source!r} under extra.python is not in the package"


def _forms(path: str, provider: Json) -> Problems:
    forms = {
        name: (provider.get(name) or {}).get("credential_form_schemas") or []
        for name in ("provider_credential_schema", "model_credential_schema")
    }
    for name, fields in forms.items():
        if not 1 <= len(fields) <= 32:
            yield f"{path}: {name} has {len(fields)} fields, not 1 to 32"
        seen = {field.get("variable") for field in fields} | PSEUDO_VARIABLES
        for field in fields:
            yield from (f"{path}: {field.get('variable')} {why}" for why in _field(field, seen))
    # Dify's load balancing decrypts a model's credentials by the provider form's secret names.
    secrets = [
        sorted(field["variable"] for field in fields if field.get("type") == "secret-input")
        for fields in forms.values()
    ]
    if secrets[0] != secrets[1]:
        yield f"{path}: the secrets of the two forms differ: {secrets}"


def _field(field: Json, variables: set[str]) -> Problems:
    if field.get("type") not in FIELD_TYPES:
        yield f"has type {field.get('type')!r}, which Dify's web cannot show"
    if not _english(field.get("label")):
        yield "has no label.en_US"
    default = field.get("default")
    if default is not None and (not isinstance(default, str) or len(default) >= 256):
        yield f"has a default that is no text under 256 characters: {default!r}"
    options = field.get("options") or []
    values = [option.get("value") for option in options]
    if (field.get("type") in {"select", "radio"}) != bool(options) or len(options) > 128:
        yield f"has {len(options)} options"
    if not all(isinstance(value, str) for value in values):
        yield f"has an option that is no text (quote it): {values}"
    if not all(_english(option.get("label")) for option in options):
        yield "has an option without label.en_US"
    if options and default is not None and default not in values:
        yield f"has a default that is none of its options: {default!r}"
    conditions = field.get("show_on") or []
    if len(conditions) > 16 or any(rule.get("variable") not in variables for rule in conditions):
        yield "has a show_on with more than 16 conditions or an unknown variable"


def _models(path: str, provider: Json, files: Files) -> Problems:
    for model_type, places in (provider.get("models") or {}).items():
        names: set[str] = set()
        for pattern in places.get("predefined") or ():
            # The daemon's globbing (Go's filepath.Match) takes `**` for `*` and finds nothing.
            found = [name for name in files if _matches(name, pattern)]
            if "**" in pattern or not found:
                yield f"{path}: the daemon finds no model by {pattern!r}"
            for name in found:
                if name.endswith("_position.yaml"):
                    continue
                model = _load(name, files)
                if isinstance(model, str):
                    yield model
                    continue
                names.add(str(model.get("model")))
                yield from (f"{name}: {why}" for why in _model(model, model_type))
        position = places.get("position")
        if position and sorted(_parsed(files.get(position, b"[]"))) != sorted(names):
            yield f"{path}: {position} does not list exactly the models there are"


def _matches(name: str, pattern: str) -> bool:
    """Match as the daemon does: `*` stays within one folder."""
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)


def _model(model: Json, model_type: str) -> Problems:
    if not model.get("model") or not _english(model.get("label")):
        yield "model or label.en_US is missing"
    if model.get("model_type") != model_type.replace("_", "-"):
        yield f"model_type {model.get('model_type')!r} is listed under {model_type}"
    for field, known in (("features", FEATURES), ("model_properties", PROPERTIES)):
        if unknown := set(model.get(field) or ()) - known:
            yield f"{field} that Dify 1.4 does not know: {sorted(unknown)}"
    rules = model.get("parameter_rules") or []
    if len(rules) > 128:
        yield f"{len(rules)} parameter rules, over 128"
    for rule in rules:
        yield from (f"parameter {rule.get('name')}: {why}" for why in _parameter(rule))


def _parameter(rule: Json) -> Problems:
    template = rule.get("use_template")
    if template is not None and template not in TEMPLATES:
        yield f"template {template!r} is unknown"
    if template is None and rule.get("type") not in PARAMETER_TYPES:
        yield f"type {rule.get('type')!r} is unknown"
    if template is None and not _english(rule.get("label")):
        yield "label.en_US is missing"
    default, low, high = rule.get("default"), rule.get("min"), rule.get("max")
    if default is not None and (
        (low is not None and default < low) or (high is not None and default > high)
    ):
        yield f"default {default} is not within {low} and {high}"
