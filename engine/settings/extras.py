"""What nobody foresaw: fields and headers that a user adds to every request, as JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.settings.fields import Credentials, SettingsError, field_name, text_of

MAX_EXTRA_CHARACTERS = 16_384
"""Characters of either field."""

MAX_EXTRA_LEVELS = 64
"""Levels of lists and objects within each other; writing JSON fails at some hundreds."""

OWN_BODY_FIELDS = frozenset(
    {"model", "messages", "prompt", "input", "query", "documents", "file", "stream"}
)
"""What is asked, and how its answer is read: that is the app's and the plugin's."""

OWN_HEADERS = frozenset({"authorization", "host", "cookie", "expect", "accept-encoding"})
"""Set from other fields, or kept out as they would pass from user to user or break streams."""

_OWN_PREFIXES = ("content-", "proxy-")
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""RFC 9110 7.6.1: they belong to one connection, which is not the caller's."""

_MAX_NAME = 40
"""Characters of a header's name in a message."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_NAME_OF_SECRET = re.compile(r"key|token|secret|passw|auth|credential", re.IGNORECASE)
_VALUE = re.compile(r"[\x20-\x7e]{1,4096}")


def parse_extra_body(credentials: Credentials) -> Mapping[str, Any]:
    """Read the fields that are added to every request's body.

    Raises:
        SettingsError: it is no JSON object, or sets what is not its to set.
    """
    fields = _parse_object(credentials, "extra_body", '{"top_k": 20}')
    if taken := sorted(OWN_BODY_FIELDS & fields.keys()):
        raise SettingsError("extra_body", "extra_body_own", name=taken[0])
    return fields


def parse_extra_headers(credentials: Credentials) -> tuple[tuple[str, str], ...]:
    """Read the headers that are added to every request.

    Raises:
        SettingsError: it is no JSON object of texts, or names a header that is not its to set.
    """
    found = _parse_object(credentials, "extra_headers", '{"X-Team": "search"}')
    return tuple((name, _checked(name, value)) for name, value in found.items())


def secrets_in(value: object, name: str = "") -> Iterator[str]:
    """The texts that stand under the name of a secret, however deep: LiteLLM takes keys so."""
    if isinstance(value, str):
        if _NAME_OF_SECRET.search(name):
            yield value
    elif isinstance(value, Mapping):
        for inner, held in value.items():
            yield from secrets_in(held, inner)
    elif isinstance(value, list):
        for held in value:
            yield from secrets_in(held, name)


def _checked(name: str, value: object) -> str:
    low = name.lower()
    if not _NAME.fullmatch(name):
        sentence = "header_name"
    elif low in OWN_HEADERS | _HOP_BY_HOP or low.startswith(_OWN_PREFIXES):
        sentence = "header_key" if low == "authorization" else "header_own"
    elif not isinstance(value, str) or not _VALUE.fullmatch(value):
        sentence = "header_value"
    else:
        return value
    raise SettingsError("extra_headers", sentence, name=name[:_MAX_NAME])


def _parse_object(credentials: Credentials, variable: str, example: str) -> dict[str, Any]:
    typed = text_of(credentials, variable)
    if not typed:
        return {}
    label = field_name(variable)
    if len(typed) > MAX_EXTRA_CHARACTERS:
        raise SettingsError(variable, "extra_too_long", field=label, most=MAX_EXTRA_CHARACTERS)
    try:
        found = json.loads(typed, parse_constant=_refuse, object_pairs_hook=_once)
    except RecursionError:
        raise _too_deep(variable) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SettingsError(variable, "extra_not_object", field=label, example=example)
    if _is_deeper(found, MAX_EXTRA_LEVELS):
        raise _too_deep(variable)
    return found


def _is_deeper(value: object, levels: int) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(item, levels - 1) for item in items)


def _too_deep(variable: str) -> SettingsError:
    label = field_name(variable)
    return SettingsError(variable, "extra_too_deep", field=label, levels=MAX_EXTRA_LEVELS)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len({name.lower() for name in found}) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
