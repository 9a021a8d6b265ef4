"""A name is like the model of the catalogue that it means, however a gateway spells it."""

import pytest
from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import AIModelEntity, FetchFrom, ModelType

from models.likeness import Catalogue, sees, told_size

KNOWN = (
    "gpt-5.4-mini",
    "gpt-5.4",
    "gpt-5",
    "gpt-4.1-mini",
    "gpt-4o-mini",
    "gpt-4o",
    "claude-sonnet-5-5",
    "claude-sonnet-5",
    "claude-haiku-4-5-20251001",
    "gemini-2.5-pro",
    "deepseek-v4-flash",
    "qwen3.8-max",
    "doubao-seed-2-1-pro-260915",
    "openai/gpt-oss-120b",
    "BAAI/bge-m3",
)


def model(name: str) -> AIModelEntity:
    return AIModelEntity(
        model=name,
        label=I18nObject(en_US=name),
        model_type=ModelType.LLM,
        fetch_from=FetchFrom.PREDEFINED_MODEL,
        model_properties={},
    )


CATALOGUE = Catalogue([model(name) for name in KNOWN])


@pytest.mark.parametrize("name", KNOWN)
def test_a_model_is_like_itself(name: str) -> None:
    found = CATALOGUE.like(name)
    assert found is not None
    assert found.model == name


@pytest.mark.parametrize(
    ("name", "like"),
    [
        # dates
        ("gpt-4o-2026-08-06", "gpt-4o"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("claude-sonnet-5-20260801", "claude-sonnet-5"),
        ("claude-sonnet-5@20260801", "claude-sonnet-5"),
        ("deepseek-v4-flash-0731", "deepseek-v4-flash"),
        ("doubao-seed-2-1-pro-260628", "doubao-seed-2-1-pro-260915"),
        # vendors, brackets, capitals
        ("deepseek-ai/DeepSeek-V4-Flash", "deepseek-v4-flash"),
        ("Pro/deepseek-ai/DeepSeek-V4-Flash", "deepseek-v4-flash"),
        ("[官]gemini-2.5-pro", "gemini-2.5-pro"),
        ("gpt-oss-120b", "openai/gpt-oss-120b"),
        ("bge-m3", "BAAI/bge-m3"),
        ("azure-gpt-5.4", "gpt-5.4"),
        # switches and tiers
        ("claude-sonnet-5-thinking", "claude-sonnet-5"),
        ("gemini-2.5-pro-nothinking", "gemini-2.5-pro"),
        ("gpt-5.4-high", "gpt-5.4"),
        ("gpt-5.4-mini-2026-03-17-xhigh", "gpt-5.4-mini"),
        ("qwen3.8-max-latest", "qwen3.8-max"),
        ("deepseek-v4-flash:free", "deepseek-v4-flash"),
        # a point or a dash
        ("claude-haiku-4.5", "claude-haiku-4-5-20251001"),
        ("claude-sonnet-5.5", "claude-sonnet-5-5"),
        ("doubao-seed-2.1-pro", "doubao-seed-2-1-pro-260915"),
        # other versions of a line
        ("gpt-7", "gpt-5.4"),
        ("gpt-5.5-mini-2027-01-01", "gpt-5.4-mini"),
        ("gpt-5.1", "gpt-5"),
        ("gpt-5.3-codex", "gpt-5.4"),
        ("gpt-5.2", "gpt-5"),
        ("gpt-4.5-mini", "gpt-4.1-mini"),
        ("claude-sonnet-5.1", "claude-sonnet-5"),
        ("qwen3-max", "qwen3.8-max"),
        ("gemini-2.0-pro", "gemini-2.5-pro"),
        ("gemini-pro-latest", "gemini-2.5-pro"),
        ("claude-sonnet-latest", "claude-sonnet-5-5"),
        ("qwen-max-latest", "qwen3.8-max"),
        ("claude-sonnet-6-thinking", "claude-sonnet-5-5"),
        ("qwen4-max", "qwen3.8-max"),
        ("deepseek-v4.1-flash", "deepseek-v4-flash"),
    ],
)
def test_a_spelling_is_understood(name: str, like: str) -> None:
    found = CATALOGUE.like(name)
    assert found is not None
    assert found.model == like


@pytest.mark.parametrize(
    "name",
    ["", "my model", "llama-4-maverick", "gpt-4", "gpt-3.5-turbo", "claude-sonnet-4", "latest"],
)
def test_what_is_unknown_or_of_an_earlier_generation_is_like_none(name: str) -> None:
    assert CATALOGUE.like(name) is None


@pytest.mark.parametrize(
    ("name", "seeing"),
    [
        ("Qwen/Qwen2.5-VL-72B-Instruct", True),
        ("glm-4.5v", True),
        ("glm-4v-plus", True),
        ("doubao-1-5-vision-pro-32k", True),
        ("moonshot-v1-8k-vision-preview", True),
        ("qwen2.5-72b-instruct", False),
        ("moonshot-v1-8k", False),
        ("deepseek-v2", False),
        ("", False),
    ],
)
def test_a_name_may_say_that_the_model_reads_pictures(name: str, seeing: bool) -> None:
    assert sees(name) is seeing


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("moonshot-v1-8k", 8_000),
        ("doubao-1-5-pro-32k-250115", 32_000),
        ("Doubao-pro-128k", 128_000),
        ("LongCat-8B-128K-Chat", 128_000),
        ("gpt-4o", None),
        ("kimi-k2", None),
        ("model-0k", None),
        ("", None),
    ],
)
def test_a_name_may_tell_the_context(name: str, size: int | None) -> None:
    assert told_size(name) == size


def test_an_empty_catalogue_knows_nothing() -> None:
    assert Catalogue(()).like("gpt-5") is None
