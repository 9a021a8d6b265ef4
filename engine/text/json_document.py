"""JSON that comes from outside: whatever is wrong with it is one kind of error."""

import json

from engine.text.characters import whole_value

# Raw line breaks and tabs within a text are wrong (RFC 8259), but what is meant is plain.
_DECODER = json.JSONDecoder(strict=False)


def parse_document(text: str) -> object:
    """Parse a JSON text; halves of characters in it become U+FFFD.

    Raises:
        ValueError: it is no JSON, or nested deeper than Python's decoder goes.
    """
    document = parse_part(text)
    return whole_value(document) if "\\u" in text else document


def parse_part(text: str) -> object:
    """Parse a JSON text that is part of a stream: the other half of a character may follow.

    Raises:
        ValueError: as ``parse_document`` does.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def parse_first(text: str, at: int = 0) -> tuple[object, int]:
    """Parse the JSON document that begins at a place, and tell where it ends.

    Raises:
        ValueError: as ``parse_document`` does.
    """
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
