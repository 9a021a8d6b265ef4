"""The plan: read as written, edited by hand, brought up to date; the same plan, the same bytes."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from cli.build.archive import plugin_files, source_root
from cli.build.describe import Described
from cli.build.identity import name_of_host
from cli.build.known import KnownModels
from cli.build.model_file import COMMON_RULES, DEFAULT_ANSWER, model_document
from cli.build.plan import read_plan, updated, write_plan
from models.llm.capabilities import CAPABILITIES
from models.llm.schema import DEFAULT_MAX_TOKENS
from tests.building.built import KEY, broken_rules, build, built, files_of
from tests.building.pages import listing, serving

MODEL = Described("m", "llm", context=1_000, output=100, sources=(("context", "/v1/models"),))
KNOWN = KnownModels(plugin_files(source_root()))


def test_common_rules_are_those_of_custom_models() -> None:
    assert list(COMMON_RULES) == [row.rule_of() for row in CAPABILITIES if row.everywhere]
    assert DEFAULT_ANSWER == DEFAULT_MAX_TOKENS


def test_a_plan_is_read_as_it_is_written(tmp_path: Path) -> None:
    with serving({"/v1/models": listing("gpt-5", "tts-1", "unknown", "bge-m3")}) as origin:
        plan, _package = built(tmp_path, f"{origin}/v1", "--only", "*", "--without", "x*")
    text = write_plan(plan)
    assert read_plan(text) == plan
    assert (tmp_path / "gateway.yaml").read_text("utf-8") == text
    assert KEY not in text


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    with serving({"/v1/models": listing("gpt-5", "tts-1")}) as origin:
        _plan, package = built(tmp_path, f"{origin}/v1")
    first = package.read_bytes()
    done = build(tmp_path, "--offline", "--output", "again.difypkg")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.difypkg").read_bytes() == first


def test_what_came_and_went_is_told_and_raises_the_version(tmp_path: Path) -> None:
    pages = {"/v1/models": listing("stays", "goes")}
    with serving(pages) as origin:
        plan, _package = built(tmp_path, f"{origin}/v1")
        assert plan.version == "0.0.1"
        again = build(tmp_path, "--yes")
        assert "Nothing has changed" in again.stdout
        assert read_plan((tmp_path / "gateway.yaml").read_text("utf-8")).version == "0.0.1"
        pages["/v1/models"] = listing("stays", "comes", max_model_len=5_000)
        done = build(tmp_path, "--yes")
    assert "New at the gateway: comes" in done.stdout
    assert "kept as deprecated: goes" in done.stdout
    assert "stays: context was 128000, is 5000" in done.stdout
    plan = read_plan((tmp_path / "gateway.yaml").read_text("utf-8"))
    assert plan.version == "0.0.2"
    assert [(model.name, model.deprecated) for model in plan.models] == [
        ("stays", False),
        ("comes", False),
        ("goes", True),
    ]
    package = tmp_path / f"{plan.identity.name}-0.0.2.difypkg"
    assert broken_rules(package) == []
    gone = yaml.safe_load(files_of(package)["models/llm/0003-goes.yaml"])
    assert gone["deprecated"] is True


def test_what_a_person_typed_stays() -> None:
    typed = replace(MODEL, context=7_000, sources=(("context", "hand"),))
    now = replace(MODEL, output=50)
    (kept,), changes = updated((typed,), (now,))
    assert (kept.context, kept.output) == (7_000, 50)
    assert dict(kept.sources)["context"] == "hand"
    assert changes.changed == (("m", "output", 100, 50),)


def test_a_model_that_went_and_came_back() -> None:
    gone, changes = updated((MODEL, replace(MODEL, name="n")), (MODEL,))
    assert changes.went == ("n",)
    again, changes = updated(gone, (MODEL, replace(MODEL, name="n")))
    assert changes.returned == ("n",)
    assert not any(model.deprecated for model in again)


def test_what_the_gateway_does_not_take_is_not_offered() -> None:
    known = KNOWN.like("llm", "gpt-4o")
    assert known is not None
    model = replace(MODEL, like=known.model, parameters=("temperature", "max_tokens"))
    names = [rule["name"] for rule in model_document(model, KNOWN)["parameter_rules"]]
    assert "temperature" in names
    assert "max_tokens" in names
    assert "top_p" not in names


@pytest.mark.parametrize("like", ["", "deepseek-chat", "gpt-4o"])
def test_structured_output_is_offered_as_the_features_say(like: str) -> None:
    for features in ((), ("structured-output",)):
        model = replace(MODEL, like=like, features=features)
        rules = {rule["name"]: rule for rule in model_document(model, KNOWN)["parameter_rules"]}
        forms = rules.get("response_format", {"options": []})["options"]
        assert ("json_schema" in rules) == bool(features)
        assert ("json_schema" in forms) == bool(features)


def test_prices_are_written_out() -> None:
    model = replace(MODEL, price=(Decimal("0.0000001"), Decimal(100), "CNY"))
    assert model_document(model, KNOWN)["pricing"] == {
        "input": "0.0000001",
        "output": "100",
        "unit": "0.000001",
        "currency": "CNY",
    }


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.example.com/v1", "example_com"),
        ("https://www.gateway.example.cn:3000/v1", "gateway_example_cn"),
        ("http://one-api:3000/v1", "one_api"),
        ("http://10.0.0.1:3000/v1", "gateway_10_0_0_1"),
        ("https://api.com/v1", "api_com"),
    ],
)
def test_the_name_is_from_the_host(url: str, name: str) -> None:
    assert name_of_host(url) == name
