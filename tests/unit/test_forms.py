"""The two credential forms, as the SDK and Dify's web read them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dify_plugin.core.entities.plugin.setup import PluginConfiguration
from dify_plugin.entities.model import ModelType
from dify_plugin.entities.model.provider import FormType, ModelProviderConfiguration

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = ROOT / "provider" / "resilient_gateway.yaml"
CONNECTION = ("endpoint_url", "api_key", "max_retry_seconds")
OFFICIAL_CHOICES = {
    # langgenius/openai_api_compatible 0.0.63: option values; `auto`, the default, is ours.
    "mode": ({"chat", "completion"}, "chat"),
    "function_calling_type": ({"auto", "tool_call", "function_call", "no_call"}, "auto"),
    "stream_function_calling": ({"auto", "supported", "not_supported"}, "auto"),
    "vision_support": ({"auto", "support", "no_support"}, "auto"),
    "audio_support": ({"auto", "support", "no_support"}, "auto"),
    "video_support": ({"auto", "support", "no_support"}, "auto"),
    "document_support": ({"auto", "support", "no_support"}, "auto"),
    "structured_output_support": ({"auto", "supported", "not_supported"}, "auto"),
    "agent_thought_support": (
        {"auto", "supported", "only_thinking_supported", "not_supported"},
        "auto",
    ),
}
OWN = {
    "text-embedding": {"context_size", "max_chunks", "dimensions", "vision_support"},
    "rerank": set(),
    "moderation": set(),
}
"""Fields that only models of a type have."""
OFFICIAL_TEXTS = ("endpoint_model_name", "display_name", "context_size", "max_tokens_to_sample")
TYPE = "__model_type"
CHINESE = re.compile(r"[\u4e00-\u9fff]")

type Json = dict[str, Any]


def _yaml(path: Path) -> Json:
    content: Json = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


RAW = _yaml(PROVIDER)
FORMS = {
    "provider": RAW["provider_credential_schema"]["credential_form_schemas"],
    "model": RAW["model_credential_schema"]["credential_form_schemas"],
}
SUPPORTED = {ModelType(kind) for kind in RAW["supported_model_types"]}
FIELDS = [
    pytest.param(field, id=f"{form}-{field['variable']}")
    for form, fields in FORMS.items()
    for field in fields
]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> ModelProviderConfiguration:
    """The provider as the SDK loads it at start: it globs the models from the working directory."""
    monkeypatch.chdir(ROOT)
    return ModelProviderConfiguration(**_yaml(PROVIDER))


def _field(form: str, variable: str, kind: str = "llm") -> Json:
    (found,) = (f for f in FORMS[form] if f["variable"] == variable and _is_shown(f, kind))
    return dict(found)


def _is_shown(field: Json, kind: str) -> bool:
    """Whether models of this type have it."""
    shown = {rule["value"] for rule in field.get("show_on", ()) if rule["variable"] == TYPE}
    return not shown or shown == {kind}


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


@pytest.mark.parametrize("path", [ROOT / "manifest.yaml", PROVIDER], ids=lambda path: path.name)
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


SHARED = [field["variable"] for field in FORMS["provider"]]


@pytest.mark.parametrize("variable", SHARED)
def test_what_both_forms_ask_for_is_asked_for_in_the_same_words(variable: str) -> None:
    """A model's own credentials replace the provider's, so its form has to ask again."""
    ours, theirs = _field("provider", variable), _field("model", variable)
    theirs.pop("show_on", None)
    assert ours == theirs


def test_fields_come_in_the_order_in_which_they_are_needed() -> None:
    order = [field["variable"] for field in FORMS["model"]]
    assert order[:4] == ["endpoint_url", "api_key", "endpoint_model_name", "display_name"]
    assert [variable for variable in order if variable in SHARED] == SHARED
    assert SHARED[:3] == ["endpoint_url", "api_key", "max_retry_seconds"]
    # What one type of model has stands together, and what hardly anybody needs is last.
    kinds = [_kind(field) for field in FORMS["model"] if field["variable"] not in SHARED]
    shown = [kind for place, kind in enumerate(kinds) if kind and kind != kinds[place - 1]]
    assert len(shown) == len(set(shown))
    assert order[-2:] == ["extra_headers", "extra_body"]


def test_dify_reads_no_more_fields() -> None:
    assert all(len(fields) <= 32 for fields in FORMS.values())


def test_only_url_and_key_are_required() -> None:
    for fields in FORMS.values():
        required = {field["variable"] for field in fields if field["required"]}
        assert required == {"endpoint_url", "api_key"}


def _kind(field: Json) -> str:
    """The model type that a field is shown for; empty for all."""
    shown = [rule["value"] for rule in field.get("show_on", ()) if rule["variable"] == TYPE]
    return str(shown[0]) if shown else ""


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


@pytest.mark.parametrize("variable", OFFICIAL_TEXTS)
def test_text_may_be_left_empty(variable: str) -> None:
    field = _field("model", variable)
    assert field["type"] == "text-input"
    assert not field["required"]
    assert "default" not in field


@pytest.mark.parametrize("kind", [item.value for item in ModelType if item in SUPPORTED])
def test_a_type_shows_only_its_own_fields_each_once(kind: str) -> None:
    shown = [field for field in FORMS["model"] if _is_shown(field, kind)]
    assert len({field["variable"] for field in shown}) == len(shown)
    own = {field["variable"] for field in shown if field.get("show_on")}
    if kind in OWN:
        assert own == OWN[kind]
    assert {field["variable"] for field in shown} >= set(CONNECTION)


def test_embedding_models_have_the_official_names_and_values() -> None:
    """As of `langgenius/openai_api_compatible` 0.0.63, but for `auto`; `dimensions` is ours."""
    vision = _field("model", "vision_support", "text-embedding")
    assert {option["value"] for option in vision["options"]} == {"auto", "support", "no_support"}
    for variable in ("context_size", "max_chunks", "dimensions"):
        field = _field("model", variable, "text-embedding")
        assert (field["type"], field["required"]) == ("text-input", False)


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
