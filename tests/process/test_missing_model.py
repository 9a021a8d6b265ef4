"""A model that the gateway does not have: said at once, with the names that are near."""

import time

import pytest

from tests.process.rig import Desk, error_of, new_key, succeeded

WRONG = "gpt-4.1-mni"
FIXED_PAUSE = 5.0
"""Seconds before the repeat where the list does not explain the failure."""


def posts(desk: Desk, key: str | None = None) -> int:
    return sum(one.method == "POST" for one in desk.seen(key))


def lists(desk: Desk, key: str | None = None) -> int:
    return sum(one.method == "GET" for one in desk.seen(key))


@pytest.mark.parametrize("family", ["rix", "one-api", "new-api", "openai"])
def test_near_names_are_told_after_one_request(desk: Desk, family: str, stream: bool) -> None:
    fields = {"endpoint_url": f"{desk.simulator.origin}/{family}/v1"}
    message = error_of(desk.chat(WRONG, stream=stream, budget=60, fields=fields)).message
    assert "gpt-4.1-mini" in message
    assert (posts(desk), lists(desk)) == (1, 1)


def test_the_list_is_asked_for_once_for_many_calls(desk: Desk) -> None:
    fields = {"endpoint_url": f"{desk.simulator.origin}/new-api/v1"}
    for session in [desk.chat(WRONG, budget=60, fields=fields) for _ in range(8)]:
        assert "gpt-4.1-mini" in error_of(session).message
    assert lists(desk) == 1


def test_the_names_are_those_of_the_key_that_asked(desk: Desk) -> None:
    key = new_key("sk-onlyok")
    fields = {"endpoint_url": f"{desk.simulator.origin}/new-api/v1"}
    assert "gpt-4.1-mini" in error_of(desk.chat(WRONG, budget=60, fields=fields)).message
    assert "gpt" not in error_of(desk.chat("okk", key=key, budget=60, fields=fields)).message


def test_a_model_that_the_list_has_is_asked_again_after_a_pause(desk: Desk) -> None:
    """Its channels may be switched off for a moment."""
    key = new_key("sk-nochannel")
    fields = {"endpoint_url": f"{desk.simulator.origin}/new-api/v1"}
    error_of(desk.chat("gpt-4o", key=key, budget=60, fields=fields))
    times = [one.at for one in desk.seen(key) if one.method == "POST"]
    assert len(times) in (1, 2)


def test_without_a_list_everything_is_as_it_was(desk: Desk) -> None:
    key = new_key("sk-nolist-404")
    fields = {"endpoint_url": f"{desk.simulator.origin}/new-api/v1"}
    error_of(desk.chat(WRONG, key=key, budget=60, fields=fields))
    times = [one.at for one in desk.seen(key) if one.method == "POST"]
    assert len(times) == 2
    assert times[1] - times[0] >= FIXED_PAUSE
    assert lists(desk, key) == 1


def test_several_keys_without_the_model_name_near_ones_too(desk: Desk) -> None:
    one, other = new_key(), new_key()
    fields = {"endpoint_url": f"{desk.simulator.origin}/new-api/v1"}
    message = error_of(desk.chat(WRONG, key=f"{one},{other}", budget=60, fields=fields)).message
    assert "gpt-4.1-mini" in message
    assert (posts(desk, one), posts(desk, other)) == (1, 1)


def test_a_model_that_works_costs_no_list(desk: Desk) -> None:
    began = time.monotonic()
    succeeded(desk.chat("rix/ok"))
    assert time.monotonic() >= began
    assert lists(desk) == 0
