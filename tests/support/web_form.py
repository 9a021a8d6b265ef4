"""The forms as Dify's web shows and saves them (1.12 to 1.14, ``base-form.tsx``).

Three of its rules decide what a person sees. A field's label, placeholder and kind are those of
the **first** field of its name. A field is shown while all conditions of its own ``show_on`` hold.
What is hidden when the form is saved is dropped.
"""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROVIDER: dict[str, Any] = yaml.safe_load(
    (ROOT / "provider" / "resilient_gateway.yaml").read_text(encoding="utf-8")
)

type Json = dict[str, Any]

FORMS: dict[str, list[Json]] = {
    "provider": PROVIDER["provider_credential_schema"]["credential_form_schemas"],
    "model": PROVIDER["model_credential_schema"]["credential_form_schemas"],
}
KINDS: list[str] = PROVIDER["supported_model_types"]
SETTINGS = ("default", "custom")


class WebForm:
    """One of the two forms, open in a browser.

    Args:
        name: ``provider`` or ``model``.
        kind: the model type that was chosen; the provider's form has none.
        saved: the credentials that are edited; none for a new form.
    """

    def __init__(self, name: str, kind: str = "", saved: Json | None = None) -> None:
        self._fields = FORMS[name]
        defaults = {field["variable"]: field.get("default", "") for field in self._fields}
        self.values: Json = {**defaults, **(saved or {})}
        if kind:
            self.values["__model_type"] = kind

    def shown(self) -> list[Json]:
        """The fields that are seen, with the words of the first field of each name."""
        return [self._first(field["variable"]) for field in self._fields if self._is_shown(field)]

    def type(self, **values: str) -> "WebForm":
        """Fill fields in, or choose options."""
        self.values |= values
        return self

    def save(self) -> dict[str, str]:
        """What the plugin gets: what is seen and filled in."""
        seen = {field["variable"] for field in self.shown()}
        return {name: value for name, value in self.values.items() if name in seen and value}

    def _first(self, variable: str) -> Json:
        return next(field for field in self._fields if field["variable"] == variable)

    def _is_shown(self, field: Json) -> bool:
        return all(
            self.values.get(rule["variable"]) == rule["value"] for rule in field.get("show_on", ())
        )
