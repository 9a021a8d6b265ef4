"""A tool call's arguments: the one object that is meant, however a server has written it."""

import contextlib
import json
from collections.abc import Sequence

from engine.text.characters import whole_characters
from engine.text.json_document import parse_document, parse_first, parse_part

NOTHING = "{}"
_MAX_LEVELS = 3
"""How often arguments may have been encoded."""


def is_whole(text: str) -> bool:
    """Whether a text is a JSON document already."""
    try:
        parse_part(text)
    except ValueError:
        return False
    return True


def read_arguments(deltas: Sequence[str]) -> str | None:
    """The arguments as valid JSON, or ``None`` where nobody can know what they are.

    What is valid stays as it is. What has one reading is written anew: a text that was encoded
    twice, raw line breaks, arguments that were sent again as a whole, or as they grew, and a
    ``{}`` or ``null`` that stood for what was still to come.

    Args:
        deltas: in the order in which they came.
    """
    text = whole_characters("".join(deltas)).strip()
    if not text:
        return NOTHING
    if text[0] in "{[" and _is_valid(text):
        return text
    with contextlib.suppress(ValueError):
        return _written(parse_document(text))
    readings = _documents(text)
    if readings is None:
        return _grown(deltas)
    meant = [one for one in readings if one not in (None, {}, "")]
    if not meant:
        return NOTHING
    return _written(meant[0]) if all(one == meant[0] for one in meant) else None


def _is_valid(text: str) -> bool:
    """Whether Dify can read it: unlike us, it takes no raw line breaks."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _written(value: object) -> str | None:
    """A value as arguments: an object (or a list) is, as is a text that holds one."""
    for _ in range(_MAX_LEVELS):
        if not isinstance(value, str):
            break
        if not value.strip():
            return NOTHING
        try:
            value = parse_document(value)
        except ValueError:
            return None
    if value is None:
        return NOTHING
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else None


def _documents(text: str) -> list[object] | None:
    """The JSON documents that a text consists of, or ``None`` if it is no row of such."""
    found: list[object] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            value, at = parse_first(text, at)
        except ValueError:
            return None
        found.append(value)
    return found


def _grown(deltas: Sequence[str]) -> str | None:
    """Arguments of which each piece holds all that came before it."""
    before = ""
    for delta in deltas:
        if not delta.startswith(before):
            return None
        before = delta
    with contextlib.suppress(ValueError):
        return _written(parse_document(before))
    return None
