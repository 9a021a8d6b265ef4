"""Several keys in one field: who serves, who rests, and what a person reads of them."""

import re

import pytest

from devtools import predefined
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded

DEAD = ("sk-wrong", "sk-expired", "sk-exhausted", "sk-nomoney")


def keys_of(rig: Rig, keys: list[str]) -> list[int]:
    """Requests that came with each key."""
    return [len(rig.seen(key)) for key in keys]


def assert_secret(rig: Rig, text: str, keys: list[str]) -> None:
    for key in keys:
        assert key not in text
        assert key not in rig.plugin.output


@pytest.mark.parametrize("separator", [",", " ", "\n", " , ", "，"])
def test_keys_are_separated_by_commas_or_white_space(rig: Rig, separator: str) -> None:
    keys = [new_key(), new_key()]
    for _ in range(4):
        assert succeeded(rig.chat("rix/ok", key=separator.join(keys))).text == WORDS
    assert sum(keys_of(rig, keys)) == 4


@pytest.mark.parametrize("first", [True, False])
def test_a_saturated_key_hands_over_at_once(rig: Rig, first: bool, stream: bool) -> None:
    """Told to wait nothing, and with a budget that has no room for any pause."""
    full, good = new_key("sk-saturated"), new_key()
    keys = [full, good] if first else [good, full]
    sessions = [rig.chat("rix/ok", key=",".join(keys), budget=20, stream=stream) for _ in range(12)]
    for session in sessions:
        assert succeeded(session).text == WORDS
    assert len(rig.seen(good)) == 12
    assert len(rig.seen(full)) <= 6


def test_a_told_wait_is_the_keys_own(rig: Rig, stream: bool) -> None:
    """Each is asked once, however long the others are told to wait."""
    keys = [new_key() for _ in range(3)]
    model = "rix/sat-1-then-ok-ra-60"
    error = error_of(rig.chat(model, key=" ".join(keys), budget=20, stream=stream))
    assert error.error_type == "InvokeRateLimitError"
    assert keys_of(rig, keys) == [1, 1, 1]


def test_a_saturation_in_a_stream_hands_over_too(rig: Rig, stream: bool) -> None:
    """All three refuse once, in the first event of a stream; then the first of them answers."""
    keys = [new_key() for _ in range(3)]
    model = "rix/sse-error-no-type-1-then-ok"
    session = rig.chat(model, key=" ".join(keys), budget=40, stream=stream)
    assert succeeded(session).text == WORDS
    assert sorted(keys_of(rig, keys)) == [1, 1, 2]


def test_nothing_is_handed_over_after_content(rig: Rig, stream: bool) -> None:
    keys = [new_key(), new_key()]
    model = "rix/sse-error-after-content-429"
    error = error_of(rig.chat(model, key=",".join(keys), budget=20, stream=stream))
    assert error.error_type == "InvokeRateLimitError"
    assert sum(keys_of(rig, keys)) == 1


ONE_EACH = {"max_concurrency": "1"}
"""So that of two calls at once each key gets one."""


def two_at_once(rig: Rig, model: str, keys: str, *, stream: bool = True) -> None:
    pair = [rig.chat(model, key=keys, budget=20, stream=stream, fields=ONE_EACH) for _ in range(2)]
    for session in pair:
        assert succeeded(session).text == WORDS


@pytest.mark.parametrize("kind", DEAD)
def test_a_dead_key_is_ejected_and_the_other_serves(rig: Rig, kind: str, stream: bool) -> None:
    dead, good = new_key(kind), new_key()
    for _ in range(4):
        two_at_once(rig, "new-api/slots-50-100", f"{dead},{good}", stream=stream)
    assert keys_of(rig, [dead, good]) == [1, 8]
    assert_secret(rig, "", [dead, good])


UNFIT = ("sk-banned", "sk-iplimited", "sk-onlyok", "sk-nochannel", "sk-nogroup", "sk-groupoff")


@pytest.mark.parametrize("kind", UNFIT)
def test_a_key_without_the_model_hands_over_and_is_ejected(
    rig: Rig, kind: str, stream: bool
) -> None:
    unfit, good = new_key(kind), new_key()
    for _ in range(3):
        two_at_once(rig, "new-api/slots-50-100", f"{unfit},{good}", stream=stream)
    assert keys_of(rig, [unfit, good]) == [1, 6]


def test_a_key_without_one_model_serves_the_others(rig: Rig) -> None:
    unfit, good = new_key("sk-onlyok"), new_key()
    two_at_once(rig, "new-api/slots-50-100", f"{unfit},{good}")
    # The other key's only place is taken for minutes.
    rig.chat("new-api/tokens-10000-every-20", key=good, fields=ONE_EACH).wait_for_text()
    succeeded(rig.chat("new-api/ok", key=f"{unfit},{good}", budget=20, fields=ONE_EACH))
    assert keys_of(rig, [unfit, good]) == [2, 3]


def test_when_no_key_has_the_model_the_failure_is_the_models(rig: Rig, stream: bool) -> None:
    """Every call still tries one: a channel may be switched on at any moment."""
    keys = [new_key("sk-onlyok"), new_key("sk-onlyok")]
    for _ in range(3):
        error = error_of(rig.chat("new-api/slots-50-100", key=",".join(keys), stream=stream))
        assert error.error_type == "InvokeBadRequestError"
        assert "permission denied for this API key" in error.message
    assert sum(keys_of(rig, keys)) == 4


def test_a_sole_key_without_the_model_is_always_tried(rig: Rig) -> None:
    key = new_key("sk-onlyok")
    for _ in range(2):
        error_of(rig.chat("new-api/slots-50-100", key=key))
    assert len(rig.seen(key)) == 2


def test_a_dead_key_is_ejected_for_all_models_and_both_forms(rig: Rig) -> None:
    dead, good = new_key("sk-wrong"), new_key()
    for model in ("new-api/slots-50-100", "rix/slots-50-100", "openai/slots-50-100"):
        two_at_once(rig, model, f"{dead} {good}")
    form = predefined(rig.simulator.base_url, f"{good} {dead}", max_concurrency="1")
    for session in [rig.plugin.chat("openai/slots-50-100", credentials=form) for _ in range(2)]:
        succeeded(session)
    assert keys_of(rig, [dead, good]) == [1, 8]


def test_when_all_rest_the_message_says_which_and_why(rig: Rig, stream: bool) -> None:
    keys = [new_key("sk-wrong"), new_key("sk-exhausted"), new_key("sk-nomoney")]
    both = ",".join(keys)
    error_of(rig.chat("new-api/ok", key=both, budget=20, stream=stream))
    assert keys_of(rig, keys) == [1, 1, 1]
    error = error_of(rig.chat("new-api/ok", key=both, budget=20, stream=stream))
    assert keys_of(rig, keys) == [1, 1, 1], "they rest"
    assert error.error_type == "InvokeRateLimitError"
    reasons = dict(re.findall(r"key (\d): ([^;.]+)", error.message))
    assert "rejected" in reasons["1"]
    assert "quota" in reasons["2"]
    assert "quota" in reasons["3"]
    assert_secret(rig, error.message, keys)
    assert not re.search(r"sk-|wrong-p|\d{3,}", error.message)


def test_positions_are_those_of_the_field(rig: Rig) -> None:
    """The same keys in another order share their rest, and each reader sees his own numbers."""
    wrong, empty = new_key("sk-wrong"), new_key("sk-exhausted")
    error_of(rig.chat("new-api/ok", key=f"{wrong},{empty}", budget=20))
    error = error_of(rig.chat("new-api/ok", key=f"{empty},{wrong}", budget=20))
    reasons = dict(re.findall(r"key (\d): ([^;.]+)", error.message))
    assert "quota" in reasons["1"]
    assert "rejected" in reasons["2"]
    assert keys_of(rig, [wrong, empty]) == [1, 1]


def test_waiting_calls_are_told_when_the_last_key_has_gone_to_rest(rig: Rig) -> None:
    """They would wait in vain: `When all are resting the message says which is why`."""
    keys = [new_key("sk-wrong"), new_key("sk-exhausted")]
    sessions = [
        rig.chat("new-api/ok", key=",".join(keys), budget=4, fields=ONE_EACH) for _ in range(8)
    ]
    errors = [error_of(session) for session in sessions]
    assert keys_of(rig, keys) == [1, 1]
    listed = [error for error in errors if "no API key can be used" in error.message]
    assert len(listed) >= 6


def test_the_call_that_finds_the_last_key_dead_tells_of_all(rig: Rig) -> None:
    keys = [new_key("sk-exhausted"), new_key("sk-wrong")]
    error = error_of(rig.chat("new-api/ok", key=",".join(keys), budget=20))
    assert error.error_type == "InvokeRateLimitError"
    assert re.search(r"key 1: .*quota.*key 2: .*rejected", error.message)


@pytest.mark.parametrize("kind", DEAD)
def test_a_sole_key_is_always_tried(rig: Rig, kind: str) -> None:
    key = new_key(kind)
    for _ in range(3):
        error_of(rig.chat("new-api/ok", key=key, budget=20))
    assert len(rig.seen(key)) == 3


def test_the_key_that_rested_among_others_is_tried_when_it_is_alone(rig: Rig) -> None:
    dead, good = new_key("sk-wrong"), new_key()
    two_at_once(rig, "new-api/slots-50-100", f"{dead},{good}")
    error = error_of(rig.chat("new-api/ok", key=dead, budget=20))
    assert error.error_type == "InvokeAuthorizationError"
    assert len(rig.seen(dead)) == 2


@pytest.mark.parametrize("form", ["provider", "model"])
def test_a_successful_save_ends_every_rest(rig: Rig, form: str) -> None:
    """Refused once, topped up, saved: they serve at once, not after five minutes."""
    keys = [new_key(), new_key()]
    both = ",".join(keys)
    model = "new-api/key-exhausted-1-then-ok"
    error_of(rig.chat(model, key=both, budget=20))
    assert "no API key can be used" in error_of(rig.chat(model, key=both, budget=20)).message
    assert keys_of(rig, keys) == [1, 1]
    if form == "provider":
        succeeded(rig.plugin.validate_provider(predefined(rig.simulator.base_url, both)))
    else:
        succeeded(rig.plugin.validate_model(model, rig.form(both)))
    assert keys_of(rig, keys) == [2, 2]
    assert succeeded(rig.chat(model, key=both, budget=20)).text == WORDS
    assert sum(keys_of(rig, keys)) == 5


def test_a_save_that_fails_ends_no_rest(rig: Rig) -> None:
    keys = [new_key("sk-wrong"), new_key("sk-exhausted")]
    both = ",".join(keys)
    told = error_of(rig.chat("new-api/ok", key=both, budget=20)).message
    assert re.search("^Resilient Gateway: no API key can be used .* key 1: .*; key 2: .*[.]", told)
    error_of(rig.plugin.validate_provider(predefined(rig.simulator.base_url, both)))
    saved = keys_of(rig, keys)
    assert "no API key can be used" in error_of(rig.chat("new-api/ok", key=both)).message
    assert keys_of(rig, keys) == saved


@pytest.mark.parametrize("which", ["provider", "model"])
def test_saving_names_the_bad_keys_by_position_and_last_characters(rig: Rig, which: str) -> None:
    keys = [new_key(), new_key("sk-wrong"), new_key(), new_key("sk-exhausted")]
    typed = ",".join(keys)
    if which == "provider":
        form = predefined(f"{rig.simulator.origin}/new-api/v1", typed)
        session = rig.plugin.validate_provider(form)
    else:
        session = rig.plugin.validate_model("new-api/ok", rig.form(typed))
    error = error_of(session)
    assert error.error_type == "CredentialsValidateFailedError"
    named = re.findall(r"key (\d) \(…(.{4})\)", error.message)
    assert named == [("2", keys[1][-4:]), ("4", keys[3][-4:])]
    assert all(count >= 1 for count in keys_of(rig, keys))
    assert_secret(rig, error.message, keys)


def test_saving_good_keys_and_a_saturated_one(rig: Rig) -> None:
    keys = [new_key(), new_key("sk-saturated"), new_key()]
    typed = "\n".join(keys)
    succeeded(rig.plugin.validate_model("new-api/ok", rig.form(typed)))
    assert keys_of(rig, keys) == [1, 1, 1]
