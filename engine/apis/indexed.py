"""Entries of an answer that say which input each belongs to, wherever they stand in it."""

from collections.abc import Iterator, Mapping, Sequence

from engine.apis.json_answer import MalformedError

type Entry = Mapping[str, object]

_ENVELOPES = ("output", "data", "result", "response")
"""What vendors wrap their own answers in: DashScope, MiniMax and others."""

_INDEXES = ("index", "text_index", "document_index", "position", "idx")


def layers_of(document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The document, and what lies in the envelopes in it, two deep at most."""
    layer: list[Mapping[str, object]] = [document]
    for _ in range(3):
        yield from layer
        layer = [
            inner
            for one in layer
            for name in _ENVELOPES
            if isinstance(inner := one.get(name), dict)
        ]


def list_of(document: Mapping[str, object], *names: str) -> list[object]:
    """The list under the first of these names that there is, also within an envelope.

    Raises:
        MalformedError: there is none.
    """
    for layer in layers_of(document):
        for name in names:
            found = layer.get(name)
            if isinstance(found, list):
                return found
    raise MalformedError("no_list", name=names[0])


def entries_of(document: Mapping[str, object], *names: str) -> list[Entry]:
    """The list of objects under the first of these names that there is.

    Raises:
        MalformedError: there is none, or it holds something else than objects.
    """
    found = list_of(document, *names)
    entries = [entry for entry in found if isinstance(entry, Mapping)]
    if len(entries) != len(found):
        raise MalformedError("no_list", name=names[0])
    return entries


def index_of(entry: Entry) -> object:
    """What an entry says of its place: a whole number where it means one, also as text."""
    index = next((entry[name] for name in _INDEXES if entry.get(name) is not None), None)
    if isinstance(index, str) and index.strip().isdecimal():
        return int(index)
    if isinstance(index, float) and index.is_integer():
        return int(index)
    return index


def positions_of(entries: Sequence[Entry], count: int) -> list[int]:
    """Which input each entry belongs to, 0 to ``count`` - 1, each at most once.

    Where all inputs are there and none has the index 0, they are counted from 1.

    Raises:
        MalformedError: an index is missing, no whole number, out of range, or there twice.
    """
    indexes = [index_of(entry) for entry in entries]
    first = 1 if set(indexes) == set(range(1, count + 1)) else 0
    seen: set[int] = set()
    positions = []
    for index in indexes:
        if not isinstance(index, int) or isinstance(index, bool):
            raise MalformedError("no_index")
        if not 0 <= index - first < count:
            raise MalformedError("wrong_index", index=index, count=count)
        if index in seen:
            raise MalformedError("double_index", index=index)
        seen.add(index)
        positions.append(index - first)
    return positions


def number_of(value: object) -> float | None:
    """A number, also one that is written as text; ``None`` if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
