"""Who a plugin is: its name, texts and icon, checked by the rules of Dify's daemon and marketplace.

Sources: plugin daemon 0.6.9 (`plugin_manager/packages.go`: name and author), the marketplace's
toolkit (author).
"""

import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cli.build.problem import BuildError
from cli.build.words import SAY
from cli.exits import Exit
from engine.errors import Language

AUTHOR = "self-built"
"""Who has made a plugin that is not published; whoever publishes one types his own."""

MAX_TEXT = 1_023
"""Characters of a label or description."""

MAX_ICON = 1024 * 1024
"""Bytes; the console shows it in 40 pixels."""

_NAME = re.compile(r"[a-z0-9_-]{1,128}")
_AUTHOR = re.compile(r"[a-z0-9_-]{1,64}")
_CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_PNG = b"\x89PNG\r\n\x1a\n"
_ACTIVE = re.compile(rb"<!DOCTYPE|<!ENTITY|<script|\son\w+\s*=|javascript:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a plugin is.

    Attributes:
        name: by which Dify tells it from others, with the author's.
        author: whoever builds it.
        label: English and Chinese.
        description: English and Chinese.
        icon: path of an SVG or PNG; empty for the general plugin's.
        help_url: where the gateway explains itself.
    """

    name: str
    author: str
    label: tuple[str, str]
    description: tuple[str, str]
    icon: str = ""
    help_url: str = ""


def name_of_host(endpoint: str) -> str:
    """A name from a gateway's address: `https://api.example.com/v1` is `example_com`."""
    host = urlsplit(endpoint).hostname or ""
    bare = re.sub(r"^(?:api|www|gateway)\.(?=.*\.)", "", host)
    name = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
    return f"gateway_{name}" if not name or name[0].isdigit() else name


def check_identity(identity: Identity, language: Language) -> None:
    """Check by Dify's rules.

    Raises:
        BuildError: a name or a text that Dify would refuse, now or when it is uploaded.
    """
    if not _NAME.fullmatch(identity.name) or identity.name == "resilient_gateway":
        raise _refused("bad_name", language, name=identity.name)
    is_reserved = "dify" in identity.author or "langgenius" in identity.author
    if not _AUTHOR.fullmatch(identity.author) or is_reserved or _is_uuid(identity.author):
        raise _refused("bad_author", language, name=identity.author)
    for texts in (identity.label, identity.description):
        if not all(0 < len(text) <= MAX_TEXT and text.strip() for text in texts):
            raise _refused("bad_text", language, text=texts[0][:40])
        if _CHINESE.search(texts[0]):
            raise _refused("chinese_text", language, text=texts[0][:40])
    if identity.help_url and not re.fullmatch(r"https?://[^\s\"'<>]+", identity.help_url):
        raise _refused("bad_help", language, url=identity.help_url)


def read_icon(path: Path, language: Language) -> tuple[str, bytes]:
    """The icon's ending (`svg` or `png`) and its bytes.

    Raises:
        BuildError: it is no such picture, or none that a console may show.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise _refused("no_icon", language, path=path) from None
    if len(content) <= MAX_ICON:
        if content.startswith(_PNG) and content[12:16] == b"IHDR":
            return "png", content
        if _is_svg(content):
            return "svg", content
    raise _refused("bad_icon", language, path=path)


def _is_svg(content: bytes) -> bool:
    """Whether it is a drawing that runs nothing."""
    if _ACTIVE.search(content):
        return False
    try:
        root = ET.fromstring(content)
    except ET.ParseError:
        return False
    return root.tag in ("svg", "{http://www.w3.org/2000/svg}svg")


def _refused(key: str, language: Language, **facts: object) -> BuildError:
    return BuildError(SAY[key].say(language).format(**facts), Exit.USAGE)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
