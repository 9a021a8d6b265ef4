"""A user's own fields and headers, through the process."""

import pytest

from devtools import Json, predefined
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded
from tests.process.scripted import Scripted, answering

HEADERS = '{"X-Team": "search", "User-Agent": "ours/1"}'
BODY = '{"top_k": 20, "stream_options": {"foo": 1}, "user": null, "tools": [{"type": "search"}]}'
TOOL: Json = {"name": "f", "description": "", "parameters": {"type": "object"}}


@pytest.mark.parametrize("first", ["", "sat-1-then-"], ids=["at once", "after a 429"])
def test_added_to_every_attempt(rig: Rig, first: str, stream: bool) -> None:
    model = f"openai/{first}ok{'-rams-20' if first else ''}"
    fields = {"extra_headers": HEADERS, "extra_body": BODY}
    session = rig.chat(model, stream=stream, budget=20, fields=fields, tools=[TOOL])
    assert succeeded(session).text == WORDS
    seen = rig.seen()
    assert len(seen) == (2 if first else 1)
    for one in seen:
        assert one.headers["x-team"] == "search"
        assert one.headers["user-agent"] == "ours/1"
        assert one.headers["authorization"] == f"Bearer {rig.key}"
        assert one.body == {
            "model": model,
            "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"type": "function", "function": TOOL}, {"type": "search"}],
            "top_k": 20,
            "stream": True,
            "stream_options": {"include_usage": True, "foo": 1},
        }


def test_sent_when_a_form_is_saved(rig: Rig) -> None:
    rig.plugin.validate_model(
        "rix/ok", rig.form(extra_headers=HEADERS, extra_body='{"top_k": 20}')
    ).wait()
    form = predefined(rig.simulator.base_url, rig.key, extra_headers=HEADERS)
    rig.plugin.validate_provider(form).wait()
    model, listing = rig.seen()
    assert model.headers["x-team"] == listing.headers["x-team"] == "search"
    assert model.body is not None
    assert model.body["top_k"] == 20


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"extra_headers": '{"authorization": "Bearer x"}'}, "API Key"),
        ({"extra_headers": '{"Transfer-Encoding": "chunked"}'}, "Transfer-Encoding"),
        ({"extra_headers": "X-Team: search"}, "Extra Headers"),
        ({"extra_body": '{"messages": []}'}, "messages"),
        ({"extra_body": "top_k=20"}, "Extra Body"),
    ],
    ids=str,
)
def test_refused_when_saved_and_when_called(rig: Rig, fields: dict[str, str], word: str) -> None:
    saved = error_of(rig.plugin.validate_model("rix/ok", rig.form(**fields)))
    assert saved.error_type == "CredentialsValidateFailedError"
    called = error_of(rig.chat("rix/ok", fields=fields))
    assert called.error_type == "InvokeBadRequestError"
    assert word in saved.message
    assert word in called.message
    assert rig.seen() == []


def test_a_header_is_never_repeated(rig: Rig, stream: bool) -> None:
    """Some servers quote what they were sent."""
    secret = f"hush-{new_key()}"
    body = {"error": {"message": f"X-Secret {secret} is not known here", "type": "x"}}
    with Scripted(answering(403, body)) as server:
        fields = {"endpoint_url": server.base_url, "extra_headers": f'{{"X-Secret": "{secret}"}}'}
        error = error_of(rig.chat("m", stream=stream, budget=0, fields=fields))
        assert server.asked[0].headers["x-secret"] == secret
    assert secret not in error.message
    assert secret not in str(error.args)
    assert secret not in rig.plugin.output
