"""The schema of a customizable model: what was typed in its form, the rest from the catalogue."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
    ParameterRule,
    ParameterType,
)

from gateway.settings import SettingsError, parse_count
from models.likeness import Catalogue

DEFAULT_MAX_TOKENS = 1024
"""Where the slider of the answer's length stands when it is switched on."""

UNKNOWN_CONTEXT = 128_000
"""Of a model whose name says nothing. Dify only uses it to bound max_tokens; what is too long for
the model is refused there, and told."""

UNKNOWN_OUTPUT = 8_192


@dataclass(frozen=True, slots=True)
class _Switch:
    """A field of the form that decides on features; any value but these leaves it to the name."""

    variable: str
    features: frozenset[ModelFeature]
    on: str
    off: str


_TOOLS = frozenset({ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL})
_STREAMED_TOOLS = frozenset({ModelFeature.STREAM_TOOL_CALL})
_UNKNOWN_FEATURES = _TOOLS | _STREAMED_TOOLS
"""Of a model whose name says nothing: almost every chat model of today calls tools."""

_SWITCHES = (
    _Switch("function_calling_type", _TOOLS, "tool_call", "no_call"),
    _Switch("stream_function_calling", _STREAMED_TOOLS, "supported", "not_supported"),
    _Switch("vision_support", frozenset({ModelFeature.VISION}), "support", "no_support"),
)

_FIELDS = (
    "display_name",
    "endpoint_model_name",
    "mode",
    "context_size",
    "max_tokens_to_sample",
    *(switch.variable for switch in _SWITCHES),
)


def customizable_schema(
    model: str, credentials: Mapping[str, object], catalogue: Catalogue
) -> AIModelEntity:
    """Describe a customizable model.

    It raises nothing: a model whose schema cannot be had vanishes from Dify without a word.
    A number that cannot be read is replaced by its default; a call will say what is wrong.
    """
    typed = tuple(str(credentials.get(name) or "") for name in _FIELDS)
    schema = _schema(model, typed, catalogue)
    # Whoever gets it may change it, as the SDK does.
    return schema.model_copy(
        update={
            "label": schema.label.model_copy(),
            "features": list(schema.features or ()),
            "model_properties": dict(schema.model_properties),
            "parameter_rules": [rule.model_copy() for rule in schema.parameter_rules],
        }
    )


@functools.lru_cache(maxsize=1024)
def _schema(model: str, typed: tuple[str, ...], catalogue: Catalogue) -> AIModelEntity:
    # The SDK asks for it four times in every call, and validating it takes longer than sending.
    form = dict(zip(_FIELDS, typed, strict=True))
    like = catalogue.like(form["endpoint_model_name"]) or catalogue.like(model)
    context = _count(form, "context_size") or _context(like)
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=form["display_name"] or model),
        model_type=ModelType.LLM,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        features=_features(form, like),
        model_properties={
            ModelPropertyKey.MODE: "completion" if form["mode"] == "completion" else "chat",
            ModelPropertyKey.CONTEXT_SIZE: context,
        },
        parameter_rules=_rules(_count(form, "max_tokens_to_sample"), context, like),
    )


def _context(like: AIModelEntity | None) -> int:
    if like is None:
        return UNKNOWN_CONTEXT
    return int(like.model_properties[ModelPropertyKey.CONTEXT_SIZE])


def _features(form: Mapping[str, str], like: AIModelEntity | None) -> list[ModelFeature]:
    features = set(_UNKNOWN_FEATURES if like is None else like.features or ())
    for switch in _SWITCHES:
        if form[switch.variable] == switch.on:
            features |= switch.features
        elif form[switch.variable] == switch.off:
            features -= switch.features
    if not features & _TOOLS:
        features -= _STREAMED_TOOLS
    return [feature for feature in ModelFeature if feature in features]


def _rules(typed: int | None, context: int, like: AIModelEntity | None) -> list[ParameterRule]:
    """The parameters of the model it is like, the answer's length bounded by what was typed."""
    if like is None:
        return _common_rules(typed or min(UNKNOWN_OUTPUT, context))
    return [
        _bounded(rule, typed or min(context, int(rule.max or context)))
        if rule.use_template == "max_tokens"
        else rule
        for rule in like.parameter_rules
    ]


def _bounded(rule: ParameterRule, most: int) -> ParameterRule:
    return rule.model_copy(update={"max": most, "default": min(int(rule.default or most), most)})


def _common_rules(most: int) -> list[ParameterRule]:
    return [
        _rule("temperature", ParameterType.FLOAT, default=0.7, min=0, max=2, precision=2),
        _rule("top_p", ParameterType.FLOAT, default=1, min=0, max=1, precision=2),
        _rule("presence_penalty", ParameterType.FLOAT, default=0, min=-2, max=2, precision=2),
        _rule("frequency_penalty", ParameterType.FLOAT, default=0, min=-2, max=2, precision=2),
        _rule(
            "max_tokens",
            ParameterType.INT,
            default=min(DEFAULT_MAX_TOKENS, most),
            min=1,
            max=most,
            precision=0,
        ),
    ]


def _rule(
    name: str,
    kind: ParameterType,
    *,
    default: float,
    min: float,  # noqa: A002 - the SDK's name
    max: float,  # noqa: A002 - the SDK's name
    precision: int,
) -> ParameterRule:
    # Validated from a dict: that is where the SDK fills in the template's label and help.
    return ParameterRule.model_validate(
        {
            "name": name,
            "use_template": name,
            "type": kind.value,
            "default": default,
            "min": min,
            "max": max,
            "precision": precision,
        }
    )


def _count(form: Mapping[str, str], variable: str) -> int | None:
    try:
        return parse_count(form, variable, variable)
    except SettingsError:
        return None
