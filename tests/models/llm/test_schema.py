"""A customizable model as Dify sees it: it never raises, or the model vanishes without a word."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
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

from models.adapter import plain_schema
from models.likeness import Catalogue
from models.llm.capabilities import CAPABILITIES
from models.llm.llm import ResilientLargeLanguageModel
from models.llm.schema import customizable_schema as described

NOTHING_KNOWN: Catalogue[AIModelEntity] = Catalogue(())


def customizable_schema(model: str, credentials: dict[str, Any]) -> AIModelEntity:
    return described(model, credentials, NOTHING_KNOWN)


def features(**credentials: Any) -> set[ModelFeature]:
    return set(customizable_schema("m", credentials).features or ())


def longest(schema: AIModelEntity) -> tuple[float | None, object]:
    (rule,) = (rule for rule in schema.parameter_rules if rule.name == "max_tokens")
    return rule.max, rule.default


TOOLS = {ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL}


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ({}, TOOLS | {ModelFeature.STREAM_TOOL_CALL}),
        ({"function_calling_type": "auto"}, TOOLS | {ModelFeature.STREAM_TOOL_CALL}),
        ({"function_calling_type": "tool_call", "stream_function_calling": "not_supported"}, TOOLS),
        ({"function_calling_type": "no_call", "stream_function_calling": "supported"}, set()),
        (
            {"function_calling_type": "tool_call", "stream_function_calling": "supported"},
            TOOLS | {ModelFeature.STREAM_TOOL_CALL},
        ),
        (
            {"function_calling_type": "no_call", "vision_support": "support"},
            {ModelFeature.VISION},
        ),
        ({"function_calling_type": "no_call", "vision_support": "no_support"}, set()),
    ],
)
def test_features(credentials: dict[str, str], expected: set[ModelFeature]) -> None:
    assert features(**credentials) == expected


def test_a_name_that_says_vision_is_believed() -> None:
    schema = customizable_schema("some-vl-model", {})
    assert ModelFeature.VISION in (schema.features or ())
    denied = customizable_schema("some-vl-model", {"vision_support": "no_support"})
    assert ModelFeature.VISION not in (denied.features or ())


@pytest.mark.parametrize(
    ("typed", "most", "default"),
    [
        ("", 8192, 1024),
        ("128000", 128000, 1024),
        ("512", 512, 512),
        ("1", 1, 1),
        ("many", 8192, 1024),
    ],
)
def test_slider_of_max_tokens(typed: str, most: int, default: int) -> None:
    assert longest(customizable_schema("m", {"max_tokens_to_sample": typed})) == (most, default)


@pytest.mark.parametrize(("typed", "size"), [("", 128_000), ("32768", 32_768), ("128k", 128_000)])
def test_context_size(typed: str, size: int) -> None:
    schema = customizable_schema("m", {"context_size": typed})
    assert schema.model_properties[ModelPropertyKey.CONTEXT_SIZE] == size


def test_a_name_that_tells_its_context_is_believed_unless_something_is_typed() -> None:
    told = customizable_schema("moonshot-v1-8k", {})
    assert told.model_properties[ModelPropertyKey.CONTEXT_SIZE] == 8_000
    assert longest(told)[0] == 8_000
    typed = customizable_schema("moonshot-v1-8k", {"context_size": "9000"})
    assert typed.model_properties[ModelPropertyKey.CONTEXT_SIZE] == 9_000


@pytest.mark.parametrize(
    ("typed", "mode"), [("", "chat"), ("chat", "chat"), ("completion", "completion"), ("x", "chat")]
)
def test_mode(typed: str, mode: str) -> None:
    schema = customizable_schema("m", {"mode": typed})
    assert schema.model_properties[ModelPropertyKey.MODE] == mode


def test_name_that_dify_shows() -> None:
    assert customizable_schema("m", {"display_name": "Mine"}).label.en_us == "Mine"
    schema = customizable_schema("m", {})
    assert (schema.model, schema.label.en_us) == ("m", "m")
    assert schema.fetch_from is FetchFrom.CUSTOMIZABLE_MODEL


VALUES = ["", None, 0, 7, -1.5, True, "x" * 10_000, "1" * 5000, [], {}, object(), "你好", "\x00\n"]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_nothing_that_was_typed_makes_it_raise(value: object) -> None:
    names = ("display_name", "mode", "context_size", "max_tokens_to_sample", "vision_support")
    more = ("function_calling_type", "stream_function_calling", "endpoint_url", "api_key")
    for credentials in (dict.fromkeys((*names, *more), value), *({name: value} for name in names)):
        schema = customizable_schema("m", credentials)
        for rule in schema.parameter_rules:
            assert rule.label.en_us
            assert rule.min is not None
            assert rule.max is not None
            assert rule.min <= float(str(rule.default)) <= rule.max


def test_one_forms_schema_is_not_anothers() -> None:
    one, other = (
        customizable_schema("m", {"display_name": "A"}),
        customizable_schema("m", {"display_name": "B"}),
    )
    assert (one.label.en_us, other.label.en_us) == ("A", "B")
    assert customizable_schema("n", {"display_name": "A"}).model == "n"


def test_schema_is_not_spoilt_by_whoever_got_it() -> None:
    """The SDK and an adapter may add to what they are given; the next call must not see it."""
    first = customizable_schema("m", {"function_calling_type": "no_call"})
    assert first.features == []
    first.features.append(ModelFeature.VISION)
    first.parameter_rules.clear()
    again = customizable_schema("m", {"function_calling_type": "no_call"})
    assert again.features == []
    assert [rule.name for rule in again.parameter_rules][:2] == ["temperature", "top_p"]


def test_key_and_address_are_no_part_of_it() -> None:
    credentials = {"api_key": "sk-secret", "endpoint_url": "https://api.example.com"}
    text = customizable_schema("m", credentials).model_dump_json()
    assert "sk-secret" not in text
    assert "example.com" not in text


def test_a_model_of_the_responses_api_offers_what_that_api_knows() -> None:
    form = {"api_type": "responses", "agent_thought_support": "supported"}
    every = {"audio_support": "support", "video_support": "support", "vision_support": "support"}
    # A form that was saved before is described all the same; saving it is refused (`form`).
    schema = customizable_schema("gpt-5-pro", {**form, **every})
    kept = set(schema.features or ())
    assert ModelFeature.VISION in kept
    assert not kept & {ModelFeature.AUDIO, ModelFeature.VIDEO}
    names = {rule.name for rule in schema.parameter_rules}
    assert names >= {"temperature", "top_p", "max_tokens", "reasoning_effort"}
    chat_only = {row.name for row in CAPABILITIES if row.chat_only}
    assert not names & chat_only
    chat = customizable_schema("gpt-5-pro", {**form, **every, "api_type": "chat_completions"})
    assert {rule.name for rule in chat.parameter_rules} & chat_only


class Counting(ResilientLargeLanguageModel):
    asked: ClassVar[list[str]] = []

    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        self.asked.append(credentials["display_name"])
        return super().get_customizable_model_schema(model, credentials)


def test_adapter_describes_a_model_once_for_a_form() -> None:
    """The SDK asks four times in a call, of an adapter that it makes for that call."""
    one, other = {"display_name": "A"}, {"display_name": "B"}
    for credentials in (one, {**one, "api_key": "sk-another"}, other, one):
        schema = Counting([]).get_model_schema("m", credentials)
        assert schema is not None
        assert schema.label.en_us == credentials["display_name"]
    assert Counting.asked == ["A", "B"]


def test_what_the_sdk_writes_into_a_schema_does_not_reach_the_catalogue() -> None:
    """It fills in what a parameter's template says; here a precision that the model lacks."""
    rule = ParameterRule(
        name="temperature",
        label=I18nObject(en_US="T"),
        type=ParameterType.FLOAT,
        use_template="temperature",
    )
    rule.precision = None
    known = plain_schema(ModelType.LLM, "m", {}, {ModelPropertyKey.CONTEXT_SIZE: 1000})
    known.parameter_rules = [rule]
    schema = ResilientLargeLanguageModel([known]).get_model_schema("vendor/m", {"mode": "chat"})
    assert schema is not None
    assert schema.parameter_rules[0].precision is not None
    assert rule.precision is None
