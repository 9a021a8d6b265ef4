"""Which gateway it is: its headers and its status page tell."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from cli.check.outcome import Outcome, Verdict
from cli.check.wire import Page, page_limits
from cli.check.words import SAY
from engine.call.page import read_page as read_any_page
from engine.call.page import root_of
from engine.errors import AttemptError, Language
from engine.http.transport import Transport
from engine.settings import Settings

_HEADERS = (
    ("x-new-api-version", "New API"),
    ("x-rixapi-request-id", "Rix API / DMXAPI"),
    ("x-shellapi-request-id", "Shell API"),
    ("x-litellm-call-id", "LiteLLM"),
    ("x-litellm-version", "LiteLLM"),
    ("x-upstream-request-id", "done-hub"),
    ("x-oneapi-request-id", "One API"),
)
_SITES = {
    "Shell API": "Shell API",
    "Rix API": "Rix API",
    "One Hub": "one-hub",
    "Done Hub": "done-hub",
}
"""What a gateway calls itself as long as its operator has not named it."""

_LITELLM_ALIVE = "I'm alive!"
_GPT_LOAD_PATH = re.compile(r"/proxy/[^/]+(?:/|$)")
_MAX_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """What a gateway says of itself; empty where it says nothing."""

    family: str = ""
    version: str = ""
    site: str = ""


def identify(headers: Mapping[str, str], status: Page | None) -> Identity:
    """The family by its headers, version and site by the status page.

    Shell API and others use One API's header: then the page's own name decides.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    family = next((title for name, title in _HEADERS if name in lower), "")
    told = status.document.get("data") if status else None
    data = told if isinstance(told, dict) else {}
    version = str(data.get("version") or lower.get("x-new-api-version") or "")
    site = str(data.get("system_name") or "")
    if data.get("_qn") == "new-api":
        family = "New API"
    elif site in _SITES:
        family = _SITES[site]
    return Identity(family, version[:_MAX_CHARACTERS], site[:_MAX_CHARACTERS])


def identify_by_pages(transport: Transport, settings: Settings) -> Identity:
    """The gateways that have no status page, by the pages that they have without a key.

    LiteLLM answers at ``/health/liveliness``; gpt-load at ``/health``, and its address names the
    group of keys.
    """
    origin = replace(settings, endpoint=settings.origin)
    if _document(transport, root_of(settings), "health/liveliness") == _LITELLM_ALIVE:
        return Identity("LiteLLM")
    if _GPT_LOAD_PATH.search(urlsplit(settings.endpoint).path):
        health = _document(transport, origin, "health")
        if isinstance(health, dict) and {"status", "uptime"} <= health.keys():
            return Identity("gpt-load")
    return Identity()


def _document(transport: Transport, settings: Settings, path: str) -> object:
    with contextlib.suppress(AttemptError):
        page = read_any_page(transport, settings, path, page_limits())
        return page.document if page.found else None
    return None


def outcome_of(identity: Identity, language: Language) -> Outcome:
    """The line of the report."""
    if not identity.family:
        return Outcome("family", Verdict.NOTE, SAY["no_family"].say(language))
    is_named = identity.site not in ("", identity.family, *_SITES)
    site = f" ({identity.site})" if is_named else ""
    return Outcome("family", Verdict.OK, f"{identity.family} {identity.version}{site}".strip())
