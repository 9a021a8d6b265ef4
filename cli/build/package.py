"""A plan as a plugin's package: the general plugin's files, with one gateway's models and name."""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from cli.build.archive import Files
from cli.build.known import TYPES, KnownModels, folder_of, is_predefined
from cli.build.model_file import model_document
from cli.build.plan import Plan
from cli.build.texts import readme

MANIFEST, PROVIDER = "manifest.yaml", "provider/resilient_gateway.yaml"
FIXED = "engine/settings/endpoint.json"
"""Where the engine looks for an address that is not asked for (`engine.settings.fixed`)."""

_NO_SLUG = re.compile(r"[^A-Za-z0-9.]+")

type Json = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as the files of Dify's plugins do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def package_files(plan: Plan, general: Files, icon: tuple[str, bytes] | None) -> dict[str, bytes]:
    """The files of the plugin that a plan describes; nothing but the plan decides of their bytes.

    Args:
        plan: what goes in.
        general: files of the general plugin.
        icon: ending and bytes; ``None`` for the general plugin's.
    """
    files = {name: content for name, content in general.items() if not is_predefined(name)}
    manifest, provider = _loaded(general, MANIFEST), _loaded(general, PROVIDER)
    engine = str(manifest["version"])
    _rename(plan, manifest, provider, engine)
    if icon is not None:
        name = f"icon.{icon[0]}"
        files = {path: content for path, content in files.items() if not _is_icon(path)}
        files[f"_assets/{name}"] = icon[1]
        manifest |= {"icon": name, "icon_dark": name}
        shown = {"en_US": name, "zh_Hans": name}
        provider |= {"icon_small": shown, "icon_small_dark": shown}
    _set_address(plan, provider, files)
    files |= _model_files(plan, provider, KnownModels(general))
    english, chinese = readme(plan, engine)
    files["README.md"] = english.encode()
    files["readme/README_zh_Hans.md"] = chinese.encode()
    files[MANIFEST], files[PROVIDER] = _dumped(manifest), _dumped(provider)
    return files


def _is_icon(path: str) -> bool:
    return path.startswith("_assets/icon")


def _rename(plan: Plan, manifest: Json, provider: Json, engine: str) -> None:
    """Put the plan's identity in place of the general plugin's."""
    identity = plan.identity
    label = {"en_US": identity.label[0], "zh_Hans": identity.label[1]}
    description = {
        "en_US": f"{identity.description[0]} (Resilient Gateway {engine} inside)",
        "zh_Hans": f"{identity.description[1]}（内含 Resilient Gateway {engine}）",
    }
    manifest |= {
        "version": plan.version,
        "author": identity.author,
        "name": identity.name,
        "label": label,
        "description": description,
    }
    provider |= {"provider": identity.name, "label": label, "description": description}
    if identity.help_url:
        provider["help"] = {
            "title": {
                "en_US": f"Documentation of {identity.label[0]}",
                "zh_Hans": f"{identity.label[1]} 的文档",
            },
            "url": {"en_US": identity.help_url, "zh_Hans": identity.help_url},
        }


def _set_address(plan: Plan, provider: Json, files: dict[str, bytes]) -> None:
    """Fill the address in, or take its field away and fix it."""
    for schema in ("provider_credential_schema", "model_credential_schema"):
        fields = provider[schema]["credential_form_schemas"]
        if plan.fixed_url:
            fields[:] = [field for field in fields if field["variable"] != "endpoint_url"]
            continue
        for field in fields:
            if field["variable"] == "endpoint_url":
                field["default"] = plan.url
                field["placeholder"] = {"en_US": plan.url, "zh_Hans": plan.url}
    if plan.fixed_url:
        files[FIXED] = (json.dumps({"endpoint_url": plan.url}) + "\n").encode()


def _model_files(plan: Plan, provider: Json, known: KnownModels) -> dict[str, bytes]:
    """A file for each model, numbered: names differ in capitals only, or hold what no file may."""
    files: dict[str, bytes] = {}
    sections: Json = {}
    for kind in TYPES:
        models = [model for model in plan.models if model.kind == kind]
        if not models:
            continue
        folder = folder_of(kind)
        for number, model in enumerate(models, start=1):
            slug = _NO_SLUG.sub("-", model.name).strip("-.")[:60]
            name = f"{number:04}-{slug}".rstrip("-.")
            files[f"{folder}/{name}.yaml"] = _dumped(model_document(model, known))
        files[f"{folder}/_position.yaml"] = _dumped([model.name for model in models])
        sections[kind.replace("-", "_")] = {
            "predefined": [f"{folder}/*.yaml"],
            "position": f"{folder}/_position.yaml",
        }
    provider["models"] = sections
    return files


def _loaded(files: Files, name: str) -> Json:
    document: Json = yaml.safe_load(files[name])
    return document


def _dumped(content: object) -> bytes:
    written = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return written.encode()


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write files as a whole: each under another name first, so that none is ever half there.

    Raises:
        OSError: one cannot be written; then none is.
    """
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            written[path] = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)
        for path, temporary in written.items():
            temporary.replace(path)
    finally:
        for temporary in written.values():
            with suppress(FileNotFoundError):
                temporary.unlink()
