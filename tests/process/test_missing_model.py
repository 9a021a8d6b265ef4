"""A model that the gateway does not have: said at once, with the names that are near."""

import time

import pytest

from tests.process.rig import Rig, error_of, new_key, succeeded

WRONG = "gpt-4.1-mni"
FIXED_PAUSE = 5.0
"""Seconds before the repeat where the list does not explain the failure."""


def posts(rig: Rig, key: str | None = None) -> int:
    return sum(one.method == "POST" for one in rig.seen(key))


def lists(rig: Rig, key: str | None = None) -> int:
    return sum(one.method == "GET" for one in rig.seen(key))


@pytest.mark.parametrize("family", ["rix", "one-api", "new-api", "openai"])
def test_near_names_are_told_after_one_request(rig: Rig, family: str, stream: bool) -> None:
    fields = {"endpoint_url": f"{rig.simulator.origin}/{family}/v1"}
    message = error_of(rig.chat(WRONG, stream=stream, budget=60, fields=fields)).message
    assert "gpt-4.1-mini" in message
    assert (posts(rig), lists(rig)) == (1, 1)


def test_the_list_is_asked_for_once_for_many_calls(rig: Rig) -> None:
    fields = {"endpoint_url": f"{rig.simulator.origin}/new-api/v1"}
    for session in [rig.chat(WRONG, budget=60, fields=fields) for _ in range(8)]:
        assert "gpt-4.1-mini" in error_of(session).message
    assert lists(rig) == 1


def test_the_names_are_those_of_the_key_that_asked(rig: Rig) -> None:
    key = new_key("sk-onlyok")
    fields = {"endpoint_url": f"{rig.simulator.origin}/new-api/v1"}
    assert "gpt-4.1-mini" in error_of(rig.chat(WRONG, budget=60, fields=fields)).message
    assert "gpt" not in error_of(rig.chat("okk", key=key, budget=60, fields=fields)).message


def test_a_model_that_the_list_has_is_asked_again_after_a_pause(rig: Rig) -> None:
    """Its channels may be switched off for a moment."""
    key = new_key("sk-nochannel")
    fields = {"endpoint_url": f"{rig.simulator.origin}/new-api/v1"}
    error_of(rig.chat("gpt-4o", key=key, budget=60, fields=fields))
    times = [one.at for one in rig.seen(key) if one.method == "POST"]
    assert len(times) in (1, 2)


def test_without_a_list_everything_is_as_it_was(rig: Rig) -> None:
    key = new_key("sk-nolist-404")
    fields = {"endpoint_url": f"{rig.simulator.origin}/new-api/v1"}
    error_of(rig.chat(WRONG, key=key, budget=60, fields=fields))
    times = [one.at for one in rig.seen(key) if one.method == "POST"]
    assert len(times) == 2
    assert times[1] - times[0] >= FIXED_PAUSE
    assert lists(rig, key) == 1


def test_several_keys_without_the_model_name_near_ones_too(rig: Rig) -> None:
    one, other = new_key(), new_key()
    fields = {"endpoint_url": f"{rig.simulator.origin}/new-api/v1"}
    message = error_of(rig.chat(WRONG, key=f"{one},{other}", budget=60, fields=fields)).message
    assert "gpt-4.1-mini" in message
    assert (posts(rig, one), posts(rig, other)) == (1, 1)


def test_a_model_that_works_costs_no_list(rig: Rig) -> None:
    began = time.monotonic()
    succeeded(rig.chat("rix/ok"))
    assert time.monotonic() >= began
    assert lists(rig) == 0
