"""Which models a misspelt name may stand for."""

import difflib
from collections.abc import Sequence

from engine.errors.messages import Listed, Message, message

MAX_NAMES = 5
"""Names in one message, which has to stay short."""

_MAX_NAME_CHARACTERS = 80
"""Characters."""

_CUTOFF = 0.4


def suggest_models(wanted: str, names: Sequence[str]) -> list[str]:
    """The names that are nearest to one, the nearest first; at most five, cut to 80 characters."""
    by_lower = {name.lower(): name for name in names}
    wanted = wanted.lower()
    near = difflib.get_close_matches(wanted, by_lower, MAX_NAMES, cutoff=_CUTOFF)
    near += [name for name in by_lower if wanted in name and name not in near]
    return [by_lower[name][:_MAX_NAME_CHARACTERS] for name in near[:MAX_NAMES]]


def suggestion_sentence(near: Sequence[str], total: int) -> Message:
    """What is said of them.

    Args:
        near: the nearest names; may be none.
        total: of how many.
    """
    if not near:
        return message("facts.no_near_names", total=total)
    return message("facts.near_names", names=Listed(tuple(near)))
