"""What to type into Dify's form, field by field, with the labels that the form has."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cli.check.outcome import Outcome, Verdict
from engine.errors import Language

_FORM = Path(__file__).resolve().parents[2] / "provider" / "resilient_gateway.yaml"
_LANGUAGES = {"en": "en_US", "zh": "zh_Hans"}
_WORKS: tuple[tuple[str, str, tuple[str, str]], ...] = (
    ("tools", "function_calling_type", ("tool_call", "no_call")),
    ("structured", "structured_output_support", ("supported", "not_supported")),
)
"""What was tried, the field that it decides, and the field's values for yes and no."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, its label, and the value (of a choice: its value and its label)."""

    variable: str
    label: str
    value: str
    shown: str


def fields_of_provider(
    endpoint: str, key: str, concurrency: int | None, language: Language
) -> list[Field]:
    """The provider's form.

    Args:
        endpoint: the base URL that leads to the API.
        key: what to say of the key, which is never shown itself.
        concurrency: the proposal, if one was found.
        language: of the labels.
    """
    form = _schemas("provider_credential_schema")
    values = {"endpoint_url": endpoint, "api_key": key}
    fields = [
        Field(name, _label(form[name], language), value, value) for name, value in values.items()
    ]
    if concurrency is not None:
        label, value = _label(form["max_concurrency"], language), str(concurrency)
        fields += [_custom(form, language), Field("max_concurrency", label, value, value)]
    return fields


def fields_of_model(outcomes: list[Outcome], language: Language) -> list[Field]:
    """The fields of the model's form that were decided by trying."""
    form = _schemas("model_credential_schema")
    verdicts = {outcome.name: outcome.verdict for outcome in outcomes}
    fields = []
    for tried, variable, (yes, no) in _WORKS:
        verdict = verdicts.get(tried)
        if variable not in form or verdict not in (Verdict.OK, Verdict.NOTE):
            continue
        value = yes if verdict is Verdict.OK else no
        fields.append(_chosen(form, variable, value, language))
    return [_custom(form, language), *fields] if fields else []


def _custom(form: dict[str, Any], language: Language) -> Field:
    """What has to be chosen before the form shows more than URL and key."""
    return _chosen(form, "settings", "custom", language)


def _chosen(form: dict[str, Any], variable: str, value: str, language: Language) -> Field:
    options = form[variable]["options"]
    shown = next(_label(one, language) for one in options if one["value"] == value)
    return Field(variable, _label(form[variable], language), value, shown)


def _schemas(name: str) -> dict[str, Any]:
    document = yaml.safe_load(_FORM.read_text(encoding="utf-8"))
    return {field["variable"]: field for field in document[name]["credential_form_schemas"]}


def _label(field: dict[str, Any], language: Language) -> str:
    return str(field["label"][_LANGUAGES[language]])
