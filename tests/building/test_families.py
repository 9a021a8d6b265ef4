"""What each family's pages tell: recorded pages, and the shapes of those that were not."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.build.families import (
    hub_page,
    litellm_page,
    models_page,
    ollama_page,
    pricing_page,
)
from cli.build.listed import Page, Told
from tests.building.built import built
from tests.building.pages import listing, serving

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


def recorded(family: str, path: str) -> Any:
    """The first recorded answer of a page."""
    for name in ("other", "models"):
        for line in (FIXTURES / family / f"{name}.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            if record["path"].split("?")[0] == path and record["status"] == 200:
                return json.loads(record["body"])
    raise LookupError(path)


def test_new_api_as_recorded() -> None:
    """A ratio is 2 USD for a million tokens; what the group does not have is left out."""
    page = recorded("new-api-2026-08", "/api/pricing")
    status = recorded("new-api-2026-08", "/api/status")["data"]
    told = pricing_page(page, status, "default")
    entries = {one["model_name"]: one for one in page["data"]}
    in_group = {name for name, one in entries.items() if "default" in one["enable_groups"]}
    assert set(told.models) == in_group < set(entries)
    for name, model in told.models.items():
        each = 2 * Decimal(str(entries[name]["model_ratio"]))
        assert (model["input_price"], model["output_price"]) == (each, each), name
        assert model["currency"] == "USD"
    assert told.models["claude-ok"]["vendor"] == "Anthropic"
    assert "claude-ok" not in pricing_page(page, status, "vip").models


@pytest.mark.parametrize("family", ["one-hub", "done-hub"])
def test_hubs_as_recorded(family: str) -> None:
    page = recorded(family, "/api/available_model")
    groups = recorded(family, "/api/user_group_map")["data"]
    told = hub_page(page, groups, recorded(family, "/api/status")["data"], "default")
    assert told.models
    for name, model in told.models.items():
        price = page["data"][name]["price"]
        assert model["input_price"] == 2 * price["input"]
        assert model["output_price"] == 2 * price["output"]
    in_group = {name for name, one in page["data"].items() if "default" in one["groups"]}
    assert set(told.models) == in_group


@pytest.mark.parametrize("family", ["new-api-2026-08", "one-hub", "done-hub", "litellm"])
def test_the_whole_way_of_recorded_pages(family: str, tmp_path: Path) -> None:
    paths = {
        "new-api-2026-08": ("/api/status", "/api/pricing"),
        "litellm": (),
    }.get(family, ("/api/status", "/api/available_model", "/api/user_group_map"))
    pages = {path: recorded(family, path) for path in (*paths, "/v1/models")}
    with serving(pages) as origin:
        plan, _package = built(tmp_path, f"{origin}/v1", "--most", "1000")
    names = [one["id"] for one in pages["/v1/models"]["data"]]
    found = [model.name for model in plan.models]
    assert sorted([*found, *plan.left_out]) == sorted(set(names))
    assert [name for name in names if name in found] == found
    priced = {model.name for model in plan.models if model.price}
    assert bool(priced) == (family != "litellm")
    if family != "litellm":
        assert plan.group == "default"


PRICING = {
    "group_ratio": {"default": 1, "vip": 0.5},
    "data": [
        {"model_name": "m", "quota_type": 0, "model_ratio": 1.25, "completion_ratio": 8},
        {"model_name": "call", "quota_type": 1, "model_price": 0.1, "model_ratio": 3},
        {"model_name": "free", "quota_type": 0, "model_ratio": 0, "completion_ratio": 1},
        {"model_name": "half", "quota_type": 0, "model_ratio": None},
    ],
}
PRICES: list[tuple[str, dict[str, Any], str, str, tuple[str, str, str] | None]] = [
    ("the default group", {}, "default", "m", ("2.5", "20", "USD")),
    ("a cheaper group", {}, "vip", "m", ("1.25", "10", "USD")),
    ("a group without a ratio", {}, "other", "m", ("2.5", "20", "USD")),
    ("another unit", {"quota_per_unit": 1_000_000}, "default", "m", ("1.25", "10", "USD")),
    (
        "shown in yuan",
        {"quota_display_type": "CNY", "usd_exchange_rate": 7.3},
        "default",
        "m",
        ("18.25", "146", "CNY"),
    ),
    ("paid by the call", {}, "default", "call", None),
    ("free of charge", {}, "default", "free", ("0", "0", "USD")),
    ("no ratio", {}, "default", "half", None),
]


@pytest.mark.parametrize(
    ("status", "group", "name", "price"), [pytest.param(*row[1:], id=row[0]) for row in PRICES]
)
def test_prices_of_new_api(
    status: dict[str, Any], group: str, name: str, price: tuple[str, str, str] | None
) -> None:
    assert price_of(pricing_page(PRICING, status, group), name) == price


def price_of(page: Page, name: str) -> tuple[str, str, str] | None:
    told = page.models[name]
    if "input_price" not in told:
        return None
    return str(told["input_price"]), str(told["output_price"]), str(told["currency"])


OPENROUTER = {
    "id": "anthropic/claude-x",
    "context_length": 200_000,
    "architecture": {"input_modalities": ["text", "image", "file"], "output_modalities": ["text"]},
    "pricing": {"prompt": "0.000003", "completion": "0.000015"},
    "top_provider": {"max_completion_tokens": 64_000},
    "supported_parameters": ["max_tokens", "temperature", "tools", "structured_outputs"],
}
ENTRIES: list[tuple[str, dict[str, Any], Told]] = [
    (
        "OpenRouter",
        OPENROUTER,
        {
            "type": "llm",
            "vendor": "anthropic",
            "context": 200_000,
            "output": 64_000,
            "vision": True,
            "document": True,
            "audio": False,
            "video": False,
            "tools": True,
            "structured": True,
            "parameters": ("max_tokens", "temperature", "tools", "structured_outputs"),
            "input_price": Decimal(3),
            "output_price": Decimal(15),
            "currency": "USD",
        },
    ),
    (
        "OpenRouter, by what it chooses",
        {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        {},
    ),
    (
        "OpenRouter, free",
        {"id": "f", "pricing": {"prompt": "0", "completion": "0"}},
        {"input_price": Decimal(0), "output_price": Decimal(0), "currency": "USD"},
    ),
    (
        "OpenRouter, pictures",
        {"id": "p", "architecture": {"output_modalities": ["image"]}},
        {"type": "other"},
    ),
    (
        "vLLM",
        {"id": "v", "owned_by": "vllm", "max_model_len": 32_768},
        {"vendor": "vllm", "context": 32_768},
    ),
    (
        "Groq",
        {"id": "g", "context_window": 131_072, "max_completion_tokens": 8_192},
        {"context": 131_072, "output": 8_192},
    ),
    (
        "New API, embeddings",
        {"id": "e", "supported_endpoint_types": ["embeddings"]},
        {"type": "text-embedding"},
    ),
    (
        "New API, what it says of all",
        {"id": "whisper-1", "supported_endpoint_types": ["openai"]},
        {},
    ),
    (
        "figures that are none",
        {"id": "n", "context_length": "many", "pricing": {"prompt": "?"}},
        {},
    ),
    ("nothing", {"id": "x", "owned_by": "未知", "max_model_len": None, "pricing": None}, {}),
]


@pytest.mark.parametrize(("entry", "told"), [pytest.param(*row[1:], id=row[0]) for row in ENTRIES])
def test_entries_of_lists(entry: dict[str, Any], told: Told) -> None:
    assert models_page([entry]).models[entry["id"]] == told


def test_of_litellms_deployments_the_safe_figures_count() -> None:
    one = {
        "mode": "chat",
        "max_input_tokens": 10,
        "supports_vision": True,
        "input_cost_per_token": 1e-6,
    }
    other = {
        "mode": "chat",
        "max_input_tokens": 20,
        "supports_vision": False,
        "input_cost_per_token": 2e-6,
    }
    data = [{"model_name": "m", "model_info": info} for info in (one, other)]
    told = litellm_page({"data": data}).models["m"]
    assert (told["context"], told["vision"], told["input_price"]) == (10, False, Decimal(2))


def test_litellm_calls_free_what_it_has_no_price_for() -> None:
    info = {"mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0.0}
    told = litellm_page({"data": [{"model_name": "m", "model_info": info}]}).models["m"]
    assert "input_price" not in told


SHOWN = {
    "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40_960},
    "capabilities": ["completion", "tools"],
}


def test_ollama() -> None:
    assert ollama_page({"qwen3:8b": SHOWN}).models["qwen3:8b"] == {
        "context": 40_960,
        "type": "llm",
        "tools": True,
        "vision": False,
        "audio": False,
    }


def test_ollama_is_asked_of_each_model(tmp_path: Path) -> None:
    pages = {
        "/v1/models": listing("qwen3:8b", owned_by="library"),
        "/api/tags": {"models": [{"name": "qwen3:8b"}]},
        "/api/show?qwen3:8b": SHOWN,
    }
    with serving(pages) as origin:
        plan, _package = built(tmp_path, f"{origin}/v1")
    (model,) = plan.models
    assert model.context == 40_960
    assert dict(model.sources)["context"] == "/api/show"


def test_the_group_is_that_of_the_keys_log(tmp_path: Path) -> None:
    pages = {
        "/v1/models": listing("m"),
        "/api/pricing": PRICING,
        "/api/log/token": {"data": [{"group": "vip"}]},
    }
    with serving(pages) as origin:
        plan, _package = built(tmp_path, f"{origin}/v1")
    assert (plan.group, plan.models[0].price) == ("vip", (Decimal("1.25"), Decimal(10), "USD"))
