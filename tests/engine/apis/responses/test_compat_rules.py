"""What is left out of a request to the Responses API, or said otherwise, when it is refused."""

import copy
from typing import Any

import pytest

from engine.apis.responses.compat_rules import COMPAT_RULES
from engine.compat.rules import rule_for
from engine.errors import Failure, kinds
from engine.request import CompatRule

NONE: frozenset[str] = frozenset()
ITEM = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}
LATER = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "hi"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
PAYLOAD: dict[str, Any] = {
    "model": "m",
    "instructions": "Be kind.",
    "input": [ITEM, LATER, USER],
    "reasoning": {"effort": "high", "summary": "auto"},
    "include": ["reasoning.encrypted_content", "web_search_call.action.sources"],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA}, "verbosity": "low"},
    "max_output_tokens": 99,
    "store": False,
}
BY_NAME = {revision.name: revision for revision in COMPAT_RULES}


def refused(words: str = "", param: str = "", status: int = 400, **more: Any) -> Failure:
    return Failure(kinds.BAD_REQUEST, status, words=words, param=param, **more)


UNSUPPORTED = "Unsupported parameter: '{}' is not supported with this model."
REFUSALS: list[tuple[Failure, str | None]] = [
    (refused("x", code="invalid_encrypted_content"), "no reasoning items"),
    (refused("The encrypted content for item rs_1 could not be verified."), "no reasoning items"),
    (
        refused("Item 'rs_1' of type 'reasoning' was provided without its required following item"),
        "no reasoning items",
    ),
    (refused("Item with id 'rs_1' not found. Items are not persisted."), "no reasoning items"),
    (
        refused("Your organization must be verified to generate reasoning summaries."),
        "no reasoning.summary",
    ),
    (refused("x", "reasoning.summary"), "no reasoning.summary"),
    (refused(UNSUPPORTED.format("reasoning.effort")), "no reasoning.effort"),
    (refused(UNSUPPORTED.format("reasoning")), "no reasoning"),
    (
        refused("Encrypted content is not supported with this model.", "include"),
        "no encrypted reasoning",
    ),
    (refused(UNSUPPORTED.format("include")), "no encrypted reasoning"),
    (refused("Unsupported parameter: max_output_tokens"), "no max_output_tokens"),
    (refused("Argument not supported: 'instructions'"), "instructions in the input"),
    (refused("Argument not supported: instructions"), "instructions in the input"),
    (refused("System messages are not allowed"), "developer messages"),
    (refused(UNSUPPORTED.format("text.verbosity"), "text.verbosity"), "no text.verbosity"),
    (
        refused("Invalid schema for response_format 'n'", "text.format.schema"),
        "text.format in words",
    ),
    (refused("text.format of type 'json_schema' is not supported"), "text.format in words"),
    (refused("Unknown parameter: 'store'."), "no store"),
    # Not a refusal of a parameter.
    (refused("The user must not say that."), None),
    (refused("The instructions include nothing."), None),
    (refused("the upstream failed"), None),
    (Failure(kinds.RATE_LIMITED, 429, words=UNSUPPORTED.format("store")), None),
    (refused("x", "reasoning.summary", after_content=True), None),
]


@pytest.mark.parametrize(("failure", "name"), REFUSALS)
def test_compat_rule_that_may_cure(failure: Failure, name: str | None) -> None:
    found = rule_for(failure, PAYLOAD, NONE, COMPAT_RULES)
    assert (found.name if found else None) == name


INSTRUCTION = "Answer with one JSON object"

CHANGES: dict[str, dict[str, Any]] = {
    "no reasoning items": {"input": [LATER, USER]},
    "developer messages": {"input": [ITEM, {**LATER, "role": "developer"}, USER]},
    "no reasoning.summary": {"reasoning": {"effort": "high"}},
    "no reasoning.effort": {"reasoning": {"summary": "auto"}},
    "no reasoning": {"reasoning": None, "include": ["web_search_call.action.sources"]},
    "no encrypted reasoning": {"include": ["web_search_call.action.sources"]},
    "no max_output_tokens": {"max_output_tokens": None},
    "instructions in the input": {
        "instructions": None,
        "input": [{"role": "system", "content": "Be kind."}, ITEM, LATER, USER],
    },
    "no text.verbosity": {"text": {"format": PAYLOAD["text"]["format"]}},
    "no store": {"store": None},
}
"""Revision -> the fields that it changes; ``None`` is left out."""


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_else_is_changed(name: str) -> None:
    before = copy.deepcopy(PAYLOAD)
    changed = BY_NAME[name].apply(PAYLOAD)
    expected = {key: value for key, value in (PAYLOAD | CHANGES[name]).items() if value is not None}
    assert changed == expected
    assert before == PAYLOAD


def test_a_schema_in_words_stands_behind_the_instructions() -> None:
    changed = BY_NAME["text.format in words"].apply(PAYLOAD)
    assert changed["text"] == {"verbosity": "low"}
    instructions = str(changed["instructions"])
    assert instructions.startswith(f"Be kind.\n\n{INSTRUCTION}")
    assert '"properties": {"a"' in instructions
    bare = BY_NAME["text.format in words"].apply({"text": {"format": {"type": "json_object"}}})
    assert set(bare) == {"instructions"}
    assert str(bare["instructions"]).startswith(INSTRUCTION)


def test_a_channel_that_wants_instructions_gets_empty_ones() -> None:
    """Codex channels, where an app gives none."""
    bare: dict[str, object] = {"model": "m", "input": [USER]}
    found = rule_for(refused("Instructions are required"), bare, NONE, COMPAT_RULES)
    assert found is not None
    assert found.apply(bare) == {**bare, "instructions": ""}
    assert found.apply(PAYLOAD) == PAYLOAD
    chat: dict[str, object] = {"model": "m", "messages": [USER]}
    assert found.apply(chat) == chat
    assert rule_for(refused("Instructions are required"), PAYLOAD, NONE, COMPAT_RULES) is None


@pytest.mark.parametrize(
    "revision",
    [row for row in COMPAT_RULES if row.name != "empty instructions"],
    ids=lambda row: row.name,
)
def test_what_is_not_there_cannot_be_left_out(revision: CompatRule) -> None:
    """A remembered revision is applied to every request to the model."""
    bare: dict[str, object] = {"model": "m", "input": [USER]}
    assert not any(revision.suits(failure, bare) for failure, _ in REFUSALS)
    assert revision.apply(bare) == bare
