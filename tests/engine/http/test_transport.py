"""HTTP: which request goes out, what never does, and in which phase it failed."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from engine.errors import AttemptError, Failure, Kind, kinds
from engine.http import transport as module
from engine.http.body import SENT_AT_ONCE, json_body
from engine.http.transport import Transport, failure_of
from engine.settings import Settings
from simulator import Simulator
from tests.support.details import details
from tests.support.polling import under_gevent
from tests.support.raw_server import Answer, Asked, RawServer, http, sending

PAYLOAD: dict[str, object] = {"model": "ok", "messages": [{"role": "user", "content": "你好"}]}
CHAT = "chat/completions"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=1) as found:
        yield found


def at(simulator: Simulator) -> Settings:
    return Settings(simulator.base_url, "sk-good", "ok")


def asking(model: str) -> dict[str, object]:
    return {**PAYLOAD, "model": model}


def failed(settings: Settings, payload: dict[str, object] | None = None, **limits: Any) -> Failure:
    with pytest.raises(AttemptError) as raised:
        Transport().post(settings, CHAT, payload or PAYLOAD, **limits).close()
    assert raised.value.__cause__ is None
    return raised.value.failure


def test_request_as_it_goes_out(simulator: Simulator) -> None:
    response = Transport().post(at(simulator), CHAT, PAYLOAD)
    assert response.status_code == 200
    assert json.loads(response.raw.read())["choices"]
    response.close()
    (seen,) = simulator.seen
    assert (seen.method, seen.path, seen.key, seen.body) == (
        "POST",
        "/v1/chat/completions",
        "sk-good",
        PAYLOAD,
    )
    assert seen.headers["authorization"] == "Bearer sk-good"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["user-agent"].startswith("resilient-gateway/")


def test_get_has_no_body(simulator: Simulator) -> None:
    response = Transport().get(at(simulator), "models")
    assert "data" in json.loads(response.raw.read())
    response.close()
    (seen,) = simulator.seen
    assert (seen.method, seen.path, seen.body) == ("GET", "/v1/models", None)
    assert "content-type" not in seen.headers


def test_chinese_is_sent_as_utf_8_and_a_lone_surrogate_does_not_stop_it() -> None:
    with RawServer(sending(http(200, b"{}"))) as server:
        settings = Settings(server.origin, "sk-good", "ok")
        Transport().post(settings, CHAT, {"a": "你好\ud800"}).close()
    assert server.requests[0].endswith('{"a":"你好?"}'.encode())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_what_json_cannot_hold_is_refused_before_any_request(
    simulator: Simulator, value: object
) -> None:
    failure = failed(at(simulator), {"x": value})
    assert failure.kind is kinds.BAD_REQUEST
    assert "cannot be sent as JSON" in details(failure)
    assert simulator.seen == []


# A body in pieces.

LARGE: dict[str, object] = {"model": "ok", "image": "x" * 8_000_000}


class SlowServer:
    """Takes 64 KiB every 20 ms, and answers; for one request."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        # What the system keeps for it would else be taken at once.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.received = bytearray()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def serve(self) -> None:
        connection, _ = self._socket.accept()
        with self._socket, connection:
            while not self.received.endswith(b'x"}'):
                self.received += connection.recv(64 * 1024)
                time.sleep(0.02)
            connection.sendall(http(200, b"{}"))


def test_limit_holds_for_each_delta_of_a_body_and_not_for_all_of_it() -> None:
    """20 MB of images take longer than it takes to connect."""
    server = SlowServer()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    Transport().post(Settings(server.origin, "k", "m"), CHAT, LARGE, connect_seconds=1.0).close()
    thread.join(60.0)
    head, _, body = bytes(server.received).partition(b"\r\n\r\n")
    assert json.loads(body) == LARGE
    assert b"Content-Length: %d" % len(body) in head
    assert b"transfer-encoding" not in head.lower()


def test_body_in_deltas_follows_a_redirect_as_a_whole() -> None:
    def answer(connection: socket.socket, asked: Asked) -> None:
        moved = asked.path.endswith(CHAT)
        connection.sendall(http(307, b"", "Location: /there") if moved else http(200, b"{}"))

    with RawServer(answer) as server:
        Transport().post(Settings(server.origin, "k", "m"), CHAT, LARGE).close()
    assert [asked.path for asked in server.asked] == [f"/{CHAT}", "/there"]
    assert [asked.json == LARGE for asked in server.asked] == [True, True]


def test_small_body_is_sent_at_once() -> None:
    assert list(json_body(b'{"a":1}')) == [b'{"a":1}']
    assert len(list(json_body(b"x" * (SENT_AT_ONCE + 1)))) == 2


# Redirects.


@pytest.mark.parametrize("status", [307, 308])
def test_post_follows_a_redirect_to_the_same_place(simulator: Simulator, status: int) -> None:
    with Transport().post(
        at(simulator), CHAT, asking(f"openai/redirect-{status}-same")
    ) as response:
        assert response.status_code == 200
    assert [seen.path for seen in simulator.seen] == [
        "/v1/chat/completions",
        "/redirected/v1/chat/completions",
    ]
    assert simulator.seen[1].body == simulator.seen[0].body
    assert simulator.seen[1].key == "sk-good"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_post_does_not_follow_what_would_make_it_a_get(simulator: Simulator, status: int) -> None:
    with Transport().post(
        at(simulator), CHAT, asking(f"openai/redirect-{status}-same")
    ) as response:
        assert response.status_code == status
    assert len(simulator.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_key_never_goes_to_another_host(simulator: Simulator, status: int) -> None:
    with Transport().post(
        at(simulator), CHAT, asking(f"openai/redirect-{status}-other")
    ) as response:
        assert response.status_code == status
    assert len(simulator.seen) == 1, "`localhost` is the same server under another name"


@pytest.mark.parametrize("scheme", ["https://", "ftp://", "//user:pw@", "file://"])
def test_another_scheme_port_or_user_is_another_place(scheme: str) -> None:
    with RawServer(sending(http(200, b"{}"))) as other:
        location = f"Location: {scheme}{other.origin.removeprefix('http://')}/v1/x"
        with RawServer(sending(http(307, b"", location))) as server:
            settings = Settings(server.origin, "sk-good", "ok")
            with Transport().post(settings, CHAT, PAYLOAD) as response:
                assert response.status_code == 307
            assert len(server.requests) == 1
        assert other.requests == []


def test_get_follows_the_trailing_slash(simulator: Simulator) -> None:
    with Transport().get(at(simulator), "models/") as response:
        assert response.status_code == 200
    assert [seen.path for seen in simulator.seen] == ["/v1/models/", "/v1/models"]


@pytest.mark.parametrize("location", ["", "/v1/chat/completions"])
def test_redirect_to_nowhere_is_an_answer(location: str) -> None:
    with RawServer(sending(http(307, b"", f"Location: {location}"))) as server:
        with Transport().post(Settings(f"{server.origin}/v1", "k", "m"), CHAT, PAYLOAD) as response:
            assert response.status_code == 307
        assert len(server.requests) == 1


def test_redirects_without_end_are_given_up() -> None:
    hops: list[int] = []

    def hop(connection: socket.socket, _asked: Asked) -> None:
        hops.append(len(hops))
        connection.sendall(http(308, b"", f"Location: /hop/{len(hops)}"))

    with RawServer(hop) as server:
        failure = failed(Settings(server.origin, "k", "m"))
    assert (failure.kind, failure.status) == (kinds.WRONG_URL, 308)
    assert len(hops) == 3


# Secrets and the machine's own settings.


def test_key_is_our_own_whatever_netrc_says(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(simulator.origin) == ("someone", "else")
    Transport().post(at(simulator), CHAT, PAYLOAD).close()
    assert simulator.seen[0].headers["authorization"] == "Bearer sk-good"


def test_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(sending(http(200, b"{}"))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        Transport().post(Settings("http://gateway.invalid/v1", "k", "m"), CHAT, PAYLOAD).close()
    assert proxy.requests[0].startswith(b"POST http://gateway.invalid/v1/chat/completions ")


def test_cookie_of_one_call_is_not_sent_with_the_next(simulator: Simulator) -> None:
    transport = Transport()
    for _ in range(2):
        with transport.post(at(simulator), CHAT, asking("openai/ok")) as response:
            assert "__cf_bm" in response.headers["Set-Cookie"]
            response.raw.read()
    assert all("cookie" not in seen.headers for seen in simulator.seen)


# Sessions.


def test_endpoint_and_key_have_a_session_of_their_own() -> None:
    transport = Transport()
    one = Settings("http://127.0.0.1:1/v1", "k", "m")
    assert transport._session(one) is transport._session(Settings("http://127.0.0.1:1/x", "k", "n"))
    assert transport._session(one) is not transport._session(
        Settings("http://127.0.0.1:1/v1", "l", "m")
    )
    assert transport._session(one) is not transport._session(
        Settings("http://127.0.0.1:2/v1", "k", "m")
    )
    assert all("k" not in key for key in transport._sessions)


def test_sessions_are_bounded_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SESSIONS", 3)
    transport = Transport()
    settings = [Settings("http://127.0.0.1:1/v1", f"key-{number}", "m") for number in range(5)]
    first = transport._session(settings[0])
    for one in (*settings[1:3], settings[0], *settings[3:]):
        transport._session(one)
    assert len(transport._sessions) == 3
    assert transport._session(settings[0]) is first


def test_sessions_that_rest_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Transport()
    old = transport._session(Settings("http://127.0.0.1:1/v1", "old", "m"))
    monkeypatch.setattr(module, "SESSION_IDLE_SECONDS", -1.0)
    transport._session(Settings("http://127.0.0.1:1/v1", "new", "m"))
    assert old not in [session for session, _ in transport._sessions.values()]


# In which phase it failed.


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def reset(connection: socket.socket, _asked: Asked) -> None:
    linger_for_0_s = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_0_s)


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:PORT/v1", "https://127.0.0.1:PORT/v1", "http://gateway.invalid/v1"],
)
def test_failing_to_connect(endpoint: str) -> None:
    settings = Settings(endpoint.replace("PORT", str(closed_port())), "k", "m")
    assert failed(settings).kind is kinds.CONNECT_FAILED


@pytest.mark.parametrize(
    "answer",
    [sending(), reset, sending(b"HTTP/1.1"), sending(b"not HTTP at all\r\n\r\n")],
    ids=["closed", "reset", "cut status", "no HTTP"],
)
def test_connection_that_broke_after_the_request_was_sent(answer: Answer) -> None:
    with RawServer(answer) as server:
        failure = failed(Settings(server.origin, "k", "m"))
        assert len(server.requests) == 1
    assert failure.kind is kinds.CONNECTION_LOST
    assert failure.seconds < 5


def test_silence_after_the_request_was_sent(simulator: Simulator) -> None:
    failure = failed(at(simulator), asking("openai/hang"), read_seconds=0.1)
    assert failure.kind is kinds.NO_ANSWER
    assert failure.seconds >= 0.1
    assert simulator.count() == 1


def test_silence_in_the_tls_handshake_is_no_connection(simulator: Simulator) -> None:
    """Nothing was sent, so nothing can have been billed; urllib3 calls it a read timeout."""
    settings = Settings(simulator.base_url.replace("http:", "https:"), "k", "m")
    assert failed(settings, connect_seconds=0.2).kind is kinds.CONNECT_FAILED


def test_silence_in_the_tls_handshake_under_gevent() -> None:
    printed = under_gevent("""
        from engine.errors import AttemptError
        from engine.settings import Settings
        from engine.http.transport import Transport
        from simulator import Simulator

        with Simulator(seed=1) as simulator:
            settings = Settings(simulator.base_url.replace("http:", "https:"), "k", "m")
            try:
                Transport().post(settings, "chat/completions", {}, connect_seconds=0.2)
            except AttemptError as error:
                print(error.failure.kind.name)
    """)
    assert printed == "connect_failed"


def test_server_that_answers_the_tls_handshake_with_http() -> None:
    with RawServer(sending()) as server:
        plain = Settings(server.origin.replace("http:", "https:"), "k", "m")
        server.greeting = http(400, b"no TLS here")
        assert failed(plain).kind is kinds.CONNECT_FAILED


@pytest.mark.parametrize("endpoint", ["http://a..b/v1", "http://*/v1", "gopher://a/v1"])
def test_address_that_no_request_can_be_sent_to(endpoint: str) -> None:
    assert failed(Settings(endpoint, "k", "m")).kind in {kinds.WRONG_URL, kinds.CONNECT_FAILED}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"), kinds.TLS_FAILED),
        (requests.exceptions.SSLError("UNEXPECTED_EOF_WHILE_READING"), kinds.CONNECTION_LOST),
        (requests.exceptions.ConnectTimeout(), kinds.CONNECT_FAILED),
        (requests.exceptions.ProxyError(), kinds.CONNECT_FAILED),
        (requests.exceptions.ReadTimeout(), kinds.NO_ANSWER),
        (requests.exceptions.ConnectionError(), kinds.CONNECTION_LOST),
        (requests.exceptions.ChunkedEncodingError(), kinds.CONNECTION_LOST),
        (requests.exceptions.InvalidURL(), kinds.WRONG_URL),
        (requests.exceptions.InvalidHeader(), kinds.BAD_REQUEST),
        (ConnectionResetError(), kinds.CONNECTION_LOST),
    ],
)
def test_phase_of_an_error(error: Exception, kind: Kind) -> None:
    failure = failure_of(error, 1.5)
    assert (failure.kind, failure.seconds, failure.note) == (kind, 1.5, type(error).__name__)
    assert failure.words == "", "addresses are in an error's own words"
