"""Why no connection came about: each cause by a real socket, named, and tried as it deserves."""

import socket
import time

import pytest
import requests

from engine.apis.chat.request import chat_request
from engine.call.attempt import TimeLimits, send_attempt
from engine.call.channel import Collected
from engine.call.policy import repeats_allowed
from engine.errors import AttemptError, Failure, Kind, kinds
from engine.errors.messages import cause_message
from engine.http.causes import CAUSES, cause_of
from engine.http.transport import Transport, failure_of
from engine.settings import Settings
from engine.settings.proxies import proxy_passwords, unquoted
from tests.support.raw_server import RawServer, http, sending

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
PLAIN, SECURE = "http://gw.example.test/v1", "https://gw.example.test/v1"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def failure(endpoint: str) -> Failure:
    with pytest.raises(AttemptError) as raised:
        Transport().post(Settings(endpoint, "sk-1", "m"), "chat/completions", {})
    return raised.value.failure


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def refusing(status: int) -> RawServer:
    return RawServer(sending(http(status, b"no")))


def assert_told(
    found: Failure, name: str, *, lasting: bool = True, kind: Kind = kinds.CONNECT_FAILED
) -> None:
    assert found.kind is kind
    assert found.cause == cause_message(name)
    assert (repeats_allowed(found) == 0) is lasting


@pytest.mark.parametrize("endpoint", [PLAIN, SECURE])
def test_a_proxy_that_wants_a_password(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    with refusing(407) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.origin)
        found = failure(endpoint)
    assert_told(found, "proxy_password")
    assert len(proxy.asked) == 1


def test_a_proxy_that_refuses_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(403) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        assert_told(failure(SECURE), "proxy_refuses")


def test_a_proxy_that_is_not_there_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    assert_told(failure(PLAIN), "proxy_unreachable", lasting=False)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "socks"])
def test_socks(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:10808")
    assert_told(failure(PLAIN), "proxy_socks")


@pytest.mark.parametrize("value", ["http://", "http://proxy:port", "http://:8080", '"http://["'])
def test_what_is_no_address_of_a_proxy(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    assert_told(failure(PLAIN), "proxy_address")


def test_a_proxy_of_an_unknown_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "ftp://127.0.0.1:21")
    assert_told(failure(PLAIN), "proxy_type")


def test_a_proxy_that_speaks_no_tls_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(400) as proxy:
        proxy.greeting = http(400, b"Bad Request")
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin.replace("http://", "https://"))
        assert_told(failure(SECURE), "proxy_without_tls")


def test_a_port_without_tls() -> None:
    with refusing(400) as server:
        server.greeting = http(400, b"Bad Request")
        assert_told(failure(server.base_url.replace("http://", "https://")), "port_without_tls")


@pytest.mark.parametrize(
    "page",
    [
        b"<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>",
        b"Client sent an HTTP request to an HTTPS server.\n",
        b"Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ],
)
def test_a_port_with_tls(page: bytes) -> None:
    """nginx, Go and Apache."""
    with RawServer(sending(http(400, page))) as server:
        settings = Settings(server.base_url, "sk-1", "m")
        limits = TimeLimits(time.monotonic() + 60.0)
        with pytest.raises(AttemptError) as raised:
            send_attempt(Transport(), settings, chat_request({}, "chat"), Collected(), limits)
    assert_told(raised.value.failure, "port_with_tls")


def test_a_port_that_is_closed_may_open_again() -> None:
    assert_told(failure(f"http://127.0.0.1:{closed_port()}/v1"), "port_closed", lasting=False)


def test_a_name_that_nobody_has_may_be_given() -> None:
    assert_told(failure("http://gateway.invalid/v1"), "name_not_found", lasting=False)


def test_an_address_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener whose backlog is full takes no further connection, and refuses none."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        settings = Settings(f"http://127.0.0.1:{address[1]}/v1", "sk-1", "m")
        with pytest.raises(AttemptError) as raised:
            Transport().post(settings, "chat/completions", {}, connect_seconds=0.3)
        for one in waiting:
            one.close()
    assert_told(raised.value.failure, "connect_timeout", lasting=False)


CERTIFICATES = {
    "certificate has expired (_ssl.c:1006)": "certificate_expired",
    "certificate is not yet valid": "certificate_expired",
    "Hostname mismatch, certificate is not valid for 'gw.example.test'.": "certificate_name",
    "IP address mismatch, certificate is not valid for '10.0.0.1'.": "certificate_name",
    "self-signed certificate": "certificate_issuer",
    "self-signed certificate in certificate chain": "certificate_issuer",
    "unable to get local issuer certificate": "certificate_issuer",
}


@pytest.mark.parametrize(("reason", "name"), CERTIFICATES.items(), ids=CERTIFICATES)
def test_what_is_wrong_with_a_certificate(reason: str, name: str) -> None:
    words = f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {reason}"
    found = failure_of(requests.exceptions.SSLError(words), 0.1)
    assert_told(found, name, kind=kinds.TLS_FAILED)


def test_a_broken_send_is_not_a_failed_connection() -> None:
    """What may have arrived is not sent again, whatever the system calls it."""
    for words in ("[Errno 101] Network is unreachable", "[Errno 111] Connection refused"):
        error = requests.exceptions.ConnectionError(f"('Connection aborted.', OSError({words}))")
        assert failure_of(error, 0.1).kind is kinds.CONNECTION_LOST


@pytest.mark.parametrize("around", ["'{}'", '"{}"', " {} ", "“{}”", "{}"])
def test_quotes_around_a_proxy_are_not_meant(monkeypatch: pytest.MonkeyPatch, around: str) -> None:
    with RawServer(sending(http(200, b"{}"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", around.format(proxy.origin))
        Transport().post(Settings(PLAIN, "sk-1", "m"), "chat/completions", {}).close()
    assert [asked.path for asked in proxy.asked] == [f"{PLAIN}/chat/completions"]
    assert unquoted(around.format("x")) == "x"


def test_every_cause_has_its_sentences() -> None:
    assert {cause.name for cause in CAUSES} | {"port_with_tls"} <= set(kinds.CAUSES)
    assert cause_of(ValueError("anything")) is None


def test_no_password_of_a_proxy_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:pass%20word-1234@[/")
    monkeypatch.setenv("HTTPS_PROXY", "'http://me:pass%20word-1234@127.0.0.1:1'")
    assert set(proxy_passwords()) == {"pass%20word-1234", "pass word-1234"}
    for endpoint in (PLAIN, SECURE):
        assert "word-1234" not in repr(failure(endpoint))
