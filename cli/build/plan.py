"""`gateway.yaml`: what goes into a plugin, to be read, edited and kept in git.

The same plan gives the same plugin, byte for byte: every figure is in it. One whose source is
`hand` is a person's, and stays whatever the gateway says later.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from cli.build.describe import Described
from cli.build.identity import Identity
from cli.build.known import TYPES
from cli.build.listed import BY_HAND
from engine.settings import SettingsError, parse_endpoint

FIRST_VERSION = "0.0.1"

MOST = 150
"""Models in a plugin, unless somebody raises it: every call in Dify pays for each of them."""

NOTICE = """\
# What `resilient-gateway build` puts into the plugin. Edit it and keep it; the same plan gives the
# same package. `build` again adds what came at the gateway and raises the version. A figure stays
# as it is, whatever the gateway says, if its source is `hand`. It holds no key.
"""

FEATURES = frozenset(
    {
        "tool-call", "multi-tool-call", "stream-tool-call", "vision", "document", "audio",
        "video", "structured-output", "agent-thought",
    }
)  # fmt: skip
"""Dify hides every provider of a workspace where one names a feature that it does not know."""

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})")
_CURRENCY = re.compile(r"[A-Z]{3}")

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """How models were chosen; asked again, the same holds.

    Attributes:
        only: patterns of names, of which one must match; empty for all.
        without: patterns of names that are left out.
        types: Dify's types; empty for all.
        most: models at most.
    """

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a plugin is made of.

    Attributes:
        identity: who it is.
        version: of the plugin, three numbers.
        url: the gateway's address.
        fixed_url: the form does not ask for the address.
        group: whose prices count; empty where there are no groups.
        choice: how models were chosen.
        models: in the order in which Dify lists them.
        left_out: names that were not chosen or have no type in Dify.
    """

    identity: Identity
    version: str
    url: str
    fixed_url: bool
    group: str
    choice: Choice
    models: tuple[Described, ...]
    left_out: tuple[str, ...] = ()


def write_plan(plan: Plan) -> str:
    """The plan as text."""
    identity = plan.identity
    document: Json = {
        "plugin": {
            "name": identity.name,
            "author": identity.author,
            "version": plan.version,
            "label": _both(identity.label),
            "description": _both(identity.description),
            "icon": identity.icon,
            "help_url": identity.help_url,
        },
        "gateway": {"url": plan.url, "fixed_url": plan.fixed_url, "group": plan.group},
        "choice": {
            "only": list(plan.choice.only),
            "without": list(plan.choice.without),
            "types": list(plan.choice.types),
            "most": plan.choice.most,
        },
        "models": [_written(model) for model in plan.models],
        "left_out": list(plan.left_out),
    }
    written = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return NOTICE + written


class _Dumper(yaml.SafeDumper):
    """Writes every value out: a reference to another model's list is nothing to edit."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _both(texts: tuple[str, str]) -> Json:
    return {"en_US": texts[0], "zh_Hans": texts[1]}


def _written(model: Described) -> Json:
    entry: Json = {"model": model.name, "type": model.kind}
    for name, value in (("vendor", model.vendor), ("like", model.like)):
        if value:
            entry[name] = value
    for name, size in (("context", model.context), ("output", model.output)):
        if size is not None:
            entry[name] = size
    if model.features:
        entry["features"] = list(model.features)
    if model.price:
        each, answer, currency = model.price
        entry["price"] = f"{each:f}, {answer:f} {currency}"
    if model.parameters is not None:
        entry["parameters"] = list(model.parameters)
    if model.deprecated:
        entry["deprecated"] = True
    if model.sources:
        entry["sources"] = dict(model.sources)
    return entry


def read_plan(text: str) -> Plan:
    """Read a plan.

    Raises:
        ValueError: it is none; the text says what is wrong, and where.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error).replace("\n", " ")) from None
    plugin, gateway = _section(document, "plugin"), _section(document, "gateway")
    choice, models = _section(document, "choice"), document.get("models")
    if not isinstance(models, list) or not models:
        raise ValueError("models: there is none")
    described = tuple(_model(entry) for entry in models)
    names = [(model.kind, model.name) for model in described]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"models: {twice[1]} is there twice")
    version = str(plugin.get("version"))
    if not _VERSION.fullmatch(version):
        raise ValueError(f"plugin: version {version!r} is not three numbers, as in 0.0.1")
    try:
        url = parse_endpoint(str(gateway.get("url") or ""))
    except SettingsError as error:
        raise ValueError(f"gateway: {error}") from None
    return Plan(
        identity=Identity(
            name=str(plugin.get("name")),
            author=str(plugin.get("author")),
            label=_texts(plugin, "label"),
            description=_texts(plugin, "description"),
            icon=str(plugin.get("icon") or ""),
            help_url=str(plugin.get("help_url") or ""),
        ),
        version=version,
        url=url,
        fixed_url=gateway.get("fixed_url") is True,
        group=str(gateway.get("group") or ""),
        choice=Choice(
            _strings(choice, "only"),
            _strings(choice, "without"),
            _strings(choice, "types"),
            _size(choice, "most", "choice") or MOST,
        ),
        models=described,
        left_out=_strings(document, "left_out"),
    )


def _section(document: object, name: str) -> Json:
    section = document.get(name) if isinstance(document, dict) else None
    if not isinstance(section, dict):
        raise ValueError(f"{name}: it is missing")  # noqa: TRY004
    return section


def _texts(plugin: Json, name: str) -> tuple[str, str]:
    texts = plugin.get(name)
    texts = texts if isinstance(texts, dict) else {}
    return str(texts.get("en_US") or ""), str(texts.get("zh_Hans") or "")


def _strings(section: Json, name: str) -> tuple[str, ...]:
    values = section.get(name) or ()
    if not isinstance(values, list | tuple):
        raise ValueError(f"{name}: it is no list")  # noqa: TRY004
    return tuple(str(value) for value in values)


def _size(entry: Json, name: str, where: str) -> int | None:
    value = entry.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{where}: {name} {value!r} is no number above 0")
    return value


def _model(entry: object) -> Described:
    if not isinstance(entry, dict) or not entry.get("model"):
        raise ValueError("models: an entry without a name")
    name = str(entry["model"])
    kind = str(entry.get("type"))
    if kind not in TYPES:
        raise ValueError(f"{name}: type {kind!r} is none of {', '.join(TYPES)}")
    features = _strings(entry, "features")
    if unknown := sorted(set(features) - FEATURES):
        raise ValueError(f"{name}: Dify knows no feature {unknown[0]!r}")
    context, output = _size(entry, "context", name), _size(entry, "output", name)
    if kind == "llm" and (context is None or output is None):
        raise ValueError(f"{name}: a chat model needs context and output")
    sources = entry.get("sources") or {}
    return Described(
        name=name,
        kind=kind,
        vendor=str(entry.get("vendor") or ""),
        context=context,
        output=output,
        features=features,
        price=_price(entry.get("price"), name),
        parameters=_strings(entry, "parameters") if "parameters" in entry else None,
        like=str(entry.get("like") or ""),
        sources=tuple((str(key), str(value)) for key, value in sources.items()),
        deprecated=entry.get("deprecated") is True,
    )


def _price(value: object, name: str) -> tuple[Decimal, Decimal, str] | None:
    """`2.5, 10 USD` as in the form of a custom model; ``None`` if there is none."""
    if value is None:
        return None
    prices, _, currency = str(value).rpartition(" ")
    each, _, answer = prices.partition(",")
    try:
        found = Decimal(each.strip()), Decimal(answer.strip()), currency
    except InvalidOperation:
        found = Decimal(-1), Decimal(-1), ""
    if not (found[0].is_finite() and found[1].is_finite()) or min(found[:2]) < 0:
        found = Decimal(0), Decimal(0), ""
    if not _CURRENCY.fullmatch(found[2]):
        raise ValueError(f"{name}: price {value!r} is not like 2.5, 10 USD")
    return found


def raised(version: str) -> str:
    """The next version."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"version {version!r} is not three numbers")
    first, second, third = map(int, found.groups())
    return f"{first}.{second}.{third + 1}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different at a gateway since a plan was made.

    Attributes:
        came: names that are new.
        went: names that are not there any more.
        returned: names that had gone.
        changed: name, field, what it was, what it is.
    """

    came: tuple[str, ...]
    went: tuple[str, ...]
    returned: tuple[str, ...]
    changed: tuple[tuple[str, str, object, object], ...]


_FIELDS = ("context", "output", "features", "price", "parameters", "like", "vendor")


def updated(
    before: tuple[Described, ...], now: tuple[Described, ...]
) -> tuple[tuple[Described, ...], Changes]:
    """The models of a plan brought up to date: those that went stay as deprecated, at the end.

    Args:
        before: what the plan holds.
        now: what the gateway lists and was chosen.
    """
    old = {(model.kind, model.name): model for model in before}
    new = {(model.kind, model.name): model for model in now}
    kept = tuple(_kept(old.get(key), model) for key, model in new.items())
    went = tuple(replace(model, deprecated=True) for key, model in old.items() if key not in new)
    changes = Changes(
        came=tuple(name for kind, name in new if (kind, name) not in old),
        went=tuple(model.name for model in went if not old[model.kind, model.name].deprecated),
        returned=tuple(name for kind, name in new if _was_gone(old.get((kind, name)))),
        changed=tuple(
            (model.name, field, getattr(old[model.kind, model.name], field), getattr(model, field))
            for model in kept
            if (model.kind, model.name) in old
            for field in _FIELDS
            if getattr(old[model.kind, model.name], field) != getattr(model, field)
        ),
    )
    return (*kept, *went), changes


def _was_gone(model: Described | None) -> bool:
    return model is not None and model.deprecated


def _kept(old: Described | None, new: Described) -> Described:
    """The new figures, but those that a person typed."""
    typed = [name for name, source in old.sources if source == BY_HAND] if old else []
    if not typed:
        return new
    sources: Mapping[str, str] = {**dict(new.sources), **dict.fromkeys(typed, BY_HAND)}
    figures = {name: getattr(old, name) for name in typed if name in (*_FIELDS,)}
    return replace(new, **figures, sources=tuple(sources.items()))
