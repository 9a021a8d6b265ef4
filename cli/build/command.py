"""`resilient-gateway build`: a gateway's address and key in, a plugin with its models out."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.build.archive import Files, pack, plugin_files, plugin_id, source_root
from cli.build.choose import check_number, narrowed, tick
from cli.build.describe import Described, describe
from cli.build.gather import Progress as Told
from cli.build.gather import gather
from cli.build.identity import AUTHOR, Identity, check_identity, name_of_host, read_icon
from cli.build.known import TYPES, KnownModels
from cli.build.package import package_files, write_all
from cli.build.plan import FIRST_VERSION, MOST, Choice, Plan, raised, read_plan, updated, write_plan
from cli.build.problem import BuildError
from cli.build.screen import show_changes, show_figures, show_names
from cli.build.words import SAY
from cli.exits import Exit
from cli.language import language_of_locale
from cli.terminal import new_console, plain
from engine.errors import Language
from engine.settings import Settings, SettingsError, parse_settings

URL, KEY = "GATEWAY_URL", "GATEWAY_KEY"
PLAN = Path("gateway.yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "--url", help=f"API Base URL of the gateway (default: the plan's, or {URL})"
    )
    parser.add_argument(
        "--plan",
        type=Path,
        default=PLAN,
        help="what goes in, written and read (default: %(default)s)",
    )
    parser.add_argument(
        "--offline", action="store_true", help="build what the plan says; ask the gateway nothing"
    )
    parser.add_argument("--output", type=Path, help="the package (default: NAME-VERSION.difypkg)")
    chosen = parser.add_argument_group("models")
    chosen.add_argument("--only", action="append", metavar="PATTERN", help="such as 'gpt-*'")
    chosen.add_argument("--without", action="append", metavar="PATTERN", help="leave these out")
    chosen.add_argument("--type", action="append", choices=TYPES, help="only models of this type")
    chosen.add_argument(
        "--most", type=_number, metavar="N", help=f"models at most (default: {MOST})"
    )
    chosen.add_argument("--group", help="whose prices count (default: the key's group)")
    chosen.add_argument("--yes", action="store_true", help="take all of them, ask nothing")
    who = parser.add_argument_group("identity")
    who.add_argument("--name", help="the plugin's name (default: from the host)")
    who.add_argument("--author", help=f"who builds it (default: {AUTHOR})")
    who.add_argument("--label", help="its name for people")
    who.add_argument("--label-zh", help="the same in Chinese")
    who.add_argument("--description", help="one sentence")
    who.add_argument("--description-zh", help="the same in Chinese")
    who.add_argument("--icon", help="a PNG or SVG")
    who.add_argument("--help-url", help="the gateway's own documentation")
    who.add_argument(
        "--fixed-url",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="the form does not ask for the address",
    )
    parser.add_argument("--lang", choices=("en", "zh"), help="language (default: the locale's)")


def run(options: argparse.Namespace) -> Exit:
    """Build a plugin."""
    language: Language = options.lang or language_of_locale()
    console = new_console()
    try:
        _build(options, console, language)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.end
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return Exit.USAGE
    return Exit.OK


def _build(options: argparse.Namespace, console: Console, language: Language) -> None:
    general = plugin_files(source_root())
    before = _plan_before(options, language)
    if options.offline and before is not None:
        plan = replace(before, identity=_identity(options, before, before.url, ""))
    else:
        plan = _asked_plan(options, before, general, console, language)
    check_identity(plan.identity, language)
    icon = None
    if plan.identity.icon:
        icon = read_icon(options.plan.parent / plan.identity.icon, language)
    if before is not None and plan != before:
        plan = replace(plan, version=raised(before.version))
    files = package_files(plan, general, icon)
    output = options.output or Path(f"{plan.identity.name}-{plan.version}.difypkg")
    write_all({options.plan: write_plan(plan).encode(), output: pack(files)})
    say = SAY["built"].say(language)
    there = sum(not model.deprecated for model in plan.models)
    console.print(plain(say.format(path=output, version=plan.version, count=there)))
    console.print(plain(plugin_id(files)), soft_wrap=True)
    console.print(plain(SAY["planned"].say(language).format(path=options.plan)))


def _plan_before(options: argparse.Namespace, language: Language) -> Plan | None:
    path: Path = options.plan
    if not path.exists():
        if options.offline:
            raise BuildError(SAY["no_plan"].say(language).format(path=path), Exit.USAGE)
        return None
    try:
        return read_plan(path.read_text("utf-8"))
    except (ValueError, TypeError, AttributeError) as error:
        text = SAY["bad_plan"].say(language)
        raise BuildError(text.format(path=path, why=error), Exit.USAGE) from None


def _asked_plan(
    options: argparse.Namespace,
    before: Plan | None,
    general: Files,
    console: Console,
    language: Language,
) -> Plan:
    """The plan as the gateway has it now."""
    settings = _settings(options, before, language)
    choice = _choice(options, before)
    group = options.group or (before.group if before else "")
    with _progress(console, language) as told:
        found = gather(settings, group, language, told)
    described, untyped = describe(found.models, KnownModels(general))
    for note in found.notes:
        console.print(plain(note))
    if untyped:
        show_names(console, SAY["left_out"].say(language), untyped)
    if found.group:
        console.print(plain(SAY["group"].say(language).format(group=found.group)))
    chosen = _chosen(options, before, narrowed(described, choice), choice, settings, language)
    models = tuple(chosen)
    if before is not None:
        models, changes = updated(before.models, models)
        show_changes(console, changes, language)
    show_figures(console, models, language)
    if len(chosen) > MOST:
        console.print(plain(SAY["cost"].say(language).format(count=len(chosen))))
    names = {model.name for model in models}
    return Plan(
        identity=_identity(options, before, settings.endpoint, found.help_url),
        version=before.version if before else FIRST_VERSION,
        url=settings.endpoint,
        fixed_url=_fixed(options, before),
        group=found.group,
        choice=choice,
        models=models,
        left_out=tuple(model.name for model in found.models if model.name not in names),
    )


def _settings(options: argparse.Namespace, before: Plan | None, language: Language) -> Settings:
    url = options.url or (before.url if before else "") or os.environ.get(URL)
    url = url or _asked(SAY["asked_url"].say(language), secret=False)
    key = os.environ.get(KEY) or _asked(SAY["asked_key"].say(language), secret=True)
    return parse_settings({"endpoint_url": url, "api_key": key}, "")


def _choice(options: argparse.Namespace, before: Plan | None) -> Choice:
    """What is typed, else what the plan says."""
    old = before.choice if before else Choice()
    return Choice(
        only=old.only if options.only is None else tuple(options.only),
        without=old.without if options.without is None else tuple(options.without),
        types=old.types if options.type is None else tuple(options.type),
        most=options.most or old.most,
    )


def _chosen(
    options: argparse.Namespace,
    before: Plan | None,
    models: list[Described],
    choice: Choice,
    settings: Settings,
    language: Language,
) -> list[Described]:
    if not models or options.yes:
        chosen = models
    elif sys.stdin.isatty() and sys.stdout.isatty():
        old = frozenset(model.name for model in before.models) if before else None
        ticked = frozenset(model.name for model in models[: choice.most]) if old is None else old
        chosen = tick(models, ticked, choice, urlsplit(settings.endpoint).netloc, language)
    else:
        raise BuildError(SAY["say_yes"].say(language), Exit.USAGE)
    check_number(chosen, choice, language)
    return chosen


def _fixed(options: argparse.Namespace, before: Plan | None) -> bool:
    if options.fixed_url is not None:
        return bool(options.fixed_url)
    return before.fixed_url if before else False


def _identity(
    options: argparse.Namespace, before: Plan | None, endpoint: str, help_url: str
) -> Identity:
    """What is typed, else what the plan says, else what the address tells."""
    parts = urlsplit(endpoint)
    host = parts.netloc
    old = before.identity if before else None
    label = options.label or (old.label[0] if old else host)
    text = options.description or (
        old.description[0] if old else f"The models of {host}, as it lists them."
    )
    return Identity(
        name=options.name or (old.name if old else name_of_host(endpoint)),
        author=options.author or (old.author if old else AUTHOR),
        label=(label, options.label_zh or (old.label[1] if old else label)),
        description=(
            text,
            options.description_zh
            or (old.description[1] if old else f"{host} 网关列出的全部模型。"),
        ),
        icon=_icon(options, old),
        help_url=options.help_url
        or (old.help_url if old else help_url or f"{parts.scheme}://{host}"),
    )


def _icon(options: argparse.Namespace, old: Identity | None) -> str:
    """The icon's path as seen from the plan, which may be kept elsewhere than one builds."""
    if options.icon:
        return Path(os.path.relpath(options.icon, options.plan.parent)).as_posix()
    return old.icon if old else ""


@contextmanager
def _progress(console: Console, language: Language) -> Iterator[Told]:
    """A bar while pages are read; nothing where nobody watches."""
    if not console.is_terminal:
        yield lambda _page, _done, _total: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def told(page: str, done: int, total: int) -> None:
            text = SAY["reading"].say(language).format(page=plain(page))
            bar.update(task, description=text, completed=done, total=total)

        yield told


def _number(typed: str) -> int:
    number = int(typed)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _asked(prompt: str, *, secret: bool) -> str:
    """What a person types; empty where nobody is there to ask."""
    if not sys.stdin.isatty():
        return ""
    return getpass.getpass(prompt) if secret else input(prompt)
