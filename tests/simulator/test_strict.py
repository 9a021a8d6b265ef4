"""The simulator's vendors accept every predefined model's request, and refuse what they refuse."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import yaml
from dify_plugin.entities.model import (
    AIModelEntity,
    ModelPropertyKey,
    ModelType,
    ParameterRule,
    ParameterType,
)
from dify_plugin.entities.model.message import (
    PromptMessage,
    SystemPromptMessage,
    UserPromptMessage,
)

from engine.apis.audio.transcription import sample_recording
from models.llm.llm import ResilientLargeLanguageModel
from models.moderation.moderation import ResilientModerationModel
from models.rerank.rerank import ResilientRerankModel
from models.speech2text.speech2text import ResilientSpeech2TextModel
from models.text_embedding.text_embedding import ResilientTextEmbeddingModel
from models.tts.tts import ResilientTTSModel
from scripts.catalogue.__main__ import supported_rows
from scripts.catalogue.files import files_of
from simulator import Simulator
from simulator.strict import complaints, limits

MESSAGES: list[PromptMessage] = [
    SystemPromptMessage(content="Answer in JSON."),
    UserPromptMessage(content="hi"),
]
SCHEMA = json.dumps({"name": "answer", "schema": {"type": "object", "properties": {}}})
ALL = [
    AIModelEntity(**yaml.safe_load(text))
    for name, text in files_of(supported_rows()).items()
    if not name.endswith("_position.yaml")
]
MODELS = [model for model in ALL if model.model_type is ModelType.LLM]

type Form = dict[str, str]
type Pick = Callable[[ParameterRule], object]


@pytest.fixture(scope="module")
def vendors() -> Iterator[Simulator]:
    """Every predefined model, each as strict as its vendor."""
    with Simulator(scenario={model.model: {"behaviour": "strict"} for model in ALL}) as found:
        yield found


@pytest.fixture
def form(vendors: Simulator) -> Form:
    return {"endpoint_url": vendors.base_url, "api_key": "sk-good"}


@pytest.fixture(scope="module")
def llm() -> ResilientLargeLanguageModel:
    return ResilientLargeLanguageModel(model_schemas=MODELS)


def _at(end: int) -> Pick:
    """The value at one end of a parameter: `0` the least, `-1` the most."""

    def pick(rule: ParameterRule) -> object:
        if rule.name == "json_schema":
            return SCHEMA
        if rule.options:
            return rule.options[end]
        if rule.type is ParameterType.BOOLEAN:
            return bool(end)
        value = (rule.min, rule.max)[end]
        return int(value) if rule.type is ParameterType.INT and value is not None else value

    return pick


def _default(rule: ParameterRule) -> object:
    return rule.default


PICKS = {"nothing": lambda _rule: None, "default": _default, "least": _at(0), "most": _at(-1)}


@pytest.mark.parametrize("pick", PICKS.values(), ids=PICKS)
def test_every_predefined_model_is_accepted(
    vendors: Simulator, llm: ResilientLargeLanguageModel, form: Form, pick: Pick
) -> None:
    """As Dify sends it. One request each: a refused one is mended and sent again."""
    for model in MODELS:
        rules = model.parameter_rules
        chosen = {rule.name: pick(rule) for rule in rules}
        sent = {name: value for name, value in chosen.items() if value is not None}
        if pick is PICKS["least"]:
            # A budget beyond the answer's length is refused by the plugin itself.
            sent.pop("budget_tokens", None)
        vendors.reset()
        (answer,) = llm.invoke(model.model, form, MESSAGES, sent, stream=False)
        (request,) = vendors.seen
        assert request.body is not None
        assert not list(complaints(model.model, request.body)), (model.model, sent)
        assert answer.delta.message.content


def test_a_title_is_found_whatever_the_model_refuses(
    vendors: Simulator, llm: ResilientLargeLanguageModel, form: Form
) -> None:
    """Dify asks for it with two parameters, declared or not; what is refused is left out."""
    for model in MODELS:
        vendors.reset()
        title = {"max_tokens": 500, "temperature": 1}
        (answer,) = llm.invoke(model.model, form, MESSAGES, title, stream=False)
        assert answer.delta.message.content
        last = vendors.seen[-1].body
        assert last is not None
        assert not list(complaints(model.model, last))
        assert 500 in last.values()


def _asked(vendors: Simulator, kind: ModelType, ask: Callable[[AIModelEntity], object]) -> None:
    """Ask every model of a type; each is asked once, and nothing of it is refused."""
    models = [model for model in ALL if model.model_type is kind]
    assert models
    for model in models:
        vendors.reset()
        ask(model)
        (request,) = vendors.seen
        assert not list(limits(model.model, request.body or {})), model.model


def test_every_predefined_embedding_model_is_accepted(vendors: Simulator, form: Form) -> None:
    """A whole batch, as large as it is said to take; Dify sends no more."""
    adapter = ResilientTextEmbeddingModel(model_schemas=ALL)

    def ask(model: AIModelEntity) -> None:
        texts = [f"text {at}" for at in range(model.model_properties[ModelPropertyKey.MAX_CHUNKS])]
        assert len(adapter.invoke(model.model, form, texts).embeddings) == len(texts)

    _asked(vendors, ModelType.TEXT_EMBEDDING, ask)


def test_every_predefined_rerank_model_is_accepted(vendors: Simulator, form: Form) -> None:
    adapter = ResilientRerankModel(model_schemas=ALL)
    documents = [f"document {at}" for at in range(100)]
    _asked(
        vendors,
        ModelType.RERANK,
        lambda model: adapter.invoke(model.model, form, "query", documents, None, 10),
    )


def test_every_voice_of_every_predefined_speech_model_is_accepted(
    vendors: Simulator, form: Form
) -> None:
    adapter = ResilientTTSModel(model_schemas=ALL)
    models = [model for model in ALL if model.model_type is ModelType.TTS]
    for model in models:
        longest = "a" * model.model_properties[ModelPropertyKey.WORD_LIMIT]
        for voice in model.model_properties[ModelPropertyKey.VOICES]:
            vendors.reset()
            assert b"".join(adapter._invoke(model.model, "", form, longest, voice["mode"]))
            (request,) = vendors.seen
            assert request.body is not None
            assert request.body["voice"] == voice["mode"]
            assert not list(limits(model.model, request.body))


def test_every_predefined_transcription_model_is_accepted(vendors: Simulator, form: Form) -> None:
    adapter = ResilientSpeech2TextModel(model_schemas=ALL)
    _asked(
        vendors,
        ModelType.SPEECH2TEXT,
        lambda model: adapter.invoke(model.model, form, io.BytesIO(sample_recording())),
    )


def test_every_predefined_moderation_model_is_accepted(vendors: Simulator, form: Form) -> None:
    adapter = ResilientModerationModel(model_schemas=ALL)
    _asked(vendors, ModelType.MODERATION, lambda model: adapter.invoke(model.model, form, "hello"))


LIMITED: list[tuple[str, dict[str, Any], str]] = [
    ("text-embedding-v4", {"input": ["a"] * 11}, "should not be larger than 10"),
    ("BAAI/bge-m3", {"input": ["a"] * 33}, "should not be larger than 32"),
    ("text-embedding-ada-002", {"input": ["a"], "dimensions": 256}, "dimensions is not supported"),
    ("text-embedding-3-small", {}, "input is required"),
    ("tts-1", {"input": "a", "voice": "cedar"}, "voice: 'cedar' is not one of"),
    ("tts-1", {"input": "a" * 4097, "voice": "alloy"}, "at most 4096 characters"),
    ("gpt-4o-mini-tts", {"input": "a"}, "voice is required"),
    ("rerank-v3.5", {"documents": ["a"] * 1001}, "should not be larger than 1000"),
]


@pytest.mark.parametrize(("model", "fields", "reason"), LIMITED)
def test_a_vendor_keeps_its_limits(model: str, fields: dict[str, Any], reason: str) -> None:
    found = list(limits(model, {"model": model, **fields}))
    assert any(reason in one for one in found), found


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("gpt-5.6-sol", {"max_tokens": 1}, "'max_tokens' is not supported"),
    ("gpt-5.6-sol", {"temperature": 1}, "'temperature' is not supported"),
    ("gpt-4o", {"enable_thinking": True}, "Unrecognized request argument supplied"),
    ("gpt-4o", {"reasoning_effort": "low"}, "'reasoning_effort' is not supported"),
    ("gpt-4o", {"temperature": 2.1}, "temperature: 2.1 is out of range"),
    ("gpt-4o", {"max_tokens": 16385}, "max_tokens is too large"),
    ("gpt-4o", {"max_tokens": 1, "max_completion_tokens": 1}, "cannot both be specified"),
    ("gpt-4o", {"max_tokens": 0}, "0 is no positive integer"),
    ("gpt-5", {"verbosity": "huge"}, "verbosity: 'huge' is not one of"),
    ("gpt-5", {"reasoning_effort": "none"}, "reasoning_effort: 'none' is not one of"),
    ("gpt-5.1", {"reasoning_effort": "minimal"}, "'minimal' is not one of"),
    ("gpt-5.5", {"reasoning_effort": "max"}, "'max' is not one of"),
    ("gpt-6.1-sol", {"reasoning_effort": "none"}, "'none' is not one of"),
    ("o3", {"verbosity": "low"}, "'verbosity' is not supported"),
    ("openai/gpt-oss-120b", {"reasoning_effort": "max"}, "'max' is not one of"),
    ("claude-haiku-4-5-20251001", {"temperature": 1.1}, "temperature: 1.1 is out of range"),
    ("claude-haiku-4-5-20251001", {"temperature": 1, "top_p": 1}, "cannot both be specified"),
    ("qwen3.8-max", {"top_k": 101}, "top_k: 101 is out of range"),
    ("claude-sonnet-5", {"top_k": 5}, "'top_k' is not supported"),
    ("claude-sonnet-5", {"top_p": 0.9}, "'top_p' is not supported"),
    ("claude-opus-5-5", {"thinking": {"type": "disabled"}}, "'disabled' is not one of"),
    ("claude-opus-4-8", {"reasoning_effort": "high"}, "'reasoning_effort' is not supported"),
    ("claude-opus-4-7", {"thinking": {"type": "enabled"}}, "'enabled' is not one of"),
    (
        "claude-sonnet-4-6",
        {"thinking": {"type": "enabled", "budget_tokens": 2048}, "max_tokens": 2048},
        "budget_tokens: must be at least 1024",
    ),
    ("gemini-3.7-flash", {"temperature": 1}, "'temperature' is not supported"),
    ("gemini-3.7-flash", {"reasoning_effort": "minimal"}, "'minimal' is not one of"),
    ("gemini-4-argon", {"reasoning_effort": "xhigh"}, "'xhigh' is not one of"),
    ("deepseek-v4-pro", {"top_p": 0}, "top_p: 0 is out of range"),
    ("deepseek-v4-pro", {"response_format": {"type": "json_schema"}}, "response_format.type"),
    ("qwen-plus", {"temperature": 2}, "temperature: 2 is out of range"),
    (
        "qwen3.7-plus",
        {"enable_thinking": True, "response_format": {"type": "json_object"}},
        "cannot both be specified",
    ),
    ("qwen3.8-max", {"reasoning_effort": "high"}, "'high' is not one of"),
    ("kimi-k2.6", {"temperature": 0.6}, "'temperature' is not supported"),
    ("kimi-k3", {"thinking": {"type": "enabled"}}, "'thinking' is not supported"),
    ("glm-4.7", {"temperature": 1.5}, "temperature: 1.5 is out of range"),
    ("glm-5.3", {"temperature": 1}, "'temperature' is not supported"),
    ("doubao-seed-2-1-turbo-260628", {"reasoning_effort": "max"}, "'max' is not one of"),
    ("MiniMax-M2.7", {"temperature": 0}, "temperature: 0 is out of range"),
    ("grok-4.6", {"presence_penalty": 0}, "'presence_penalty' is not supported"),
    ("grok-4.5", {"reasoning_effort": "xhigh"}, "'xhigh' is not one of"),
    ("mistral-large-4", {"max_completion_tokens": 1}, "Unrecognized request argument"),
    ("mistral-large-4", {"reasoning_effort": "low"}, "'low' is not one of"),
    ("m", {"response_format": {"type": "json_schema"}}, "name and schema are required"),
    ("m", {"response_format": {"type": "json_object"}}, "must contain the word 'json'"),
]


@pytest.mark.parametrize(("model", "fields", "reason"), REFUSED)
def test_a_vendor_refuses(model: str, fields: dict[str, Any], reason: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}], **fields}
    assert any(reason in found for found in complaints(model, body)), list(complaints(model, body))


def test_a_refusal_is_a_400(vendors: Simulator) -> None:
    body = {"model": "gpt-5", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5}
    answer = requests.post(
        f"{vendors.origin}/openai/v1/chat/completions",
        json=body,
        headers={"Authorization": "Bearer sk-good"},
        timeout=60,
    )
    assert answer.status_code == 400
    assert "max_tokens" in answer.json()["error"]["message"]


def test_of_an_unknown_vendor_nothing_is_refused() -> None:
    assert list(complaints("my-model", {"temperature": 9, "anything": 1})) == []
