"""Model parameters: what goes upstream, what is refused here, and what a gateway refuses."""

import pytest

from devtools import Json, predefined
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded

TITLE: Json = {"max_tokens": 500, "temperature": 1}
"""What Dify sends for a conversation's title, whatever the model declares."""


def test_undeclared_parameters_are_sent_on(rig: Rig, stream: bool) -> None:
    parameters = {**TITLE, "seed": 7, "logit_bias": {"42": -1}, "reasoning_effort": "low"}
    succeeded(rig.chat("rix/ok", parameters=parameters, stream=stream))
    (body,) = rig.bodies()
    assert {name: body[name] for name in parameters} == parameters


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("gpt-5.6-sol", "max_completion_tokens"),
        ("deepseek-v4-flash", "max_tokens"),
        ("claude-sonnet-5", "max_tokens"),
        ("gemini-3.7-flash", "max_tokens"),
        ("qwen3.8-max", "max_tokens"),
    ],
)
def test_a_title_for_each_predefined_model(rig: Rig, model: str, limit: str) -> None:
    """The simulator has no such model; what counts is what was sent."""
    form = predefined(rig.simulator.base_url, rig.key, max_retry_seconds="0")
    session = rig.plugin.chat(
        model, "Hi!", credentials=form, stream=False, model_parameters=dict(TITLE)
    )
    session.wait()
    assert session.error is None or session.error.error_type == "InvokeServerUnavailableError"
    (body,) = rig.bodies()
    assert body["model"] == model
    assert body[limit] == 500
    assert body["temperature"] == 1


@pytest.mark.parametrize(
    "parameters",
    [
        {"temperature": "hot"},
        {"temperature": 3},
        {"temperature": True},
        {"max_tokens": 0},
        {"max_tokens": -5},
        {"max_tokens": 1.5},
        {"max_tokens": "many"},
        {"max_tokens": 4097},
        {"top_p": 2},
        {"presence_penalty": [1]},
        {"response_format": "xml"},
        {"messages": []},
        {"stream": False},
        {"model": "another"},
        {"json_schema": "{"},
        {"json_schema": "[1]"},
        {"response_format": "json_schema"},
        {"tool_choice": "required"},
        {"budget_tokens": 4096, "max_tokens": 4096},
        {"reasoning_effort": 3},
        {"enable_thinking": "maybe"},
        {"prompt_caching": 5},
    ],
    ids=str,
)
def test_bad_values_are_refused_before_any_request(
    rig: Rig, parameters: Json, stream: bool
) -> None:
    error = error_of(rig.chat("rix/ok", parameters=parameters, stream=stream))
    assert error.error_type == "InvokeBadRequestError"
    assert any(name in error.message for name in (next(iter(parameters)), "json_schema"))
    # The SDK checks parameters before the question is known: then both languages are said.
    assert "Resilient Gateway: " in error.message
    assert rig.seen() == []


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"max_retry_seconds": "481"}, "Max Retry Seconds"),
        ({"max_retry_seconds": "-1"}, "Max Retry Seconds"),
        ({"max_retry_seconds": "soon"}, "Max Retry Seconds"),
        ({"context_size": "128k"}, "Context Size"),
        ({"max_tokens_to_sample": "1e3"}, "Max Output"),
        ({"mode": "chatty"}, "Mode"),
        ({"function_calling_type": "functions"}, "Tool Calling"),
        ({"endpoint_url": "ftp://gateway.example"}, "API Base URL"),
        ({"endpoint_url": "http://127.0.0.1:1/v1 x"}, "API Base URL"),
        ({"endpoint_url": ""}, "API Base URL"),
    ],
    ids=str,
)
def test_bad_settings_are_refused_before_any_request(
    rig: Rig, fields: dict[str, str], word: str
) -> None:
    form = {**rig.form(), **fields}
    session = rig.plugin.chat("rix/ok", credentials=form)
    error = error_of(session)
    assert error.error_type == "InvokeBadRequestError"
    assert word in error.message
    assert rig.seen() == []


@pytest.mark.parametrize("family", ["rix", "openai"])
def test_max_tokens_by_its_other_name(rig: Rig, family: str, stream: bool) -> None:
    model = f"{family}/needs-max_completion_tokens"
    for _ in range(2):
        session = rig.chat(model, parameters={"max_tokens": 77}, stream=stream)
        assert succeeded(session).text == WORDS
    first, second, third = rig.bodies()
    assert first["max_tokens"] == 77
    assert "max_tokens" not in second
    assert second["max_completion_tokens"] == 77
    # The next call knows it from the start.
    assert third["max_completion_tokens"] == 77


def test_a_refused_temperature_is_left_out(rig: Rig, stream: bool) -> None:
    session = rig.chat("rix/refuses-temperature", parameters={"temperature": 0.3}, stream=stream)
    assert succeeded(session).text == WORDS
    first, second = rig.bodies()
    assert first["temperature"] == 0.3
    assert "temperature" not in second


def test_both_refused_one_after_the_other(rig: Rig, stream: bool) -> None:
    model = "rix/refuses-max_tokens-and-temperature"
    parameters = {"max_tokens": 5, "temperature": 0.3}
    assert succeeded(rig.chat(model, parameters=parameters, stream=stream)).text == WORDS
    assert len(rig.seen()) == 3


def test_one_repeat_only_where_it_does_not_help(rig: Rig, stream: bool) -> None:
    session = rig.chat("rix/e400", parameters={"max_tokens": 9}, stream=stream, budget=20)
    assert error_of(session).error_type == "InvokeBadRequestError"
    assert len(rig.seen()) == 2


def test_what_did_not_help_is_not_learned(rig: Rig) -> None:
    for _ in range(2):
        error_of(rig.chat("rix/e400", parameters={"max_tokens": 9}))
    assert ["max_tokens" in body for body in rig.bodies()] == [True, False, True, False]


@pytest.mark.parametrize(
    "model", ["rix/refuses-stream", "one-api/ok-json-for-stream", "new-api/ok-json-for-stream"]
)
def test_a_gateway_that_refuses_to_stream(rig: Rig, model: str, stream: bool) -> None:
    for _ in range(2):
        session = succeeded(rig.chat(model, stream=stream))
        assert session.text == WORDS
        assert session.finish_reason == "stop"
    # Asked without a stream once it refused, and remembered.
    assert [one.stream for one in rig.seen()] == [True, False, False]
    assert "stream_options" not in rig.bodies()[1]


def test_a_refused_stream_that_fails_unstreamed_too_is_not_learned(rig: Rig) -> None:
    for _ in range(2):
        error_of(rig.chat("new-api/choices-empty", budget=60))
    # One repeat unstreamed, then the three of any server fault: the next call streams again.
    assert [one.stream for one in rig.seen()] == [True, *[False] * 4, True, *[False] * 4]


def test_a_repeat_without_what_was_refused_is_no_waiting(rig: Rig, stream: bool) -> None:
    """`max_retry_seconds` 0 means never to wait; what a model cannot take is no reason to."""
    limited = {"max_tokens": 9}
    model = "rix/needs-max_completion_tokens"
    sessions = [
        rig.chat(model, stream=stream, budget=0, parameters=limited),
        rig.chat("rix/refuses-stream", stream=stream, budget=0),
        rig.chat("new-api/ok-json-for-stream", stream=stream, budget=0),
    ]
    for session in sessions:
        assert succeeded(session).text == WORDS
    assert len(rig.seen()) == 6


def test_what_one_key_taught_another_does_not_know(rig: Rig) -> None:
    model = "rix/refuses-stream"
    other = new_key()
    succeeded(rig.chat(model))
    succeeded(rig.chat(model, key=other))
    assert [one.stream for one in rig.seen()] == [True, False]
    assert [one.stream for one in rig.seen(other)] == [True, False]


def test_what_one_model_taught_another_does_not_know(rig: Rig) -> None:
    for model in ("rix/refuses-stream", "openai/refuses-stream"):
        succeeded(rig.chat(model))
    assert [one.stream for one in rig.seen()] == [True, False, True, False]
