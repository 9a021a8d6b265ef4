"""What must be true of a package before Dify sees it.

The daemon checks little when it packs, some when a package is uploaded, and the rest when the
plugin starts or a page is opened, where a mistake costs most. Here all of it is checked first.
Sources: plugin daemon 0.6.9 (`pkg/entities/plugin_entities`, `pkg/plugin_packager`), SDK 0.10.2.
Forms and models have their own file, `form_rules`, and the marketplace's checks too, `store_rules`.
"""

import datetime
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version
from pathspec import GitIgnoreSpec

from cli.build.archive import SHIPPED, Files
from scripts import form_rules, store_rules

MAX_BYTES = 52_428_800
"""The daemon's MAX_PLUGIN_PACKAGE_SIZE, for the package and for what is in it."""

MAX_FILES = 5_000
"""The marketplace's limit."""

VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){2}(-\w{1,16})?")
LANGUAGES = {"en_US", "zh_Hans", "ja_JP", "pt_BR"}
TAGS = {
    "search", "image", "videos", "weather", "finance", "design", "travel", "social", "news",
    "medical", "productivity", "education", "business", "entertainment", "utilities", "agent",
    "rag", "other", "trigger",
}  # fmt: skip
DEVELOPMENT = {
    "pytest", "pytest-xdist", "questionary", "ruff", "mypy", "packaging", "pathspec", "rich",
    "cryptography", "types-requests", "types-PyYAML",
}  # fmt: skip

type Json = dict[str, Any]
type Problems = Iterator[str]


def check(files: Files, git_ignored: GitIgnoreSpec) -> list[str]:
    """Return every broken rule as a sentence; an empty list means that the package is good."""
    try:
        manifest = yaml.safe_load(files["manifest.yaml"])
    except (KeyError, yaml.YAMLError) as error:
        return [f"manifest.yaml cannot be read: {error}"]
    if not isinstance(manifest, dict):
        return ["manifest.yaml holds no fields"]
    rules: tuple[Callable[[], Problems], ...] = (
        lambda: _contents(files, git_ignored),
        lambda: _identity(manifest),
        lambda: _texts(manifest),
        lambda: _assets(manifest, files),
        lambda: _resources(manifest),
        lambda: _meta(manifest, files),
        lambda: _extensions(manifest, files),
        lambda: _requirements(files),
        lambda: form_rules.check(manifest, files),
        lambda: store_rules.check(manifest, files),
    )
    return [problem for rule in rules for problem in rule()]


def _contents(files: Files, git_ignored: GitIgnoreSpec) -> Problems:
    for name in files:
        if not SHIPPED.fullmatch(name):
            yield f"{name}: the plugin does not need it; add it to .difyignore"
        if git_ignored.match_file(name):
            yield f"{name}: git ignores it, so it must not be shipped"
    if len(files) > MAX_FILES:
        yield f"{len(files)} files, over {MAX_FILES}"
    if (total := sum(map(len, files.values()))) > MAX_BYTES:
        yield f"{total} bytes unpacked, over {MAX_BYTES}"


def _identity(manifest: Json) -> Problems:
    version = str(manifest.get("version"))
    if not VERSION.fullmatch(version) or not _is_version(version):
        yield f"manifest: version {version!r} is none (1.2.3, for the SDK also PEP 440)"
    if manifest.get("type") != "plugin":
        yield "manifest: type must be plugin"
    author = str(manifest.get("author"))
    if not re.fullmatch(r"[a-z0-9_-]{1,64}", author) or _is_uuid(author):
        yield f"manifest: author {author!r} must be 1-64 of a-z 0-9 _ - and no UUID"
    if not re.fullmatch(r"[a-z0-9_-]{1,128}", str(manifest.get("name"))):
        yield f"manifest: name {manifest.get('name')!r} must be 1-128 of a-z 0-9 _ -"
    if not isinstance(manifest.get("created_at"), datetime.datetime | str) or not _is_time(
        str(manifest["created_at"])
    ):
        yield "manifest: created_at must be a time such as 2026-11-23T00:00:00Z"


def _texts(manifest: Json) -> Problems:
    for field in ("label", "description"):
        texts = manifest.get(field)
        if not isinstance(texts, dict) or not texts.get("en_US"):
            yield f"manifest: {field}.en_US is missing"
            continue
        for language, text in texts.items():
            if language not in LANGUAGES:
                yield f"manifest: {field} is in {language}, which Dify does not know"
            if len(str(text)) >= 1024:
                yield f"manifest: {field}.{language} has 1024 characters or more"


def _assets(manifest: Json, files: Files) -> Problems:
    for field in ("icon", "icon_dark"):
        if f"_assets/{manifest.get(field)}" not in files:
            yield f"manifest: {field} {manifest.get(field)!r} is not in _assets"


def _resources(manifest: Json) -> Problems:
    resource = manifest.get("resource") or {}
    if not isinstance(resource.get("memory"), int) or resource["memory"] <= 0:
        yield "manifest: resource.memory must be a number of bytes above 0"
    if resource.get("permission"):
        yield "manifest: a model plugin may call nothing of Dify's, so it asks for no permission"


def _meta(manifest: Json, files: Files) -> Problems:
    meta = manifest.get("meta") or {}
    runner = meta.get("runner") or {}
    if not VERSION.fullmatch(str(meta.get("version"))):
        yield f"manifest: meta.version {meta.get('version')!r} is none"
    if not meta.get("arch") or not set(meta["arch"]) <= {"amd64", "arm64"}:
        yield "manifest: meta.arch must list amd64, arm64 or both"
    if runner.get("language") != "python" or not runner.get("version"):
        yield "manifest: meta.runner needs language python and a version"
    entrypoint = str(runner.get("entrypoint"))
    if len(entrypoint) > 256 or f"{entrypoint.replace('.', '/')}.py" not in files:
        yield f"manifest: entrypoint {entrypoint!r} is no module of the package"
    if not _is_version(str(meta.get("minimum_dify_version"))):
        yield "manifest: meta.minimum_dify_version is no version (the SDK would not start)"


def _extensions(manifest: Json, files: Files) -> Problems:
    for tag in set(manifest.get("tags") or ()) - TAGS:
        yield f"manifest: tag {tag!r} is unknown"
    if manifest.get("privacy") not in files:
        yield f"manifest: privacy {manifest.get('privacy')!r} is not in the package"
    kinds = set(manifest.get("plugins") or ())
    if kinds != {"models"}:
        yield f"manifest: a model plugin may extend nothing else ({sorted(kinds - {'models'})})"


def _requirements(files: Files) -> Problems:
    if "requirements.txt" not in files:
        yield "requirements.txt is missing"
    lines = files.get("requirements.txt", b"").decode().splitlines()
    wanted = [line for line in (line.split("#")[0].strip() for line in lines) if line]
    names = set()
    for line in wanted:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            yield f"requirements.txt: {line!r} is no plain requirement"
            continue
        names.add(requirement.name)
        operators = {specifier.operator for specifier in requirement.specifier}
        if requirement.url or not (operators & {"==", "~="} or {">=", "<"} <= operators):
            yield f"requirements.txt: {line!r} needs a lower and an upper bound"
        if requirement.name in DEVELOPMENT:
            yield f"requirements.txt: {requirement.name} is for development"
    if "dify_plugin" not in names:
        yield "requirements.txt: dify_plugin is missing"


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
