"""The address that a plugin for one gateway has in it, so that nobody has to type it."""

import functools
import json
from pathlib import Path

FIXED = Path(__file__).with_name("endpoint.json")
"""Written by `resilient-gateway build --fixed-url`; the general plugin has none."""


@functools.cache
def fixed_endpoint() -> str:
    """The gateway's address; empty where the form asks for it."""
    if not FIXED.is_file():
        return ""
    return str(json.loads(FIXED.read_text("utf-8"))["endpoint_url"])
