"""A key that is refused, and that no key is ever to be read anywhere."""

import pytest

from devtools import predefined
from tests.process.rig import Rig, error_of, new_key

BAD = ("sk-wrong", "sk-expired", "sk-disabled")


@pytest.mark.parametrize("family", ["rix", "one-api", "new-api", "shell", "openai"])
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_key(rig: Rig, family: str, kind: str, stream: bool) -> None:
    key = new_key(kind)
    session = rig.chat(f"{family}/ok", key=key, stream=stream, budget=20)
    error = error_of(session)
    assert error.error_type == "InvokeAuthorizationError"
    assert len(rig.seen(key)) == 1
    assert key not in error.message
    assert key not in str(error.args)
    assert key not in rig.plugin.output


def test_a_missing_key(rig: Rig, stream: bool) -> None:
    session = rig.chat("rix/ok", key="", stream=stream)
    assert error_of(session).error_type == "InvokeAuthorizationError"
    assert rig.seen("") == []


@pytest.mark.parametrize("key", ["sk-两个字", "sk-a\x00b", "sk-a\x7fb", "sk-é", "sk-“a”"])
def test_a_key_that_fits_into_no_header_is_refused_before_any_request(
    rig: Rig, key: str, stream: bool
) -> None:
    before = len(rig.simulator.seen)
    error = error_of(rig.chat("rix/ok", key=key, stream=stream))
    assert error.error_type == "InvokeBadRequestError"
    assert "API key" in error.message
    assert key not in error.message
    assert len(rig.simulator.seen) == before


@pytest.mark.parametrize("family", ["rix", "one-api", "new-api", "shell"])
def test_the_operators_key_is_not_the_users(rig: Rig, family: str, stream: bool) -> None:
    error = error_of(rig.chat(f"{family}/e401", stream=stream, budget=20))
    assert error.error_type == "InvokeServerUnavailableError"
    assert len(rig.seen()) == 2
    assert "sk-abcd" not in error.message


@pytest.mark.parametrize(
    "kind", ["sk-wrong", "sk-exhausted", "sk-banned", "sk-saturated", "sk-good"]
)
def test_no_key_is_ever_in_output_or_log(rig: Rig, kind: str) -> None:
    key = new_key(kind)
    sessions = [
        rig.chat("new-api/ok", key=key, budget=1),
        rig.chat("new-api/ok", key=key, budget=1, stream=False),
        rig.plugin.validate_provider(predefined(f"{rig.simulator.origin}/new-api/v1", key)),
        rig.plugin.validate_model("new-api/ok", rig.form(key)),
    ]
    for session in sessions:
        session.wait()
    assert rig.seen(key)
    texts = [
        session.error.message + str(session.error.args) for session in sessions if session.error
    ]
    assert not [text for text in [*texts, rig.plugin.output] if key in text]
