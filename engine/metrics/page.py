"""The status page: plain HTML and SVG, no script, everything escaped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs

from engine.errors import Language
from engine.metrics.history import SAMPLES, Status
from engine.metrics.server import Document
from engine.metrics.words import WORDS

REFRESH_SECONDS = 5
_WIDTH, _HEIGHT = 120, 24

STYLE = Document(
    "text/css; charset=utf-8",
    b"""
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .35rem .6rem; text-align: left; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
code { font-size: .9em; }
svg { color: #2a7ae2; display: block; }
@media (prefers-color-scheme: dark) { svg { color: #7db3ff; } }
""",
)

_NUMBERS = ("waiting", "in_flight", "limit")


def status_page(instances: Sequence[Status], query: str, accepted: str) -> Document:
    """The page.

    Args:
        instances: what each shows; this one comes first.
        query: ``lang=zh`` or ``lang=en``; else the browser's languages decide.
        accepted: the browser's ``Accept-Language``.
    """
    language = _language(query, accepted)
    lang = "zh-Hans" if language == "zh" else "en"
    other = "en" if language == "zh" else "zh"
    body = "".join(_instance(one, language) for one in instances)
    say = _say
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="style.css">'
        f"<title>{say('title', language)}</title></head><body>"
        f'<p><a href="?lang={other}" lang="{other}">{say("other_language", language)}</a></p>'
        f"<h1>{say('title', language)}</h1>{body}"
        f"<p>{say('key_note', language)}</p></body></html>"
    )
    return Document("text/html; charset=utf-8", html.encode())


def _language(query: str, accepted: str) -> Language:
    asked = parse_qs(query).get("lang", [accepted])[0]
    return "zh" if asked.strip().lower().startswith("zh") else "en"


def _say(name: str, language: Language) -> str:
    return escape(WORDS[name].say(language))


def _instance(status: Status, language: Language) -> str:
    head = "".join(
        f"<th{_number(name)}>{_say(name, language)}</th>"
        for name in ("gateway", "model", "key", *_NUMBERS, "minutes", "state")
    )
    rows = "".join(_route(route, language) for route in status["routes"])
    table = (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>"
    )
    name, version = escape(str(status["instance"])), escape(str(status["version"]))
    return (
        f"<section><h2>{_say('instance', language)} <code>{name}</code> ({version})</h2>"
        f"{table if rows else f'<p>{_say("no_routes", language)}</p>'}"
        f"<h3>{_say('failures', language)}</h3>{_failures(status['failures'], language)}</section>"
    )


def _route(route: Mapping[str, Any], language: Language) -> str:
    names = "".join(f"<td>{escape(str(route[name]))}</td>" for name in ("host", "model"))
    numbers = "".join(f"<td{_number(name)}>{int(route[name])}</td>" for name in _NUMBERS)
    return (
        f"<tr>{names}<td><code>{escape(str(route['key']))}</code></td>{numbers}"
        f"<td>{_plot(route['limits'])}</td><td>{_state(route, language)}</td></tr>"
    )


def _number(name: str) -> str:
    return ' class="number"' if name in _NUMBERS else ""


def _state(route: Mapping[str, Any], language: Language) -> str:
    for name in ("rest", "cooldown"):
        if seconds := int(route[name]):
            return escape(WORDS[name].say(language).format(seconds=seconds))
    circuit = str(route["circuit"])
    return _say(circuit if circuit in WORDS else "closed", language)


def _plot(limits: Sequence[int]) -> str:
    """The limits as a line, the newest at the right."""
    if len(limits) < 2:
        return ""
    top, start = max(1, *limits), SAMPLES - len(limits)
    points = " ".join(
        f"{(start + at) * _WIDTH / (SAMPLES - 1):.1f},"
        f"{_HEIGHT - 1 - limit / top * (_HEIGHT - 2):.1f}"
        for at, limit in enumerate(map(int, limits))
    )
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{min(limits)}-{top}">'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )


def _failures(failures: Sequence[Mapping[str, Any]], language: Language) -> str:
    if not failures:
        return f"<p>{_say('no_failures', language)}</p>"
    items = "".join(
        f"<li>{datetime.fromtimestamp(one['at'], UTC):%H:%M:%S} UTC,"
        f" {escape(str(one['host']))}, {escape(str(one['model']))}:"
        f" {escape(str(one[language]))} <code>{escape(str(one['kind']))}</code></li>"
        for one in reversed(failures)
    )
    return f"<ul>{items}</ul>"
