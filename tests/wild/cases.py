"""The labelled cases of public reports."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent

type Case = dict[str, Any]
"""One line of a file."""


def read_cases(name: str) -> list[Case]:
    """All cases of a file, by its name without the ending."""
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line]
