"""Model parameters as Dify sends them."""

from typing import Any

import pytest
from dify_plugin.entities.model import ParameterRule
from dify_plugin.errors.model import InvokeBadRequestError

from models.errors import as_invoke_error
from models.llm.parameters import OWN_FIELDS, check_parameters


def rule(name: str, kind: str, **more: Any) -> ParameterRule:
    return ParameterRule.model_validate(
        {"name": name, "type": kind, "label": {"en_US": name}, **more}
    )


TEMPERATURE = rule("temperature", "float", use_template="temperature", min=0, max=2)
LONGEST = rule("max_completion_tokens", "int", use_template="max_tokens", min=1, max=4096)
EFFORT = rule("reasoning_effort", "string", options=["low", "high"])
THINKING = rule("enable_thinking", "boolean")
NEEDED = rule("top_k", "int", required=True, default=40, min=1, max=100)
NEEDED_BARE = rule("seed", "int", required=True)
RULES = [TEMPERATURE, LONGEST, EFFORT, THINKING]

type Parameters = dict[str, Any]

SENT: dict[str, tuple[list[ParameterRule], Parameters, Parameters]] = {
    "nothing": (RULES, {}, {}),
    "declared": (RULES, {"temperature": 0.7}, {"temperature": 0.7}),
    "a whole number where a fraction may be": (RULES, {"temperature": 1}, {"temperature": 1}),
    "bounds are allowed": (RULES, {"temperature": 2.0}, {"temperature": 2.0}),
    "whole number sent as fraction": (
        RULES,
        {"max_completion_tokens": 16.0},
        {"max_completion_tokens": 16},
    ),
    "by its template's name": (RULES, {"max_tokens": 500}, {"max_completion_tokens": 500}),
    "choice": (RULES, {"reasoning_effort": "low"}, {"reasoning_effort": "low"}),
    "truth": (RULES, {"enable_thinking": False}, {"enable_thinking": False}),
    "undeclared, as for titles": (
        [],
        {"max_tokens": 500, "temperature": 1},
        {"max_tokens": 500, "temperature": 1},
    ),
    "undeclared of any form": (
        [],
        {"thinking": {"type": "disabled"}, "x": [1]},
        {"thinking": {"type": "disabled"}, "x": [1]},
    ),
    "null is left out": (RULES, {"temperature": None, "x": None}, {}),
    "required one has its default": ([NEEDED], {}, {"top_k": 40}),
    "required one sent": ([NEEDED], {"top_k": 7}, {"top_k": 7}),
    "required one sent as null": ([NEEDED], {"top_k": None}, {"top_k": 40}),
    "optional default is not sent": ([rule("n", "int", default=1)], {}, {}),
    "JSON": ([], {"response_format": "JSON"}, {"response_format": "json_object"}),
    "json_object": ([], {"response_format": "json_object"}, {"response_format": "json_object"}),
    "text": ([], {"response_format": "text"}, {"response_format": "text"}),
    "an emptied field": (RULES, {"reasoning_effort": "", "json_schema": ""}, {}),
    "another model's word for thinking": (
        [rule("thinking", "string", options=["enabled", "disabled"])],
        {"enable_thinking": True},
        {"thinking": "enabled"},
    ),
    "another model's word for thinking, the other way": (
        RULES,
        {"thinking": "disabled"},
        {"enable_thinking": False},
    ),
    "both words": (
        RULES,
        {"thinking": "disabled", "enable_thinking": True},
        {"enable_thinking": True},
    ),
    "a function to call": (
        [],
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
    ),
    "a schema that is no text": (
        [],
        {"json_schema": {"type": "object"}},
        {"json_schema": {"type": "object"}},
    ),
}


@pytest.mark.parametrize(("rules", "sent", "checked"), SENT.values(), ids=SENT)
def test_sent_on(rules: list[ParameterRule], sent: Parameters, checked: Parameters) -> None:
    before = dict(sent)
    result = check_parameters(rules, sent)
    assert result == checked
    assert [type(value) for value in result.values()] == [type(value) for value in checked.values()]
    assert sent == before, "the caller's are not changed"


BAD: list[tuple[list[ParameterRule], Parameters, str]] = [
    (RULES, {"temperature": "0.7"}, "temperature must be a number"),
    (RULES, {"temperature": True}, "temperature must be a number"),
    (RULES, {"temperature": float("nan")}, "temperature must be a number"),
    (RULES, {"temperature": float("inf")}, "temperature must be a number"),
    (RULES, {"temperature": 2.01}, "temperature must be at most 2"),
    (RULES, {"temperature": -0.1}, "temperature must be at least 0"),
    (RULES, {"max_completion_tokens": 1.5}, "max_completion_tokens must be a whole number"),
    (RULES, {"max_completion_tokens": "many"}, "max_completion_tokens must be a whole number"),
    (RULES, {"max_completion_tokens": True}, "max_completion_tokens must be a whole number"),
    (
        RULES,
        {"max_completion_tokens": float("inf")},
        "max_completion_tokens must be a whole number",
    ),
    (RULES, {"max_completion_tokens": 4097}, "max_completion_tokens must be at most 4096"),
    (RULES, {"max_tokens": 0}, "max_completion_tokens must be at least 1"),
    (RULES, {"reasoning_effort": "medium"}, "reasoning_effort must be one of low, high"),
    (RULES, {"reasoning_effort": 1}, "reasoning_effort must be text"),
    (RULES, {"enable_thinking": "true"}, "enable_thinking must be true or false"),
    ([], {"max_tokens": 0}, "max_tokens must be a whole number"),
    ([], {"max_tokens": -5}, "max_tokens must be a whole number"),
    ([], {"max_tokens": "500"}, "max_tokens must be a whole number"),
    ([], {"temperature": "hot"}, "temperature must be a number"),
    ([], {"top_p": [1]}, "top_p must be a number"),
    ([], {"presence_penalty": float("nan")}, "presence_penalty must be a number"),
    (
        [],
        {"response_format": "xml"},
        "response_format must be one of text, json_object, json_schema",
    ),
    ([], {"response_format": {"type": "json_object"}}, "response_format must be one of"),
    ([NEEDED_BARE], {}, "seed is required"),
    *(([], {name: "x"}, f"{name} is set by the plugin itself") for name in sorted(OWN_FIELDS)),
]


@pytest.mark.parametrize(("rules", "sent", "sentence"), BAD)
def test_bad_value_is_refused_by_name(
    rules: list[ParameterRule], sent: Parameters, sentence: str
) -> None:
    with pytest.raises(InvokeBadRequestError, match=sentence) as refused:
        check_parameters(rules, sent)
    assert type(as_invoke_error(refused.value)) is InvokeBadRequestError
    assert str(refused.value).startswith("Resilient Gateway: the model parameter ")
