"""What people type and what Dify sends, through the process: what goes out, or the refusal."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devtools import Json, PluginProcess, Session, credentials, user
from devtools.raw import Asked, RawServer
from engine.errors.kinds import KINDS
from tests.process.rig import ROOT

SECONDS = 60.0
ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("requests.jsonl").read_text("utf-8").strip().split("\n")
]
IN_AN_ENVIRONMENT = [row for row in ROWS if "env" in row["given"]]
TYPED = [row for row in ROWS if "env" not in row["given"]]

CHAT = {
    "id": "c1",
    "object": "chat.completion",
    "model": "wild",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
STREAM_ONLY = {
    "error": {
        "message": "This model only support stream mode, please enable the stream parameter to "
        "access the model. ",
        "type": "invalid_request_error",
        "code": "invalid_parameter_error",
    }
}

pytestmark = pytest.mark.xdist_group("wild-requests")


@dataclass(frozen=True, slots=True)
class Played:
    """A case that has been asked."""

    row: Json
    server: RawServer
    session: Session

    @property
    def error_type(self) -> str:
        """The class that Dify gets; empty if the call succeeded."""
        return self.session.error.error_type if self.session.error else ""


def gateway(row: Json) -> RawServer:
    """A server that answers whatever a case may ask of it."""
    only_stream = row["expect"].get("sent", {}).get("stream") is True

    def answer(connection: socket.socket, asked: Asked) -> None:
        body = asked.json
        if "documents" in body:
            ranks = [
                {"index": at, "relevance_score": 1.0 - at / 10}
                for at in range(len(body["documents"]))
            ]
            reply: Json = {"results": ranks[: body.get("top_n")]}
        else:
            reply = CHAT
        if body.get("stream"):
            delta = {"role": "assistant", "content": "yes"}
            chunk = {**CHAT, "choices": [{"index": 0, "delta": delta, "finish_reason": "stop"}]}
            text = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n"
            send(connection, 200, text, "text/event-stream")
        elif only_stream:
            send(connection, 400, json.dumps(STREAM_ONLY))
        else:
            send(connection, 200, json.dumps(reply))

    return RawServer(answer)


def send(
    connection: socket.socket, status: int, text: str, media_type: str = "application/json"
) -> None:
    connection.sendall(whole(status, text, media_type))


def whole(status: int, text: str, media_type: str) -> bytes:
    body = text.encode()
    head = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def filled(value: Any, row: Json, server: RawServer, proxy: str = "") -> Any:
    """A value of a case with what only its run knows."""
    if isinstance(value, dict):
        return {name: filled(one, row, server, proxy) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, row, server, proxy) for one in value]
    if not isinstance(value, str):
        return value
    places = {
        "{gateway}": server.origin,
        "{host}": server.origin.removeprefix("http://"),
        "{id}": row["id"],
        "{proxy407}": proxy,
    }
    for name, meant in places.items():
        value = value.replace(name, meant)
    return value


def ask(plugin: PluginProcess, row: Json, server: RawServer) -> Session:
    given = filled(row["given"], row, server)
    form = credentials(
        given.get("endpoint_url", server.base_url),
        given.get("api_key", "sk-wild-0123456789"),
        max_retry_seconds="5",
        structured_output_support="supported",
    )
    model = given.get("model", "wild")
    if "rerank" in given:
        docs, top_n = given["rerank"]["docs"], given["rerank"]["top_n"]
        return plugin.rerank(model, "q", docs, credentials=form, top_n=top_n or 0)
    prompt = given.get("messages", "hi")
    if "image" in given:
        prompt = [user([{"type": "image", "detail": "low", **given["image"]}])]
    return plugin.chat(
        model,
        prompt,
        credentials=form,
        stream=given.get("stream", True),
        model_parameters=given.get("parameters"),
    )


def judge(played: Played) -> None:
    """Compare with what is expected, or with the refusal that serves as well.

    Raises:
        AssertionError: it is neither.
    """
    row, session = played.row, played.session
    expect = filled(row["expect"], row, played.server)
    said = session.error.message if session.error else ""
    assert expect.get("says", "") in said
    if expect.get("refused") and session.error and not played.server.asked:
        assert session.error.error_type in {"InvokeBadRequestError", "InvokeAuthorizationError"}
        return
    if "error" in expect:
        assert played.error_type == expect["error"], said
        assert len(played.server.asked) <= 1
        return
    assert "refused" not in expect or {"path", "keys"} & expect.keys(), f"not refused: {said}"
    assert session.error is None, said
    went_out(played.server.asked[-1], expect)
    if "docs" in expect:
        assert len(session.value["docs"]) == expect["docs"]
    else:
        assert session.text == "yes"


def went_out(asked: Asked, expect: Json) -> None:
    """Compare the request that was answered."""
    sent = asked.json
    if "path" in expect:
        assert asked.path.partition("?")[0] == expect["path"]
    if "keys" in expect:
        scheme, _, key = asked.headers["authorization"].partition(" ")
        assert scheme == "Bearer"
        assert key in expect["keys"]
    if "image_url" in expect:
        parts = sent["messages"][-1]["content"]
        found = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        assert found == [expect["image_url"]]
    if "top_n_at_most" in expect:
        assert sent.get("top_n", 0) <= expect["top_n_at_most"]
    if "message" in expect:
        position, fields = expect["message"]
        message = sent["messages"][position]
        assert {name: message.get(name) for name in fields} == fields
    for name, value in expect.get("sent", {}).items():
        assert sent.get(name) == value
    assert not sent.keys() & set(expect.get("absent", ()))


def play(plugin: PluginProcess, row: Json) -> None:
    """Ask for a case, and judge what came of it."""
    with gateway(row) as server:
        judge(Played(row, server, ask(plugin, row, server).wait(SECONDS)))


def play_in_its_environment(row: Json) -> None:
    """The same with a process of its own, and with a proxy that wants a password."""

    def wants_password(connection: socket.socket, _asked: Asked) -> None:
        send(connection, 407, "Proxy Authentication Required", "text/html")

    with gateway(row) as server, RawServer(wants_password) as proxy:
        if "https://{host}" in row["given"]["endpoint_url"]:
            # As servers answer who speaks TLS to a port without it.
            server.greeting = whole(400, "Bad Request", "text/plain")
        env = filled(row["given"]["env"], row, server, proxy.origin)
        with PluginProcess(ROOT, env=env) as process:
            judge(Played(row, server, ask(process, row, server).wait(SECONDS)))
            assert process.violations == []
        assert len(proxy.asked) <= 1


@pytest.fixture(scope="module")
def plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT) as process:
        yield process
        assert process.violations == []


@pytest.mark.parametrize("row", TYPED, ids=lambda row: row["id"])
def test_what_was_typed_or_sent(plugin: PluginProcess, row: Json) -> None:
    play(plugin, row)


@pytest.mark.parametrize("row", IN_AN_ENVIRONMENT, ids=lambda row: row["id"])
def test_what_the_environment_says(row: Json) -> None:
    play_in_its_environment(row)


def test_every_group_is_there() -> None:
    assert {row["category"] for row in ROWS} == {
        "image",
        "key",
        "message",
        "parameter",
        "proxy",
        "rerank",
        "url",
    }
    assert {kind.outcome.value for kind in KINDS} >= {
        row["expect"]["error"] for row in ROWS if "error" in row["expect"]
    }
