"""Empty deltas while nothing has come yet: 1 s after the call began, then every 10 s.

They give Dify's page the task id that its Stop button needs. What is compared is the order of
events, not the time they took: the simulator's answer comes at a known moment of its own clock.
"""

import pytest

from devtools import Session
from devtools.session import text_of
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded

pytestmark = pytest.mark.xdist_group("signs-of-life")


@pytest.fixture(scope="module")
def sessions(request: pytest.FixtureRequest) -> dict[str, Session]:
    """All of them at once: the longest takes 14 s."""
    plugin = request.getfixturevalue("plugin")
    simulator = request.getfixturevalue("simulator")
    rig = Rig(plugin, simulator, new_key())
    # The first call of a process has to import what calls need.
    succeeded(rig.chat("rix/ok"))
    models = {
        "soon": ("rix/slow-first-token-100", 20.0),
        "silent headers": ("openai/slow-headers-6000", 20.0),
        "silent stream": ("openai/slow-first-token-6000", 20.0),
        "told to wait": ("openai/sat-1-then-ok-ra-6", 20.0),
        "long": ("openai/slow-headers-14000", 20.0),
        "slow words": ("openai/tokens-3-every-3500", 20.0),
        "saturated": ("rix/sat-forever", 6.0),
        "pings": ("new-api/ping-200-slow-first-token-6000", 20.0),
    }
    return {
        name: rig.chat(model, budget=budget, key=f"{rig.key}-{number}")
        for number, (name, (model, budget)) in enumerate(models.items())
    }


def signs(session: Session) -> int:
    """Empty deltas; the last chunk, which has the finish reason, is none."""
    return len(
        [
            one
            for one in session.chunks
            if not text_of(one) and one["delta"]["finish_reason"] is None
        ]
    )


def test_none_where_content_comes_within_a_second(sessions: dict[str, Session]) -> None:
    session = succeeded(sessions["soon"])
    assert session.text == WORDS
    assert signs(session) == 0


@pytest.mark.parametrize("name", ["silent headers", "silent stream", "told to wait", "pings"])
def test_one_whatever_is_waited_for(sessions: dict[str, Session], name: str) -> None:
    session = succeeded(sessions[name])
    first = session.events[0]
    assert text_of(first.data) == ""
    assert first.at - session.sent_at >= 1.0
    assert first.data["delta"]["message"]["role"] == "assistant"
    assert signs(session) == 1
    assert session.text == WORDS


def test_one_while_saturated(sessions: dict[str, Session]) -> None:
    session = sessions["saturated"]
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert signs(session) == 1


def test_another_ten_seconds_later(sessions: dict[str, Session]) -> None:
    session = succeeded(sessions["long"])
    first, second = session.events[:2]
    assert signs(session) == 2
    # The moments are the call's; arrival may be a little later for one than for the other.
    assert second.at - first.at >= 9.5
    assert session.text == WORDS


def test_none_after_content_began(sessions: dict[str, Session]) -> None:
    """The first word comes after 3.5 s, the end after 14: a sign would be due after 11."""
    session = succeeded(sessions["slow words"])
    texts = [text_of(one) for one in session.chunks]
    assert texts == ["", " token", " token", " token", ""]


def test_a_blocking_call_shows_none(rig: Rig) -> None:
    session = succeeded(rig.chat("openai/slow-headers-1500", stream=False))
    assert [event.kind for event in session.events] == ["stream", "end"]
