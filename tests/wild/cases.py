"""The labelled cases of public reports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent

type Case = dict[str, Any]
"""One line of a file."""

type Judge = Callable[[Case], str]
"""Says what is wrong with how a case is taken; nothing if it is right."""


def read_cases(name: str) -> list[Case]:
    """All cases of a file, by its name without the ending."""
    # Not `splitlines`: some hold line separators (U+2028).
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]
