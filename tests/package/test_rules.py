"""Every rule of the package fails when it is broken, and only then."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pathspec import GitIgnoreSpec

from scripts import package_rules
from scripts.package import collect

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = "manifest.yaml"
PROVIDER = "provider/resilient_gateway.yaml"
MODEL = "models/llm/deepseek-v4-flash.yaml"
NOTHING_IGNORED = GitIgnoreSpec.from_lines([])

type Files = dict[str, bytes]
type Break = Callable[[Files], None]


@functools.cache
def _sources() -> Files:
    return collect(ROOT)


def _at(file: str, *path: str | int, value: Any) -> Break:
    """Set one value in a YAML file; `None` removes it."""

    def broken(files: Files) -> None:
        content = yaml.safe_load(files[file])
        place = content
        for step in path[:-1]:
            place = place[step]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        files[file] = yaml.safe_dump(content, allow_unicode=True).encode()

    return broken


def _file(name: str, content: bytes | None) -> Break:
    """Write a file, or remove it."""

    def broken(files: Files) -> None:
        if content is None:
            del files[name]
        else:
            files[name] = content

    return broken


manifest = functools.partial(_at, MANIFEST)
provider = functools.partial(_at, PROVIDER)
model = functools.partial(_at, MODEL)
field = functools.partial(_at, PROVIDER, "model_credential_schema", "credential_form_schemas")
_FORM = yaml.safe_load((ROOT / PROVIDER).read_text("utf-8"))["model_credential_schema"]
_PLACES = [field["variable"] for field in _FORM["credential_form_schemas"]]
CHOICE, CONTEXT_SIZE, KEY = map(_PLACES.index, ("api_type", "context_size", "api_key"))
MANY_FIELDS = [
    {"variable": f"v{i}", "type": "secret-input" if i == 0 else "text-input",
     "label": {"en_US": "x"}}
    for i in range(33)
]  # fmt: skip
LIST = [{"value": str(i), "label": {"en_US": "x"}} for i in range(129)]

BROKEN: dict[str, tuple[Break, str]] = {
    # contents
    "command inside": (_file("cli/main.py", b""), "cli/main.py: the plugin does not need"),
    "its way in": (_file("cli/__main__.py", b""), "cli/__main__.py: the plugin does not"),
    "test inside": (_file("tests/test_x.py", b""), "tests/test_x.py: the plugin does not need"),
    "notes inside": (_file("engine/notes.md", b""), "engine/notes.md: the plugin does not"),
    "pyproject inside": (_file("pyproject.toml", b""), "pyproject.toml: the plugin does not"),
    "private key": (
        _file("engine/k.py", b"-----BEGIN RSA PRIVATE " b"KEY-----"),
        "engine/k.py: holds what looks like a secret",
    ),
    "api key": (_file("engine/k.py", b"'sk-" + b"a1" * 24), "engine/k.py: holds what looks"),
    "too big": (_file("engine/x.py", bytes(52_428_801)), "bytes unpacked, over 52428800"),
    "too many": (
        lambda files: files.update({f"engine/x{i}.py": b"" for i in range(5000)}),
        "files, over 5000",
    ),
    # manifest
    "no manifest": (_file(MANIFEST, None), "manifest.yaml cannot be read"),
    "bad yaml": (_file(MANIFEST, b"a: ["), "manifest.yaml cannot be read"),
    "empty manifest": (_file(MANIFEST, b"- 1"), "manifest.yaml holds no fields"),
    "short version": (manifest("version", value="1.0"), "version '1.0' is none"),
    "dotted release": (manifest("version", value="1.0.0-rc.1"), "version '1.0.0-rc.1' is none"),
    "not PEP 440": (manifest("version", value="1.0.0-x"), "version '1.0.0-x' is none"),
    "type": (manifest("type", value="tool"), "type must be plugin"),
    "author in capitals": (manifest("author", value="Me"), "author 'Me' must be"),
    "long author": (manifest("author", value="a" * 65), "must be 1-64"),
    "author a uuid": (
        manifest("author", value="3b241101-e2bb-4255-8caf-4136c566a962"),
        "no UUID",
    ),
    "author dify": (manifest("author", value="dify-fan"), "must not contain dify"),
    "name": (manifest("name", value="Resilient Gateway"), "name 'Resilient Gateway' must be"),
    "created_at": (manifest("created_at", value="yesterday"), "created_at must be a time"),
    "no created_at": (manifest("created_at", value=None), "created_at must be a time"),
    "no label": (manifest("label", "en_US", value=None), "label.en_US is missing"),
    "no description": (manifest("description", value=None), "description.en_US is missing"),
    "long text": (
        manifest("description", "zh_Hans", value="长" * 1024),
        "description.zh_Hans has 1024",
    ),
    "language": (manifest("label", "fr_FR", value="x"), "label is in fr_FR"),
    "icon": (manifest("icon", value="x.svg"), "icon 'x.svg' is not in _assets"),
    "dark icon": (_file("_assets/icon_dark.svg", None), "icon_dark 'icon_dark.svg' is not in"),
    "memory": (manifest("resource", "memory", value=0), "resource.memory must be"),
    "permission": (
        manifest("resource", "permission", value={"storage": {"enabled": True, "size": 1}}),
        "asks for no permission",
    ),
    "meta version": (manifest("meta", "version", value="1"), "meta.version '1' is none"),
    "arch": (manifest("meta", "arch", value=["riscv64"]), "meta.arch must list"),
    "runner": (manifest("meta", "runner", "language", value="go"), "meta.runner needs"),
    "entrypoint": (
        manifest("meta", "runner", "entrypoint", value="start"),
        "entrypoint 'start' is no module",
    ),
    "minimum version": (
        manifest("meta", "minimum_dify_version", value="newest"),
        "minimum_dify_version is no version",
    ),
    "tag": (manifest("tags", value=["gateway"]), "tag 'gateway' is unknown"),
    "repo": (manifest("repo", value="ours"), "repo must be the address of the repository"),
    "no contact": (manifest("contact", value=None), "contact must be an e-mail address"),
    "contact": (manifest("contact", value="us"), "contact must be an e-mail address"),
    "dark icon too early": (
        manifest("meta", "minimum_dify_version", value="1.4.0"),
        "icon_dark needs minimum_dify_version 1.6.0",
    ),
    "privacy": (_file("PRIVACY.md", None), "privacy 'PRIVACY.md' is not in the package"),
    "other kinds": (
        manifest("plugins", "tools", value=["provider/x.yaml"]),
        "may extend nothing else (['tools'])",
    ),
    "readme": (_file("README.md", None), "README.md is missing"),
    "chinese readme": (_file("README.md", "# 网关".encode()), "README.md: '网' outside"),
    "readme without sources": (_file("README.md", b"# Ours"), "not say where the sources are"),
    "short readme": (_file("README.md", b"# Ours"), "README.md does not tell how to install it"),
    "empty privacy": (_file("PRIVACY.md", b""), "PRIVACY.md is missing or empty"),
    "privacy template": (
        _file("PRIVACY.md", b"Please fill in the privacy policy here."),
        "PRIVACY.md is still the template",
    ),
    "silent privacy": (_file("PRIVACY.md", b"Trust us."), "PRIVACY.md does not speak of"),
    "no timeout": (
        _file("engine/x.py", b"import requests\nrequests.get('u')\n"),
        "engine/x.py:2: a call of requests without a timeout",
    ),
    "github token": (_file("engine/k.py", b"'ghp_" + b"a1" * 12 + b"'"), "a GitHub token"),
    "aws key": (_file("engine/k.py", b"'AKIA" + b"A1" * 8 + b"'"), "an AWS key"),
    "slack token": (_file("engine/k.py", b"'xoxb-" + b"a1" * 6 + b"'"), "a Slack token"),
    "jwt": (_file("engine/k.py", b"'eyJ" + b".".join([b"a1b2c3d4e5"] * 3) + b"'"), "a JWT"),
    # requirements
    "no requirements": (_file("requirements.txt", None), "requirements.txt is missing"),
    "old sdk": (
        _file("requirements.txt", b"dify_plugin>=0.8,<1"),
        "dify_plugin must be at least 0.9.0",
    ),
    "no sdk": (_file("requirements.txt", b"requests>=2,<3"), "dify_plugin is missing"),
    "lower bound only": (
        _file("requirements.txt", b"dify_plugin>=0.10.2"),
        "'dify_plugin>=0.10.2' needs a lower and an upper bound",
    ),
    "url": (
        _file("requirements.txt", b"dify_plugin @ https://example.org/x.whl"),
        "needs a lower and an upper bound",
    ),
    "option": (_file("requirements.txt", b"-r requirements-dev.txt"), "is no plain requirement"),
    "development": (
        _file("requirements.txt", b"dify_plugin==0.10.2\npytest==9.0.0"),
        "pytest is for development",
    ),
    # provider
    "no provider": (_file(PROVIDER, None), f"{PROVIDER} is not in the package"),
    "provider yaml": (_file(PROVIDER, b"a: ["), f"{PROVIDER} cannot be read"),
    "provider label": (provider("label", value={"zh_Hans": "x"}), "label.en_US is missing"),
    "provider icon": (
        provider("icon_small_dark", "en_US", value="x.png"),
        "icon_small_dark 'x.png' is not in _assets",
    ),
    "help": (provider("help", "url", value=None), "help needs title.en_US and url.en_US"),
    "model type": (
        provider("supported_model_types", value=["llm", "multimodal-rerank"]),
        "supported_model_types has unknown values or none: ['multimodal-rerank']",
    ),
    "method": (
        provider("configurate_methods", value=["fetch-from-remote"]),
        "configurate_methods has unknown values",
    ),
    "provider source": (
        _file("provider/resilient_gateway.py", None),
        "'provider/resilient_gateway.py' under extra.python is not",
    ),
    "model source": (_file("models/llm/llm.py", None), "'models/llm/llm.py' under extra.python"),
    # forms
    "too many fields": (
        provider("model_credential_schema", "credential_form_schemas", value=MANY_FIELDS),
        "model_credential_schema has 33 fields",
    ),
    "switch": (field(CHOICE, "type", value="switch"), "api_type has type 'switch'"),
    "field label": (field(CHOICE, "label", "en_US", value=None), "api_type has no label.en_US"),
    "number as default": (field(CONTEXT_SIZE, "default", value=4096), "no text under 256"),
    "long default": (field(CONTEXT_SIZE, "default", value="1" * 256), "no text under 256"),
    "no options": (field(CHOICE, "options", value=None), "api_type has 0 options"),
    "too many options": (field(CHOICE, "options", value=LIST), "api_type has 129 options"),
    "boolean option": (field(CHOICE, "options", 0, "value", value=True), "option that is no text"),
    "option label": (
        field(CHOICE, "options", 0, "label", value={"zh_Hans": "x"}),
        "an option without label.en_US",
    ),
    "default": (field(CHOICE, "default", value="talk"), "none of its options: 'talk'"),
    "show_on": (
        field(CHOICE, "show_on", 0, "variable", value="nobody"),
        "api_type has a show_on with more than 16 conditions or an unknown",
    ),
    "other secret": (field(KEY, "variable", value="model_key"), "the secrets of the two forms"),
    # models
    "two stars": (
        provider("models", "llm", "predefined", value=["models/**/*.yaml"]),
        "finds no model by 'models/**/*.yaml'",
    ),
    "no match": (
        provider("models", "llm", "predefined", value=["models/chat/*.yaml"]),
        "finds no model by",
    ),
    "position": (
        _file("models/llm/_position.yaml", b"- gpt-5.6-sol"),
        "does not list exactly the models",
    ),
    "model yaml": (_file(MODEL, b"a: ["), f"{MODEL} cannot be read"),
    "model label": (model("label", value={"zh_Hans": "x"}), "model or label.en_US is missing"),
    "wrong type": (model("model_type", value="rerank"), "model_type 'rerank' is listed under llm"),
    "feature": (model("features", value=["polling"]), "does not know: ['polling']"),
    "property": (model("model_properties", "speed", value=1), "does not know: ['speed']"),
    "template": (
        model("parameter_rules", 0, "use_template", value="heat"),
        "parameter temperature: template 'heat' is unknown",
    ),
    "parameter type": (
        model("parameter_rules", 0, value={"name": "t", "type": "number"}),
        "parameter t: type 'number' is unknown",
    ),
    "parameter label": (
        model("parameter_rules", 0, value={"name": "t", "type": "int"}),
        "parameter t: label.en_US is missing",
    ),
    "parameter default": (
        model("parameter_rules", 0, "default", value=3),
        "parameter temperature: default 3 is not within 0 and 2",
    ),
    "too many parameters": (
        model("parameter_rules", value=[{"name": "t", "use_template": "top_k"}] * 129),
        "129 parameter rules",
    ),
}  # fmt: skip


def test_the_package_breaks_no_rule() -> None:
    assert package_rules.check(_sources(), NOTHING_IGNORED) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_told(name: str) -> None:
    breaking, sentence = BROKEN[name]
    files = dict(_sources())
    breaking(files)
    problems = package_rules.check(files, NOTHING_IGNORED)
    assert any(sentence in problem for problem in problems), problems


def test_what_git_ignores_is_not_shipped() -> None:
    problems = package_rules.check(_sources(), GitIgnoreSpec.from_lines(["LICENSE"]))
    assert problems == ["LICENSE: git ignores it, so it must not be shipped"]
