"""Which models a misspelt name may stand for."""

import difflib

_NAMES = 5
_LONGEST_NAME = 80
"""Characters."""

_CUTOFF = 0.4


def nearest_models(wanted: str, names: list[str], room: int) -> str:
    """A sentence with the nearest names, at most ``room`` bytes long; may be empty."""
    by_lower = {name.lower(): name for name in names}
    wanted = wanted.lower()
    near = difflib.get_close_matches(wanted, by_lower, _NAMES, cutoff=_CUTOFF)
    near += [name for name in by_lower if wanted in name and name not in near]
    if not near:
        return f" None of the {len(names)} models that this key may use has a similar name."
    beginning = " Models of this key with similar names: "
    listed = beginning
    for name in near[:_NAMES]:
        item = f"{'' if listed == beginning else ', '}{by_lower[name][:_LONGEST_NAME]}"
        if len(f"{listed}{item}.".encode()) > room:
            break
        listed += item
    return "" if listed == beginning else f"{listed}."
