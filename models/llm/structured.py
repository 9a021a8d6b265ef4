"""Structured output: what Dify asks for, as ``response_format``.

Dify sends ``json_schema`` as a JSON text: wrapped as ``{"schema", "name"}``, or the bare schema
for some model names. What happens where a gateway refuses it is in ``engine.compat.json_mode``.
"""

import json
from collections.abc import Mapping
from typing import Any

from models.errors import RefusedError

type Payload = dict[str, Any]

FORMATS: Mapping[object, object] = {"JSON": "json_object"}
"""Dify's older literal for it, and what it means here."""

_SCHEMA_NAME = "llm_response"


def write_response_format(payload: Payload, value: Any) -> None:
    """``text``, ``json_object`` or ``json_schema``."""
    payload["response_format"] = {"type": value}


def write_json_schema(payload: Payload, value: Any) -> None:
    """The schema; it is left out where the app chose ``text``.

    Raises:
        InvokeBadRequestError: it is no JSON object.
    """
    if payload.get("response_format") == {"type": "text"}:
        return
    payload["response_format"] = {"type": "json_schema", "json_schema": named_schema(value)}


def check_response_format(payload: Payload) -> None:
    """Refuse ``json_schema`` without a schema; no model knows what is meant.

    Raises:
        InvokeBadRequestError: there is none.
    """
    if payload.get("response_format") == {"type": "json_schema"}:
        raise RefusedError("schema_missing")


def named_schema(value: Any) -> dict[str, Any]:
    """``{"name", "schema"}`` of what Dify sent, wrapped or bare, or of a whole ``response_format``.

    Raises:
        InvokeBadRequestError: it is no JSON object.
    """
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusedError("schema_not_object", example='{"type": "object", "properties": {}}')
    if found.get("type") == "json_schema" and isinstance(found.get("json_schema"), dict):
        found = found["json_schema"]
    if isinstance(found.get("schema"), dict) and "type" not in found:
        return {"name": _SCHEMA_NAME, **found}
    return {"name": _SCHEMA_NAME, "schema": found}
