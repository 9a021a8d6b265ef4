"""Whatever stands around an error, it is found, and nothing else is; odd JSON harms nobody."""

import itertools
import json
import random

import pytest

from cli.explain.read import read_errors
from tests.cli.test_explain_parts import EXAMPLE, causes
from tests.cli.unrelated_texts import STRANGERS
from tests.cli.wrapping import WRAPPINGS, official

SHORT = [name for name, text in STRANGERS.items() if len(text) < 50_000]
ODD_VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    429,
    1e300,
    "",
    "x",
    [],
    ["x"],
    [{}],
    {},
    {"error": {}},
    {"a": [1]},
)
FIELDS = ("error", "message", "code", "type", "param", "status", "detail", "header", "response")


@pytest.mark.parametrize("name", SHORT)
def test_a_stranger_beside_an_error_changes_nothing(name: str) -> None:
    stranger = STRANGERS[name]
    assert causes(f"{stranger}\n\n{EXAMPLE}") == ["saturated"]
    assert causes(f"{EXAMPLE}\n\n{stranger}") == ["saturated"]


@pytest.mark.parametrize("field", FIELDS)
def test_odd_values_in_an_error_are_no_fault_of_ours(field: str) -> None:
    for value, inside in itertools.product(ODD_VALUES, (False, True)):
        body = {field: value} if not inside else {"error": {"message": "Overloaded", field: value}}
        for wrap in WRAPPINGS.values():
            found = read_errors(wrap(official(529, json.dumps(body)), "InvokeError"))
            assert {one.failure.status for one in found} <= {529, None, 0}


@pytest.mark.parametrize("seed", range(8))
def test_a_mangled_text_is_read_to_its_end(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        text = rng.choice(list(WRAPPINGS.values()))(official(429, EXAMPLE), "InvokeError")
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(text))
            end = place + rng.randrange(200)
            inserted = "".join(rng.choices("{}[]\"\\':,\n<>\x00é饱", k=5))
            text = text[:place] + rng.choice((inserted, text[place:end] * 3)) + text[end:]
        # The upstream's words stand in it several times, and at least one of them is whole.
        if "上游负载已饱和" in text.replace("\\", ""):
            assert "saturated" in causes(text)
