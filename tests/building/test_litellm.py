"""A plugin built for LiteLLM's real proxy: thirty models of all types, each as the proxy says."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from cli.build.plan import Plan
from devtools import Json, LiteLLMProcess, PluginProcess, Session, credentials
from simulator import Simulator
from tests.building.built import answer_limit, broken_rules, built, price_of, schemas, unpacked

pytestmark = pytest.mark.xdist_group("protocol-litellm")

KEY = "sk-good"
MODES = {
    "llm": "chat",
    "text-embedding": "embedding",
    "rerank": "rerank",
    "speech2text": "audio_transcription",
    "tts": "audio_speech",
    "moderation": "moderation",
}
NAMES = {
    "llm": [
        "gpt-4o",
        "gpt-5",
        "o3",
        "claude-opus-4-6",
        "gemini-2.5-pro",
        "deepseek-chat",
        "qwen3-max",
        "glm-4.7",
        "kimi-k2",
        "grok-4",
        "house/own model: 1",
        "GPT-4o",
        *(f"house-{number}" for number in range(6)),
    ],
    "text-embedding": ["text-embedding-3-small", "bge-m3", "house-vectors"],
    "rerank": ["bge-reranker-v2-m3", "house-ranks"],
    "speech2text": ["whisper-1", "house-ears"],
    "tts": ["tts-1", "house-mouth"],
    "moderation": ["omni-moderation-latest", "house-judge"],
}
UPSTREAM = {"llm": "openai/ok", "rerank": "hosted_vllm/bge-reranker-v2-m3"}
"""What serves a type, where it is not the first of its names at OpenAI's API."""

RECORDING = b"RIFF" + bytes(1_000)
LEFT_OUT = ["house-pictures"]
ABILITIES = {
    "supports_function_calling": "tool-call",
    "supports_vision": "vision",
    "supports_pdf_input": "document",
    "supports_audio_input": "audio",
    "supports_response_schema": "structured-output",
}


def deployments(origin: str) -> Iterator[Json]:
    """The proxy's `model_list`; figures differ from model to model, and from any vendor's."""
    served = {"api_base": f"{origin}/openai/v1", "api_key": "sk-operator"}
    number = 0
    for kind, names in NAMES.items():
        for name in names:
            number += 1
            info: Json = {
                "mode": MODES[kind],
                "max_input_tokens": 10_000 + number,
                "max_output_tokens": 2_000 + number,
                "input_cost_per_token": number / 1e7,
                "output_cost_per_token": number / 1e6,
                "supports_function_calling": number % 2 == 0,
                "supports_vision": number % 3 == 0,
                "supports_pdf_input": number % 5 == 0,
                "supports_audio_input": number % 7 == 0,
                "supports_response_schema": number % 4 == 0,
            }
            upstream = {"model": UPSTREAM.get(kind) or f"openai/{names[0]}", **served}
            yield {"model_name": name, "litellm_params": upstream, "model_info": info}
    pictures = {"model": "openai/gpt-image-1", **served}
    yield {
        "model_name": "house-pictures",
        "litellm_params": pictures,
        "model_info": {"mode": "image_generation"},
    }


@pytest.fixture(scope="module")
def proxy() -> Iterator[LiteLLMProcess]:
    with (
        Simulator(seed=1) as simulator,
        LiteLLMProcess(
            list(deployments(simulator.origin)), {"num_retries": 0}, {KEY: {}}
        ) as process,
    ):
        process.wait()
        yield process


@pytest.fixture(scope="module")
def plugin_of_proxy(
    proxy: LiteLLMProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Plan, PluginProcess]]:
    folder = tmp_path_factory.mktemp("proxy")
    plan, package = built(folder, proxy.base_url, "--name", "house", key=KEY)
    assert broken_rules(package) == []
    with unpacked(package, folder / "elsewhere") as plugin:
        yield plan, plugin


def told(proxy: LiteLLMProcess) -> dict[str, Any]:
    """What the proxy says of each model."""
    address = proxy.base_url.removesuffix("/v1") + "/v1/model/info"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        data = json.load(answer)["data"]
    return {one["model_name"]: one["model_info"] for one in data}


def test_every_model_is_there_with_its_type(plugin_of_proxy: tuple[Plan, PluginProcess]) -> None:
    plan, _plugin = plugin_of_proxy
    found: dict[str, list[str]] = {}
    for model in plan.models:
        found.setdefault(model.kind, []).append(model.name)
    assert {kind: sorted(names) for kind, names in found.items()} == {
        kind: sorted(names) for kind, names in NAMES.items()
    }
    assert list(plan.left_out) == LEFT_OUT


def test_every_figure_is_the_proxys(
    proxy: LiteLLMProcess, plugin_of_proxy: tuple[Plan, PluginProcess]
) -> None:
    plan, plugin = plugin_of_proxy
    infos = told(proxy)
    answers = schemas(plugin, plan.models, credentials(proxy.base_url, KEY))
    million = Decimal(1_000_000)
    for model in plan.models:
        info, schema = infos[model.name], answers[model.name]
        assert price_of(schema) == (
            Decimal(str(info["input_cost_per_token"])) * million,
            Decimal(str(info["output_cost_per_token"])) * million,
            "USD",
        )
        if model.kind in ("llm", "text-embedding", "rerank"):
            assert schema["model_properties"]["context_size"] == info["max_input_tokens"]
        if model.kind == "llm":
            assert answer_limit(schema) == info["max_output_tokens"]
            features = set(schema["features"] or ())
            for name, feature in ABILITIES.items():
                assert (feature in features) == info[name], (model.name, name)


def test_every_other_model_answers(
    proxy: LiteLLMProcess, plugin_of_proxy: tuple[Plan, PluginProcess]
) -> None:
    _plan, plugin = plugin_of_proxy
    form = credentials(proxy.base_url, KEY)
    calls: dict[str, Callable[[str], Session]] = {
        "text-embedding": lambda name: plugin.embed(name, ["a"], credentials=form),
        "rerank": lambda name: plugin.rerank(name, "q", ["a", "b"], credentials=form),
        "speech2text": lambda name: plugin.transcribe(name, RECORDING, credentials=form),
        "tts": lambda name: plugin.speak(name, "hi", credentials=form),
        "moderation": lambda name: plugin.moderate(name, "hi", credentials=form),
    }
    for kind, call in calls.items():
        for name in NAMES[kind]:
            session = call(name).wait()
            assert session.error is None, name
            assert session.chunks, name


def test_every_chat_model_answers(
    proxy: LiteLLMProcess, plugin_of_proxy: tuple[Plan, PluginProcess]
) -> None:
    plan, plugin = plugin_of_proxy
    form = credentials(proxy.base_url, KEY)
    calls = {
        model.name: plugin.chat(model.name, "hi", credentials=form)
        for model in plan.models
        if model.kind == "llm"
    }
    for name, call in calls.items():
        assert call.wait().error is None, name
        assert call.text
        assert call.usage is not None
        assert Decimal(call.usage["total_price"]) > 0, name
    assert plugin.violations == []
