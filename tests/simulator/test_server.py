"""The server: connections, counting, broken answers, keys, paths, and the process form."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from simulator import Simulator
from simulator.client import CHAT, Heard, ask, chat, completion, events, said

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=1) as sim:
        yield sim


def connect(simulator: Simulator) -> http.client.HTTPConnection:
    parts = urlsplit(simulator.origin)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)


def post(connection: http.client.HTTPConnection, model: str, *, stream: bool = False) -> int:
    body = json.dumps(CHAT | {"model": model, "stream": stream}).encode()
    headers = {"Authorization": "Bearer sk-good", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def test_a_connection_is_kept_alive_through_answers_and_failures(simulator: Simulator) -> None:
    connection = connect(simulator)
    models = ("ok", "sat-forever", "new-api/sat-forever", "e500", "ok")
    statuses = [post(connection, model, stream=True) for model in models]
    assert statuses == [200, 429, 429, 500, 200]
    assert simulator.connections == 1
    assert {one.connection for one in simulator.seen} == {1}
    connection.close()
    assert simulator.wait_for(lambda sim: sim.open_connections == 0)


def test_connection_close_is_honoured(simulator: Simulator) -> None:
    answer = chat(simulator.origin, "ok", headers={"Connection": "close"})
    assert answer.headers["connection"] == "close"
    assert simulator.wait_for(lambda sim: sim.open_connections == 0)


def test_what_was_seen(simulator: Simulator) -> None:
    chat(simulator.origin, "rix/ok", stream=True, key="sk-mine", headers={"X-Mine": "yes"})
    ask(simulator.origin, "/v1/models", method="GET")
    first, second = simulator.seen
    assert (first.method, first.path, first.model) == ("POST", "/v1/chat/completions", "rix/ok")
    assert (first.key, first.stream, first.headers["x-mine"]) == ("sk-mine", True, "yes")
    assert first.body is not None
    assert first.body["messages"] == CHAT["messages"]
    assert (second.method, second.path, second.body) == ("GET", "/v1/models", None)
    assert first.at <= second.at
    assert simulator.count() == simulator.count("rix/ok") == 1


def test_reset_forgets_counts_and_state_but_goes_on(simulator: Simulator) -> None:
    statuses = [chat(simulator.origin, "sat-2-then-ok").status for _ in range(4)]
    assert statuses == [429, 429, 200, 200]
    simulator.reset()
    assert (simulator.count(), simulator.seen, simulator.aborted) == (0, [], 0)
    assert chat(simulator.origin, "sat-2-then-ok").status == 429


def test_each_key_has_its_own_count(simulator: Simulator) -> None:
    keys = ("sk-a", "sk-b", "sk-a", "sk-b")
    statuses = [chat(simulator.origin, "sat-1-then-ok", key=key).status for key in keys]
    assert statuses == [429, 429, 200, 200]


def test_any_failure_can_go_before_success(simulator: Simulator) -> None:
    model = "rix/sse-error-first-429-1-then-ok"
    first, second = (chat(simulator.origin, model, stream=True) for _ in range(2))
    assert "error" in events(first.body)[0]
    assert said(second.body) == "你好，this is the upstream."
    model = "openai/reset-without-answer-1-then-ok"
    assert [chat(simulator.origin, model).ended for _ in range(2)] == ["reset", "complete"]


@pytest.mark.parametrize(
    ("suffix", "header", "value"),
    [
        ("ra-3", "retry-after", "3"),
        ("ra-0.25", "retry-after", "0.25"),
        ("rams-150", "retry-after-ms", "150"),
    ],
)
def test_retry_after(simulator: Simulator, suffix: str, header: str, value: str) -> None:
    refused, answered = (chat(simulator.origin, f"sat-1-then-ok-{suffix}") for _ in range(2))
    assert (refused.status, refused.headers[header]) == (429, value)
    assert answered.status == 200
    assert header not in answered.headers


def test_retry_after_as_date(simulator: Simulator) -> None:
    refused = chat(simulator.origin, "openai/sat-forever-radate-30")
    assert refused.headers["retry-after"].endswith(" GMT")


def test_what_is_late_is_told_from_what_never_ends(simulator: Simulator) -> None:
    """Silence counts only from when all that is wanted has come: for the tests of hangs."""
    late, endless = (
        ask(
            simulator.origin,
            "/v1/chat/completions",
            CHAT | {"model": model, "stream": True},
            timeout=0.1,
            enough=wanted,
        )
        for model, wanted in (
            ("openai/slow-headers-500", lambda body: b"[DONE]" in body),
            ("openai/stall-after-content", lambda body: b"content" in body),
        )
    )
    assert (late.status, late.ended) == (200, "complete")
    assert (endless.status, endless.ended) == (200, "silence")
    assert b"content" in endless.body


def test_a_client_that_leaves_is_counted(simulator: Simulator) -> None:
    for model in ("openai/hang", "openai/stall-after-content", "tokens-100-every-50"):
        simulator.reset()
        chat(simulator.origin, model, stream=True, timeout=0.1, limit=0.1)
        assert simulator.wait_for(lambda sim: sim.aborted == 1), model
        assert simulator.wait_for(lambda sim: sim.stats()["in_flight"] == 0)


@pytest.mark.parametrize(
    ("model", "ended"),
    [
        ("openai/close-without-answer", "closed"),
        ("openai/reset-without-answer", "reset"),
        ("openai/cut-after-content", "cut"),
        ("openai/reset-after-content", "reset"),
        ("openai/truncated-conn", "cut"),
        ("openai/ok-close-delimited", "complete"),
    ],
)
def test_how_answers_end(simulator: Simulator, model: str, ended: str) -> None:
    assert chat(simulator.origin, model, stream=True).ended == ended
    assert simulator.aborted == 0


def test_a_long_stream_is_complete(simulator: Simulator) -> None:
    answer = chat(simulator.origin, "tokens-12345", stream=True)
    assert said(answer.body) == " token" * 12345
    assert events(answer.body)[-1]["choices"][0]["finish_reason"] == "stop"
    answer = completion(simulator.origin, "tokens-250", stream=True)
    texts = [choice["text"] for one in events(answer.body) for choice in one["choices"]]
    assert "".join(texts) == " token" * 250


def test_echo_says_the_last_message(simulator: Simulator) -> None:
    messages = [{"role": "user", "content": "为什么 the sky is blue？"}]
    answer = chat(simulator.origin, "echo", stream=True, messages=messages)
    assert said(answer.body) == "为什么 the sky is blue？"


def test_a_parameter_is_refused_until_it_is_gone(simulator: Simulator) -> None:
    model = "refuses-max_tokens-and-temperature"
    sent: list[dict[str, Any]] = [{"max_tokens": 5, "temperature": 1}, {"temperature": 1}, {}]
    answers = [chat(simulator.origin, model, **fields) for fields in sent]
    assert [answer.status for answer in answers] == [400, 400, 200]
    assert [answer.json["error"]["param"] for answer in answers[:2]] == [
        "max_tokens",
        "temperature",
    ]


@pytest.mark.parametrize("status", [307, 308])
def test_redirects(simulator: Simulator, status: int) -> None:
    same = chat(simulator.origin, f"redirect-{status}-same")
    other = chat(simulator.origin, f"redirect-{status}-other")
    assert same.status == other.status == status
    assert same.headers["location"] == "/redirected/v1/chat/completions"
    assert other.headers["location"].startswith("http://localhost:")
    body = CHAT | {"model": f"redirect-{status}-same"}
    assert ask(simulator.origin, same.headers["location"], body).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "start"),
    [
        ("POST", "/chat/completions", 200, "<!doctype html>"),
        ("GET", "/", 200, "<!doctype html>"),
        ("POST", "/v1/chat/completions/", 307, ""),
        ("GET", "/v1/models/", 301, "<a href"),
        ("POST", "/v1/v1/chat/completions", 404, '{"error":{"message":"Invalid URL (POST /v1/v1/'),
        ("POST", "/v1/nothing", 404, '{"error"'),
        ("GET", "/v1/chat/completions", 404, '{"error"'),
        ("OPTIONS", "/v1/chat/completions", 204, ""),
    ],
)
def test_wrong_paths(simulator: Simulator, method: str, path: str, status: int, start: str) -> None:
    body = CHAT | {"model": "ok"} if method == "POST" else None
    answer = ask(simulator.origin, f"/new-api{path}", body, method=method)
    assert answer.status == status
    assert answer.text.startswith(start)
    assert ("x-new-api-version" in answer.headers) == (status not in {301, 307})


def test_family_headers(simulator: Simulator) -> None:
    marks = {
        "one-api": "x-oneapi-request-id",
        "new-api": "x-new-api-version",
        "rix": "x-rixapi-request-id",
        "shell": "x-oneapi-request-id",
    }
    for family, mark in marks.items():
        assert mark in chat(simulator.origin, f"{family}/sat-forever").headers
    for family in ("openai", "cdn"):
        names = chat(simulator.origin, f"{family}/sat-forever").headers
        assert not set(marks.values()) & set(names)


def test_a_real_name_answers_and_a_wrong_one_has_no_channel(simulator: Simulator) -> None:
    listed = ask(simulator.origin, "/v1/models", method="GET").json["data"]
    assert {"ok", "gpt-4o"} <= {one["id"] for one in listed}
    assert chat(simulator.origin, "gpt-4o").status == 200
    assert chat(simulator.origin, "gpt-4o-typo").status == 503
    assert chat(simulator.origin, "openai/gpt-4o-typo").status == 404


def test_many_connections_at_once(simulator: Simulator) -> None:
    count = 400  # both ends are in this process: twice as many descriptors, of 1,024 by default
    body = json.dumps(CHAT | {"model": "openai/stall-before-content", "stream": True}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-good\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    parts = urlsplit(simulator.origin)
    sockets = [socket.create_connection((parts.hostname, parts.port)) for _ in range(count)]
    try:
        for one in sockets:
            one.sendall(head.encode() + body)
        assert [one.recv(12) for one in sockets] == [b"HTTP/1.1 200"] * count
        assert simulator.connections == simulator.open_connections == count
        assert simulator.in_flight_peak == count
    finally:
        for one in sockets:
            one.close()
    assert simulator.wait_for(lambda sim: sim.aborted == count)
    assert simulator.wait_for(lambda sim: sim.open_connections == 0)


def test_requests_in_pieces_and_chunks_are_read(simulator: Simulator) -> None:
    body = json.dumps(CHAT | {"model": "ok"}).encode()
    pieces = [
        b"POST /v1/chat/completions HTTP/1.1\r\nHo",
        b"st: x\r\nAuthorization: Bearer sk-good\r\nContent-Type: application/json\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % 5 + body[:5] + b"\r\n",
        b"%x\r\n" % (len(body) - 5) + body[5:] + b"\r\n0\r\n\r\n",
    ]
    parts = urlsplit(simulator.origin)
    with socket.create_connection((parts.hostname, parts.port)) as one:
        for piece in pieces:
            one.sendall(piece)
        assert one.recv(12) == b"HTTP/1.1 200"


def test_two_simulators_in_two_threads() -> None:
    with Simulator() as one, Simulator() as other:
        heard: list[Heard] = []
        threads = [
            threading.Thread(target=lambda sim=sim: heard.append(chat(sim.origin, "ok")))
            for sim in (one, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status for answer in heard] == [200, 200]
        assert one.count() == other.count() == 1


@pytest.mark.parametrize("ending", ["stdin", "SIGTERM"])
def test_the_process(tmp_path: Path, ending: str) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"mine": {"behaviour": "sat-1-then-ok"}}), "utf-8")
    command = [sys.executable, "-m", "simulator", "--seed", "1", "--scenario", str(scenario)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["base_url"] == told["origin"] + "/v1"
        assert [chat(told["origin"], "mine").status for _ in range(2)] == [429, 200]
        stats = ask(told["origin"], "/__sim__/stats", method="GET").json
        assert stats["posts"] == {"mine": 2}
        assert stats["requests"] == 2
        seen = ask(told["origin"], "/__sim__/seen", method="GET").json
        assert [one["model"] for one in seen] == ["mine", "mine"]
        assert ask(told["origin"], "/__sim__/reset", b"{}").status == 200
        assert chat(told["origin"], "mine").status == 429
        if ending == "stdin":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60.0) == 0
