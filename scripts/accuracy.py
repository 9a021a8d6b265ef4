"""`python -m scripts.accuracy`: how many of the labelled public reports the plugin takes rightly.

By file and category. The judge of a file (`JUDGES`) is a module of tests/ whose `judging()` gives,
as a context manager, what says what is wrong with how the plugin takes a case, or nothing. What was
right before has to stay so: `tests/wild/right.json` holds the numbers, `--write` writes them anew.
"""

import argparse
import importlib
import json
import logging
import sys
import types
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.wild.cases import Case, Judge, read_cases

ROOT = Path(__file__).resolve().parents[1]
RIGHT = ROOT / "tests" / "wild" / "right.json"

JUDGES: dict[str, str] = {
    "errors": "tests.wild.judge_errors",
    "answers": "tests.wild.judge_answers",
    "requests": "tests.wild.judge_requests",
    "pasted": "tests.wild.judge_pasted",
}
"""The module that judges each file."""

AT_ONCE = 32

type Numbers = dict[str, dict[str, tuple[int, int]]]
"""By file and category: how many are right, and how many there are."""


def judged(name: str, judge: Judge) -> list[tuple[Case, str]]:
    """Every case of a file, and what is wrong with it."""
    cases = read_cases(name)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(zip(cases, pool.map(judge, cases), strict=True))


def numbers_of(results: list[tuple[Case, str]]) -> dict[str, tuple[int, int]]:
    """By category: how many are right, and how many there are."""
    every = Counter(case["category"] for case, _ in results)
    wrong = Counter(case["category"] for case, problem in results if problem)
    return {category: (count - wrong[category], count) for category, count in every.items()}


def table(numbers: Numbers) -> str:
    """The numbers in lines for a terminal."""
    lines = [f"{'file':10}{'category':22}{'right':>7}{'cases':>7}"]
    for name, categories in numbers.items():
        for category, (right, count) in sorted(categories.items()):
            lines.append(f"{name:10}{category:22}{right:7}{count:7}")
    rights = [each for categories in numbers.values() for each in categories.values()]
    lines.append(f"{'all':32}{sum(r for r, _ in rights):7}{sum(c for _, c in rights):7}")
    return "\n".join(lines)


def kept() -> dict[str, dict[str, int]]:
    """How many were right when the numbers were written last, by file and category."""
    read: dict[str, dict[str, int]] = json.loads(RIGHT.read_text("utf-8"))
    return read


def lost(numbers: Numbers) -> list[str]:
    """The categories in which fewer are right than were."""
    return [
        f"{name} {category}: {numbers[name].get(category, (0, 0))[0]} right, {right} before"
        for name, categories in kept().items()
        if name in numbers
        for category, right in categories.items()
        if numbers[name].get(category, (0, 0))[0] < right
    ]


def main() -> int:
    """Judge, print, and compare; 1 if fewer are right than were."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--wrong", action="store_true", help="say what is wrong with each")
    parser.add_argument("--write", action="store_true", help="keep the numbers for the test")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    # The SDK would patch the standard library for gevent under the threads that judge.
    sys.modules.setdefault("dify_plugin._gevent", types.ModuleType("dify_plugin._gevent"))
    numbers: Numbers = {}
    for name, module in JUDGES.items():
        with importlib.import_module(module).judging() as judge:
            results = judged(name, judge)
        numbers[name] = numbers_of(results)
        for case, problem in results if options.wrong else ():
            if problem:
                print(f"{case['id']}: {problem}")
    print(table(numbers))
    if options.write:
        rights = {
            name: {category: right for category, (right, _) in sorted(categories.items())}
            for name, categories in numbers.items()
        }
        RIGHT.write_text(json.dumps(rights, indent=2) + "\n", "utf-8")
        return 0
    for line in lost(numbers):
        print(line)
    return 1 if lost(numbers) else 0


if __name__ == "__main__":
    sys.exit(main())
