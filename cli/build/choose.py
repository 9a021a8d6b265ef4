"""Which models go into a plugin: by patterns and types, and ticked in the terminal."""

import fnmatch
from collections.abc import Iterable, Sized

from cli.build.describe import Described
from cli.build.plan import Choice
from cli.build.problem import BuildError
from cli.build.words import SAY
from cli.exits import Exit
from engine.errors import Language

_WIDTH = 44
"""Columns of a name in the table; longer ones push the rest to the right."""


def narrowed(models: Iterable[Described], choice: Choice) -> list[Described]:
    """The models that patterns and types let through; capitals do not matter."""
    return [
        model
        for model in models
        if (not choice.types or model.kind in choice.types)
        and (not choice.only or _matches(model.name, choice.only))
        and not _matches(model.name, choice.without)
    ]


def check_number(chosen: list[Described], choice: Choice, language: Language) -> None:
    """Check that there are some, and not more than Dify should carry.

    Raises:
        BuildError: there are none, or too many.
    """
    if not chosen:
        raise BuildError(SAY["none_chosen"].say(language), Exit.USAGE)
    if len(chosen) > choice.most:
        text = SAY["too_many"].say(language)
        raise BuildError(text.format(count=len(chosen), most=choice.most), Exit.USAGE)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def by_vendor(models: Iterable[Described]) -> dict[str, list[Described]]:
    """The models of each vendor, in the order of the list; empty is a vendor that nobody tells."""
    found: dict[str, list[Described]] = {}
    for model in models:
        found.setdefault(model.vendor, []).append(model)
    return found


def title_of(model: Described) -> str:
    """A model's line in the table: what its letters may be filtered by is all in it."""
    sizes = f"{model.context:,}" if model.context else ""
    price = f"{model.price[0]:f} / {model.price[1]:f} {model.price[2]}" if model.price else ""
    facts = (f"{model.name:{_WIDTH}}", f"{model.kind:14}", f"{sizes:>9}", f"{price:20}")
    return " ".join((*facts, model.vendor)).rstrip()


def tick(
    models: list[Described], ticked: frozenset[str], choice: Choice, host: str, language: Language
) -> list[Described]:
    """Let a person tick models in a table.

    Args:
        models: to choose from.
        ticked: names that are ticked when the table opens.
        choice: bounds the number.
        host: of the gateway, to be shown.
        language: of the sentences.

    Raises:
        KeyboardInterrupt: the person stopped.
    """
    import questionary  # noqa: PLC0415

    lines: list[questionary.Choice | questionary.Separator] = []
    for vendor, theirs in by_vendor(models).items():
        lines.append(questionary.Separator(f"── {vendor or SAY['no_vendor'].say(language)}"))
        lines += [
            questionary.Choice(title_of(model), value=model, checked=model.name in ticked)
            for model in theirs
        ]

    def fits(chosen: Sized) -> bool | str:
        if len(chosen) <= choice.most:
            return True
        return SAY["too_many"].say(language).format(count=len(chosen), most=choice.most)

    asked = questionary.checkbox(
        SAY["tick"].say(language).format(host=host),
        choices=lines,
        validate=fits,
        use_search_filter=True,
        use_jk_keys=False,
    )
    chosen: list[Described] = asked.unsafe_ask()
    return chosen
