"""Asking models behind `/v1/responses`, and what a server there sends."""

import json
from typing import Any

from devtools import Json, Session
from tests.process.rig import Rig

RESPONSES = {"api_type": "responses"}
"""What a form says of such a model."""

GATEWAYS = ["new-api", "rix", "openai"]
"""Those that have this API."""


def ask(rig: Rig, model: str, prompt: str | list[Json] = "hi", **options: Any) -> Session:
    """Ask there, without waiting; the options are those of `Rig.chat`."""
    fields = RESPONSES | options.pop("fields", {})
    return rig.chat(model, prompt, fields=fields, **options)


def event(kind: str, **fields: object) -> bytes:
    """An event of a stream."""
    return b"data: " + json.dumps({"type": f"response.{kind}", **fields}).encode() + b"\n\n"
