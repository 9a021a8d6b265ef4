"""Upstreams that echo keys, through the process: no part of one leaves, the words around do."""

import base64
import json
import socket
import urllib.parse
from collections.abc import Callable

import pytest

from devtools import Json, PluginProcess, Session, credentials, predefined
from devtools.raw import Asked, RawServer
from tests.support.raw_server import http

RUN = 8
"""Characters of a key in a row that nobody may read."""

KEYS = {
    "UUID": "8f2b1c3a-1234-4cde-9abc-5d6e7f809a1b",
    "words": "correct-horse-battery-staple",
    "letters": "QwErTyUiOpAsDfGhJkLzXcVb",
    "Zhipu": "0123456789abcdef0123456789abcdef.AbCdEfGhIjKlMnOp",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r",
    "base64": "c2VjcmV0IG9mIGEgZ2F0ZXdheQ/+Zm9yIGRpZnk=",
}
OTHER = "f00dfeed-cafe-4bad-8ace-0123456789ab"
"""Another key of the form: the gateway knows it too."""

ECHOES: dict[str, Callable[[str], str]] = {
    "whole": str,
    "two thirds": lambda key: f"{key[: len(key) * 2 // 3]}...",
    "middle": lambda key: f"…{key[4:16]}***",
    "tail": lambda key: f"****{key[-12:]}",
    "letter by letter": " ".join,
    "for a URL": lambda key: urllib.parse.quote(key, safe=""),
    "base64": lambda key: base64.b64encode(f"k:{key}".encode()).decode(),
    "JSON in JSON": lambda key: json.dumps({"key": key}),
}
ASKED: dict[str, Callable[[PluginProcess, str, Json], Session]] = {
    "streaming": lambda plugin, model, form: plugin.chat(model, credentials=form),
    "blocking": lambda plugin, model, form: plugin.chat(model, credentials=form, stream=False),
    "vectors": lambda plugin, model, form: plugin.embed(model, ["a"], credentials=form),
    "speech": lambda plugin, model, form: plugin.speak(model, "a", credentials=form),
    "saving": lambda plugin, model, form: plugin.validate_model(model, form),
    "saving keys": lambda plugin, _model, form: plugin.validate_provider(
        predefined(form["endpoint_url"], form["api_key"])
    ),
}


def leaks(text: str, key: str) -> set[str]:
    low, runs = key.lower(), range(len(key) - RUN + 1)
    readings = (text.lower(), urllib.parse.unquote(text).lower(), "".join(text.lower().split()))
    return {low[at : at + RUN] for at in runs if any(low[at : at + RUN] in one for one in readings)}


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("kind", KEYS)
def test_no_part_of_a_key_leaves(plugin: PluginProcess, ask: str, kind: str) -> None:
    key, echoes = KEYS[kind], list(ECHOES.values())

    def answer(connection: socket.socket, asked: Asked) -> None:
        echo = echoes[int(asked.path.split("/")[1])]
        words = f"The plan of {echo(key)} and {echo(OTHER)} has no gemma:2b"
        error = {"message": words, "type": "x", "param": key, "code": key}
        body = json.dumps({"error": error}).encode()
        connection.sendall(http(418, body, f"X-Request-Id: {key}"))

    with RawServer(answer) as server:
        sessions = []
        for number in range(len(echoes)):
            place = f"{server.origin}/{number}/v1"
            form = credentials(place, f"{key},{OTHER}", max_retry_seconds="0")
            # A model of its own, as the log has one line in a while for each.
            sessions.append(ASKED[ask](plugin, f"m-{number}", form))
        errors = [session.wait(60.0).error for session in sessions]
    for error in errors:
        assert error is not None
        assert "has no gemma:2b" in error.message or ask.startswith("saving")
        assert not leaks(json.dumps([error.message, error.args], ensure_ascii=False), key)
    assert not leaks(plugin.output, key)
    assert not leaks(plugin.output, OTHER)
