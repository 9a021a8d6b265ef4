"""A refused key is known under any status, and the next one is tried; an operator's is not ours."""

import json
import socket

import pytest

from engine.apis.chat.request import chat_request
from engine.client import Client
from engine.errors import GatewayError, Kind, kinds
from engine.settings import parse_settings
from tests.catalogue.read import read_words
from tests.support.raw_server import Asked, RawServer, http

DONE = {"index": 0, "delta": {"content": "ok"}, "finish_reason": "stop"}
GOOD = f"data: {json.dumps({'choices': [DONE]})}\n\ndata: [DONE]\n\n".encode()
BAD_KEY = "sk-bad-bad-bad"

OWN: dict[str, tuple[int, object, Kind]] = {
    "DashScope's 400": (
        400,
        {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}},
        kinds.KEY_REFUSED,
    ),
    "Gemini's 400, in a message": (
        400,
        {"error": {"message": '{"error":{"message":"API key not valid.","code":400}}'}},
        kinds.KEY_REFUSED,
    ),
    "MiniMax's 200": (
        200,
        {"base_resp": {"status_code": 1004, "status_msg": "login fail"}},
        kinds.KEY_REFUSED,
    ),
    "Ark's 403": (
        403,
        {"error": {"message": "overdue balance", "code": "AccountOverdueError"}},
        kinds.OWN_QUOTA,
    ),
    "Moonshot's 429": (
        429,
        {"error": {"message": "suspended", "type": "exceeded_current_quota_error"}},
        kinds.OWN_QUOTA,
    ),
}


def ask(status: int, document: object, keys: str, *headers: str) -> tuple[object, list[str]]:
    """The end of a call, and the keys that were used in order."""

    def answer(connection: socket.socket, asked: Asked) -> None:
        is_bad = asked.headers["authorization"].endswith(BAD_KEY)
        body = json.dumps(document).encode() if is_bad else GOOD
        connection.sendall(http(status if is_bad else 200, body, *headers))

    with RawServer(answer) as server:
        form = {"endpoint_url": server.base_url, "api_key": keys, "max_retry_seconds": "20"}
        payload = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
        request = chat_request(payload, "chat")
        _, end = read_words(Client(), parse_settings(form, "m"), request)
        used = [asked.headers["authorization"].removeprefix("Bearer ") for asked in server.asked]
    return end, used


@pytest.mark.parametrize(("status", "document", "kind"), OWN.values(), ids=OWN)
def test_the_next_key_is_tried(status: int, document: object, kind: Kind) -> None:
    end, used = ask(status, document, f"{BAD_KEY}\nsk-good-good-good")
    assert not isinstance(end, GatewayError)
    # Which of two keys comes first is the queue's to say.
    assert used in ([BAD_KEY, "sk-good-good-good"], ["sk-good-good-good"])
    end, used = ask(status, document, BAD_KEY)
    assert isinstance(end, GatewayError)
    assert (end.failure.kind, used) == (kind, [BAD_KEY])


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (
            401,
            {"message": "litellm.AuthenticationError: X - Incorrect API key provided"},
            kinds.UPSTREAM_REFUSED,
        ),
        (
            429,
            {"message": "litellm.RateLimitError: X - You exceeded your current quota"},
            kinds.UPSTREAM_QUOTA,
        ),
    ],
)
def test_an_operators_key_is_not_said_to_be_the_users(
    status: int, error: dict[str, str], kind: Kind
) -> None:
    end, used = ask(status, {"error": error}, BAD_KEY, "x-litellm-call-id: c")
    assert isinstance(end, GatewayError)
    assert (end.failure.kind, len(used)) == (kind, 2)
    assert not end.failure.kind.condemns_key
    assert "does not accept this key" not in end.text


def test_operators_internals_reach_nobody() -> None:
    words = (
        "litellm.RateLimitError: No deployments available for selected model. "
        "Deployments={'0a1b2c': {'model_name': 'secret-group', 'rpm': 2}} Received Model "
        "Group=secret-group\nAvailable Model Group Fallbacks=None"
    )
    end, _ = ask(400, {"error": {"message": words, "code": "400"}}, BAD_KEY)
    assert isinstance(end, GatewayError)
    assert "No deployments available" in end.text
    assert not any(hidden in end.text for hidden in ("0a1b2c", "secret-group", "Fallbacks"))
