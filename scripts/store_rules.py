"""What Dify's marketplace checks in a package, as far as the package alone can show it.

Sources: the marketplace's own toolkit (`langgenius/dify-marketplace-toolkit`: manifest, readme,
dependencies, secrets, safety): what it blocks and, where it costs nothing, what it warns of.
"""

import ast
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
SOURCE = re.compile(
    r"https://(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|gitee\.com|codeberg\.org|git\.sr\.ht)"
    r"/[\w./-]+"
)
CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
CODE_BLOCK = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
OLDEST_SDK = Version("0.9.0")
FIRST_DIFY = {"icon_dark": Version("1.6.0")}
"""Which Dify first knows a field of the manifest; everything else here is known to 1.4."""

SECRETS = {
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an API key": re.compile(rb"\bsk-(?:proj-)?[A-Za-z0-9_-]{20,}\b"),
    "a GitHub token": re.compile(rb"\bgh[porsu]_[A-Za-z0-9_]{20,}\b"),
    "a Slack token": re.compile(rb"\bxox[baprs]-[A-Za-z0-9-]{10,}\b"),
    "an AWS key": re.compile(rb"\bAKIA[0-9A-Z]{16}\b"),
    "a JWT": re.compile(rb"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}\b"),
}
HTTP_METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
README_TELLS = {
    "how to install it": ("install",),
    "how to use it": ("example",),
    "which credentials it needs": ("api key",),
    "what it connects to": ("base url",),
}
PRIVACY_TELLS = ("collect", "sent", "kept", "log")

type Json = dict[str, Any]
type Files = Mapping[str, bytes]
type Problems = Iterator[str]


def check(manifest: Json, files: Files) -> Problems:
    """Yield every reason why the marketplace would send the package back."""
    rules: tuple[Callable[[Json, Files], Problems], ...] = (
        _manifest,
        _readme,
        _privacy,
        _sdk,
        _secrets,
        _timeouts,
    )
    for rule in rules:
        yield from rule(manifest, files)


def _manifest(manifest: Json, _files: Files) -> Problems:
    author = str(manifest.get("author"))
    if "dify" in author or "langgenius" in author:
        yield "manifest: author must not contain dify or langgenius"
    if not SOURCE.fullmatch(str(manifest.get("repo"))):
        yield "manifest: repo must be the address of the repository at a known host"
    if not EMAIL.fullmatch(str(manifest.get("contact"))):
        yield "manifest: contact must be an e-mail address"
    meta = manifest.get("meta") or {}
    for field, first in FIRST_DIFY.items():
        needed = str(meta.get("minimum_dify_version"))
        if field in manifest and re.fullmatch(r"[\d.]+", needed) and Version(needed) < first:
            yield f"manifest: {field} needs minimum_dify_version {first}"


def _readme(_manifest: Json, files: Files) -> Problems:
    readme = files.get("README.md", b"").decode()
    if not readme:
        yield "README.md is missing"
        return
    if not SOURCE.search(readme):
        yield "README.md does not say where the sources are"
    if found := CHINESE.search(CODE_BLOCK.sub("", readme)):
        yield f"README.md: {found[0]!r} outside a code block; Chinese belongs in readme/"
    for what, words in README_TELLS.items():
        if not any(word in readme.lower() for word in words):
            yield f"README.md does not tell {what}"


def _privacy(_manifest: Json, files: Files) -> Problems:
    policy = files.get("PRIVACY.md", b"").decode().lower()
    if not policy:
        yield "PRIVACY.md is missing or empty"
    elif "please fill in the privacy policy" in policy:
        yield "PRIVACY.md is still the template"
    elif missing := [word for word in PRIVACY_TELLS if word not in policy]:
        yield f"PRIVACY.md does not speak of what is {', '.join(missing)}"


def _sdk(_manifest: Json, files: Files) -> Problems:
    for line in files.get("requirements.txt", b"").decode().splitlines():
        try:
            requirement = Requirement(line.split("#")[0].strip())
        except InvalidRequirement:
            continue
        if requirement.name != "dify_plugin":
            continue
        lowest = [Version(s.version) for s in requirement.specifier if s.operator in {">=", "=="}]
        if not lowest or max(lowest) < OLDEST_SDK:
            yield f"requirements.txt: dify_plugin must be at least {OLDEST_SDK}"


def _secrets(_manifest: Json, files: Files) -> Problems:
    for name, content in files.items():
        for what, pattern in SECRETS.items():
            if pattern.search(content):
                yield f"{name}: holds what looks like a secret ({what})"


def _timeouts(_manifest: Json, files: Files) -> Problems:
    for name, content in files.items():
        if not name.endswith(".py"):
            continue
        try:
            lines = _untimed(content)
        except (SyntaxError, ValueError) as error:
            yield f"{name} is no Python: {error}"
            continue
        yield from (f"{name}:{line}: a call of requests without a timeout" for line in lines)


@functools.lru_cache(maxsize=1024)
def _untimed(content: bytes) -> tuple[int, ...]:
    return tuple(
        node.lineno
        for node in ast.walk(ast.parse(content))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in HTTP_METHODS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "requests"
        and not any(keyword.arg == "timeout" for keyword in node.keywords)
    )
