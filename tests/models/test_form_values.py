"""Every value of a form is checked when it is saved, before the gateway is asked anything."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dify_plugin.entities.model import ModelType
from dify_plugin.errors.model import CredentialsValidateFailedError

from simulator import Simulator
from tests.support.adapters import ADAPTERS

ROOT = Path(__file__).resolve().parents[2]
RAW = yaml.safe_load((ROOT / "provider" / "resilient_gateway.yaml").read_text("utf-8"))
FIELDS = RAW["model_credential_schema"]["credential_form_schemas"]
WRONG = {
    "endpoint_url": ("", "gateway example", "ftp://gateway.example"),
    "api_key": ("", "ключ"),
    "max_retry_seconds": ("481", "soon"),
    "max_concurrency": ("0", "many"),
    "requests_per_minute": ("0.5", "-1"),
    "tokens_per_minute": ("0", "64k"),
    "context_size": ("128k", "0"),
    "max_tokens_to_sample": ("8k", "-1"),
    "max_text_tokens": ("8k", "0"),
    "max_chunks": ("0", "all"),
    "dimensions": ("0", "small"),
    "language": ("Chinese (simplified)", "中文"),
    "pricing": ("cheap", "2.5 USD"),
    "cache_ttl_seconds": ("86401", "an hour"),
    "embedding_cache_ttl_seconds": ("86401", "an hour"),
    "extra_headers": ("X-Team: search", '{"Authorization": "Bearer x"}'),
    "extra_body": ("top_k=20", '{"model": "gpt-5"}'),
}
FREE = {"endpoint_model_name", "fallback_models", "initial_prompt", "voices"}
"""Any text is one."""


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as found:
        yield found


def _cases() -> Iterator[Any]:
    for field in FIELDS:
        variable = field["variable"]
        if variable in FREE:
            continue
        rules = field.get("show_on", ())
        shown = [rule["value"] for rule in rules if rule["variable"] == "__model_type"] or sorted(
            kind.value for kind in ADAPTERS
        )
        for typed in ("?",) if field.get("options") else WRONG[variable]:
            for kind in shown:
                yield pytest.param(kind, field, typed, id=f"{kind}-{variable}-{typed}")


def test_every_type_has_its_adapter_here() -> None:
    assert {kind.value for kind in ADAPTERS} == set(RAW["supported_model_types"])


@pytest.mark.parametrize(("kind", "field", "typed"), list(_cases()))
def test_a_wrong_value_is_refused_before_any_request(
    simulator: Simulator, kind: str, field: dict[str, Any], typed: str
) -> None:
    """In a sentence that names the field as the form does."""
    variable = field["variable"]
    simulator.reset()
    form = {"endpoint_url": simulator.base_url, "api_key": "sk-good", variable: typed}
    with pytest.raises(CredentialsValidateFailedError) as refused:
        ADAPTERS[ModelType(kind)](model_schemas=[]).validate_credentials("ok", form)
    text = str(refused.value)
    assert simulator.seen == []
    assert len(text) < 400
    assert re.search(r"[\u4e00-\u9fff]", text), "Chinese as well"
    name = field["label"]["en_US"].split(" (")[0]
    assert name.lower() in text.lower() or variable in text
    assert "sk-good" not in text
