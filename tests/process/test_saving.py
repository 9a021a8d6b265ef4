"""Saving the forms: what is accepted, what is refused, and in which words."""

import json
import socket

import pytest

from devtools import Json, Session, predefined
from tests.process.rig import Rig, error_of, new_key
from tests.process.scripted import Asked, Scripted, answering

REFUSED = "CredentialsValidateFailedError"
BUSY = {
    "error": {
        "message": "当前分组上游负载已饱和，请稍后再试",
        "type": "rix_api_error",
        "code": None,
    }
}
INTERNAL = {"error": {"message": "boom", "type": "server_error", "code": None}}
NO_QUOTA = {
    "error": {
        "message": "You exceeded your current quota",
        "type": "insufficient_quota",
        "code": "x",
    }
}


def provider(rig: Rig, family: str, key: str) -> Session:
    return rig.plugin.validate_provider(predefined(f"{rig.simulator.origin}/{family}/v1", key))


def accepted(session: Session, credentials: Json) -> None:
    assert session.wait().error is None, session.error
    assert session.value == {"result": True, "credentials": credentials}


def refused(session: Session) -> str:
    error = error_of(session)
    assert error.error_type == REFUSED
    return error.message


# The provider's form


@pytest.mark.parametrize("family", ["rix", "one-api", "new-api", "shell", "openai"])
def test_a_good_key(rig: Rig, family: str) -> None:
    form = predefined(f"{rig.simulator.origin}/{family}/v1", rig.key)
    accepted(rig.plugin.validate_provider(form), form)
    (seen,) = rig.seen()
    assert (seen.method, seen.path.removeprefix(f"/{family}")) == ("GET", "/v1/models")


@pytest.mark.parametrize("kind", ["sk-wrong", "sk-expired", "sk-disabled", "sk-exhausted"])
@pytest.mark.parametrize("family", ["rix", "one-api", "new-api"])
def test_a_refused_key(rig: Rig, family: str, kind: str) -> None:
    key = new_key(kind)
    text = refused(provider(rig, family, key))
    assert len(rig.seen(key)) == 1
    assert ("quota" if kind == "sk-exhausted" else "API key") in text
    assert key not in text


def test_no_list_of_models_is_accepted_and_logged(rig: Rig) -> None:
    key = new_key("sk-nolist-404")
    before = len(rig.plugin.logs)
    session = provider(rig, "rix", key)
    assert session.wait().value["result"] is True
    # The list, and a chat that names no model: it shows that there is an API.
    assert [one.method for one in rig.seen(key)] == ["GET", "POST"]
    assert any("404" in line.message for line in rig.plugin.logs[before:])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<!DOCTYPE html><title>Welcome</title>"),
        (404, "<!DOCTYPE html><title>404</title>"),
        # Dify's own API at such a path.
        (404, {"code": "not_found", "message": "The requested URL was not found on the server."}),
    ],
)
def test_an_address_without_an_api_is_refused(rig: Rig, status: int, body: object) -> None:
    with Scripted(answering(status, body)) as server:
        text = refused(rig.plugin.validate_provider(predefined(server.base_url, rig.key)))
    assert "API Base URL" in text


@pytest.mark.parametrize("path", ["/one-api", "/one-api/v1/dashboard", "/rix/console/token"])
def test_the_right_address_is_named_where_it_is_found(rig: Rig, path: str) -> None:
    """The simulator's gateways are at paths, and one of them at the root."""
    form = predefined(f"{rig.simulator.origin}{path}", rig.key)
    text = refused(rig.plugin.validate_provider(form))
    right = f"{rig.simulator.origin}{'/one-api/v1' if path == '/one-api' else '/v1'}"
    assert f"The API answers at {right}." in text


def test_a_list_that_fails_is_asked_for_twice_and_refused(rig: Rig) -> None:
    key = new_key("sk-nolist")
    refused(provider(rig, "one-api", key))
    assert len(rig.seen(key)) == 2


def test_a_web_page_is_no_list(rig: Rig) -> None:
    """The base URL lacks `/v1`: One API and New API answer with their page, HTTP 200."""
    form = predefined(f"{rig.simulator.origin}/one-api/console", rig.key)
    text = refused(rig.plugin.validate_provider(form))
    assert "API Base URL" in text
    assert "/v1" in text
    assert "<" not in text


def test_a_page_elsewhere_on_the_web_is_no_list(rig: Rig) -> None:
    with Scripted(answering(200, "<!DOCTYPE html><title>Welcome</title>")) as server:
        text = refused(rig.plugin.validate_provider(predefined(server.base_url, rig.key)))
        assert "API Base URL" in text
        # The list, and where else on this host it might be.
        assert [one.path for one in server.asked] == ["/v1/models", "/api/v1/models"]


@pytest.mark.parametrize(
    ("status", "body"), [(429, BUSY), (429, ""), (503, {"error": {"message": "system overloaded"}})]
)
def test_saturated_proves_nothing_against_a_key(rig: Rig, status: int, body: object) -> None:
    before = len(rig.plugin.logs)
    with Scripted(answering(status, body)) as server:
        form = predefined(server.base_url, rig.key, max_retry_seconds="300")
        accepted(rig.plugin.validate_provider(form), form)
        # "waits in no queue, and does not retry beyond one repeat"
        assert 1 <= len(server.asked) <= 2
    assert any(
        server.base_url.removesuffix("/v1") in one.message for one in rig.plugin.logs[before:]
    )


def test_a_used_up_quota_is_refused_with_its_reason(rig: Rig) -> None:
    with Scripted(answering(429, NO_QUOTA)) as server:
        text = refused(rig.plugin.validate_provider(predefined(server.base_url, rig.key)))
        assert "quota" in text


def test_a_server_that_fails_is_asked_at_most_twice(rig: Rig) -> None:
    with Scripted(answering(500, INTERNAL)) as server:
        refused(rig.plugin.validate_provider(predefined(server.base_url, rig.key)))
        assert len(server.asked) == 2


def drip(connection: socket.socket, _asked: Asked) -> None:
    """A list that is never silent and never done: a byte now and then."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    connection.settimeout(1.0)
    for _ in range(60):
        connection.sendall(b" ")
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


def test_silence_is_refused_of_a_provider_and_logged_of_a_model(rig: Rig) -> None:
    """A model may be loading; whose list of models never comes is of no use to anybody."""
    key, model_key = new_key("sk-silent"), new_key("sk-silent")
    form = predefined(rig.simulator.base_url, key)
    model_form = rig.form(model_key)
    before = len(rig.plugin.logs)
    with Scripted(drip) as server:
        dripping = rig.plugin.validate_provider(predefined(server.base_url, rig.key))
        silent = rig.plugin.validate_provider(form)
        silent_model = rig.plugin.validate_model("rix/ok", model_form)
        refused(silent)
        accepted(silent_model, model_form)
        assert (len(rig.seen(key)), len(rig.seen(model_key))) == (1, 1)
        # It would go on for a minute; a check ends by itself, in good time.
        refused(dripping)
    warned = [line for line in rig.plugin.logs[before:] if line.level.upper() == "WARNING"]
    assert any("accepted" in line.message for line in warned)


FALLBACKS = "gpt-4.1-mni, gpt-4.1-mini"


@pytest.mark.parametrize("family", ["new-api", "rix"])
def test_a_fallback_model_that_is_not_there_is_named_with_near_ones(rig: Rig, family: str) -> None:
    url = f"{rig.simulator.origin}/{family}/v1"
    form = predefined(url, rig.key, settings="custom", fallback_models=FALLBACKS)
    for session in (
        rig.plugin.validate_provider(form),
        rig.plugin.validate_model("ok", rig.form(endpoint_url=url, fallback_models=FALLBACKS)),
    ):
        text = refused(session)
        assert "Fallback Models" in text
        assert "gpt-4.1-mni" in text
        assert "gpt-4.1-mini" in text
        assert "备用模型" in text
    # Only the one that is not listed is asked, once a save, by a chat of one token.
    asked = [body["model"] for body in rig.bodies() if body.get("model") not in (None, "ok")]
    assert asked == ["gpt-4.1-mni"] * 2


def test_a_fallback_model_that_is_there_though_not_listed_is_accepted(rig: Rig) -> None:
    form = predefined(
        f"{rig.simulator.origin}/rix/v1", rig.key, fallback_models="sat-forever, echo"
    )
    accepted(rig.plugin.validate_provider(form), form)


def test_a_provider_that_is_saturated_is_saved_with_its_fallback_models(rig: Rig) -> None:
    with Scripted(answering(429, BUSY)) as server:
        form = predefined(server.base_url, rig.key, fallback_models="deepseek-v4-flash")
        accepted(rig.plugin.validate_provider(form), form)


@pytest.mark.parametrize("port", ["9", "1"])
def test_nobody_listens(rig: Rig, port: str) -> None:
    text = refused(rig.plugin.validate_provider(predefined(f"http://127.0.0.1:{port}/v1", rig.key)))
    assert "the gateway's port is closed" in text
    assert "API Base URL" in text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"endpoint_url": ""}, ["API Base URL", "https://"]),
        ({"endpoint_url": "http://a b.c/v1"}, ["API Base URL", "space"]),
        ({"endpoint_url": "ftp://gateway.example/v1"}, ["https://", "ftp"]),
        ({"endpoint_url": "https://"}, ["API Base URL", "host"]),
        ({"endpoint_url": "https://me:secret@gateway.example"}, ["API Base URL", "password"]),
        ({"api_key": ""}, ["API Key", "empty"]),
        ({"api_key": "sk-“quoted”"}, ["API Key", "character"]),
        ({"api_key": "sk-a\x07b"}, ["API Key", "control"]),
        ({"max_retry_seconds": "481"}, ["Max Retry Seconds", "480"]),
        ({"max_retry_seconds": "-0.1"}, ["Max Retry Seconds", "0"]),
        ({"max_retry_seconds": "1e9"}, ["Max Retry Seconds"]),
        ({"max_retry_seconds": "nan"}, ["Max Retry Seconds"]),
        ({"max_retry_seconds": "a minute"}, ["Max Retry Seconds", "45"]),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_refused_with_what_to_type(
    rig: Rig, form: dict[str, str], words: list[str]
) -> None:
    before = len(rig.simulator.seen)
    whole = {**predefined(rig.simulator.base_url, rig.key), **form}
    for session in (
        rig.plugin.validate_provider(whole),
        rig.plugin.validate_model("rix/ok", {**rig.form(), **form}),
    ):
        text = refused(session)
        for word in words:
            assert word in text
        assert "secret" not in text
        assert form.get("api_key", "sk-no") not in text or form["api_key"] == ""
    assert len(rig.simulator.seen) == before


@pytest.mark.parametrize(
    "typed",
    [
        "{origin}",
        "{origin}/",
        "{origin}/v1/",
        "{origin}/v1/chat/completions",
        "{origin}/v1/chat/completions/",
        "{host}",
        "{host}/v1",
        "  {origin}/v1  ",
        "{origin}//v1",
        "{origin}/rix/v1",
    ],
)
def test_a_url_is_understood_as_people_paste_it(rig: Rig, typed: str) -> None:
    origin = rig.simulator.origin
    url = typed.format(origin=origin, host=origin.removeprefix("http://"))
    form = predefined(url, rig.key)
    accepted(rig.plugin.validate_provider(form), form)
    model_form = rig.form(endpoint_url=url)
    accepted(rig.plugin.validate_model("rix/ok", model_form), model_form)
    assert {one.path.removeprefix("/rix") for one in rig.seen()} == {
        "/v1/models",
        "/v1/chat/completions",
    }


# A customizable model's form


@pytest.mark.parametrize(
    "model",
    [
        "rix/ok",
        "one-api/ok",
        "new-api/ok",
        "openai/ok",
        "rix/finish-length",
        "rix/finish-length-empty",
        "rix/stop-empty",
        "rix/ok-tools",
        "rix/needs-max_completion_tokens",
        "rix/refuses-stream",
    ],
)
def test_a_good_model(rig: Rig, model: str) -> None:
    form = rig.form()
    accepted(rig.plugin.validate_model(model, form), form)
    for body in rig.bodies():
        limits = [body[name] for name in ("max_tokens", "max_completion_tokens") if name in body]
        assert len(limits) == 1
        assert 1 <= limits[0] <= 16


def test_a_good_completion_model(rig: Rig) -> None:
    form = rig.form(mode="completion")
    accepted(rig.plugin.validate_model("rix/ok", form), form)
    assert rig.seen()[0].path == "/v1/completions"


@pytest.mark.parametrize(
    "model",
    ["rix/sat-forever", "new-api/sat-forever", "rix/e503-overloaded", "openai/sat-forever-ra-120"],
)
def test_a_saturated_model_is_accepted_and_logged(rig: Rig, model: str) -> None:
    before = len(rig.plugin.logs)
    form = rig.form(max_retry_seconds="300")
    accepted(rig.plugin.validate_model(model, form), form)
    assert 1 <= len(rig.seen()) <= 2
    assert any(rig.simulator.origin in line.message for line in rig.plugin.logs[before:])


@pytest.mark.parametrize(
    ("kind", "model", "word"),
    [
        ("sk-wrong", "rix/ok", "API key"),
        ("sk-exhausted", "rix/ok", "quota"),
        ("sk-nomoney", "one-api/ok", "quota"),
        ("sk-good", "openai/sat-quota", "quota"),
        ("sk-good", "rix/sat-quota", "quota"),
        ("sk-banned", "new-api/ok", "封禁"),
        ("sk-good", "rix/e500", "failed"),
        ("sk-good", "openai/html-200", "/v1"),
    ],
)
def test_a_model_that_does_not_work(rig: Rig, kind: str, model: str, word: str) -> None:
    key = new_key(kind)
    text = refused(rig.plugin.validate_model(model, rig.form(key)))
    assert word in text
    assert key not in text
    chats = [one for one in rig.seen(key) if one.method == "POST"]
    assert 1 <= len(chats) <= 2


@pytest.mark.parametrize("family", ["one-api", "new-api", "rix", "openai"])
def test_an_unknown_model_is_answered_with_the_nearest_names(rig: Rig, family: str) -> None:
    form = rig.form(endpoint_url=f"{rig.simulator.origin}/{family}/v1")
    text = refused(rig.plugin.validate_model("gpt-4.1-mni", form))
    assert "gpt-4.1-mini" in text
    assert "whisper" not in text
    posts = [one for one in rig.seen() if one.method == "POST"]
    lists = [one for one in rig.seen() if one.method == "GET"]
    assert (len(posts), len(lists)) == (1, 1)


def test_the_nearest_names_are_those_of_this_key(rig: Rig) -> None:
    key = new_key("sk-onlyok")
    form = rig.form(key, endpoint_url=f"{rig.simulator.origin}/new-api/v1")
    text = refused(rig.plugin.validate_model("okk", form))
    assert "gpt" not in text


def test_the_message_stays_short_with_long_names_in_it(rig: Rig) -> None:
    names = [f"organisation/a-very-long-name-of-a-model-{'x' * 300}-{n}" for n in range(9)]
    words = "没有这个模型" * 100

    def answer(connection: socket.socket, asked: Asked) -> None:
        if asked.method == "GET":
            body: Json = {"object": "list", "data": [{"id": name} for name in names]}
            answering(200, body)(connection, asked)
        else:
            error = {"message": words, "type": "invalid_request_error", "code": "model_not_found"}
            answering(404, {"error": error})(connection, asked)

    with Scripted(answer) as server:
        form = rig.form(endpoint_url=server.base_url)
        text = refused(rig.plugin.validate_model(names[0][:-1] + "z", form))
        assert len(server.asked) == 2
        assert json.loads(server.asked[0].body)["max_tokens"] <= 16
    assert len(text.encode()) < 2048
