"""The predefined models: the table and the files agree, and both say only what holds."""

from pathlib import Path

import pytest
import yaml
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
    ParameterType,
)
from dify_plugin.entities.model.provider import ModelProviderConfiguration

from models.likeness import Catalogue
from models.llm.capabilities import CAPABILITIES, PARAMETERS
from scripts.catalogue.__main__ import expected_files, present_files
from scripts.catalogue.files import files_of
from scripts.catalogue.table import Row, TableError, read_table
from tests.support.adapters import ADAPTERS

ONLY_URL_AND_KEY = {"endpoint_url": "https://api.example.com", "api_key": "sk-x"}
ROOT = Path(__file__).resolve().parents[2]
PROVIDER = ROOT / "provider" / "resilient_gateway.yaml"
ROWS = read_table()
FEATURES_WITH_CODE = {feature.value for row in CAPABILITIES for feature in row.features}
HEAD = "As of 2026-11-25:\n\n## rerank\n\n| model | context | takes | until | source |\n|---|\n"


@pytest.fixture(scope="module")
def models() -> list[AIModelEntity]:
    """The models as the SDK loads them at start: it globs from the working directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        provider = ModelProviderConfiguration(**yaml.safe_load(PROVIDER.read_text("utf-8")))
    return list(provider.models)


def test_the_files_are_those_of_the_table() -> None:
    assert present_files() == expected_files(), "run `make catalogue`"


def test_the_list_is_one_to_choose_from() -> None:
    """Every call of a workspace pays for all models that are installed."""
    assert 90 <= len(ROWS) <= 120


def test_every_row_can_be_written() -> None:
    files = files_of(ROWS)
    written = [yaml.safe_load(text) for name, text in files.items() if "_position" not in name]
    for row, content in zip(ROWS, written, strict=True):
        assert (content["model"], content["model_type"]) == (row.model, row.kind)
        assert content.get("deprecated", False) == row.deprecated
        AIModelEntity(**content)


def test_retired_models_are_marked() -> None:
    retired = {row.model for row in ROWS if row.deprecated}
    assert {"deepseek-chat", "deepseek-reasoner"} <= retired
    assert not {"gpt-6.1-sol", "claude-opus-5-5"} & retired


def test_the_position_is_the_order_of_the_table(models: list[AIModelEntity]) -> None:
    listed = yaml.safe_load((ROOT / "models/llm/_position.yaml").read_text("utf-8"))
    assert listed == [row.model for row in ROWS if row.kind == "llm"]
    assert sorted(listed) == sorted(m.model for m in models if m.model_type is ModelType.LLM)


def test_embeddings_stand_in_the_package_in_the_order_of_the_table() -> None:
    """Dify finds no position for them, and keeps the order of the package: that of the names."""
    files = sorted((ROOT / "models/text_embedding").glob("[!_]*.yaml"))
    listed = [yaml.safe_load(path.read_text("utf-8"))["model"] for path in files]
    assert listed == [row.model for row in ROWS if row.kind == "text-embedding"]


DEFAULTS = {
    "llm": "gpt-5.4-mini",
    "text-embedding": "text-embedding-3-small",
    "rerank": "BAAI/bge-reranker-v2-m3",
    "speech2text": "whisper-1",
    "tts": "tts-1",
    "moderation": "omni-moderation-latest",
}
"""Common and cheap: what a workspace gets as its default when it saves its first key."""


@pytest.mark.parametrize("kind", DEFAULTS)
def test_the_default_of_a_workspace_is_common_and_cheap(kind: str) -> None:
    first = next(row for row in ROWS if row.kind == kind)
    assert first.model == DEFAULTS[kind]
    assert not first.deprecated


def test_every_parameter_has_its_help(models: list[AIModelEntity]) -> None:
    """Dify shows it behind the question mark."""
    for model in models:
        for rule in model.parameter_rules:
            assert rule.help is not None, f"{model.model}: {rule.name}"
            assert rule.help.en_us
            assert rule.help.zh_hans
            assert rule.help.zh_hans != rule.help.en_us


def test_a_deprecated_model_says_since_when_and_what_to_use(models: list[AIModelEntity]) -> None:
    live = {row.model for row in ROWS if not row.deprecated}
    labels = {model.model: model.label for model in models}
    retired = [row for row in ROWS if row.deprecated]
    assert retired
    for row in retired:
        assert row.instead in live
        for text in (labels[row.model].en_us, labels[row.model].zh_hans):
            assert text is not None
            assert text.startswith(row.model)
            assert row.until in text
            assert row.instead in text


def test_every_model_is_like_itself(models: list[AIModelEntity]) -> None:
    for kind in ModelType:
        named = [model for model in models if model.model_type is kind]
        catalogue = Catalogue(named)
        assert [catalogue.like(model.model) for model in named] == named


@pytest.mark.parametrize("spelled", ["{}", "{}-20261231", "someone/{}", "[free]{}", "{}-latest"])
def test_a_custom_model_needs_only_its_name_url_and_key(
    models: list[AIModelEntity], spelled: str
) -> None:
    """However the gateway spells the name, it is what the catalogue says of that model."""
    for kind, adapter in ADAPTERS.items():
        known = [model for model in models if model.model_type is kind]
        asked = adapter(model_schemas=known)
        for model in known:
            name = spelled.format(model.model)
            schema = asked.get_customizable_model_schema(name, ONLY_URL_AND_KEY)
            assert schema is not None
            assert (schema.model, schema.fetch_from) == (name, FetchFrom.CUSTOMIZABLE_MODEL)
            assert set(schema.features or ()) == set(model.features or ())
            assert schema.parameter_rules == model.parameter_rules
            for said in schema.model_properties.keys() & model.model_properties.keys():
                if said is not ModelPropertyKey.VOICES:
                    assert schema.model_properties[said] == model.model_properties[said]


@pytest.mark.parametrize("kind", [ModelType.LLM, ModelType.TEXT_EMBEDDING, ModelType.RERANK])
def test_a_name_that_is_like_none_may_still_say_that_it_reads_pictures(kind: ModelType) -> None:
    """Rerank models have no field for it."""
    asked = ADAPTERS[kind](model_schemas=[])
    for name, seen in (("Acme/Acme-VL-8B", True), ("Acme/Acme-8B", False)):
        for typed in ({}, {"endpoint_model_name": name}):
            named = "mine" if typed else name
            schema = asked.get_customizable_model_schema(named, {**ONLY_URL_AND_KEY, **typed})
            assert schema is not None
            assert (ModelFeature.VISION in (schema.features or ())) is seen


def test_a_model_says_only_what_holds(models: list[AIModelEntity]) -> None:
    assert models
    for model in models:
        assert {feature.value for feature in model.features or ()} <= FEATURES_WITH_CODE
        assert model.pricing is None, "a gateway's prices are its own"
        for label in [model.label, *(rule.label for rule in model.parameter_rules)]:
            assert label.en_us
            assert label.zh_hans


def test_chat_parameters_have_usable_ranges(models: list[AIModelEntity]) -> None:
    for model in models:
        if model.model_type is not ModelType.LLM:
            continue
        context = model.model_properties[ModelPropertyKey.CONTEXT_SIZE]
        (longest,) = (rule for rule in model.parameter_rules if rule.use_template == "max_tokens")
        assert longest.max is not None
        assert longest.max < context
        for rule in model.parameter_rules:
            assert rule.name in PARAMETERS, "nothing would write it into a request as it is meant"
            assert not rule.required, "a required parameter would be sent without being asked for"
            if rule.type in {ParameterType.INT, ParameterType.FLOAT}:
                # Without both bounds Dify shows no slider.
                assert rule.min is not None
                assert rule.max is not None
                assert rule.default is not None
                assert rule.min <= rule.default <= rule.max
            elif rule.options:
                assert rule.default is None or rule.default in rule.options


def test_tools_come_with_all_their_features(models: list[AIModelEntity]) -> None:
    tools = {ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL, ModelFeature.STREAM_TOOL_CALL}
    for model in models:
        assert set(model.features or ()) & tools in (set(), tools)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("| m | 1 | | | |", "no source"),
        ("| m | 1 | | | X |", "no source"),
        ("| m | 1 | | L |", "4 columns instead of 5"),
        ("| m | 1 | | | L |\n| m | 1 | | | L |", "listed twice"),
        ("| m | 1 | | 2026-11-25 | L |", "what to use then"),
        ("| m | 1 | | 2026-11-25 n | L |", "no live model"),
    ],
)
def test_a_wrong_row_is_told(line: str, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        read_table(HEAD + line)


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("context", "1M", "'1M' is no number"),
        ("takes", "smell", r"takes \['smell'\]"),
        ("says", "nothing", r"says \['nothing'\]"),
        ("manner", "rude", "manner 'rude' is unknown"),
    ],
)
def test_a_wrong_cell_is_told(column: str, value: str, sentence: str) -> None:
    good = next(row for row in ROWS if row.model == "gpt-5")
    with pytest.raises(TableError, match=sentence):
        files_of([Row(good.kind, good.model, {**good.cells, column: value}, deprecated=False)])


def test_a_day_decides_what_is_retired() -> None:
    past, future = read_table(
        f"{HEAD}| a | 1 | | 2026-11-25 b | L |\n| b | 1 | | 2026-11-26 b | L |"
    )
    assert (past.deprecated, future.deprecated) == (True, False)
    assert (past.until, past.instead) == ("2026-11-25", "b")
