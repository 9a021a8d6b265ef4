"""A call from end to end, in this process, over real sockets."""

import json
import logging
import socket
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine import client as module
from engine.apis.chat.request import chat_request
from engine.apis.text_answer import Finish
from engine.call import attempt as engine
from engine.call import call
from engine.call.attempt import TimeLimits, send_attempt
from engine.call.channel import Collected
from engine.client import AnswerEvent, Client, KeepAlive
from engine.delta import Delta
from engine.errors import AttemptError, GatewayError, Outcome, kinds
from engine.operations import validate
from engine.settings import Settings
from simulator import Simulator
from tests.support.polling import becomes_true
from tests.support.raw_server import Asked, RawServer, holding, http, sending

KEY = "dmx.7c1fJq-A0b9"
ANSWER = "你好，this is the upstream."


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=1) as found:
        yield found


def settings(simulator: Simulator, model: str, budget: float = 10.0) -> Settings:
    return Settings(simulator.base_url, "sk-good", model, max_retry_seconds=budget)


def payload(model: str) -> dict[str, object]:
    message = {"role": "user", "content": "hi"}
    options = {"include_usage": True}
    return {"model": model, "messages": [message], "stream": True, "stream_options": options}


def ask(simulator: Simulator, model: str, budget: float = 10.0) -> Generator[AnswerEvent[Finish]]:
    yield from Client().stream(settings(simulator, model, budget), chat_request(payload(model)))


def text_of(events: list[AnswerEvent[Finish]]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def test_answer_comes_through(simulator: Simulator) -> None:
    events = list(ask(simulator, "rix/sat-1-then-ok-ra-0.2"))
    assert text_of(events) == ANSWER
    assert isinstance(events[-1], Finish)
    assert events[-1].reason == "stop"
    assert events[-1].usage is not None
    assert simulator.count() == 2


def test_request_is_not_changed(simulator: Simulator) -> None:
    sent = {**payload("openai/needs-max_completion_tokens"), "max_tokens": 5}
    before = json.dumps(sent)
    client = Client()
    for _ in range(2):
        list(client.stream(settings(simulator, str(sent["model"])), chat_request(sent)))
    assert json.dumps(sent) == before
    bodies = [seen.body or {} for seen in simulator.seen]
    assert ["max_tokens" in body for body in bodies] == [True, False, False], "it is remembered"
    assert bodies[2]["max_completion_tokens"] == 5


def test_what_was_received_is_handed_on_before_the_failure(simulator: Simulator) -> None:
    events: list[AnswerEvent[Finish]] = []
    with pytest.raises(GatewayError) as raised:
        events.extend(ask(simulator, "new-api/sse-error-after-content-429"))
    assert text_of(events) == "你好，this is"
    assert raised.value.outcome is Outcome.RATE_LIMIT
    assert "Part of the answer had arrived" in raised.value.text
    assert simulator.count() == 1


def test_call_that_is_not_live_yields_nothing_before_its_end(simulator: Simulator) -> None:
    model = "openai/slow-first-token-300"
    events = list(
        Client().stream(settings(simulator, model), chat_request(payload(model)), live=False)
    )
    assert [type(event) for event in events] == [Delta, Finish]
    assert text_of(events) == ANSWER
    model = "new-api/sse-error-after-content-429"
    with pytest.raises(GatewayError) as raised:
        next(Client().stream(settings(simulator, model), chat_request(payload(model)), live=False))
    assert raised.value.failure.after_content
    assert simulator.count(model) == 1


def test_signs_of_life_before_the_first_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is: never sooner than they are due, and none once content came."""
    first, every = 0.02, 0.05
    monkeypatch.setattr(module, "FIRST_KEEP_ALIVE_SECONDS", first)
    monkeypatch.setattr(module, "KEEP_ALIVE_INTERVAL_SECONDS", every)
    gate = threading.Event()
    whole = HEAD + b"\r\n" + EVENTS[0] + EVENTS[1]
    with RawServer(holding(gate, whole)) as server:
        began = time.monotonic()
        events = Client().stream(Settings(server.origin, KEY, "m"), chat_request(payload("m")))
        seen: list[AnswerEvent[Finish]] = []
        for number in range(3):
            seen.append(next(events))
            assert time.monotonic() - began >= first + number * every
        gate.set()
        seen.extend(events)
    alive = [isinstance(event, KeepAlive) for event in seen]
    assert alive[:3] == [True] * 3
    assert text_of(seen) == "early"
    assert sorted(alive, reverse=True) == alive


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    "model", ["openai/hang", "openai/stall-after-content", "openai/tokens-1000-every-20"]
)
def test_call_ends_in_time(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, model: str, live: bool
) -> None:
    monkeypatch.setattr(call, "MAX_CALL_SECONDS", 0.3)
    with pytest.raises(GatewayError) as raised:
        list(Client().stream(settings(simulator, model), chat_request(payload(model)), live=live))
    assert raised.value.failure.kind in {kinds.TIME_LIMIT, kinds.NO_ANSWER}
    assert raised.value.outcome is Outcome.UNAVAILABLE
    assert becomes_true(lambda: simulator.stats()["in_flight"] == 0)


def test_consumer_that_stops_ends_the_read(simulator: Simulator) -> None:
    events = ask(simulator, "openai/stall-after-content")
    assert text_of([next(events)])
    events.close()
    assert becomes_true(lambda: simulator.stats()["in_flight"] == 0)
    assert simulator.count() == 1


def test_consumer_that_stops_ends_the_retries(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_KEEP_ALIVE_SECONDS", 0.1)
    events = ask(simulator, "openai/sat-forever-ra-0.05")
    assert isinstance(next(events), KeepAlive)
    events.close()
    sent = simulator.count()
    assert sent >= 1
    assert becomes_true(lambda: "gateway-call" not in {one.name for one in threading.enumerate()})
    assert simulator.count() <= sent + 1


@pytest.mark.parametrize("status", [400, 401, 403, 503])
def test_own_key_is_in_no_text_and_no_log_whatever_its_shape(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A gateway may repeat the key that it was sent, and not every key begins with `sk-`."""
    words = f"key {KEY} is bad, see https://api.example.com/v1?key={KEY}"
    body = json.dumps({"error": {"message": words, "type": "new_api_error"}}).encode()
    with RawServer(sending(http(status, body))) as server, caplog.at_level(logging.INFO, "gateway"):
        one = Settings(f"{server.origin}/v1", KEY, "m", max_retry_seconds=0.0)
        with pytest.raises(GatewayError) as raised:
            list(Client().stream(one, chat_request(payload("m"))))
        assert f"Bearer {KEY}".encode() in server.requests[0]
    assert caplog.messages
    assert KEY not in raised.value.text
    assert KEY not in caplog.text


def limits() -> TimeLimits:
    return TimeLimits(until=10.0**9, read_seconds=5.0)


def chunk(document: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


EVENTS = (
    chunk({"choices": [{"index": 0, "delta": {"content": "early"}}]}),
    chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}) + b"data: [DONE]\n\n",
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
LENGTH = sum(map(len, EVENTS))
FRAMINGS = {
    "until close": (HEAD + b"\r\n" + EVENTS[0], EVENTS[1]),
    "content length": (HEAD + b"Content-Length: %d\r\n\r\n" % LENGTH + EVENTS[0], EVENTS[1]),
    "chunks": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(EVENTS[0]), EVENTS[0]),
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(EVENTS[1]), EVENTS[1]),
    ),
    "one chunk that comes in two": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b" % (LENGTH, EVENTS[0]),
        EVENTS[1] + b"\r\n0\r\n\r\n",
    ),
}


@pytest.mark.parametrize("deltas", FRAMINGS.values(), ids=FRAMINGS)
def test_event_is_handed_on_as_soon_as_it_has_arrived(deltas: tuple[bytes, bytes]) -> None:
    """Issue 3: `Events are parsed from bytes as they arrive`, `nothing waits for more`."""
    gate, sink, client = threading.Event(), Collected(), Client()
    with RawServer(holding(gate, *deltas)) as server:
        one = Settings(server.origin, KEY, "m")
        arguments = (client.transport, one, chat_request(payload("m")), sink, limits())
        thread = threading.Thread(target=send_attempt, args=arguments, daemon=True)
        thread.start()
        early = becomes_true(lambda: bool(sink.deltas))
        gate.set()
        thread.join(60.0)
    assert text_of(list(sink.deltas)) == "early"
    assert early, "it came only with what was sent later"


@pytest.mark.parametrize("deltas", FRAMINGS.values(), ids=FRAMINGS)
def test_what_arrived_before_a_cut_is_content_and_handed_on(deltas: tuple[bytes, bytes]) -> None:
    """Issue 3: content `received, even if not handed on yet: after it nothing is ever replayed`."""
    sink = Collected()
    with RawServer(sending(deltas[0])) as server:
        one = Settings(server.origin, KEY, "m")
        with pytest.raises(AttemptError) as raised:
            send_attempt(Client().transport, one, chat_request(payload("m")), sink, limits())
    assert raised.value.failure.kind is kinds.TRUNCATED
    assert text_of(list(sink.deltas)) == "early"
    assert raised.value.failure.after_content


def test_signs_of_life_do_not_keep_a_complete_answer_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SECONDS_FOR_USAGE", 0.3)
    sent: list[bytes] = []

    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(HEAD + b"\r\n" + EVENTS[0] + EVENTS[1].removesuffix(b"data: [DONE]\n\n"))
        while len(sent) < 100:
            time.sleep(0.05)
            connection.sendall(b": PING\n\n")
            sent.append(b": PING")

    sink = Collected()
    with RawServer(answer) as server:
        one = Settings(server.origin, KEY, "m")
        finish = send_attempt(Client().transport, one, chat_request(payload("m")), sink, limits())
        waited = len(sent)
    assert (finish.reason, text_of(list(sink.deltas))) == ("stop", "early")
    assert 0 < waited < 100, "its usage is waited for, but not for ever"


def test_usage_alone_is_no_stream_though_the_connection_stays_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The revision that asks again without streaming depends on it."""
    monkeypatch.setattr(engine, "SECONDS_FOR_END", 0.1)
    usage = chunk({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    gate = threading.Event()
    sending_all = holding(gate, HEAD + b"\r\n" + usage + b"data: [DONE]\n\n", b"")
    with RawServer(sending_all) as server:
        one = Settings(server.origin, KEY, "m")
        arguments = (one, chat_request(payload("m")), Collected(), limits())
        with pytest.raises(AttemptError) as raised:
            send_attempt(Client().transport, *arguments)
        gate.set()
    assert (raised.value.failure.kind, raised.value.failure.unstreamed) == (kinds.TRUNCATED, True)


def test_what_arrived_together_with_a_failure_is_handed_on() -> None:
    error = chunk({"error": {"message": "Overloaded", "type": "overloaded_error"}})
    sink = Collected()
    with RawServer(sending(http(200, EVENTS[0] + error))) as server:
        one = Settings(server.origin, KEY, "m")
        with pytest.raises(AttemptError) as raised:
            send_attempt(Client().transport, one, chat_request(payload("m")), sink, limits())
    assert (raised.value.failure.kind, raised.value.failure.after_content) == (
        kinds.OVERLOADED,
        True,
    )
    assert text_of(list(sink.deltas)) == "early"


@pytest.mark.parametrize(
    ("model", "kind", "content"),
    [
        ("openai/cut-before-content", kinds.TRUNCATED, False),
        ("openai/cut-after-content", kinds.TRUNCATED, True),
        ("openai/reset-after-content", kinds.TRUNCATED, True),
        ("openai/eof-after-content", kinds.TRUNCATED, True),
        ("openai/stall-before-content", kinds.NO_ANSWER, False),
        ("openai/stall-after-content", kinds.NO_ANSWER, True),
        ("openai/stop-empty", kinds.EMPTY_ANSWER, False),
        ("cdn/html-200", kinds.WRONG_URL, False),
    ],
)
def test_attempt_that_broke(
    simulator: Simulator, model: str, kind: kinds.Kind, content: bool
) -> None:
    with pytest.raises(AttemptError) as raised:
        send_attempt(
            Client().transport,
            settings(simulator, model),
            chat_request(payload(model)),
            Collected(),
            replace(limits(), read_seconds=0.1),
        )
    failure = raised.value.failure
    assert (failure.kind.name, failure.after_content) == (kind.name, content)
    assert failure.seconds > 0
    assert raised.value.__cause__ is None


def test_text_of_a_refused_save_stays_short() -> None:
    """Issue 3: `It stays under 2 KB`, also with the nearest names of the models appended."""
    names = [{"id": f"gpt-5-{'long-name-' * 20}{number}"} for number in range(20)]
    listed = http(200, json.dumps({"data": names}).encode())
    words = f"分组 default 下模型 gpt-5 无可用渠道（distributor）{'，请联系管理员' * 100}"
    refused = http(503, json.dumps({"error": {"message": words, "type": "new_api_error"}}).encode())

    def answer(connection: Any, _asked: Asked) -> None:
        models = server.requests[-1].startswith(b"GET ")
        connection.sendall(listed if models else refused)

    with RawServer(answer) as server:
        one = Settings(f"{server.origin}/v1", KEY, "gpt-5-long-name-")
        with pytest.raises(GatewayError) as raised:
            validate.check_model(Client(), one, chat_request(payload("gpt-5")))
    chinese, _, english = raised.value.text.partition(" Resilient Gateway: ")
    assert "名称相近的模型：gpt-5-long-name-" in chinese
    assert "similar names: gpt-5-long-name-" in english
    assert len(raised.value.text.encode()) < 2048
