"""A refusal with several causes: what the key's own usage page tells of it, asked once."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.apis.chat.request import chat_request
from engine.call import key_usage
from engine.call.key_usage import KeyUsage
from engine.client import Client
from engine.errors import Failure, GatewayError, kinds
from engine.http.transport import Transport
from engine.operations.validate import check_key, check_model
from engine.settings import Settings
from tests.support.details import details
from tests.support.raw_server import Asked, RawServer, http

NEW_API = ("X-New-Api-Version: v1", "X-Oneapi-Request-Id: r1")
AMBIGUOUS = Failure(kinds.KEY_REFUSED, 401, words="Invalid token", ambiguous=True)
LONG_AGO = 1_600_000_000

REFUSAL = (401, {"error": {"message": "Invalid token", "type": "new_api_error"}})

type Page = tuple[int, object]


def usage(**said: object) -> Page:
    data = {"expires_at": 0, "total_available": 500, "unlimited_quota": False, **said}
    return 200, {"code": True, "data": data, "message": "ok"}


def refused(message: str) -> Page:
    return 401, {"message": message, "success": False}


def gateway(page: Page, *, error: str = "Invalid token (request id: r1)") -> RawServer:
    """New API of 2026-08 with a key that it refuses."""

    def answer(connection: socket.socket, asked: Asked) -> None:
        status, document = page
        if asked.method == "POST":
            status = 401
            document = {"error": {"message": error, "type": "new_api_error", "code": ""}}
        connection.sendall(http(status, json.dumps(document).encode(), *NEW_API))

    return RawServer(answer)


def ask(server: RawServer, client: Client, key: str = "sk-1234567890") -> GatewayError:
    settings = Settings(endpoint=server.base_url, api_key=key, model="m", max_retry_seconds=5.0)
    payload = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    with pytest.raises(GatewayError) as raised:
        list(client.stream(settings, chat_request(payload, "chat")))
    return raised.value


def pages(server: RawServer) -> list[str]:
    return [asked.path for asked in server.asked if asked.method == "GET"]


@pytest.mark.parametrize(
    ("page", "kind", "says"),
    [
        (refused("Invalid token"), kinds.KEY_REFUSED, "does not know this API key"),
        (refused("This token status is unavailable"), kinds.KEY_REFUSED, "is disabled"),
        (refused("该令牌状态不可用"), kinds.KEY_REFUSED, "is disabled"),
        (usage(expires_at=LONG_AGO), kinds.KEY_REFUSED, "ended on 2020-09-13"),
        (usage(total_available=0), kinds.OWN_QUOTA, "quota is used up"),
        (usage(total_available=-4), kinds.OWN_QUOTA, "quota is used up"),
        # What tells no reason changes nothing.
        (usage(total_available=-4, unlimited_quota=True), kinds.KEY_REFUSED, ""),
        (usage(), kinds.KEY_REFUSED, ""),
        ((429, {}), kinds.KEY_REFUSED, ""),
        ((404, {"error": "Not Found"}), kinds.KEY_REFUSED, ""),
        ((200, []), kinds.KEY_REFUSED, ""),
    ],
)
def test_the_usage_page_tells_the_reason(page: Page, kind: kinds.Kind, says: str) -> None:
    with gateway(page) as server:
        error = ask(server, Client())
        assert pages(server) == ["/api/usage/token/"]
    assert error.failure.kind is kind
    assert says in error.text
    assert bool(says) == bool(details(error.failure))
    assert "Invalid token" not in error.text


def test_it_is_asked_once_for_each_key() -> None:
    client = Client()
    with gateway(usage(total_available=0)) as server:
        texts = {ask(server, client, key).text for key in ("sk-1234567890", "sk-1234567890")}
        assert len(pages(server)) == 1
        ask(server, client, "sk-0987654321")
        assert len(pages(server)) == 2
    assert all("used up" in text for text in texts)


@pytest.mark.parametrize("error", ["Invalid token", "无效的令牌 (request id: r1)", "無效的令牌"])
def test_in_all_its_languages(error: str) -> None:
    with gateway(usage(expires_at=LONG_AGO), error=error) as server:
        assert "2020-09-13" in ask(server, Client()).text


@pytest.mark.parametrize("error", ["该令牌已过期", "用户已被封禁"])
def test_a_refusal_that_says_why_needs_no_page(error: str) -> None:
    with gateway(usage(), error=error) as server:
        ask(server, Client())
        assert pages(server) == []


def settings_of(server: RawServer) -> Settings:
    return Settings(endpoint=server.base_url, api_key="sk-x", model="m", max_retry_seconds=5.0)


def test_what_was_said_is_asked_again_after_minutes() -> None:
    now = 100.0

    def clock() -> float:
        return now

    said = [refused("Invalid token"), usage(expires_at=LONG_AGO)]

    def answer(connection: socket.socket, _asked: Asked) -> None:
        status, document = said[0]
        connection.sendall(http(status, json.dumps(document).encode()))

    with RawServer(answer) as server:
        usages = KeyUsage(clock)
        settings = settings_of(server)
        first = details(usages.explained(Transport(), settings, AMBIGUOUS))
        assert "does not know" in first
        said.pop(0)
        assert details(usages.explained(Transport(), settings, AMBIGUOUS)) == first
        now += key_usage.REMEMBERED_SECONDS
        assert "expired" in details(usages.explained(Transport(), settings, AMBIGUOUS))


def silent(_connection: socket.socket, _asked: Asked) -> None:
    """Close without a word."""


def page_of_html(connection: socket.socket, _asked: Asked) -> None:
    connection.sendall(http(200, b"<!doctype html><title>Console</title>"))


@pytest.mark.parametrize("answer", [silent, page_of_html])
def test_a_page_that_fails_leaves_the_refusal_as_it_was(
    answer: Callable[[socket.socket, Asked], None],
) -> None:
    with RawServer(answer) as server:
        usages = KeyUsage()
        assert usages.explained(Transport(), settings_of(server), AMBIGUOUS) is AMBIGUOUS
        assert usages.explained(Transport(), settings_of(server), AMBIGUOUS) is AMBIGUOUS
        assert len(server.asked) == 1, "it is not asked again at once"


def test_whoever_saves_the_key_is_told_too() -> None:
    with gateway(usage(expires_at=LONG_AGO)) as server:
        settings = settings_of(server)

        def answer_list(connection: socket.socket, asked: Asked) -> None:
            is_page = asked.path.endswith(key_usage.PATH)
            status, document = usage(expires_at=LONG_AGO) if is_page else REFUSAL
            connection.sendall(http(status, json.dumps(document).encode(), *NEW_API))

        with RawServer(answer_list) as lists, pytest.raises(GatewayError, match="2020-09-13"):
            check_key(Client(), replace(settings, endpoint=lists.base_url))
        payload = {"model": "m", "messages": [], "stream": True}
        with pytest.raises(GatewayError, match="2020-09-13"):
            check_model(Client(), settings, chat_request(payload, "chat"))
