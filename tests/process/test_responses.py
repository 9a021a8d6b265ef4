"""Answers of models behind `/v1/responses`, as Dify reads them."""

from typing import Any

import pytest

from devtools import Json
from tests.process.conversation import CLOCK, TOOLS, WEATHER, calls_of
from tests.process.responses import GATEWAYS, ask, event
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded
from tests.process.scripted import Scripted, streaming


@pytest.mark.parametrize("family", GATEWAYS)
def test_text(rig: Rig, family: str, stream: bool) -> None:
    session = succeeded(ask(rig, f"{family}/ok", stream=stream))
    assert session.text == WORDS
    assert session.finish_reason == "stop"
    assert session.usage is not None
    assert (session.usage["prompt_tokens"], session.usage["completion_tokens"]) == (11, 7)
    (seen,) = rig.seen()
    assert seen.path == "/v1/responses"
    assert seen.body == {
        "model": f"{family}/ok",
        "input": [{"role": "user", "content": "hi"}],
        "stream": True,
        "store": False,
        "user": "u1",
    }


@pytest.mark.parametrize("family", GATEWAYS)
@pytest.mark.parametrize(
    ("model", "text", "calls"),
    [
        ("ok-tools", "", [WEATHER]),
        ("ok-tools-parallel", "", [WEATHER, CLOCK]),
        ("ok-tools-no-arguments", "", [("get_time", {})]),
        ("ok-text-and-tools", WORDS, [WEATHER]),
    ],
)
def test_tools(
    rig: Rig, family: str, model: str, text: str, calls: list[tuple[str, Any]], stream: bool
) -> None:
    session = succeeded(ask(rig, f"{family}/{model}", stream=stream, tools=TOOLS))
    assert calls_of(session) == calls
    assert session.text == text
    assert session.finish_reason == "tool_calls"


@pytest.mark.parametrize("family", GATEWAYS)
def test_reasoning(rig: Rig, family: str, stream: bool) -> None:
    session = succeeded(
        ask(rig, f"{family}/ok-reasoning", stream=stream, parameters={"reasoning_effort": "high"})
    )
    assert session.text == f"<think>\nlet me think\n</think>{WORDS}"
    (body,) = rig.bodies()
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]


@pytest.mark.parametrize("model", ["sat-1-then-ok", "sse-error-first-429-1-then-ok"])
def test_saturated_first_then_the_answer(rig: Rig, model: str, stream: bool) -> None:
    session = ask(rig, f"rix/{model}", stream=stream, budget=60)
    assert succeeded(session).text == WORDS
    paths = [seen.path for seen in rig.seen()]
    assert paths == ["/v1/responses"] * 2


def test_saturated_for_ever(rig: Rig, stream: bool) -> None:
    # New API hands on "Please try again in 20s": longer than there is time.
    models = ("rix/sat-forever", "openai/sat-forever-ra-0.1", "new-api/sat-forever")
    keys = [new_key() for _ in models]
    asked = [
        ask(rig, model, stream=stream, budget=2, key=key)
        for model, key in zip(models, keys, strict=True)
    ]
    assert {error_of(one).error_type for one in asked} == {"InvokeRateLimitError"}
    rix, openai, new_api = (len(rig.seen(key)) for key in keys)
    assert min(rix, openai) >= 2
    assert new_api == 1


def test_a_fallback_model_is_asked_at_the_same_api(rig: Rig, stream: bool) -> None:
    fields = {"fallback_models": "new-api/ok"}
    session = succeeded(ask(rig, "rix/sat-forever", stream=stream, budget=4, fields=fields))
    assert session.text == WORDS
    last = rig.seen()[-1]
    assert (last.path, last.model) == ("/v1/responses", "new-api/ok")


@pytest.mark.parametrize(
    ("model", "error_type"),
    [
        ("new-api/failed-after-content", "InvokeServerUnavailableError"),
        ("rix/failed-after-content-429", "InvokeRateLimitError"),
        ("openai/error-event-after-content", "InvokeServerUnavailableError"),
        ("new-api/cut-after-content", "InvokeServerUnavailableError"),
        ("openai/reset-after-content", "InvokeServerUnavailableError"),
        ("rix/eof-after-content", "InvokeServerUnavailableError"),
        ("openai/incomplete-otherwise", "InvokeServerUnavailableError"),
        ("new-api/begins-anew", "InvokeServerUnavailableError"),
    ],
)
def test_a_failure_after_content_is_handed_on_and_never_repeated(
    rig: Rig, model: str, error_type: str, stream: bool
) -> None:
    session = ask(rig, model, stream=stream, budget=20)
    assert error_of(session).error_type == error_type
    assert session.text == ("你好，this is" if stream else "")
    assert len(rig.seen()) == 1


@pytest.mark.parametrize(
    ("model", "text", "finish"),
    [
        ("finish-length", WORDS, "length"),
        ("finish-length-empty", "", "length"),
        ("finish-content-filter", WORDS, "content_filter"),
        ("ok-refusal", "I cannot help with that.", "stop"),
        ("ok-json-for-stream", WORDS, "stop"),
        ("ok-crlf", WORDS, "stop"),
        ("ok-multi-line", WORDS, "stop"),
    ],
)
def test_forms_and_endings(rig: Rig, model: str, text: str, finish: str, stream: bool) -> None:
    session = succeeded(ask(rig, f"openai/{model}", stream=stream))
    assert (session.text, session.finish_reason) == (text, finish)
    assert len(rig.seen()) == 1


def test_stop_words_end_the_answer_here(rig: Rig, stream: bool) -> None:
    session = succeeded(ask(rig, "openai/ok", stream=stream, stop=["is the"]))
    assert session.text == "你好，this "
    assert session.finish_reason == "stop"
    assert "stop" not in rig.bodies()[0]


def test_tool_calls_by_item_without_a_place(rig: Rig, stream: bool) -> None:
    """Interleaved, one with an id that changes between events, as some servers have it."""

    def begun(name: str) -> Json:
        return {"type": "function_call", "call_id": f"c-{name}", "name": name, "arguments": ""}

    answer = streaming(
        event("output_item.added", output_index=0, item={**begun("a"), "id": "x1"}),
        event("output_item.added", output_index=1, item=begun("b")),
        event("function_call_arguments.delta", output_index=0, item_id="x2", delta='{"n":'),
        event("function_call_arguments.delta", output_index=1, delta='{"m":2}'),
        event("function_call_arguments.delta", output_index=0, item_id="x3", delta="1}"),
        event("completed", response={"status": "completed", "output": []}),
    )
    with Scripted(answer) as server:
        session = ask(
            rig, "m", stream=stream, tools=TOOLS, fields={"endpoint_url": server.base_url}
        )
        assert calls_of(succeeded(session)) == [("a", {"n": 1}), ("b", {"m": 2})]


def test_an_empty_stream_is_asked_for_again_unstreamed(rig: Rig) -> None:
    """New API makes it of an upstream's answer that is no stream."""
    session = succeeded(ask(rig, "new-api/ok-json-for-stream", budget=20))
    assert session.text == WORDS
    assert [body["stream"] for body in rig.bodies()] == [True, False]
