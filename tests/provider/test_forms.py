"""The two credential forms, as the SDK and Dify's web read them."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dify_plugin.core.entities.plugin.setup import PluginConfiguration
from dify_plugin.entities.model.provider import FormType, ModelProviderConfiguration

from engine.settings import parse_settings
from tests.support.web_form import FORMS, KINDS, ROOT, SETTINGS, WebForm
from tests.support.web_form import PROVIDER as RAW

PROVIDER = ROOT / "provider" / "resilient_gateway.yaml"
FIRST = ["endpoint_url", "api_key", "settings"]
"""What everybody sees; the name and the type of a model are Dify's own fields."""
COMMON = ["max_retry_seconds", "max_concurrency", "requests_per_minute", "tokens_per_minute"]
EVERY_MODEL = {*FIRST, *COMMON, "endpoint_model_name", "message_language"} | {
    "extra_headers",
    "extra_body",
}
OWN = {
    "llm": {
        "fallback_models", "api_type", "context_size", "max_tokens_to_sample",
        "function_calling_type", "vision_support", "audio_support",
        "document_support", "structured_output_support", "agent_thought_support", "pricing",
        "cache_ttl_seconds", "cache_scope",
    },
    "text-embedding": {
        "max_text_tokens", "max_chunks", "dimensions", "image_embedding_support",
        "embedding_cache_ttl_seconds",
    },
    "rerank": set(),
    "moderation": set(),
    "speech2text": {"language", "initial_prompt"},
    "tts": {"voices"},
}  # fmt: skip
"""Fields that only models of a type have: those that its adapter reads, and no others."""
OFFICIAL_CHOICES = {
    # langgenius/openai_api_compatible 0.0.63: option values; `auto`, the default, is ours.
    "function_calling_type": {"tool_call", "function_call", "no_call"},
    "vision_support": {"support", "no_support"},
    "audio_support": {"support", "no_support"},
    "document_support": {"support", "no_support"},
    "structured_output_support": {"supported", "not_supported"},
    "agent_thought_support": {"supported", "only_thinking_supported", "not_supported"},
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLAIN = re.compile(r"[A-Za-z0-9][\w./:+-]*\d[\w./:+-]*|\d+|\{[^{}]*\}|https?://[\w./:-]+")
"""What both languages say alike: numbers, names with a number, addresses, JSON."""
LABEL_WORDS = range(2, 5)
LABEL_WIDTH, PLACEHOLDER_WIDTH, OPTION_WIDTH = 32, 72, 48
"""Columns; a Chinese character takes two. The field is 570 pixels wide, of 7 to 8 each."""

type Json = dict[str, Any]


def _yaml(path: Path) -> Json:
    content: Json = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


FIELDS = [
    pytest.param(field, id=f"{form}-{field['variable']}")
    for form, fields in FORMS.items()
    for field in fields
]
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


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


def _plain(text: str) -> list[str]:
    return sorted(found.rstrip(".") for found in PLAIN.findall(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def test_sdk_loads_manifest_and_provider(provider: ModelProviderConfiguration) -> None:
    manifest = PluginConfiguration(**_yaml(ROOT / "manifest.yaml"))
    assert manifest.name == provider.provider == "resilient_gateway"
    assert provider.provider_credential_schema is not None
    assert provider.model_credential_schema is not None


# What Dify's web makes of them.


@pytest.mark.parametrize("form", FORMS)
def test_a_name_has_one_field(form: str) -> None:
    """Dify's web shows the first field of a name in the place of every other."""
    names = [field["variable"] for field in FORMS[form]]
    assert len(names) == len(set(names))


def test_a_new_form_asks_for_three_things() -> None:
    assert [field["variable"] for field in WebForm("provider").shown()] == FIRST
    for kind in KINDS:
        assert [field["variable"] for field in WebForm("model", kind).shown()] == FIRST


@EVERY_KIND
def test_custom_shows_what_a_type_has_and_nothing_else(kind: str) -> None:
    shown = WebForm("model", kind).type(settings="custom").shown()
    assert {field["variable"] for field in shown} == EVERY_MODEL | OWN[kind]


def test_custom_shows_all_of_the_provider() -> None:
    assert WebForm("provider").type(settings="custom").shown() == FORMS["provider"]


@EVERY_KIND
@pytest.mark.parametrize("settings", SETTINGS)
def test_what_is_saved_is_what_the_engine_reads(kind: str, settings: str) -> None:
    form = WebForm("model", kind).type(settings="custom")
    form.type(endpoint_url="https://a.example.com", api_key="sk-a", max_retry_seconds="99")
    saved = form.type(settings=settings).save()
    assert ("max_retry_seconds" in saved) is (settings == "custom")
    assert parse_settings(saved, "m").max_retry_seconds == (99 if settings == "custom" else 45)


@pytest.mark.parametrize("settings", SETTINGS)
def test_default_means_that_no_custom_value_counts_whoever_saved_it(settings: str) -> None:
    """Dify drops them; credentials that are written through its API may still hold them."""
    form = {"endpoint_url": "https://a.example.com", "api_key": "sk-a", "settings": settings}
    read = parse_settings({**form, "max_concurrency": "8", "endpoint_model_name": "n"}, "m")
    assert (read.max_concurrency, read.model) == ((8, "n") if settings == "custom" else (None, "m"))


def test_a_form_that_was_saved_before_the_choice_existed_keeps_its_values() -> None:
    form = {"endpoint_url": "https://a.example.com", "api_key": "sk-a", "max_retry_seconds": "99"}
    assert parse_settings(form, "m").max_retry_seconds == 99


def test_the_choice_says_that_custom_values_go() -> None:
    default, custom = _field("model", "settings")["options"]
    assert "removes" in default["label"]["en_US"]
    assert "清除" in default["label"]["zh_Hans"]
    assert (default["value"], custom["value"]) == SETTINGS


# What is said in them.


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
def test_texts_fit_into_the_form(field: Json) -> None:
    label = field["label"]
    assert len(label["en_US"].split()) in LABEL_WORDS
    for language in ("en_US", "zh_Hans"):
        assert _width(label[language]) <= LABEL_WIDTH
        assert _width(field["placeholder"][language]) <= PLACEHOLDER_WIDTH
        for option in field.get("options", ()):
            assert _width(option["label"][language]) <= OPTION_WIDTH


@pytest.mark.parametrize("field", FIELDS)
def test_a_placeholder_gives_an_example_and_what_empty_means(field: Json) -> None:
    english, chinese = field["placeholder"]["en_US"], field["placeholder"]["zh_Hans"]
    if field["type"] in {"text-input", "secret-input"}:
        assert english.startswith("e.g. ")
        assert chinese.startswith("例如")
        assert ("Leave empty: " in english) is not field["required"]
        assert ("留空：" in chinese) is not field["required"]


@pytest.mark.parametrize("field", FIELDS)
def test_both_languages_name_the_same_figures_and_examples(field: Json) -> None:
    for text in _texts(field):
        english, chinese = (_plain(text[language]) for language in ("en_US", "zh_Hans"))
        assert english == chinese


def test_the_same_words_are_the_same_words_in_the_other_language() -> None:
    """Over both forms: a label, an option or a placeholder is translated in one way."""
    chinese: dict[str, str] = {}
    english: dict[str, str] = {}
    for text in _texts(FORMS):
        assert chinese.setdefault(text["en_US"], text["zh_Hans"]) == text["zh_Hans"]
        assert english.setdefault(text["zh_Hans"], text["en_US"]) == text["en_US"]


@pytest.mark.parametrize("field", FIELDS)
def test_field_is_read_by_the_code(field: Json) -> None:
    """A field without code behind it is a lie."""
    sources = [*ROOT.glob("engine/**/*.py"), *ROOT.glob("models/**/*.py")]
    assert any(f'"{field["variable"]}"' in path.read_text(encoding="utf-8") for path in sources)


SHARED = [field["variable"] for field in FORMS["provider"]]


@pytest.mark.parametrize("variable", SHARED)
def test_what_both_forms_ask_for_is_asked_for_in_the_same_words(variable: str) -> None:
    """A model's own credentials replace the provider's, so its form has to ask again."""
    ours, theirs = _field("provider", variable), _field("model", variable)
    ours.pop("show_on", None)
    theirs.pop("show_on", None)
    assert ours == theirs


ORDER = (
    ("endpoint_url", "api_key", "settings", "endpoint_model_name"),
    (
        *("max_retry_seconds", "fallback_models", "max_concurrency", "requests_per_minute"),
        "tokens_per_minute",
    ),
    ("api_type", "context_size", "pricing", "max_text_tokens", "language", "voices"),
    ("cache_ttl_seconds", "cache_scope", "embedding_cache_ttl_seconds"),
    ("message_language", "extra_headers", "extra_body"),
)
"""Connection, waiting, fallback and limits, what the model can do, cache, extra."""


@pytest.mark.parametrize("form", FORMS)
def test_fields_come_in_the_order_in_which_they_are_needed(form: str) -> None:
    order = [field["variable"] for field in FORMS[form]]
    wanted = [variable for group in ORDER for variable in group if variable in order]
    assert [variable for variable in order if variable in wanted] == wanted
    assert order[:3] == FIRST
    # What one type of model has stands together.
    kinds = [_kind(field) for field in FORMS[form] if field["variable"] not in ORDER[1] + ORDER[3]]
    shown = [kind for place, kind in enumerate(kinds) if kind and kind != kinds[place - 1]]
    assert len(shown) == len(set(shown))


def _kind(field: Json) -> str:
    """The model type that a field is shown for; empty for all."""
    shown = [r["value"] for r in field.get("show_on", ()) if r["variable"] == "__model_type"]
    return str(shown[0]) if shown else ""


def test_dify_reads_no_more_fields() -> None:
    assert all(len(fields) <= 32 for fields in FORMS.values())


def test_only_url_and_key_are_required() -> None:
    for fields in FORMS.values():
        required = {field["variable"] for field in fields if field["required"]}
        assert required == {"endpoint_url", "api_key"}


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
    assert values >= OFFICIAL_CHOICES[variable] | {"auto"}
    assert field["default"] == "auto"


def test_help_leads_to_a_page_that_exists() -> None:
    repository = _yaml(ROOT / "manifest.yaml")["repo"]
    for address in RAW["help"]["url"].values():
        page = address.removeprefix(f"{repository}/blob/main/")
        assert (ROOT / page).is_file()
