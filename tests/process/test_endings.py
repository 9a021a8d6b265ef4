"""Every wait ends by itself: Stop never reaches the plugin. And how connections fail."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import PluginProcess, Session
from simulator import Simulator
from tests.process.rig import ROOT, WORDS, Rig, error_of, new_key, succeeded
from tests.process.scripted import CLOSE_DELIMITED, Asked, Scripted, answering, chunk

UNAVAILABLE = "InvokeServerUnavailableError"
CONNECTION = "InvokeConnectionError"
TIME_IS_UP = "took longer than 590 s"
FELL_SILENT = "accepted the call but sent no data"

# Its processes are started once.
pytestmark = pytest.mark.xdist_group("protocol-endings")


@pytest.fixture(scope="module")
def impatient(simulator: Simulator) -> Iterator[Rig]:
    """A plugin whose minutes are seconds: silence 2, a call 3.9, a slow attempt 0.7."""
    helpers = Path(__file__).resolve().parents[1] / "catalogue/impatient"
    environment = {"PYTHONPATH": str(helpers)}
    with PluginProcess(ROOT, entrypoint="impatient_main", env=environment) as process:
        yield Rig(process, simulator, new_key())
        assert process.violations == []


ENDLESS = {
    "openai/hang": (FELL_SILENT, ""),
    "openai/stall-before-content": (FELL_SILENT, ""),
    "openai/stall-after-content": (FELL_SILENT, "你好，"),
    "new-api/ping-50-hang": (TIME_IS_UP, ""),
    "openai/tokens-1000-every-100": (TIME_IS_UP, " token"),
}
"""Model -> what the message says, what the text begins with."""


@pytest.fixture(scope="module")
def endless(impatient: Rig) -> dict[tuple[str, bool], tuple[Session, str]]:
    """All of them at once: session and key, by model and whether it streams."""
    keys = {(model, stream): new_key() for model in ENDLESS for stream in (False, True)}
    return {
        (model, stream): (impatient.chat(model, stream=stream, budget=60, key=key), key)
        for (model, stream), key in keys.items()
    }


@pytest.mark.parametrize("model", ENDLESS)
def test_silence_and_endless_answers_end(
    impatient: Rig,
    endless: dict[tuple[str, bool], tuple[Session, str]],
    model: str,
    stream: bool,
) -> None:
    words, text = ENDLESS[model]
    session, key = endless[model, stream]
    error = error_of(session)
    assert error.error_type == UNAVAILABLE
    assert words in error.message
    assert session.text.startswith(text if stream else "")
    assert bool(session.text) is (stream and bool(text))
    assert len(impatient.seen(key)) == 1


def test_a_call_ends_although_its_last_attempt_began_late(impatient: Rig, stream: bool) -> None:
    """Refused for 1 s, headers 1.5 s later, the text 1.7 s after them: the call's end is before.

    No silence is too long in itself. The daemon would have killed the call meanwhile.
    """
    turns = iter(("refuse", "dawdle"))

    def answer(connection: socket.socket, asked: Asked) -> None:
        if next(turns) == "refuse":
            answering(429, {"error": {"message": "busy"}}, ("Retry-After", "1"))(connection, asked)
            return
        threading.Event().wait(1.5)
        connection.sendall(CLOSE_DELIMITED)
        threading.Event().wait(1.7)
        connection.sendall(chunk("too late") + chunk(finish="stop"))

    with Scripted(answer) as server:
        fields = {"endpoint_url": server.base_url}
        session = impatient.chat("m", stream=stream, budget=60, fields=fields)
        error = error_of(session)
        assert len(server.asked) == 2
    assert error.error_type == UNAVAILABLE
    assert TIME_IS_UP in error.message
    assert session.text == ""


def test_a_refusal_whose_body_never_ends_is_a_refusal(impatient: Rig, stream: bool) -> None:
    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(b"HTTP/1.1 400 \r\nContent-Length: 900\r\n\r\n{")
        connection.recv(1)

    with Scripted(answer) as server:
        fields = {"endpoint_url": server.base_url}
        error = error_of(impatient.chat("m", stream=stream, budget=60, fields=fields))
        assert len(server.asked) == 1
    assert error.error_type == "InvokeBadRequestError"


@pytest.mark.parametrize(
    "model", ["openai/slow-headers-e500-900", "rix/slow-headers-e502-html-900"]
)
def test_a_slow_failure_is_repeated_once(impatient: Rig, model: str) -> None:
    """Two of its attempts fit into this call, a third would not be worth its price."""
    key = new_key()
    assert error_of(impatient.chat(model, budget=60, key=key)).error_type == UNAVAILABLE
    assert len(impatient.seen(key)) == 2


def test_nothing_that_was_asked_for_is_left_open(impatient: Rig) -> None:
    """After failures, cuts and silences no connection is busy, whoever was to close it."""
    # A simulator of its own: what other tests have left under way elsewhere proves nothing here.
    with Simulator(seed=8) as simulator:
        rig = Rig(impatient.plugin, simulator, new_key())
        sessions = [
            rig.chat(model, key=new_key(), budget=1, stream=stream)
            for model in ("openai/hang", "openai/cut-after-content", "openai/stall-after-content")
            for stream in (False, True)
            for _ in range(5)
        ]
        for session in sessions:
            error_of(session)
        assert simulator.count() >= len(sessions)
        assert simulator.wait_for(lambda sim: not sim.stats()["in_flight"])


def test_failing_to_connect_is_tried_four_times(rig: Rig, stream: bool) -> None:
    fields = {"endpoint_url": "http://127.0.0.1:9/v1"}
    error = error_of(rig.chat("m", stream=stream, budget=60, fields=fields))
    assert error.error_type == CONNECTION
    assert "port is closed" in error.message


def test_a_name_that_does_not_resolve(rig: Rig) -> None:
    fields = {"endpoint_url": "http://no-such-host.invalid/v1"}
    error = error_of(rig.chat("m", budget=0, fields=fields))
    assert error.error_type == CONNECTION
    assert "API Base URL" in error.message
    assert "no-such-host" not in error.message


def test_tls_where_none_is_spoken(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        session = rig.chat("m", budget=0, fields={"endpoint_url": url})
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            assert error_of(session).error_type == CONNECTION


@pytest.mark.parametrize("model", ["openai/close-without-answer", "openai/reset-without-answer"])
def test_a_connection_that_breaks_at_once_is_tried_three_times(
    rig: Rig, model: str, stream: bool
) -> None:
    assert error_of(rig.chat(model, stream=stream, budget=60)).error_type == CONNECTION
    assert len(rig.seen()) == 3


def test_a_connection_that_breaks_late_is_not_tried_again(rig: Rig) -> None:
    """After 5 s the call may have been billed."""
    model = "openai/slow-headers-close-without-answer-5500"
    for session in [rig.chat(model, stream=stream, budget=60) for stream in (False, True)]:
        error = error_of(session)
        assert error.error_type == CONNECTION
        assert "billed" in error.message
    assert len(rig.seen()) == 2


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_is_followed_on_the_same_host_only(rig: Rig, status: int, stream: bool) -> None:
    same = succeeded(rig.chat(f"rix/redirect-{status}-same", stream=stream, budget=20))
    assert same.text == WORDS
    assert len(rig.seen()) == 2
    other = error_of(rig.chat(f"rix/redirect-{status}-other", stream=stream, budget=20))
    assert other.error_type == "InvokeBadRequestError"
    # The simulator listens under the other name too, and would have seen the key.
    assert len(rig.seen()) == 3


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_permit_a_post_into_a_get_is_not_followed(
    rig: Rig, status: int
) -> None:
    error = error_of(rig.chat(f"rix/redirect-{status}-same", budget=20))
    assert error.error_type == "InvokeBadRequestError"
    assert len(rig.seen()) == 1


def test_a_connection_that_the_gateway_closed_meanwhile_costs_no_answer(rig: Rig) -> None:
    """Kept alive by the client, closed by the server: the next call notices and asks anew."""
    answers = iter(range(1_000))

    def answer(connection: socket.socket, _asked: Asked) -> None:
        body = chunk(f"number {next(answers)}") + chunk(finish="stop")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        # It promises to keep the connection, and closes it.
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    with Scripted(answer) as server:
        fields = {"endpoint_url": server.base_url}
        for number in range(5):
            session = succeeded(rig.chat("m", budget=20, fields=fields))
            assert session.text == f"number {number}"
        assert len(server.asked) == 5
