"""The table of models, read: one row a model, checked as far as a row can be."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("models.md")
AS_OF = re.compile(r"^As of (\d{4}-\d\d-\d\d):", re.MULTILINE)
SOURCES = frozenset("LDVG")


class TableError(ValueError):
    """The table says something that cannot be; the text says where."""


@dataclass(frozen=True, slots=True)
class Row:
    """One model.

    Attributes:
        kind: the model type, as Dify spells it (`text-embedding`).
        model: the name, as the gateways spell it.
        cells: the other columns of its type, by heading.
        deprecated: its vendor has retired it.
        until: the day on which that happens or happened (ISO 8601); empty if none is known.
        instead: the model to use then.
    """

    kind: str
    model: str
    cells: dict[str, str]
    deprecated: bool
    until: str = ""
    instead: str = ""

    def count(self, column: str) -> int:
        """The number in a column.

        Raises:
            TableError: there is none.
        """
        if not re.fullmatch(r"[1-9]\d*", self.cells[column]):
            raise TableError(f"{self.model}: {column} {self.cells[column]!r} is no number")
        return int(self.cells[column])

    def words(self, column: str) -> tuple[str, ...]:
        """The words in a column, in their order."""
        return tuple(self.cells[column].split())


def read_table(text: str | None = None) -> list[Row]:
    """The rows of all types, in the order of the table.

    Raises:
        TableError: a row is incomplete, has no source, or names a model twice.
    """
    text = TABLE.read_text(encoding="utf-8") if text is None else text
    as_of = AS_OF.search(text)
    if as_of is None:
        raise TableError("the table does not say its day")
    rows = list(_rows(text, datetime.date.fromisoformat(as_of[1])))
    names = [(row.kind, row.model) for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TableError(f"listed twice: {twice}")
    live = {(row.kind, row.model) for row in rows if not row.deprecated}
    if gone := [row.model for row in rows if row.instead and (row.kind, row.instead) not in live]:
        raise TableError(f"{gone}: what is to be used instead is no live model of the type")
    return rows


def _rows(text: str, as_of: datetime.date) -> Iterator[Row]:
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        kind, *lines = section.splitlines()
        table = [_cells(line) for line in lines if line.startswith("|")]
        heading, _rule, *body = table
        for cells in body:
            if len(cells) != len(heading):
                raise TableError(f"{cells[0]}: {len(cells)} columns instead of {len(heading)}")
            fields = dict(zip(heading, cells, strict=True))
            model = fields.pop("model")
            until, _, instead = fields.pop("until").partition(" ")
            if bool(until) != bool(instead):
                raise TableError(f"{model}: a day, and what to use then")
            sources = frozenset(fields.pop("source").split())
            if not sources or sources - SOURCES:
                raise TableError(f"{model}: what no source confirms stays out ({sorted(sources)})")
            deprecated = bool(until) and datetime.date.fromisoformat(until) <= as_of
            yield Row(kind.strip(), model, fields, deprecated, until, instead)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
