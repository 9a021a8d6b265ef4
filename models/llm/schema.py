"""The schema of a customizable model: what was typed in its form, the rest from the catalogue."""

from collections.abc import Mapping

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
    ParameterRule,
    PriceConfig,
)

from engine import SettingsError, parse_count, text_of
from models.likeness import Catalogue, sees, told_size
from models.llm.capabilities import CAPABILITIES, CHOICES, Capability
from models.llm.capabilities.fields import (
    CALLING,
    STREAMED_CALLING,
    THOUGHT,
    UNSTREAMED,
    VIDEO,
    VISION,
    WITH_VIDEO,
)
from models.llm.pricing import parse_pricing
from models.llm.reasoning import dialect_of

DEFAULT_MAX_TOKENS = 1024
"""Where the slider of the answer's length stands when it is switched on."""

UNKNOWN_CONTEXT = 128_000
"""Of a model whose name says nothing. Dify only uses it to bound max_tokens; what is too long for
the model is refused there, and told."""

UNKNOWN_OUTPUT = 8_192
"""Tokens of the longest answer that can be set for such a model."""


_TOOLS = frozenset({ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL})
_STREAMED_TOOLS = frozenset({ModelFeature.STREAM_TOOL_CALL})
_VISION = frozenset({ModelFeature.VISION})

_FIELDS = (
    "display_name",
    "endpoint_model_name",
    "mode",
    "api_type",
    "context_size",
    "max_tokens_to_sample",
    "pricing",
    *CHOICES,
)


def customizable_schema(
    model: str, credentials: Mapping[str, object], catalogue: Catalogue[AIModelEntity]
) -> AIModelEntity:
    """Describe a customizable model.

    It raises nothing: a model whose schema cannot be had vanishes from Dify without a word.
    A number that cannot be read is replaced by its default; a call will say what is wrong.
    """
    form = _form(credentials)
    like = catalogue.like(form["endpoint_model_name"]) or catalogue.like(model)
    name = form["endpoint_model_name"] or model
    context = _count(form, "context_size") or _context(like, name)
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=form["display_name"] or model),
        model_type=ModelType.LLM,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        features=_features(form, name, like),
        model_properties={
            ModelPropertyKey.MODE: "completion" if form["mode"] == "completion" else "chat",
            ModelPropertyKey.CONTEXT_SIZE: context,
        },
        parameter_rules=[
            # Copies: the SDK writes into them, and those of the catalogue stay as they are.
            rule.model_copy()
            for rule in _rules(form, f"{form['endpoint_model_name']} {model}", context, like)
        ],
        pricing=_pricing(form),
    )


def _form(credentials: Mapping[str, object]) -> dict[str, str]:
    """What was typed, with a choice that says two things told apart."""
    form = {name: text_of(credentials, name) for name in _FIELDS}
    if form["api_type"] == "completion":
        form["mode"] = "completion"
    if form[CALLING] == UNSTREAMED:
        form |= {CALLING: "tool_call", STREAMED_CALLING: "not_supported"}
    if form[VISION] == WITH_VIDEO:
        form |= {VISION: "support", VIDEO: "support"}
    elif form[VISION] in CHOICES[VISION] and not form[VIDEO]:
        # A form that was saved while videos had a field of their own says there what it meant.
        form[VIDEO] = "no_support"
    return form


def _context(like: AIModelEntity | None, name: str) -> int:
    if like is None:
        return told_size(name) or UNKNOWN_CONTEXT
    return int(like.model_properties[ModelPropertyKey.CONTEXT_SIZE])


def _features(form: Mapping[str, str], name: str, like: AIModelEntity | None) -> list[ModelFeature]:
    features = set(_unknown_features(name) if like is None else like.features or ())
    for row in CAPABILITIES:
        if form.get(row.declared_by) in row.declared_as:
            features.update(row.features)
        elif form.get(row.declared_by) in CHOICES.get(row.declared_by, ()):
            features.difference_update(row.features)
    if form["mode"] == "completion":
        # That endpoint knows only text.
        return []
    if form["api_type"] == "responses":
        features.difference_update(*(row.features for row in CAPABILITIES if row.chat_only))
    if not features & _TOOLS:
        features -= _STREAMED_TOOLS
    return [feature for feature in ModelFeature if feature in features]


def _unknown_features(name: str) -> frozenset[ModelFeature]:
    """Of a model that is like none: almost every chat model of today calls tools."""
    return _TOOLS | _STREAMED_TOOLS | (_VISION if sees(name) else frozenset())


def _rules(
    form: Mapping[str, str], name: str, context: int, like: AIModelEntity | None
) -> list[ParameterRule]:
    """The parameters of the model it is like, and those that the form declares."""
    typed = _count(form, "max_tokens_to_sample")
    if like is None:
        most = typed or min(UNKNOWN_OUTPUT, context)
        rules = [_common_rule(row, most) for row in CAPABILITIES if row.everywhere]
    else:
        rules = [
            _bounded(rule, typed or min(context, int(rule.max or context)))
            if rule.use_template == "max_tokens"
            else rule
            for rule in like.parameter_rules
        ]
    if form["mode"] == "completion":
        return [rule for rule in rules if rule.name not in _DECLARED]
    rules = _with_declared(rules, form, name)
    if form["api_type"] == "responses":
        return [rule for rule in rules if rule.name not in _CHAT_ONLY]
    return rules


def _with_declared(
    rules: list[ParameterRule], form: Mapping[str, str], name: str
) -> list[ParameterRule]:
    """What a field declares is added, and what it denies is taken away."""
    known = {rule.name for rule in rules}
    switches, amounts = dialect_of(name)
    for row in _DECLARED.values():
        chosen = form[row.declared_by]
        if chosen not in CHOICES[row.declared_by]:
            continue
        if chosen not in row.declared_as:
            rules = [rule for rule in rules if rule.name != row.name]
        elif row.name in known or _speaks_otherwise(row, (*switches, *amounts), known):
            continue
        else:
            rules = [*rules, row.entity()]
    return rules


def _speaks_otherwise(row: Capability, dialect: tuple[str, ...], known: set[str]) -> bool:
    """Whether a model says about thinking in other words what this row says."""
    if row.declared_by != THOUGHT:
        return False
    return row.name not in dialect or any(word in known for word in row.stands_for)


_CHAT_ONLY = frozenset(row.name for row in CAPABILITIES if row.chat_only)

_DECLARED = {row.name: row for row in CAPABILITIES if row.rule and row.declared_by}


def _common_rule(row: Capability, most: int) -> ParameterRule:
    if row.name == "max_tokens":
        return row.entity(default=min(DEFAULT_MAX_TOKENS, most), min=1, max=most)
    return row.entity()


def _bounded(rule: ParameterRule, most: int) -> ParameterRule:
    return rule.model_copy(update={"max": most, "default": min(int(rule.default or most), most)})


def _pricing(form: Mapping[str, str]) -> PriceConfig | None:
    try:
        return parse_pricing(form)
    except SettingsError:
        return None


def _count(form: Mapping[str, str], variable: str) -> int | None:
    try:
        return parse_count(form, variable)
    except SettingsError:
        return None
