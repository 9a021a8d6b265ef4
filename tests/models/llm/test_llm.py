"""The adapter: Dify's request in, chunks out, over a real gateway."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from dify_plugin.entities.model.llm import LLMResultChunk
from dify_plugin.entities.model.message import (
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageTool,
    SystemPromptMessage,
    UserPromptMessage,
)
from dify_plugin.errors.model import (
    InvokeBadRequestError,
    InvokeError,
    InvokeRateLimitError,
    InvokeServerUnavailableError,
)

from engine.text.tokens import estimate
from models.llm.llm import ResilientLargeLanguageModel
from models.llm.messages import estimate_prompt_tokens
from simulator import Simulator

ANSWER = "你好，this is the upstream."
WEATHER = '{"city":"北京","unit":"celsius"}'
CLOCK = '{"zone":"Asia/Shanghai"}'
TOOL = PromptMessageTool(name="get_weather", description="", parameters={"type": "object"})
MESSAGES: list[PromptMessage] = [SystemPromptMessage(content="be"), UserPromptMessage(content="hi")]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=1) as found:
        yield found


@pytest.fixture
def llm() -> ResilientLargeLanguageModel:
    return ResilientLargeLanguageModel(model_schemas=[])


def chunks(
    llm: ResilientLargeLanguageModel,
    simulator: Simulator,
    model: str,
    *,
    stream: bool = True,
    form: dict[str, str] | None = None,
    **call: Any,
) -> list[LLMResultChunk]:
    credentials = {
        "endpoint_url": simulator.origin,
        "api_key": "sk-good",
        "max_retry_seconds": "5",
        "function_calling_type": "tool_call",
        **(form or {}),
    }
    call = {"prompt_messages": MESSAGES, "model_parameters": {}, **call}
    found = llm._invoke(model=model, credentials=credentials, stream=stream, **call)
    return list(found)


def text_of(found: list[LLMResultChunk]) -> str:
    return "".join(str(chunk.delta.message.content) for chunk in found)


def calls_of(chunk: LLMResultChunk) -> list[tuple[str, str]]:
    return [
        (call.function.name, call.function.arguments) for call in chunk.delta.message.tool_calls
    ]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("model", "text", "calls", "reason"),
    [
        ("openai/ok", ANSWER, [], "stop"),
        ("openai/ok-crlf", ANSWER, [], "stop"),
        ("openai/finish-length", ANSWER, [], "length"),
        ("openai/ok-reasoning", f"<think>\nlet me think\n</think>{ANSWER}", [], "stop"),
        ("openai/ok-reasoning-only", "<think>\nlet me think\n</think>", [], "stop"),
        ("openai/ok-tools", "", [("get_weather", WEATHER)], "tool_calls"),
        (
            "openai/ok-tools-parallel",
            "",
            [("get_weather", WEATHER), ("get_time", CLOCK)],
            "tool_calls",
        ),
        ("openai/ok-text-and-tools", ANSWER, [("get_weather", WEATHER)], "tool_calls"),
        ("one-api/sat-1-then-ok", ANSWER, [], "stop"),
    ],
)
def test_answer(
    llm: ResilientLargeLanguageModel,
    simulator: Simulator,
    model: str,
    text: str,
    calls: list[tuple[str, str]],
    reason: str,
    stream: bool,
) -> None:
    simulator.reset()
    found = chunks(llm, simulator, model, stream=stream, tools=[TOOL])
    assert text_of(found) == text
    assert calls_of(found[-1]) == calls
    assert [chunk.delta.finish_reason for chunk in found] == [None] * (len(found) - 1) + [reason]
    assert [bool(chunk.delta.usage) for chunk in found] == [False] * (len(found) - 1) + [True]
    assert [chunk.delta.index for chunk in found] == list(range(len(found)))
    assert stream or len(found) == 1, "Dify reads no second chunk of a blocking call"
    body = simulator.seen[-1].body or {}
    assert body["stream"] is True, "no proxy's limit on silence cuts a blocking call"
    assert body["stream_options"] == {"include_usage": True}


def test_usage_of_the_gateway_and_an_estimate_without_it(
    llm: ResilientLargeLanguageModel, simulator: Simulator
) -> None:
    counted = chunks(llm, simulator, "openai/ok", stream=False)[0].delta.usage
    assert counted is not None
    assert (counted.prompt_tokens, counted.completion_tokens) == (11, 7)
    estimated = chunks(llm, simulator, "openai/ok-no-usage", stream=False)[0].delta.usage
    assert estimated is not None
    assert estimated.prompt_tokens == estimate_prompt_tokens(MESSAGES, None)
    # Each delta is rounded up, so it depends on how the text was cut on its way.
    assert estimate(ANSWER) <= estimated.completion_tokens <= len(ANSWER)


def test_request_as_dify_meant_it(llm: ResilientLargeLanguageModel, simulator: Simulator) -> None:
    parameters = {"temperature": 1, "max_tokens": 500, "seed": 7}
    before = copy.deepcopy((MESSAGES, parameters, TOOL))
    chunks(
        llm,
        simulator,
        "dify-name",
        form={"endpoint_model_name": "openai/ok"},
        model_parameters=parameters,
        tools=[TOOL],
        stop=["END"],
        user="u-1",
    )
    body = simulator.seen[-1].body or {}
    assert body["model"] == "openai/ok"
    assert {name: body[name] for name in parameters} == parameters
    assert (body["stop"], body["user"]) == (["END"], "u-1")
    assert [tool["function"]["name"] for tool in body["tools"]] == ["get_weather"]
    assert [message["content"] for message in body["messages"]] == ["be", "hi"]
    assert (MESSAGES, parameters, TOOL) == before


def test_completion_mode(llm: ResilientLargeLanguageModel, simulator: Simulator) -> None:
    found = chunks(llm, simulator, "openai/ok", form={"mode": "completion"})
    assert text_of(found) == ANSWER
    seen = simulator.seen[-1]
    assert seen.path == "/v1/completions"
    body = seen.body or {}
    assert body["prompt"] == "be\n\nhi"
    assert not {"messages", "tools"} & set(body)


@pytest.mark.parametrize("form", [{"function_calling_type": "no_call"}, {"mode": "completion"}])
def test_tools_that_a_model_cannot_take_are_refused_and_not_dropped(
    llm: ResilientLargeLanguageModel, simulator: Simulator, form: dict[str, str]
) -> None:
    simulator.reset()
    with pytest.raises(InvokeBadRequestError, match="not set up to call tools"):
        chunks(llm, simulator, "openai/ok", form=form, tools=[TOOL])
    assert simulator.seen == []


@pytest.mark.parametrize(
    ("form", "part"),
    [({"vision_support": "support"}, True), ({"vision_support": "no_support"}, False)],
)
def test_images(
    llm: ResilientLargeLanguageModel, simulator: Simulator, form: dict[str, str], part: bool
) -> None:
    image = ImagePromptMessageContent(format="png", base64_data="AAAA", mime_type="image/png")
    messages = [UserPromptMessage(content=[image])]
    simulator.reset()
    if part:
        chunks(llm, simulator, "openai/ok", form=form, prompt_messages=messages)
        assert (simulator.seen[-1].body or {})["messages"][0]["content"][0]["type"] == "image_url"
    else:
        with pytest.raises(InvokeBadRequestError, match="image"):
            chunks(llm, simulator, "openai/ok", form=form, prompt_messages=messages)
        assert simulator.seen == []


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("model", "form", "kind"),
    [
        ("rix/sat-forever", {"max_retry_seconds": "0"}, "InvokeRateLimitError"),
        ("new-api/ok", {"api_key": "sk-wrong"}, "InvokeAuthorizationError"),
        ("new-api/ok", {"api_key": ""}, "InvokeAuthorizationError"),
        ("new-api/e400", {}, "InvokeBadRequestError"),
        ("new-api/ok", {"max_retry_seconds": "481"}, "InvokeBadRequestError"),
        ("openai/stop-empty", {"max_retry_seconds": "0"}, "InvokeServerUnavailableError"),
        ("openai/reset-without-answer", {"max_retry_seconds": "0"}, "InvokeConnectionError"),
    ],
)
def test_failure_has_its_exact_class(
    llm: ResilientLargeLanguageModel,
    simulator: Simulator,
    model: str,
    form: dict[str, str],
    kind: str,
    stream: bool,
) -> None:
    with pytest.raises(InvokeError) as raised:
        chunks(llm, simulator, model, form=form, stream=stream)
    assert type(raised.value).__name__ == kind
    assert "Resilient Gateway: " in str(raised.value)
    assert raised.value.__cause__ is None


def test_partial_text_comes_before_the_failure_with_its_thoughts_closed(
    llm: ResilientLargeLanguageModel, simulator: Simulator
) -> None:
    found: list[LLMResultChunk] = []
    model = "new-api/sse-error-after-content-429"
    credentials = {"endpoint_url": simulator.origin, "api_key": "sk-good"}
    with pytest.raises(InvokeRateLimitError):
        found.extend(llm._invoke(model, credentials, MESSAGES, {}))
    assert text_of(found) == "你好，this is"


def test_errors_pass_the_sdk_as_they_are(llm: ResilientLargeLanguageModel) -> None:
    error = InvokeRateLimitError("one paragraph")
    assert llm._transform_invoke_error(error) is error
    assert type(llm._transform_invoke_error(KeyError("x"))) is InvokeServerUnavailableError


def test_an_answer_from_the_cache_has_its_tokens_and_no_price(
    llm: ResilientLargeLanguageModel, simulator: Simulator
) -> None:
    form = {"cache_ttl_seconds": "60", "pricing": "1, 2 USD"}
    first, again = (
        chunks(llm, simulator, "openai/ok", form=form, model_parameters={"temperature": 0})[-1]
        for _ in range(2)
    )
    paid, replayed = first.delta.usage, again.delta.usage
    assert paid is not None
    assert replayed is not None
    assert paid.total_price > 0
    assert replayed.total_price == replayed.prompt_price == replayed.completion_price == 0
    assert (replayed.prompt_tokens, replayed.completion_tokens, replayed.currency) == (
        paid.prompt_tokens,
        paid.completion_tokens,
        paid.currency,
    )
