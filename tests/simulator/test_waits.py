"""Limits that tell how long to wait: of a model, of a key, in every form."""

import json
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from engine.errors.evidence import Evidence, read_evidence
from simulator import Simulator
from simulator.waits import FORMS

LIMITS: dict[str, dict[str, object]] = {
    "a": {"limit": {"scope": "model", "seconds": 120, "after": 1}},
    "b": {},
    "k": {"limit": {"scope": "key", "seconds": 120}},
    "short": {"limit": {"scope": "model", "seconds": 0.05, "told": 600}},
    **{form: {"limit": {"scope": "model", "seconds": 120, "as": form}} for form in FORMS},
}
for _spec in LIMITS.values():
    _spec.update(family="rix", behaviour="ok")


def ask(simulator: Simulator, model: str, key: str) -> Evidence | None:
    """What is read of a refusal; `None` if it is none."""
    request = Request(
        f"{simulator.base_url}/chat/completions",
        json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urlopen(request):
            return None
    except HTTPError as error:
        return read_evidence(error.code, dict(error.headers.items()), error.read())


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=1, scenario=LIMITS) as simulator:
        yield simulator


def test_of_a_model(simulator: Simulator) -> None:
    assert ask(simulator, "a", "sk-1") is None
    told = ask(simulator, "a", "sk-1")
    assert told
    assert told.retry_after == pytest.approx(120, abs=5)
    assert not told.limits_key
    assert "负载已饱和" in told.message
    assert ask(simulator, "b", "sk-1") is None
    assert ask(simulator, "a", "sk-2") is None


def test_of_a_key(simulator: Simulator) -> None:
    told = ask(simulator, "k", "sk-1")
    assert told
    assert told.limits_key
    other = ask(simulator, "b", "sk-1")
    assert other
    assert other.limits_key
    assert other.retry_after == pytest.approx(120, abs=5)
    assert ask(simulator, "b", "sk-2") is None


def test_it_is_over_for_good_whatever_was_told(simulator: Simulator) -> None:
    told = ask(simulator, "short", "sk-1")
    assert told
    assert told.retry_after == 600
    assert simulator.wait_for(lambda each: ask(each, "short", "sk-1") is None)
    assert ask(simulator, "short", "sk-1") is None


@pytest.mark.parametrize("form", FORMS)
def test_in_every_form(simulator: Simulator, form: str) -> None:
    told = ask(simulator, form, "sk-1")
    assert told
    assert told.retry_after == pytest.approx(120, abs=5)
