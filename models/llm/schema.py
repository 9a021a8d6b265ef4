"""The schema of a customizable model, from what the user typed in its form."""

import functools
from collections.abc import Mapping

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

from gateway.settings import DEFAULT_CONTEXT_SIZE, SettingsError, parse_count

DEFAULT_MAX_TOKENS = 1024


_FIELDS = (
    "display_name",
    "mode",
    "context_size",
    "max_tokens_to_sample",
    "function_calling_type",
    "stream_function_calling",
    "vision_support",
)


def customizable_schema(model: str, credentials: Mapping[str, object]) -> AIModelEntity:
    """Describe a customizable model.

    It raises nothing: a model whose schema cannot be had vanishes from Dify without a word.
    A number that cannot be read is replaced by its default; a call will say what is wrong.
    """
    schema = _schema(model, tuple(str(credentials.get(name) or "") for name in _FIELDS))
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
def _schema(model: str, typed: tuple[str, ...]) -> AIModelEntity:
    # The SDK asks for it four times in every call, and validating it takes longer than sending.
    form = dict(zip(_FIELDS, typed, strict=True))
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=form["display_name"] or model),
        model_type=ModelType.LLM,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        features=_features(form),
        model_properties={
            ModelPropertyKey.MODE: "completion" if form["mode"] == "completion" else "chat",
            ModelPropertyKey.CONTEXT_SIZE: _count(form, "context_size"),
        },
        parameter_rules=_rules(_count(form, "max_tokens_to_sample")),
    )


def _features(form: Mapping[str, str]) -> list[ModelFeature]:
    features = []
    if form["function_calling_type"] == "tool_call":
        features += [ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL]
        if form["stream_function_calling"] == "supported":
            features.append(ModelFeature.STREAM_TOOL_CALL)
    if form["vision_support"] == "support":
        features.append(ModelFeature.VISION)
    return features


def _rules(most: int) -> list[ParameterRule]:
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


def _count(form: Mapping[str, str], variable: str) -> int:
    try:
        return parse_count(form, variable, variable)
    except SettingsError:
        return DEFAULT_CONTEXT_SIZE
