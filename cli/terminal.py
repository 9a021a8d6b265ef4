"""Where the commands print: tables and colour on a terminal, plain lines anywhere else."""

import re
import sys

from rich.console import Console
from rich.markup import escape

PLAIN_WIDTH = 100
"""Columns where the output is no terminal, so that it reads the same everywhere."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def new_console() -> Console:
    """A console on standard output as it is now; honours NO_COLOR."""
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=False, emoji=False)


def plain(text: str) -> str:
    """A text from outside, so that it neither controls the terminal nor is read as markup."""
    return escape(_CONTROLS.sub(" ", text))
