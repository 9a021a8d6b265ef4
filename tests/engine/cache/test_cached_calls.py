"""Equal calls whose first one leaves, fails late, is revised, or is answered in part."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.apis.chat.request import chat_request
from engine.client import Client
from engine.delta import Delta
from engine.errors import GatewayError, kinds
from engine.operations.accepted_sizes import AcceptedSizes
from engine.operations.embed import Question, embed
from engine.settings import Settings
from tests.support.polling import becomes_true
from tests.support.raw_server import Asked, RawServer, holding, http, sending

PAYLOAD: dict[str, object] = {
    "model": "m",
    "temperature": 0,
    "messages": [{"role": "user", "content": "hi"}],
}


def answer(text: str = "one END two", reason: str = "stop") -> bytes:
    choice = {"index": 0, "message": {"content": text}, "finish_reason": reason}
    return http(200, json.dumps({"choices": [choice]}).encode(), "Content-Type: application/json")


def refusal(parameter: str, code: str) -> bytes:
    error = {"message": f"Invalid: {parameter}", "param": parameter, "code": code}
    return http(400, json.dumps({"error": error}).encode(), "Content-Type: application/json")


def settings(server: RawServer, budget: float = 0.0, **more: Any) -> Settings:
    found = Settings(server.base_url, "sk", "m", budget, ("sk",), cache_ttl_seconds=60)
    return replace(found, **more)


def text_of(client: Client, asked: Settings, **more: object) -> str:
    events = client.stream(asked, chat_request({**PAYLOAD, **more}))
    return "".join(event.text for event in events if isinstance(event, Delta))


def followers(client: Client) -> int:
    return sum(len(one._followers) for one in client._cache.single_flight._flights.values())


def test_stop_words_that_are_not_sent_make_another_question() -> None:
    with RawServer(sending(answer())) as server:
        client, asked = Client(), settings(server, extra_body={"stop": None})
        found = [text_of(client, asked, stop=[word]) for word in ("END", "two", "END")]
    assert found == ["one ", "one END ", "one "]


def test_those_past_their_time_share_the_answer_under_way() -> None:
    gate = threading.Event()
    with RawServer(holding(gate, answer())) as server, ThreadPoolExecutor(9) as pool:
        client, asked = Client(), settings(server)
        calls = [pool.submit(text_of, client, asked) for _ in range(9)]
        assert becomes_true(lambda: followers(client) == 8)
        gate.set()
        assert {call.result(60.0) for call in calls} == {"one END two"}
        assert len(server.asked) == 1


def test_those_past_their_time_share_the_failure() -> None:
    gate = threading.Event()
    failed = http(500, b'{"error":{"message":"upstream"}}')
    with RawServer(holding(gate, failed)) as server, ThreadPoolExecutor(9) as pool:
        client, asked = Client(), settings(server)
        calls = [pool.submit(text_of, client, asked) for _ in range(9)]
        assert becomes_true(lambda: followers(client) == 8)
        gate.set()
        for call in calls:
            with pytest.raises(GatewayError) as raised:
                call.result(60.0)
            assert raised.value.failure.kind is kinds.SERVER_ERROR
        assert len(server.asked) == 1


def test_an_answer_is_read_to_its_end_for_those_who_wait() -> None:
    gate = threading.Event()
    with RawServer(holding(gate, answer())) as server, ThreadPoolExecutor(3) as pool:
        client, asked = Client(), settings(server)
        first = client.stream(asked, chat_request(PAYLOAD))
        next(first)  # a sign of life: it is under way
        others = [pool.submit(text_of, client, asked) for _ in range(3)]
        assert becomes_true(lambda: followers(client) == 3)
        first.close()  # type: ignore[attr-defined]
        gate.set()
        assert {call.result(60.0) for call in others} == {"one END two"}
        assert text_of(client, asked) == "one END two"
        assert len(server.asked) == 1


def test_a_question_that_is_revised_every_time_is_found() -> None:
    def answered(connection: socket.socket, asked: Asked) -> None:
        refused = b"top_p" in asked.body
        connection.sendall(refusal("top_p", "invalid_value") if refused else answer())

    with RawServer(answered) as server:
        client, asked = Client(), settings(server)
        for _ in range(3):
            assert text_of(client, asked, top_p=0.3) == "one END two"
        assert len(server.asked) == 2


def test_nobody_waits_behind_answers_that_cannot_be_kept() -> None:
    gate = threading.Event()
    gate.set()
    with (
        RawServer(holding(gate, answer(reason="length"))) as server,
        ThreadPoolExecutor(3) as pool,
    ):
        client, asked = Client(), settings(server, 30.0)
        text_of(client, asked)
        gate.clear()
        calls = [pool.submit(text_of, client, asked) for _ in range(3)]

        assert becomes_true(lambda: len(server.asked) == 4), "all at once, though none is answered"
        gate.set()
        assert {call.result(60.0) for call in calls} == {"one END two"}


def test_vectors_of_a_gateway_whose_model_has_another_dimension_now() -> None:
    """Half of a call's vectors are kept ones of before: they are asked for anew, and replaced."""
    length = [4]

    def vectors(connection: socket.socket, asked: Asked) -> None:
        data = [
            {"index": index, "embedding": [1.0] * length[0]}
            for index, _ in enumerate(json.loads(asked.body)["input"])
        ]
        head = "Content-Type: application/json"
        connection.sendall(http(200, json.dumps({"data": data}).encode(), head))

    with RawServer(vectors) as server:
        client, asked = Client(), settings(server)
        embed(client, AcceptedSizes(), asked, Question(["a"], 8))
        length[0] = 8
        for texts in (["a", "b"], ["b", "a"]):
            found = embed(client, AcceptedSizes(), asked, Question(texts, 8)).vectors
            assert found == [[1.0] * 8] * 2
        assert len(server.asked) == 3
