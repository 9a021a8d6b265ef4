"""What a build shows: changes at the gateway, and every figure with its source."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from cli.build.describe import Described
from cli.build.plan import Changes
from cli.build.words import SAY
from cli.terminal import plain
from engine.errors import Language

_NAMES_SHOWN = 30


def show_names(console: Console, text: str, names: Iterable[str]) -> None:
    """A sentence with names in it; of many, the first."""
    listed = list(names)
    shown = ", ".join(listed[:_NAMES_SHOWN])
    more = f" … (+{len(listed) - _NAMES_SHOWN})" if len(listed) > _NAMES_SHOWN else ""
    console.print(plain(text.format(names=shown + more)))


def show_changes(console: Console, changes: Changes, language: Language) -> None:
    """What came, went and changed at the gateway since the plan was made."""
    told = (("came", changes.came), ("went", changes.went), ("returned", changes.returned))
    for key, names in told:
        if names:
            show_names(console, SAY[key].say(language), names)
    for name, field, old, new in changes.changed:
        text = SAY["changed"].say(language)
        facts = {"name": name, "field": field, "old": _said(old), "new": _said(new)}
        console.print(plain(text.format(**facts)))
    if not any((changes.came, changes.went, changes.returned, changes.changed)):
        console.print(plain(SAY["unchanged"].say(language)))


def show_figures(console: Console, models: Iterable[Described], language: Language) -> None:
    """Every model with its figures, and behind each the page that it is from."""
    table = Table(title=SAY["figures"].say(language), title_justify="left", show_edge=False)
    for heading in ("model", "type", "context", "output", "features", "price"):
        table.add_column(heading, overflow="fold")
    for model in models:
        sources = dict(model.sources)
        values = {
            "type": model.kind,
            "context": f"{model.context:,}" if model.context else "",
            "output": f"{model.output:,}" if model.output else "",
            "features": ", ".join(model.features),
            "price": _said(model.price),
        }
        cells = [
            plain(f"{value}\n{sources.get(field, '')}".strip()) if value else ""
            for field, value in values.items()
        ]
        table.add_row(plain(model.name), *cells)
    console.print(table)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value) or "–"
    return "–" if value is None or value == "" else str(value)
