"""Thinking: the words of each family, and what they cannot say together."""

from typing import Any

import pytest
from dify_plugin.errors.model import InvokeBadRequestError

from models.likeness import Catalogue
from models.llm.capabilities import PARAMETERS
from models.llm.payload import write_parameters
from models.llm.reasoning import dialect_of
from models.llm.schema import customizable_schema
from models.llm.thoughts import thoughts_in, without_thoughts

BUDGET = {
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "reasoning": {"max_tokens": 1024},
}

THINKING = {"thinking", "budget_tokens", "enable_thinking", "thinking_budget", "reasoning_effort"}

FAMILIES = {
    "claude-sonnet-4-5": {"thinking", "budget_tokens"},
    "anthropic/claude-opus-4.6": {"thinking", "budget_tokens"},
    "Qwen/Qwen3-32B": {"enable_thinking", "thinking_budget"},
    "qwq-plus": {"enable_thinking", "thinking_budget"},
    "glm-5.3": {"thinking"},
    "doubao-seed-2-1-pro": {"thinking"},
    "deepseek-ai/DeepSeek-V3.2": {"thinking"},
    "kimi-k2.6": {"thinking"},
    "gpt-5.6-sol": {"reasoning_effort"},
    "o3": {"reasoning_effort"},
    "openai/o4-mini": {"reasoning_effort"},
    "gemini-3.7-flash": {"reasoning_effort"},
    "grok-4.6": {"reasoning_effort"},
    "something-new": {"enable_thinking", "reasoning_effort"},
}


def offered(model: str, support: str) -> set[str]:
    form = {"agent_thought_support": support}
    schema = customizable_schema(model, form, Catalogue(()))
    return {rule.name for rule in schema.parameter_rules} & THINKING


@pytest.mark.parametrize("model", FAMILIES)
def test_a_family_is_offered_its_own_words(model: str) -> None:
    switches, amounts = dialect_of(model)
    assert {*switches, *amounts} == FAMILIES[model]
    assert offered(model, "supported") == FAMILIES[model]


@pytest.mark.parametrize("model", FAMILIES)
def test_what_always_thinks_cannot_be_switched(model: str) -> None:
    only = offered(model, "only_thinking_supported")
    assert only == FAMILIES[model] - {"thinking", "enable_thinking"}


@pytest.mark.parametrize("support", ["", "auto", "not_supported"])
def test_what_does_not_think_is_offered_nothing(support: str) -> None:
    for model in FAMILIES:
        assert offered(model, support) == set()


def written(**parameters: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    write_parameters(payload, parameters)
    return payload


@pytest.mark.parametrize(
    ("parameters", "sent"),
    [
        ({"thinking": "enabled"}, {"thinking": {"type": "enabled"}}),
        ({"thinking": "adaptive"}, {"thinking": {"type": "adaptive"}}),
        (
            {"thinking": {"type": "enabled", "x": 1}},
            {"thinking": {"type": "enabled", "x": 1}},
        ),
        (
            {"budget_tokens": 1024},
            {**BUDGET, "max_tokens": 5120},
        ),
        (
            {"budget_tokens": 1024, "thinking": "enabled", "max_tokens": 2000},
            {**BUDGET, "max_tokens": 2000},
        ),
        # Claude refuses them while it thinks.
        (
            {"budget_tokens": 1024, "max_tokens": 2000, "temperature": 0.3, "top_p": 0.5},
            {**BUDGET, "max_tokens": 2000},
        ),
        (
            {"budget_tokens": 1024, "thinking": "disabled", "temperature": 0.3},
            {"thinking": {"type": "disabled"}, "temperature": 0.3},
        ),
        (
            {"enable_thinking": True, "chat_template_kwargs": {"x": 1}},
            {
                "enable_thinking": True,
                "chat_template_kwargs": {"x": 1, "enable_thinking": True},
            },
        ),
    ],
)
def test_written(parameters: dict[str, Any], sent: dict[str, Any]) -> None:
    assert written(**parameters) == sent


def test_a_budget_that_leaves_no_answer() -> None:
    with pytest.raises(InvokeBadRequestError, match="less than max_tokens"):
        written(budget_tokens=4096, max_tokens=4096)
    assert written(budget_tokens=4095, max_tokens=4096)["max_tokens"] == 4096


def test_rows_of_thinking_are_those_of_the_dialects() -> None:
    declared = {
        name for name, row in PARAMETERS.items() if row.declared_by == "agent_thought_support"
    }
    assert declared == THINKING == set().union(*FAMILIES.values())


@pytest.mark.parametrize(
    ("text", "thoughts", "rest"),
    [
        ("yes", "", "yes"),
        ("<think>\na\n</think>yes", "a", "yes"),
        ("<think>a</think>\n\nyes <think>b</think>no", "a\nb", "yes no"),
        ("<think>never closed", "", "<think>never closed"),
        ("a\nb\n</think>\n\nyes <think>c</think>no", "a\nb\nc", "yes no"),
        ("the tag </think> ends it", "", "the tag </think> ends it"),
        ("<think>a</think>yes\n</think>\nno", "a", "yes\n</think>\nno"),
        ("</think>", "", "</think>"),
        # A regular expression would look through the whole text for each of them.
        ("</think>" + "a<think>" * 40_000, "", "</think>" + "a<think>" * 40_000),
    ],
    ids=lambda text: text[:20],
)
def test_thoughts_in_a_text(text: str, thoughts: str, rest: str) -> None:
    assert thoughts_in(text) == thoughts
    assert without_thoughts(text) == rest
