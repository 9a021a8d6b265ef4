"""Gateways that mean harm, or might as well: each call ends in an error, and others go on."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import PluginProcess, WireError
from devtools.raw import Answer, Asked, RawServer
from simulator import Simulator
from tests.process.rig import ROOT, WORDS, Rig, error_of, new_key, succeeded

pytestmark = pytest.mark.xdist_group("protocol-hostile")

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEBIBYTE = b"x" * (1 << 20)
GROWTH_MIB = 128
"""What a hostile answer may take of memory: the largest answer that is read, and its copies."""


@pytest.fixture(scope="module")
def brief(simulator: Simulator) -> Iterator[Rig]:
    with PluginProcess(ROOT, entrypoint="tests.process.brief") as plugin:
        yield Rig(plugin, simulator, new_key())
        assert plugin.violations == []
        assert plugin.stderr == ""


def slowly(head: bytes, drop: bytes) -> Answer:
    """Send the head, then a byte again and again until the client has gone."""

    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(head)
        pause = threading.Event()
        while not pause.wait(0.3):
            connection.sendall(drop)

    return answer


def endlessly(head: bytes, piece: bytes, times: int = 1024) -> Answer:
    """Send the head, then a piece so many times."""

    def answer(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(head)
        with contextlib.suppress(OSError):
            for _ in range(times):
                connection.sendall(piece)

    return answer


HOSTILE = {
    "trickles its status": slowly(b"HTTP/1.1 2", b"0"),
    "trickles its headers": slowly(HEAD + b"X: ", b"a"),
    "trickles its body": slowly(HEAD + b"\r\n", b" "),
    "trickles an event": slowly(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", b":"
    ),
    "trickles a refusal": slowly(b"HTTP/1.1 500 No\r\n\r\n", b"x"),
    "sends a gibibyte": endlessly(HEAD + b"\r\n", MEBIBYTE),
    "sends a gibibyte of an event": endlessly(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ", MEBIBYTE
    ),
    "refuses with a gibibyte": endlessly(b"HTTP/1.1 500 No\r\n\r\n", MEBIBYTE),
    "never ends a header": endlessly(HEAD + b"X: ", MEBIBYTE),
    "never ends its headers": endlessly(HEAD, b"X-A: b\r\n" * 10_000, 100),
    "continues for ever": endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 1000),
    "speaks no HTTP": endlessly(b"", b"\x00\xff" * 1000, 10),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_gateway_costs_one_call(brief: Rig, name: str, stream: bool) -> None:
    before = _peak_mib(brief.plugin)
    with RawServer(HOSTILE[name]) as server:
        form = brief.form(endpoint_url=server.base_url, max_retry_seconds="1")
        session = brief.plugin.chat("m", credentials=form, stream=stream)
        assert succeeded(brief.chat("rix/ok", stream=stream)).text == WORDS
        error = error_of(session)
    assert error.error_type in {"InvokeServerUnavailableError", "InvokeConnectionError"}
    assert "Traceback" not in error.message
    assert _peak_mib(brief.plugin) - before < GROWTH_MIB


def test_a_second_answer_on_a_connection_is_nobodys(brief: Rig) -> None:
    """It would be taken for the answer to the next question, of whomever."""
    whole = b'{"choices":[{"message":{"content":"%s"},"finish_reason":"stop"}]}'

    def answer(text: bytes) -> bytes:
        body = whole % text
        return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def twice(connection: socket.socket, asked: Asked) -> None:
        question = asked.json["messages"][-1]["content"].encode()
        connection.sendall(answer(question) + answer(b"smuggled"))

    with RawServer(twice, keep_alive=True) as server:
        form = brief.form(endpoint_url=server.base_url)
        for number in range(5):
            session = brief.plugin.chat("m", str(number), credentials=form, stream=False)
            assert succeeded(session).text == str(number)


def test_a_name_that_is_no_host_is_said(rig: Rig) -> None:
    form = rig.form(endpoint_url="https://no-such-host.invalid/v1", max_retry_seconds="1")
    error: WireError = error_of(rig.plugin.chat("m", credentials=form))
    assert error.error_type == "InvokeConnectionError"


def _peak_mib(plugin: PluginProcess) -> float:
    status = Path(f"/proc/{plugin.pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
