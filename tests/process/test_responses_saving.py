"""Saving models behind `/v1/responses`: what works, and which field is named where it does not."""

import pytest

from devtools import Session
from tests.process.responses import RESPONSES, ask
from tests.process.rig import Rig, error_of, new_key
from tests.process.scripted import Scripted, answering


def saved(rig: Rig, model: str, key: str, **fields: str) -> Session:
    form = rig.form(key, **RESPONSES, **fields)
    return rig.plugin.validate_model(model, form).wait()


@pytest.mark.parametrize(
    ("field", "label"), [("audio_support", "Audio Input"), ("video_support", "Video Input")]
)
def test_what_this_api_cannot_take_is_refused_when_it_is_saved(
    rig: Rig, field: str, label: str
) -> None:
    key = new_key()
    session = saved(rig, "rix/ok", key, **{field: "support"})
    assert session.error is not None
    assert label in session.error.message
    assert rig.seen(key) == []


@pytest.mark.parametrize("model", ["new-api/ok", "rix/ok", "openai/ok", "rix/finish-length-empty"])
def test_saving_a_model(rig: Rig, model: str) -> None:
    """Also one that spends all of the short answer on thinking."""
    key = new_key()
    session = saved(rig, model, key)
    assert session.error is None
    (body,) = rig.bodies(key)
    assert body["max_output_tokens"] == 16
    assert body["input"] == [{"role": "user", "content": "ping"}]


def test_saving_where_there_is_no_such_api_names_the_field(rig: Rig) -> None:
    key = new_key()
    session = saved(rig, "one-api/ok", key)
    assert session.error is not None
    assert "API Type" in session.error.message
    assert len(rig.seen(key)) == 1


@pytest.mark.parametrize("status", [404, 405, 501])
def test_saving_where_nothing_is_found_at_that_path(rig: Rig, status: int) -> None:
    """Servers other than the gateways say so in words of their own."""
    with Scripted(answering(status, {"detail": "Not Found"})) as server:
        session = saved(rig, "m", new_key(), endpoint_url=server.base_url)
        assert session.error is not None
        assert "API Type" in session.error.message
    with Scripted(answering(200, "<!DOCTYPE html><title>Welcome</title>")) as server:
        session = saved(rig, "m", new_key(), endpoint_url=server.base_url)
        assert session.error is not None
        assert "API Base URL" in session.error.message


def test_saving_a_model_that_exists_only_there_as_chat_names_the_field(rig: Rig) -> None:
    words = "This model is only supported in v1/responses and not in v1/chat/completions."
    error = {"error": {"message": words, "type": "invalid_request_error", "param": "model"}}
    with Scripted(answering(404, error)) as server:
        form = rig.form(new_key(), endpoint_url=server.base_url)
        session = rig.plugin.validate_model("gpt-5-pro", form).wait()
        assert session.error is not None
        assert "API Type" in session.error.message


def test_completion_mode_is_refused(rig: Rig, stream: bool) -> None:
    key = new_key()
    session = saved(rig, "rix/ok", key, mode="completion")
    assert session.error is not None
    assert session.error.error_type == "CredentialsValidateFailedError"
    assert "API Type" in session.error.message
    asked = ask(rig, "rix/ok", key=key, stream=stream, fields={"mode": "completion"})
    assert error_of(asked).error_type == "InvokeBadRequestError"
    assert rig.seen(key) == []
