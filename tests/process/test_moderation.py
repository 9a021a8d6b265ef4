"""Moderation through the process: the whole text, however long."""

import pytest

from devtools import Session, predefined
from simulator.results import FLAGGED
from tests.process.rig import Rig, succeeded


def moderate(rig: Rig, model: str, text: str, **fields: str) -> Session:
    form = predefined(rig.simulator.base_url, rig.key, **fields)
    return rig.plugin.moderate(model, text, credentials=form)


def flagged(session: Session) -> bool:
    result = succeeded(session).value["result"]
    assert isinstance(result, bool)
    return result


@pytest.mark.parametrize("family", ["one-api", "new-api", "rix", "openai"])
@pytest.mark.parametrize(("text", "result"), [("fine", False), (f"{FLAGGED} words", True)])
def test_verdict(rig: Rig, family: str, text: str, result: bool) -> None:
    assert flagged(moderate(rig, f"{family}/ok", text)) is result
    assert rig.bodies() == [{"model": f"{family}/ok", "input": text}]


@pytest.mark.parametrize("start", [0, 1995, 1999, 2000, 7_000, 65_990, 99_991])
def test_the_whole_text_is_judged(rig: Rig, start: int) -> None:
    """Also where two pieces meet, and behind the pieces that go out together."""
    text = "." * start + FLAGGED + "." * (100_000 - start - len(FLAGGED))
    assert flagged(moderate(rig, "openai/ok", text))


def test_a_long_text_that_is_fine(rig: Rig) -> None:
    assert not flagged(moderate(rig, "openai/ok", "fine " * 20_000))
    pieces = [len(body["input"]) for body in rig.bodies()]
    assert pieces == [32, 24]
    assert all(len(piece) <= 2000 for body in rig.bodies() for piece in body["input"])


def test_nothing_more_is_asked_once_it_is_flagged(rig: Rig) -> None:
    assert flagged(moderate(rig, "openai/ok", FLAGGED + "." * 100_000))
    assert len(rig.seen()) == 1


def test_a_predefined_model_needs_only_the_providers_form(rig: Rig) -> None:
    assert flagged(moderate(rig, "omni-moderation-latest", f"so {FLAGGED}"))
    assert [one.model for one in rig.seen()] == ["omni-moderation-latest"]


def test_a_known_model_says_how_long_a_delta_may_be(rig: Rig) -> None:
    fields = {"endpoint_model_name": "openai/ok"}
    assert not flagged(moderate(rig, "omni-moderation-latest", "fine " * 1000, **fields))
    (body,) = rig.bodies()
    assert max(map(len, body["input"])) == 2000
