"""The two credential forms and the predefined models, as the SDK and Dify's web read them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dify_plugin.core.entities.plugin.setup import PluginConfiguration
from dify_plugin.entities.model import ModelFeature, ModelPropertyKey, ParameterType
from dify_plugin.entities.model.provider import FormType, ModelProviderConfiguration

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = ROOT / "provider" / "resilient_gateway.yaml"
CONNECTION = ("endpoint_url", "api_key", "max_retry_seconds")
CROWD = ("max_concurrency", "requests_per_minute", "fallback_models")
OFFICIAL_CHOICES = {
    # langgenius/openai_api_compatible 0.0.63: option values and the default. `function_call` of
    # function_calling_type is left out: nothing here speaks that old form.
    "mode": ({"chat", "completion"}, "chat"),
    "function_calling_type": ({"tool_call", "no_call"}, "no_call"),
    "stream_function_calling": ({"supported", "not_supported"}, "not_supported"),
    "vision_support": ({"support", "no_support"}, "no_support"),
}
OFFICIAL_TEXTS = {
    "endpoint_model_name": None,
    "display_name": None,
    "context_size": "4096",
    "max_tokens_to_sample": "4096",
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FEATURES_WITH_CODE = {"tool-call", "multi-tool-call", "stream-tool-call", "vision"}

type Json = dict[str, Any]


def _yaml(path: Path) -> Json:
    content: Json = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


RAW = _yaml(PROVIDER)
FORMS = {
    "provider": RAW["provider_credential_schema"]["credential_form_schemas"],
    "model": RAW["model_credential_schema"]["credential_form_schemas"],
}
FIELDS = [
    pytest.param(field, id=f"{form}-{field['variable']}")
    for form, fields in FORMS.items()
    for field in fields
]
MODEL_FILES = sorted(
    path for path in (ROOT / "models").glob("*/*.yaml") if path.name != "_position.yaml"
)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> ModelProviderConfiguration:
    """The provider as the SDK loads it at start: it globs the models from the working directory."""
    monkeypatch.chdir(ROOT)
    return ModelProviderConfiguration(**_yaml(PROVIDER))


def _field(form: str, variable: str) -> Json:
    (found,) = (field for field in FORMS[form] if field["variable"] == variable)
    return dict(found)


def _texts(value: object) -> Iterator[Json]:
    """Every text for people below `value`: a mapping that has a language."""
    if isinstance(value, dict):
        if "en_US" in value or "zh_Hans" in value:
            yield value
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def test_sdk_loads_manifest_and_provider(provider: ModelProviderConfiguration) -> None:
    manifest = PluginConfiguration(**_yaml(ROOT / "manifest.yaml"))
    assert manifest.name == provider.provider == "resilient_gateway"
    assert provider.provider_credential_schema is not None
    assert provider.model_credential_schema is not None
    assert provider.position is not None
    assert provider.position.llm
    assert sorted(model.model for model in provider.models) == sorted(provider.position.llm)


@pytest.mark.parametrize(
    "path", [ROOT / "manifest.yaml", PROVIDER, *MODEL_FILES], ids=lambda path: path.name
)
def test_every_text_is_in_the_two_languages_that_dify_shows(path: Path) -> None:
    texts = list(_texts(_yaml(path)))
    assert texts
    for text in texts:
        assert set(text) == {"en_US", "zh_Hans"}
        assert all(text.values())
        assert not CHINESE.search(text["en_US"])


@pytest.mark.parametrize("field", FIELDS)
def test_field_can_be_shown_and_explains_itself(field: Json) -> None:
    kinds = {kind.value for kind in FormType} - {"switch"}  # Dify's web shows no control for it
    assert field["type"] in kinds
    assert isinstance(field["required"], bool)
    assert CHINESE.search(field["label"]["zh_Hans"])
    assert field["placeholder"], "Dify drops `help` of a field, so the placeholder is the help"
    dropped = {"help", "tooltip", "url", "description"}
    assert not dropped & set(field)
    for option in field.get("options", ()):
        assert isinstance(option["value"], str)


@pytest.mark.parametrize("field", FIELDS)
def test_field_is_read_by_the_code(field: Json) -> None:
    """A field without code behind it is a lie."""
    sources = [*ROOT.glob("gateway/**/*.py"), *ROOT.glob("models/**/*.py")]
    assert any(f'"{field["variable"]}"' in path.read_text(encoding="utf-8") for path in sources)


@pytest.mark.parametrize("variable", CONNECTION)
def test_connection_is_asked_for_in_the_same_words_in_both_forms(variable: str) -> None:
    assert _field("provider", variable) == _field("model", variable)


def test_the_provider_form_asks_for_nothing_else() -> None:
    assert [field["variable"] for field in FORMS["provider"]] == [*CONNECTION, *CROWD]
    assert not any(_field("provider", variable)["required"] for variable in CROWD)
    assert _field("provider", "endpoint_url")["required"]
    assert _field("provider", "api_key")["required"]
    assert not _field("provider", "max_retry_seconds")["required"]


def test_dify_can_balance_keys() -> None:
    """Dify decrypts a model's credentials by the provider form's secret names."""
    secrets = {
        form: {field["variable"] for field in fields if field["type"] == "secret-input"}
        for form, fields in FORMS.items()
    }
    assert secrets["provider"] == secrets["model"] == {"api_key"}


@pytest.mark.parametrize("variable", sorted(OFFICIAL_CHOICES))
def test_choice_has_the_official_values(variable: str) -> None:
    field = _field("model", variable)
    values = {option["value"] for option in field["options"]}
    assert (values, field["default"]) == OFFICIAL_CHOICES[variable]
    assert field["show_on"] == [{"variable": "__model_type", "value": "llm"}]


@pytest.mark.parametrize("variable", sorted(OFFICIAL_TEXTS))
def test_text_has_the_official_default(variable: str) -> None:
    field = _field("model", variable)
    assert field["type"] == "text-input"
    assert field.get("default") == OFFICIAL_TEXTS[variable]


def test_the_model_form_needs_only_what_nobody_else_can_know() -> None:
    """Besides the model's name: URL and key. What else is required has a default."""
    required = {field["variable"] for field in FORMS["model"] if field["required"]}
    assert {name for name in required if "default" not in _field("model", name)} == {
        "endpoint_url",
        "api_key",
    }


def test_help_leads_to_a_section_that_exists() -> None:
    for language, readme in (("en_US", "README.md"), ("zh_Hans", "readme/README_zh_Hans.md")):
        address, _, anchor = RAW["help"]["url"][language].partition("#")
        text = (ROOT / readme).read_text(encoding="utf-8")
        slugs = {
            re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        assert anchor in slugs | set(re.findall(r'<a id="([\w-]+)">', text))
        assert address.startswith(_yaml(ROOT / "manifest.yaml")["repo"])


@pytest.mark.parametrize("path", MODEL_FILES, ids=lambda path: path.stem)
def test_predefined_model_says_only_what_holds(path: Path) -> None:
    model = _yaml(path)
    assert model["model"] == path.stem
    assert set(model["features"]) <= FEATURES_WITH_CODE & {item.value for item in ModelFeature}
    assert model["model_properties"]["mode"] == "chat"
    assert "pricing" not in model, "a gateway's prices are its own"


def test_predefined_parameters_have_usable_ranges(provider: ModelProviderConfiguration) -> None:
    for model in provider.models:
        context = model.model_properties[ModelPropertyKey.CONTEXT_SIZE]
        (longest,) = (rule for rule in model.parameter_rules if rule.use_template == "max_tokens")
        assert longest.max is not None
        assert longest.max < context
        for rule in model.parameter_rules:
            assert rule.type in {ParameterType.INT, ParameterType.FLOAT}
            assert not rule.required, "a required parameter would be sent without being asked for"
            # Without both bounds Dify shows no slider.
            assert rule.min is not None
            assert rule.max is not None
            assert rule.default is not None
            assert rule.min <= rule.default <= rule.max
