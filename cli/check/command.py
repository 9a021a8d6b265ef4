"""`resilient-gateway check`: a gateway's address and key in, what works out."""

import argparse
import getpass
import json
import os
import sys
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.status import Status

from cli.check.form import fields_of_model, fields_of_provider
from cli.check.load import MOST, proposal_of
from cli.check.outcome import Outcome, Verdict
from cli.check.screen import show_end, show_outcome, show_plan
from cli.check.survey import Survey
from cli.check.words import SAY
from cli.exits import Exit
from cli.language import language_of_locale
from cli.terminal import new_console, plain
from engine.errors import Language
from engine.settings import SettingsError, parse_settings

URL, KEY, MODEL = "GATEWAY_URL", "GATEWAY_KEY", "GATEWAY_MODEL"
"""Where the address, the key and the model are looked for if they are not on the command line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--url", help=f"API Base URL of the gateway (default: {URL})")
    parser.add_argument(
        "--key",
        help=f"the key, or several separated by commas; other users of this machine can read a "
        f"command line: better leave it in {KEY}, or type it when asked",
    )
    parser.add_argument("--model", help=f"the chat model to ask (default: {MODEL}, or a small one)")
    parser.add_argument(
        "--load",
        type=_load,
        default=0,
        metavar="N",
        help=f"find how many calls at once it takes, up to N (at most {MOST}); sends up to 3N",
    )
    parser.add_argument("--no-calls", action="store_true", help="ask no model: costs nothing")
    parser.add_argument("--lang", choices=("en", "zh"), help="language (default: the locale's)")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(options: argparse.Namespace) -> Exit:
    """Check the gateway."""
    language: Language = options.lang or language_of_locale()
    typed = options.url or os.environ.get(URL) or _asked("API Base URL: ", secret=False)
    key = options.key or os.environ.get(KEY) or _asked("API Key: ", secret=True)
    try:
        settings = parse_settings({"endpoint_url": typed, "api_key": key}, "")
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return Exit.USAGE
    model = options.model or os.environ.get(MODEL) or ""
    survey = Survey(settings, typed, language, model, load=options.load, calls=not options.no_calls)
    if options.json:
        for _ in survey.run():
            pass
        sys.stdout.write(json.dumps(_document(survey), ensure_ascii=False, indent=2) + "\n")
        return end_of(survey.outcomes)
    return _show(survey, new_console())


def end_of(outcomes: list[Outcome]) -> Exit:
    """The exit code: the worst line decides."""
    verdicts = {outcome.verdict for outcome in outcomes}
    for verdict, end in (
        (Verdict.UNREACHED, Exit.UNREACHABLE),
        (Verdict.FAILED, Exit.PROBLEM),
        (Verdict.BUSY, Exit.BUSY),
    ):
        if verdict in verdicts:
            return end
    return Exit.OK


_MODELS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Live:
    """Says what goes on, on a terminal only."""

    status: Status | None

    def begin(self, name: str) -> None:
        """Something begins."""
        if self.status is not None:
            self.status.update(f"{name} …")


def _choose(console: Console, status: Status, names: list[str], language: Language) -> str:
    """Ask a person which model to use; the line that says what goes on steps aside meanwhile."""
    status.stop()
    for number, name in enumerate(names[:_MODELS_SHOWN], start=1):
        console.print(f"  {number}. {plain(name)}")
    if (more := len(names) - _MODELS_SHOWN) > 0:
        console.print(f"  {SAY['more_models'].say(language).format(count=more)}")
    typed = input(f"{SAY['choose'].say(language)} ").strip()
    status.start()
    return chosen_of(typed, names)


def chosen_of(typed: str, names: list[str]) -> str:
    """The model that an answer means: a number, a name, nothing for the first, ``-`` for none."""
    if not typed:
        return names[0]
    if typed.isdecimal() and 1 <= int(typed) <= len(names):
        return names[int(typed) - 1]
    return "" if typed == "-" else typed


def _show(survey: Survey, console: Console) -> Exit:
    status = console.status("") if console.is_terminal else None
    survey.begin = _Live(status).begin
    if status is not None and sys.stdin.isatty():
        survey.choose = lambda names: _choose(console, status, names, survey.language)
    survey.announce = lambda plan: show_plan(console, plan, survey.language)
    with status or nullcontext():
        for outcome in survey.run():
            show_outcome(console, outcome, survey.language)
    end = end_of(survey.outcomes)
    show_end(console, survey, end)
    return end


def _document(survey: Survey) -> dict[str, Any]:
    """The whole check as plain data; no key is in it."""
    concurrency = proposal_of(survey.steps) if survey.steps else None
    fields = fields_of_provider(survey.endpoint, "", concurrency, survey.language)
    fields += fields_of_model(survey.outcomes, survey.language)
    return {
        "endpoint": survey.endpoint,
        "exit": end_of(survey.outcomes).name.lower(),
        "outcomes": [{**asdict(one), "verdict": one.verdict.value} for one in survey.outcomes],
        "models": survey.models,
        "asked": survey.asked,
        "load": [
            {"sent": step.sent, "taken": step.taken, "refused": step.refused}
            for step in survey.steps
        ],
        "form": {one.variable: one.value for one in fields if one.value},
        "requests": {"models": survey.transport.posts, "pages": survey.transport.pages},
    }


def _load(typed: str) -> int:
    number = int(typed)
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MOST}")
    return number


def _asked(prompt: str, *, secret: bool) -> str:
    """What a person types; empty where nobody is there to ask."""
    if not sys.stdin.isatty():
        return ""
    return getpass.getpass(prompt) if secret else input(prompt)
