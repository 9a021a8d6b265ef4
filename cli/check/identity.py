"""Which gateway it is: its headers and its status page tell."""

from collections.abc import Mapping
from dataclasses import dataclass

from cli.check.outcome import Outcome, Verdict
from cli.check.wire import Page
from cli.check.words import SAY
from gateway.failure import Language

_HEADERS = (
    ("x-new-api-version", "New API"),
    ("x-rixapi-request-id", "Rix API / DMXAPI"),
    ("x-shellapi-request-id", "Shell API"),
    ("x-oneapi-request-id", "One API"),
)
_LONGEST = 60


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
    elif site in ("Shell API", "Rix API"):
        family = site
    return Identity(family, version[:_LONGEST], site[:_LONGEST])


def outcome_of(identity: Identity, language: Language) -> Outcome:
    """The line of the report."""
    if not identity.family:
        return Outcome("family", Verdict.NOTE, SAY["no_family"].say(language))
    site = f" ({identity.site})" if identity.site not in ("", identity.family) else ""
    return Outcome("family", Verdict.OK, f"{identity.family} {identity.version}{site}".strip())
