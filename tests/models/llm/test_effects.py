"""The form and the schema of chat models promise nothing that has no effect.

Every field of the form changes what is sent, or what Dify is told; every rule of every model
changes the request; every value that Dify can send is accepted, or refused by the field's name.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from dify_plugin.entities.model import (
    AIModelEntity,
    ModelFeature,
    ModelType,
    ParameterRule,
    ParameterType,
)
from dify_plugin.entities.model.message import (
    AudioPromptMessageContent,
    DocumentPromptMessageContent,
    ImagePromptMessageContent,
    PromptMessageTool,
    UserPromptMessage,
    VideoPromptMessageContent,
)
from dify_plugin.entities.model.provider import ModelProviderConfiguration
from dify_plugin.errors.model import InvokeBadRequestError

from engine.apis.chat.request import chat_request
from engine.settings import SettingsError, parse_settings
from models.likeness import Catalogue
from models.llm.capabilities import CAPABILITIES, CHOICES, PARAMETERS
from models.llm.form import ChatForm, parse_form
from models.llm.parameters import check_parameters
from models.llm.payload import Question, chat_payload
from models.llm.schema import customizable_schema

ROOT = Path(__file__).resolve().parents[3]
PROVIDER = yaml.safe_load((ROOT / "provider/resilient_gateway.yaml").read_text("utf-8"))
FORM = {
    field["variable"]: field
    for field in PROVIDER["model_credential_schema"]["credential_form_schemas"]
    if {"variable": "__model_type", "value": "llm"} in field.get("show_on", ())
    or all(rule["variable"] != "__model_type" for rule in field.get("show_on", ()))
}
CONNECTION = {"endpoint_url": "https://gateway.example/v1", "api_key": "sk-1"}
TYPED: dict[str, tuple[str, str | None]] = {
    # What may be typed, and what is refused; `None` where anything may be.
    "endpoint_url": ("https://other.example/v1", "ftp://x"),
    "api_key": ("sk-2, sk-3", "密钥"),
    "endpoint_model_name": ("gpt-4o", None),
    "context_size": ("1000", "1k"),
    "max_tokens_to_sample": ("77", "many"),
    "pricing": ("2.5, 10 USD", "2.5"),
    "max_retry_seconds": ("7", "481"),
    "max_concurrency": ("8", "0"),
    "requests_per_minute": ("50", "-1"),
    "tokens_per_minute": ("50000", "50k"),
    "fallback_models": ("deepseek-v4-flash", None),
    "cache_ttl_seconds": ("60", "soon"),
    "extra_headers": ('{"X-Team": "search"}', '{"Host": "x"}'),
    "extra_body": ('{"top_k": 20}', '{"model": "x"}'),
}
FILE: dict[str, Any] = {"base64_data": "QUJD", "mime_type": "application/octet-stream"}
INPUTS = (
    ImagePromptMessageContent(format="png", **FILE),
    AudioPromptMessageContent(format="mp3", **FILE),
    VideoPromptMessageContent(format="mp4", **FILE),
    DocumentPromptMessageContent(format="pdf", **FILE),
)
TOOL = PromptMessageTool(
    name="f", description="", parameters={"type": "object", "properties": {"x": {}}}
)
HI = [UserPromptMessage(content="hi")]


def effect(**fields: str) -> str:
    """All that a form decides on, as one text: settings, schema, and what becomes of questions."""
    form = {**CONNECTION, **fields}
    settings, chat = parse_settings(form, "m"), parse_form(form)
    schema = customizable_schema("m", form, Catalogue(()))
    features = frozenset(schema.features or ())
    questions = [Question([UserPromptMessage(content=[part])], {}) for part in INPUTS]
    questions += [Question(HI, {}), Question(HI, {}, [TOOL])]
    sent = []
    for question in questions:
        try:
            payload = chat_payload(settings.model, chat, features, question)
            request = chat_request(payload, chat.mode).extended(settings.extra_body)
            sent.append([request.path, dict(request.payload)])
        except InvokeBadRequestError as error:
            sent.append([str(error)])
    secrets = [settings.secrets, settings.api_keys, settings.extra_headers]
    return json.dumps([repr(settings), secrets, sent, schema.model_dump(mode="json")])


def test_every_field_of_the_form_is_tried() -> None:
    choices = {name for name, field in FORM.items() if field.get("options")}
    assert set(TYPED) == set(FORM) - choices


@pytest.mark.parametrize("variable", sorted(FORM))
def test_every_field_has_an_effect(variable: str) -> None:
    field = FORM[variable]
    values = [option["value"] for option in field.get("options", ())] or ["", TYPED[variable][0]]
    if variable in CONNECTION:
        values[0] = CONNECTION[variable]
    # What Advanced Settings does is seen of a custom value.
    others = {"max_retry_seconds": "7"} if variable == "settings" else {}
    effects = [effect(**{variable: value}, **others) for value in values]
    # `auto` is what the model's name says; each other value is what it says itself.
    distinct = len(values) - (values[0] == "auto")
    assert len(set(effects)) >= distinct


@pytest.mark.parametrize("variable", sorted(FORM))
def test_every_value_is_accepted_or_refused_by_the_fields_name(variable: str) -> None:
    wrong = TYPED[variable][1] if variable in TYPED else "no such value"
    if wrong is None:
        effect(**{variable: "完全 anything"})
        return
    with pytest.raises(SettingsError) as no:
        effect(**{variable: wrong})
    assert no.value.variable == variable


# Parameters.


def _predefined() -> list[AIModelEntity]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        models = ModelProviderConfiguration(**PROVIDER).models
    return [model for model in models if model.model_type is ModelType.LLM]


def _custom() -> list[AIModelEntity]:
    """Custom models of every dialect with every field in each of its values."""
    names = ("m", "my-glm", "my-claude", "my-qwen", "my-gpt")
    forms: list[dict[str, str]] = [{}]
    forms += [{variable: value} for variable, values in CHOICES.items() for value in values]
    forms.append({variable: values[0] for variable, values in CHOICES.items()})
    return [customizable_schema(name, form, Catalogue(())) for name in names for form in forms]


MODELS = [*_predefined(), *_custom()]
KINDS: dict[str, tuple[AIModelEntity, ParameterRule]] = {
    # Equal rules are tried once.
    repr((rule.model_dump(mode="json"), sorted(f.value for f in model.features or ()))): (
        model,
        rule,
    )
    for model in MODELS
    for rule in model.parameter_rules
}
WRONG: dict[ParameterType, list[object]] = {
    ParameterType.INT: ["many", 1.5, True, [1]],
    ParameterType.FLOAT: ["hot", True, float("nan"), [1]],
    ParameterType.STRING: [7, ["x"], "no such option"],
    ParameterType.TEXT: [7, ["x"]],
    ParameterType.BOOLEAN: ["yes", 1, [True]],
}
SCHEMA = '{"type": "object", "properties": {"x": {"type": "string"}}}'


def valid_values(rule: ParameterRule) -> list[object]:
    if rule.type is ParameterType.BOOLEAN:
        return [True, False]
    if rule.type is ParameterType.TEXT:
        return [SCHEMA, json.dumps({"schema": json.loads(SCHEMA), "name": "llm_response"})]
    if rule.type is ParameterType.STRING:
        return list(rule.options) or ["words"]
    return [rule.min, rule.max, rule.default]


def invalid_values(rule: ParameterRule) -> list[object]:
    wrong = list(WRONG[rule.type])
    if rule.type is ParameterType.STRING and not rule.options:
        wrong.remove("no such option")
    if rule.min is not None:
        wrong.append(rule.min - 1)
    if rule.max is not None:
        wrong.append(rule.max + 1)
    return wrong


def body(model: AIModelEntity, **sent: object) -> dict[str, Any]:
    features = frozenset(model.features or ())
    tools = [TOOL] if ModelFeature.TOOL_CALL in features else []
    checked = check_parameters(model.parameter_rules, sent)
    return chat_payload("m", ChatForm("chat"), features, Question(HI, checked, tools))


@pytest.mark.parametrize("kind", sorted(KINDS), ids=lambda kind: kind[11:50])
def test_every_rule_has_an_effect_and_knows_its_values(kind: str) -> None:
    model, rule = KINDS[kind]
    companions: dict[str, object] = {}
    if rule.name == "response_format":
        companions["json_schema"] = SCHEMA
    without = body(model, **companions)
    changed = [
        body(model, **companions, **{rule.name: value}) != without for value in valid_values(rule)
    ]
    assert any(changed)
    for value in invalid_values(rule):
        with pytest.raises(InvokeBadRequestError, match=f"parameter {rule.name} "):
            body(model, **{rule.name: value})


def test_rules_are_those_of_the_table() -> None:
    """A rule that no row knows would be sent as it is, and by no test."""
    assert {rule.name for model in MODELS for rule in model.parameter_rules} <= PARAMETERS.keys()
    for model in MODELS:
        for rule in model.parameter_rules:
            row = PARAMETERS[rule.name].rule
            assert row is not None
            assert row.kind is rule.type


def test_what_a_row_says_to_people_is_shown_to_somebody() -> None:
    """A label that no page shows, or a help that no file holds, would only seem to matter."""
    shown = {rule.name for model in MODELS for rule in model.parameter_rules}
    for row in PARAMETERS.values():
        assert row.rule is not None
        assert bool(any(row.rule.label) or row.rule.template) is (row.name in shown)
        assert not any(row.rule.help) or row.name in shown


def test_every_row_that_a_form_declares_is_offered_to_somebody() -> None:
    offered = {rule.name for model in _custom() for rule in model.parameter_rules}
    told = {feature for model in _custom() for feature in model.features or ()}
    for row in CAPABILITIES:
        if row.declared_by and row.rule:
            assert row.name in offered
        if row.declared_by:
            assert told.issuperset(row.features)


def test_schema_is_required_where_a_schema_is_the_format() -> None:
    with pytest.raises(InvokeBadRequestError, match="json_schema is empty"):
        body(MODELS[-1], response_format="json_schema")
    with pytest.raises(InvokeBadRequestError, match="must be a JSON object"):
        body(MODELS[-1], response_format="json_schema", json_schema="{")
