"""Reads what a gateway publishes of its models, page by page; costs nothing, asks no model."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cli.build import families
from cli.build.listed import ListedModel, Page, merged
from cli.build.problem import BuildError
from cli.build.words import SAY
from cli.check.wire import CONNECT_LIMIT, PAGE_LIMIT, CountedTransport, page_limits
from cli.exits import Exit
from engine.call.attempt import read_body
from engine.call.model_list import model_entries
from engine.call.page import read_page, root_of
from engine.errors import AttemptError, Language
from engine.http.transport import Transport
from engine.settings import Settings
from engine.text.json_document import parse_document

LONGEST_NAME = 255
"""Characters of a model's name that Dify's tables hold."""

_LARGEST_SHOWN = 1024 * 1024
"""Bytes of what Ollama says of one model."""

type Json = dict[str, Any]
type Progress = Callable[[str, int, int], None]
"""Is told the page that is read, how many were, and how many there are."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a gateway tells.

    Attributes:
        models: in the gateway's order.
        group: the key's, whose prices count; empty where there are no groups.
        help_url: the gateway's own documentation; empty if it names none.
        notes: what a person should know of the list, as sentences.
    """

    models: list[ListedModel]
    group: str
    help_url: str
    notes: list[str]


def gather(settings: Settings, group: str, language: Language, progress: Progress) -> Gathered:
    """Read the list of models, and beside it what this gateway's family publishes.

    Args:
        settings: address and key.
        group: whose prices count; empty for the key's own.
        language: of the sentences.
        progress: is told how far it is.

    Raises:
        BuildError: there is no list, or nothing in it.
    """
    transport = CountedTransport()
    progress("/v1/models", 0, len(_PAGES) + 1)
    entries = _entries(transport, settings, language)
    found: dict[str, Json] = {}
    for number, path in enumerate(_PAGES, start=1):
        progress(f"/{path}", number, len(_PAGES) + 1)
        found[path] = _document(transport, settings, path)
    names = [str(entry["id"]) for entry in entries]
    pages, group = _pages(found, group)
    if "models" in found["api/tags"]:
        pages.append(_ollama(transport, settings, names, progress))
    notes = _notes(names, entries, language)
    kept = (name for name in names if len(name) <= LONGEST_NAME and "*" not in name)
    models = merged(kept, [*pages, families.models_page(entries)])
    status = _data(found["api/status"])
    return Gathered(models, group, _link(status.get("docs_link")), notes)


_PAGES = (
    "api/status",
    "api/pricing",
    "api/log/token",
    "api/available_model",
    "api/user_group_map",
    "v1/model/info",
    "api/tags",
)
"""The pages that one family or another has, below the gateway's root."""


def _entries(transport: Transport, settings: Settings, language: Language) -> list[Json]:
    try:
        entries = model_entries(transport, settings, page_limits())
    except AttemptError as error:
        texts = error.failure.kind.texts(language)
        end = Exit.PROBLEM if error.failure.status else Exit.UNREACHABLE
        text = SAY["no_list"].say(language)
        raise BuildError(
            text.format(url=settings.endpoint, why=texts.headline, advice=texts.remedy), end
        ) from None
    if not entries:
        raise BuildError(SAY["nothing_listed"].say(language).format(url=settings.endpoint))
    return entries


def _document(transport: Transport, settings: Settings, path: str) -> Json:
    """A page that is a JSON object; empty if the gateway has no such page."""
    with contextlib.suppress(AttemptError):
        page = read_page(transport, root_of(settings), path, page_limits())
        if page.found and isinstance(page.document, dict):
            return page.document
    return {}


def _pages(found: dict[str, Json], group: str) -> tuple[list[Page], str]:
    """What the families' own pages tell, and the group whose prices they are."""
    status = _data(found["api/status"])
    pages: list[Page] = []
    used = ""
    if pricing := found["api/pricing"]:
        used = group or _group_of_key(found["api/log/token"]) or "default"
        pages.append(families.pricing_page(pricing, status, used))
    if hub := found["api/available_model"]:
        used = group or "default"
        groups = _data(found["api/user_group_map"])
        pages.append(families.hub_page(hub, groups, status, used))
    if info := found["v1/model/info"]:
        pages.append(families.litellm_page(info))
    return pages, used


def _group_of_key(log: Json) -> str:
    """New API writes the group into each line of a key's log, the newest first."""
    lines = log.get("data")
    first = lines[0] if isinstance(lines, list) and lines else None
    return str(first.get("group") or "") if isinstance(first, dict) else ""


def _ollama(transport: Transport, settings: Settings, names: list[str], progress: Progress) -> Page:
    shown: dict[str, Json] = {}
    for number, name in enumerate(names):
        progress(name, number, len(names))
        with contextlib.suppress(AttemptError, ValueError):
            shown[name] = _shown(transport, settings, name)
    return families.ollama_page(shown)


def _shown(transport: Transport, settings: Settings, name: str) -> Json:
    limits = page_limits()
    response = transport.post(
        root_of(settings),
        "api/show",
        {"model": name},
        connect_seconds=CONNECT_LIMIT,
        read_seconds=PAGE_LIMIT,
    )
    try:
        body, _whole = read_body(response, _LARGEST_SHOWN, limits.until)
    finally:
        response.close()
    document = parse_document(body.decode("utf-8", "replace"))
    return document if isinstance(document, dict) else {}


def _notes(names: list[str], entries: Iterable[Json], language: Language) -> list[str]:
    """What is odd about a list; none of it keeps the package from being built."""
    notes = []
    differing = _listed_differently(entries)
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        key = "listed_differently" if name in differing else "listed_twice"
        notes.append(SAY[key].say(language).format(name=name))
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        alike.setdefault(name.casefold(), []).append(name)
    for same in alike.values():
        if len(same) > 1:
            notes.append(SAY["only_case"].say(language).format(names=", ".join(same)))
    for name in dict.fromkeys(names):
        if len(name) > LONGEST_NAME:
            notes.append(SAY["too_long"].say(language).format(name=f"{name[:60]}…"))
        elif "*" in name:
            notes.append(SAY["a_pattern"].say(language).format(name=name))
    return notes


def _listed_differently(entries: Iterable[Json]) -> set[str]:
    first: dict[str, Json] = {}
    return {
        str(entry["id"]) for entry in entries if first.setdefault(str(entry["id"]), entry) != entry
    }


def _data(document: Json) -> Json:
    data = document.get("data")
    return data if isinstance(data, dict) else {}


def _link(value: object) -> str:
    text = str(value or "").strip()
    return text if text.startswith(("https://", "http://")) and len(text) < LONGEST_NAME else ""
