"""Entries of an answer that say which input each belongs to."""

from collections.abc import Mapping, Sequence

from gateway.json_answer import MalformedError

type Entry = Mapping[str, object]


def entries_of(document: Mapping[str, object], *names: str) -> list[Entry]:
    """The list under the first of these names that there is.

    Raises:
        MalformedError: there is none, or it holds something else than objects.
    """
    for name in names:
        entries = document.get(name)
        if isinstance(entries, list) and all(isinstance(entry, Mapping) for entry in entries):
            return entries
    raise MalformedError(f"It holds no list of {names[0]}.")


def positions_of(entries: Sequence[Entry], count: int) -> list[int]:
    """Which input each entry belongs to, 0 to ``count`` - 1, each at most once.

    Raises:
        MalformedError: an index is missing, no whole number, out of range, or there twice.
    """
    seen: set[int] = set()
    positions = []
    for entry in entries:
        index = entry.get("index")
        if not isinstance(index, int) or isinstance(index, bool):
            raise MalformedError("An entry has no index, so nobody knows where it belongs.")
        if not 0 <= index < count:
            raise MalformedError(f"It holds index {index}, where {count} were sent.")
        if index in seen:
            raise MalformedError(f"It holds index {index} twice.")
        seen.add(index)
        positions.append(index)
    return positions
