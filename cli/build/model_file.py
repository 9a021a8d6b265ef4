"""A described model as the YAML file that Dify reads."""

from typing import Any

from cli.build.describe import Described
from cli.build.known import Known, KnownModels

DEFAULT_ANSWER = 1_024
"""Tokens at which the slider of the answer's length stands when it is switched on, of a model
whose name says nothing."""

A_MILLIONTH = "0.000001"
"""Dify's unit of a price for a million tokens."""

UNKNOWN_CHUNKS = 16
"""Texts that an embedding model takes at once, if its name says nothing."""

_STAND_INS = {"speech2text": "whisper-1", "tts": "tts-1", "moderation": "omni-moderation-latest"}
"""Whose properties hold for a model of the type whose name says nothing: OpenAI's, which gateways
speak like."""

COMMON_RULES: tuple[dict[str, Any], ...] = (
    {
        "name": "temperature",
        "use_template": "temperature",
        "type": "float",
        "default": 0.7,
        "min": 0,
        "max": 2,
        "precision": 2,
    },
    {
        "name": "top_p",
        "use_template": "top_p",
        "type": "float",
        "default": 1,
        "min": 0,
        "max": 1,
        "precision": 2,
    },
    {
        "name": "presence_penalty",
        "use_template": "presence_penalty",
        "type": "float",
        "default": 0,
        "min": -2,
        "max": 2,
        "precision": 2,
    },
    {
        "name": "frequency_penalty",
        "use_template": "frequency_penalty",
        "type": "float",
        "default": 0,
        "min": -2,
        "max": 2,
        "precision": 2,
    },
    {
        "name": "seed",
        "label": {"en_US": "Seed", "zh_Hans": "随机种子"},
        "help": {
            "en_US": "The same seed and prompt give the same answer, as far as the model can.",
            "zh_Hans": "相同种子与提示词尽量得到相同回答。",
        },
        "type": "int",
        "default": 0,
        "min": 0,
        "max": 2_147_483_647,
    },
    {"name": "max_tokens", "use_template": "max_tokens", "type": "int"},
)
"""What nearly every chat model takes: the rows of `models.llm.capabilities` that are offered for
every custom model, which the command cannot import without Dify's SDK (a test compares them)."""

_STRUCTURED = ("response_format", "json_schema")
_LIMITS = ("max_tokens", "max_completion_tokens")

_ALIASES = {
    "reasoning_effort": ("reasoning_effort", "reasoning"),
    "thinking": ("thinking", "reasoning", "include_reasoning"),
    "enable_thinking": ("enable_thinking", "reasoning", "include_reasoning"),
    "budget_tokens": ("thinking", "reasoning"),
    "json_schema": ("json_schema", "structured_outputs", "response_format"),
}
"""By which words of a gateway a parameter is taken, where its own is not the only one."""

type Json = dict[str, Any]


def model_document(model: Described, known: KnownModels) -> Json:
    """The content of a model's file, keys in the order of the general plugin's files."""
    like = known.named(model.kind, model.like) if model.like else None
    document: Json = {
        "model": model.name,
        "label": _label(model),
        "model_type": model.kind,
    }
    if model.features:
        document["features"] = list(model.features)
    document["model_properties"] = _properties(model, like, known)
    if model.kind == "llm":
        document["parameter_rules"] = _rules(model, like, known)
    if model.price:
        each, answer, currency = model.price
        document["pricing"] = {
            "input": format(each, "f"),
            "output": format(answer, "f"),
            "unit": A_MILLIONTH,
            "currency": currency,
        }
    if model.deprecated:
        document["deprecated"] = True
    return document


def _label(model: Described) -> dict[str, str]:
    if not model.deprecated:
        return {"en_US": model.name}
    return {
        "en_US": f"{model.name} (no longer at the gateway)",
        "zh_Hans": f"{model.name}（网关已下线）",
    }


def _properties(model: Described, like: Known | None, known: KnownModels) -> Json:
    if model.kind == "llm":
        return {"mode": "chat", "context_size": model.context}
    if like is None and model.kind in _STAND_INS:
        like = known.named(model.kind, _STAND_INS[model.kind])
    properties = dict(like.document["model_properties"]) if like else {}
    if model.context is not None:
        properties["context_size"] = model.context
    if model.kind == "text-embedding":
        properties.setdefault("max_chunks", UNKNOWN_CHUNKS)
    return properties


def _rules(model: Described, like: Known | None, known: KnownModels) -> list[Json]:
    """The parameters of the model it is like, as far as the gateway takes them."""
    given = like.document.get("parameter_rules", ()) if like else COMMON_RULES
    rules = [_bounded(rule, model, like) for rule in given if _is_taken(rule["name"], model)]
    if "structured-output" not in model.features:
        return [_without_schema(rule) for rule in rules if rule["name"] != "json_schema"]
    if not any(rule["name"] == "json_schema" for rule in rules):
        rules = [rule for rule in rules if rule["name"] not in _STRUCTURED]
        rules += [known.rules[name] for name in _STRUCTURED]
    return rules


def _without_schema(rule: Json) -> Json:
    """The same rule; the form of an answer without the one that the model has not."""
    if rule["name"] != "response_format":
        return rule
    return {**rule, "options": [form for form in rule["options"] if form != "json_schema"]}


def _is_taken(name: str, model: Described) -> bool:
    """Whether the gateway takes a parameter; how long an answer is, all take."""
    if model.parameters is None or name in _LIMITS or name in _STRUCTURED:
        return True
    return any(word in model.parameters for word in _ALIASES.get(name, (name,)))


def _bounded(rule: Json, model: Described, like: Known | None) -> Json:
    if rule.get("use_template") != "max_tokens":
        return rule
    most = int(model.output or rule.get("max") or DEFAULT_ANSWER)
    default = int(rule["default"]) if like else DEFAULT_ANSWER
    return {**rule, "default": min(default, most), "min": 1, "max": most}
