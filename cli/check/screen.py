"""Prints a check for people, line by line as it goes."""

from rich.console import Console
from rich.rule import Rule
from rich.table import Table

from cli.check.form import fields_of_model, fields_of_provider
from cli.check.load import proposal_of
from cli.check.outcome import Outcome, Verdict
from cli.check.survey import Plan, Survey
from cli.check.words import NAMES, SAY
from cli.exits import Exit
from cli.terminal import plain
from engine.errors import Language

_MARKS = {
    Verdict.OK: ("✓", "green"),
    Verdict.NOTE: ("!", "yellow"),
    Verdict.FAILED: ("✗", "red"),
    Verdict.BUSY: ("…", "yellow"),
    Verdict.UNREACHED: ("✗", "red"),
    Verdict.SKIPPED: ("-", "dim"),
}
_ENDS = {
    Exit.OK: ("all_good", "bold green"),
    Exit.PROBLEM: ("some_bad", "bold red"),
    Exit.BUSY: ("is_busy", "bold yellow"),
    Exit.UNREACHABLE: ("not_there", "bold red"),
}
_SLOW = 0.0005
"""Seconds below which a time says nothing."""


def show_outcome(console: Console, outcome: Outcome, language: Language) -> None:
    """Print one line, with what to do below it."""
    mark, style = _MARKS[outcome.verdict]
    seconds = 0.0 if outcome.name == "latency" else outcome.seconds or 0.0
    took = f" [dim]{seconds * 1000:.0f} ms[/]" if seconds > _SLOW else ""
    row = Table.grid(padding=(0, 1))
    row.add_column(width=1)
    row.add_column(width=18, style="cyan")
    row.add_column(overflow="fold")
    name = NAMES[outcome.name].say(language)
    row.add_row(f"[{style}]{mark}[/]", name, f"{plain(outcome.text)}{took}")
    if outcome.advice:
        row.add_row("", "", f"[bold]→ {plain(outcome.advice)}[/]")
    console.print(row)


def show_plan(console: Console, plan: Plan, language: Language) -> None:
    """Announce what will be asked of models, before it is."""
    if not plan.calls:
        return
    console.print()
    by_model: dict[str, list[str]] = {}
    for name, model in plan.calls:
        by_model.setdefault(model, []).append(NAMES[name].say(language))
    listed = "; ".join(f"{model} ({', '.join(names)})" for model, names in by_model.items())
    sentence = SAY["announce"].say(language).format(calls=len(plan.calls))
    console.print(f"{sentence}: {plain(listed)}")
    if plan.load:
        sentence = SAY["announce_load"].say(language)
        sentence = sentence.format(calls=plan.load_calls, model=plan.load_model, load=plan.load)
        console.print(plain(sentence))
    console.print()


def show_end(console: Console, survey: Survey, end: Exit) -> None:
    """Print what to type, what was sent, and how it ended."""
    language = survey.language
    transport = survey.transport
    counted = SAY["counted"].say(language)
    console.print(f"\n{counted.format(posts=transport.posts, pages=transport.pages)}", style="dim")
    if end in (Exit.OK, Exit.PROBLEM, Exit.BUSY) and survey.models:
        console.print()
        console.print(Rule(SAY["form"].say(language), align="left", style="dim"))
        table = Table.grid(padding=(0, 2))
        table.add_column(style="cyan", overflow="fold")
        table.add_column(overflow="fold")
        concurrency = proposal_of(survey.steps) if survey.steps else None
        key = f"({SAY['your_key'].say(language)})"
        for field in fields_of_provider(survey.endpoint, key, concurrency, language):
            table.add_row(field.label, plain(field.shown))
        fields = fields_of_model(survey.outcomes, language)
        if fields:
            model = SAY["model_of"].say(language).format(model=survey.asked)
            table.add_row(f"[bold]{plain(model)}[/]", "")
        for field in fields:
            table.add_row(field.label, plain(field.shown))
        console.print(table)
    sentence, style = _ENDS[end]
    console.print(f"\n[{style}]{SAY[sentence].say(language)}[/]")
