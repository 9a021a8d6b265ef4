"""The schema of a customizable model, from what the user typed in its form."""

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


def customizable_schema(model: str, credentials: Mapping[str, object]) -> AIModelEntity:
    """Describe a customizable model.

    It raises nothing: a model whose schema cannot be had vanishes from Dify without a word.
    A number that cannot be read is replaced by its default; a call will say what is wrong.
    """
    most = _count(credentials, "max_tokens_to_sample")
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=str(credentials.get("display_name") or model)),
        model_type=ModelType.LLM,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        features=_features(credentials),
        model_properties={
            ModelPropertyKey.MODE: "completion"
            if credentials.get("mode") == "completion"
            else "chat",
            ModelPropertyKey.CONTEXT_SIZE: _count(credentials, "context_size"),
        },
        parameter_rules=_rules(most),
    )


def _features(credentials: Mapping[str, object]) -> list[ModelFeature]:
    features = []
    if credentials.get("function_calling_type") == "tool_call":
        features += [ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL]
        if credentials.get("stream_function_calling") == "supported":
            features.append(ModelFeature.STREAM_TOOL_CALL)
    if credentials.get("vision_support") == "support":
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


def _count(credentials: Mapping[str, object], variable: str) -> int:
    try:
        return parse_count(credentials, variable, variable)
    except SettingsError:
        return DEFAULT_CONTEXT_SIZE
