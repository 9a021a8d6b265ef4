"""JSON that comes from outside: whatever is wrong with it is one kind of error."""

import json

_DECODE = json.JSONDecoder().decode


def parse_document(text: str) -> object:
    """Parse a JSON text.

    Raises:
        ValueError: it is no JSON, or nested deeper than Python's decoder goes.
    """
    try:
        return _DECODE(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
