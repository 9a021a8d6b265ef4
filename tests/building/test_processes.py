"""Built plugins as processes: every model is as the plan says, and answers."""

from decimal import Decimal
from pathlib import Path

import pytest

from devtools import PluginProcess, credentials
from simulator import Simulator
from simulator.prices import ratio_of
from tests.building.built import KEY, answer_limit, broken_rules, built, price_of, schemas, unpacked

ROOT = Path(__file__).resolve().parents[2]
PATHS = {
    "new-api-2026-08": "/v1",
    "litellm": "/v1",
    "one-hub": "/v1",
    "done-hub": "/v1",
    "gpt-load": "/proxy/plain/v1",
}
PRICED = {"new-api-2026-08", "one-hub", "done-hub"}
"""Families that publish prices, and the simulator does."""


def priced(name: str) -> tuple[Decimal, Decimal, str]:
    """What the simulator's ratios come to: one is 2 USD for a million tokens."""
    each = 2 * Decimal(str(ratio_of(name)))
    return each, 4 * each, "USD"


@pytest.mark.parametrize("family", PATHS)
def test_a_plugin_describes_every_model_as_its_plan_does(
    family: str, tmp_path: Path, simulator: Simulator
) -> None:
    url = f"{simulator.origin}/{family}{PATHS[family]}"
    plan, package = built(tmp_path, url, "--name", family.replace("-", "_"))
    assert broken_rules(package) == []
    form = credentials(url, KEY)
    with unpacked(package, tmp_path / "elsewhere") as plugin:
        told = schemas(plugin, plan.models, form)
        assert len(told) == len(plan.models) > 40
        for model in plan.models:
            schema = told[model.name]
            properties = schema["model_properties"]
            assert schema["fetch_from"] == "predefined-model"
            assert schema["label"]["en_US"] == model.name
            assert set(schema["features"] or ()) == set(model.features)
            assert price_of(schema) == model.price
            is_priced = family in PRICED and model.name != "gpt-3.5-turbo-instruct"
            assert price_of(schema) == (priced(model.name) if is_priced else None)
            if model.kind == "llm":
                assert properties["context_size"] == model.context
                assert answer_limit(schema) == model.output
        answer = plugin.chat("ok", "hi", credentials=form).wait()
        assert answer.error is None
        assert answer.text
        assert KEY not in plugin.output
        assert plugin.violations == []


def test_two_gateways_and_the_general_plugin_side_by_side(
    tmp_path: Path, simulator: Simulator
) -> None:
    """Each has its own name and models, and one that is refused disturbs no other."""
    places = [("one-hub", "first"), ("new-api", "second")]
    plugins = []
    for family, name in places:
        folder = tmp_path / name
        folder.mkdir()
        url = f"{simulator.origin}/{family}/v1"
        _plan, package = built(folder, url, "--name", name, "--fixed-url")
        plugins.append(unpacked(package, folder / "unpacked"))
    with plugins[0] as first, plugins[1] as second, PluginProcess(ROOT) as general:
        form = credentials(simulator.base_url, KEY)
        refused = second.chat("ok", "hi", credentials={"api_key": "sk-wrong"})
        answers = [
            first.chat("ok", "hi", credentials={"api_key": KEY}),
            second.chat("ok", "hi", credentials={"api_key": KEY}),
            general.chat("ok", "hi", credentials=form),
        ]
        names = {one.manifest["name"] for one in (first, second, general) if one.manifest}
        assert names == {"first", "second", "resilient_gateway"}
        assert [answer.wait().error for answer in answers] == [None, None, None]
        assert refused.wait().error is not None
        schema = general.schema("ok", form).wait().value["model_schema"]
        assert schema["fetch_from"] == "customizable-model"
        posts = simulator.stats()["posts"]
        assert posts["ok"] >= len(answers)
