"""Dictionaries as Python prints them: what its clients put into their errors' texts."""

import ast
import re
import warnings

_MAX_CHARACTERS = 20_000
"""Characters of one dictionary."""

_BEGIN = re.compile(r"\{\s{0,8}[urb]?['\"]\w[^'\"\n]{0,60}['\"]\s{0,3}:")
_TOKEN = re.compile(r"[{}]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def python_dictionary(text: str, place: int) -> tuple[dict[str, object], int] | None:
    """Read the dictionary that begins at a place, and tell where it ends.

    Args:
        text: in which it stands.
        place: of its opening brace.
    """
    if _BEGIN.match(text, place) is None:
        return None
    end = _end_of(text, place)
    if end is None:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):  # of odd backslashes, as in Windows' paths
            found = ast.literal_eval(text[place:end])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        return None
    return found, end


def _end_of(text: str, place: int) -> int | None:
    """Behind the brace that closes the one at a place; braces in quotes do not count."""
    depth = 0
    for token in _TOKEN.finditer(text, place, place + _MAX_CHARACTERS):
        if token[0] in "{}":
            depth += 1 if token[0] == "{" else -1
            if not depth:
                return token.end()
    return None
