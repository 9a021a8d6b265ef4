"""Draws the README's failure table: `python -m scripts.failure_table`."""

import sys
from pathlib import Path

from gateway.failure import KINDS, Kind

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- failures:begin -->", "<!-- failures:end -->"


def repeats_in_words(kind: Kind) -> str:
    """How often a call is repeated after this failure."""
    if kind.repeats is None:
        return "within Max Retry Seconds"
    if not kind.repeats:
        return "none"
    words = f"{kind.repeats}"
    if kind.pause.fixed:
        words += f", after {kind.pause.fixed:.0f} s"
    if kind.slow_repeats is not None and kind.slow_repeats != kind.repeats:
        words += f"; {kind.slow_repeats} if it took over 30 s"
    if kind.within is not None:
        words += f", if it took under {kind.within:.0f} s"
    return words


def table() -> str:
    """The table in Markdown, a row for each kind."""
    rows = [
        f"| {kind.headline} | `{kind.outcome.value}` | {repeats_in_words(kind)} | {kind.remedy} |"
        for kind in KINDS
    ]
    return "\n".join(
        ["| what happened | class | repeats | what to do |", "|---|---|---|---|", *rows]
    )


def redrawn(readme: str) -> str:
    """The README's text with the table as it should be.

    Raises:
        ValueError: the two markers are not there.
    """
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> int:
    """Redraw the table in place; tells whether it changed."""
    text = README.read_text(encoding="utf-8")
    new = redrawn(text)
    README.write_text(new, encoding="utf-8")
    sys.stdout.write("unchanged\n" if new == text else "redrawn\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
