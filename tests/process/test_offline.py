"""Counting tokens and describing a model: at once, and without any network."""

from collections.abc import Iterator

import pytest

from devtools import Json, PluginProcess, credentials, predefined, user
from tests.process.rig import ROOT, Rig, succeeded

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def offline() -> Iterator[PluginProcess]:
    """A process that reaches loopback only: whatever it asked elsewhere would fail."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
    lower = {name.lower(): value for name, value in proxies.items()}
    with PluginProcess(ROOT, env={**proxies, **lower, "TIKTOKEN_CACHE_DIR": ""}) as process:
        yield process
        assert process.violations == []


FORM = credentials(f"{NOWHERE}/v1")


def tokens(plugin: PluginProcess, prompt: str | list[Json], model: str = "m") -> int:
    form = FORM if model == "m" else predefined(f"{NOWHERE}/v1")
    number: int = plugin.num_tokens(model, prompt, credentials=form).wait().value["num_tokens"]
    return number


@pytest.mark.parametrize("model", ["m", "gpt-5.6-sol", "qwen3.8-max"])
def test_tokens_are_counted_without_a_network(offline: PluginProcess, model: str) -> None:
    english = "The quick brown fox jumps over the lazy dog. " * 100
    chinese = "敏捷的棕色狐狸跳过了懒狗。" * 100
    # cl100k_base: 1,001 and 1,900; o200k_base: 1,001 and 1,100.
    assert 700 <= tokens(offline, english, model) <= 1400
    assert 800 <= tokens(offline, chinese, model) <= 2500
    assert 0 <= tokens(offline, "", model) <= 10


def test_pictures_and_tools_count(offline: PluginProcess) -> None:
    picture = {
        "type": "image",
        "format": "png",
        "mime_type": "image/png",
        "base64_data": "QUJD" * 100_000,
        "url": "",
        "detail": "low",
    }
    text = {"type": "text", "data": "What is this?"}
    plain = tokens(offline, [user([text])])
    seen = tokens(offline, [user([text, picture])])
    assert plain < seen < plain + 2000


def test_a_megabyte_is_counted(offline: PluginProcess) -> None:
    assert tokens(offline, "word " * 200_000) > 100_000


def test_usage_is_estimated_without_a_network(offline: PluginProcess, rig: Rig) -> None:
    session = offline.chat("one-api/ok-no-usage", credentials=rig.form())
    assert succeeded(session).usage is not None


def schema(plugin: PluginProcess, **fields: str) -> Json:
    form = credentials(f"{NOWHERE}/v1", **fields)
    found: Json = plugin.schema("my model", form).wait().value["model_schema"]
    return found


def test_a_models_schema(offline: PluginProcess) -> None:
    found = schema(offline, context_size="128000", max_tokens_to_sample="9000", display_name="Mine")
    assert found["model"] == "my model"
    assert found["label"]["en_US"] == "Mine"
    assert found["model_properties"] == {"mode": "chat", "context_size": 128000}
    assert set(found["features"]) == {
        "tool-call",
        "multi-tool-call",
        "stream-tool-call",
        "vision",
    }
    rules = {rule["name"]: rule for rule in found["parameter_rules"]}
    assert rules["max_tokens"]["max"] == 9000
    assert {"temperature", "top_p", "max_tokens"} <= set(rules)


def test_a_models_schema_without_features(offline: PluginProcess) -> None:
    found = schema(
        offline, mode="completion", function_calling_type="no_call", vision_support="no_support"
    )
    assert found["model_properties"]["mode"] == "completion"
    assert found["features"] == []


@pytest.mark.parametrize(
    "fields", [{"context_size": "lots"}, {"max_tokens_to_sample": ""}, {"mode": "?"}], ids=str
)
def test_a_schema_is_given_whatever_was_typed(
    offline: PluginProcess, fields: dict[str, str]
) -> None:
    """A model whose schema cannot be had vanishes from Dify without a word."""
    assert schema(offline, **fields)["model_type"] == "llm"
