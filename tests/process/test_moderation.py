"""Moderation through the process: the whole text, however long."""

import pytest

from devtools import Session, predefined
from simulator.results import FLAGGED
from tests.process.rig import Desk, succeeded


def moderate(desk: Desk, model: str, text: str, **fields: str) -> Session:
    form = predefined(desk.simulator.base_url, desk.key, **fields)
    return desk.plugin.moderate(model, text, credentials=form)


def flagged(session: Session) -> bool:
    result = succeeded(session).value["result"]
    assert isinstance(result, bool)
    return result


@pytest.mark.parametrize("family", ["one-api", "new-api", "rix", "openai"])
@pytest.mark.parametrize(("text", "result"), [("fine", False), (f"{FLAGGED} words", True)])
def test_verdict(desk: Desk, family: str, text: str, result: bool) -> None:
    assert flagged(moderate(desk, f"{family}/ok", text)) is result
    assert desk.bodies() == [{"model": f"{family}/ok", "input": text}]


@pytest.mark.parametrize("start", [0, 1995, 1999, 2000, 7_000, 65_990, 99_991])
def test_the_whole_text_is_judged(desk: Desk, start: int) -> None:
    """Also where two pieces meet, and behind the pieces that go out together."""
    text = "." * start + FLAGGED + "." * (100_000 - start - len(FLAGGED))
    assert flagged(moderate(desk, "openai/ok", text))


def test_a_long_text_that_is_fine(desk: Desk) -> None:
    assert not flagged(moderate(desk, "openai/ok", "fine " * 20_000))
    pieces = [len(body["input"]) for body in desk.bodies()]
    assert pieces == [32, 24]
    assert all(len(piece) <= 2000 for body in desk.bodies() for piece in body["input"])


def test_nothing_more_is_asked_once_it_is_flagged(desk: Desk) -> None:
    assert flagged(moderate(desk, "openai/ok", FLAGGED + "." * 100_000))
    assert len(desk.seen()) == 1


def test_a_predefined_model_needs_only_the_providers_form(desk: Desk) -> None:
    assert flagged(moderate(desk, "omni-moderation-latest", f"so {FLAGGED}"))
    assert [one.model for one in desk.seen()] == ["omni-moderation-latest"]


def test_a_known_model_says_how_long_a_piece_may_be(desk: Desk) -> None:
    fields = {"endpoint_model_name": "openai/ok"}
    assert not flagged(moderate(desk, "omni-moderation-latest", "fine " * 1000, **fields))
    (body,) = desk.bodies()
    assert max(map(len, body["input"])) == 2000
