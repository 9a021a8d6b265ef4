"""A key that is refused, and that no key is ever to be read anywhere."""

import pytest

from devtools import predefined
from tests.process.rig import Desk, error_of, new_key

BAD = ("sk-wrong", "sk-expired", "sk-disabled")


@pytest.mark.parametrize("family", ["rix", "one-api", "new-api", "shell", "openai"])
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_key(desk: Desk, family: str, kind: str, stream: bool) -> None:
    key = new_key(kind)
    session = desk.chat(f"{family}/ok", key=key, stream=stream, budget=20)
    error = error_of(session)
    assert error.error_type == "InvokeAuthorizationError"
    assert len(desk.seen(key)) == 1
    assert key not in error.message
    assert key not in str(error.args)
    assert key not in desk.plugin.output


def test_a_missing_key(desk: Desk, stream: bool) -> None:
    session = desk.chat("rix/ok", key="", stream=stream)
    assert error_of(session).error_type == "InvokeAuthorizationError"
    assert desk.seen("") == []


@pytest.mark.parametrize("key", ["sk-两个字", "sk-a\x00b", "sk-a\x7fb", "sk-é", "sk-“a”"])
def test_a_key_that_fits_into_no_header_is_refused_before_any_request(
    desk: Desk, key: str, stream: bool
) -> None:
    before = len(desk.simulator.seen)
    error = error_of(desk.chat("rix/ok", key=key, stream=stream))
    assert error.error_type == "InvokeBadRequestError"
    assert "API Key" in error.message
    assert key not in error.message
    assert len(desk.simulator.seen) == before


@pytest.mark.parametrize("family", ["rix", "one-api", "new-api", "shell"])
def test_the_operators_key_is_not_the_users(desk: Desk, family: str, stream: bool) -> None:
    error = error_of(desk.chat(f"{family}/e401", stream=stream, budget=20))
    assert error.error_type == "InvokeServerUnavailableError"
    assert len(desk.seen()) == 2
    assert "sk-abcd" not in error.message


@pytest.mark.parametrize(
    "kind", ["sk-wrong", "sk-exhausted", "sk-banned", "sk-saturated", "sk-good"]
)
def test_no_key_is_ever_in_output_or_log(desk: Desk, kind: str) -> None:
    key = new_key(kind)
    sessions = [
        desk.chat("new-api/ok", key=key, budget=1),
        desk.chat("new-api/ok", key=key, budget=1, stream=False),
        desk.plugin.validate_provider(predefined(f"{desk.simulator.origin}/new-api/v1", key)),
        desk.plugin.validate_model("new-api/ok", desk.form(key)),
    ]
    for session in sessions:
        session.wait()
    assert desk.seen(key)
    texts = [
        session.error.message + str(session.error.args) for session in sessions if session.error
    ]
    assert not [text for text in [*texts, desk.plugin.output] if key in text]
