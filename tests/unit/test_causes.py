"""Why no connection came about: each cause by a real socket, named, and tried as it deserves."""

import socket
import time

import pytest

from gateway.causes import CAUSES, PROXY_PASSWORD, cause_of
from gateway.chat import chat_request
from gateway.exchange import Limits, exchange
from gateway.failure import AttemptError, Failure, kinds
from gateway.policy import repeats_allowed
from gateway.proxies import proxy_passwords, unquoted
from gateway.relay import Collected
from gateway.settings import Settings
from gateway.transport import Transport
from unit.rawserver import RawServer, http, sending

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


def assert_told(found: Failure, sentence: str, *, lasting: bool = True) -> None:
    assert found.kind is kinds.CONNECT_FAILED
    assert sentence in found.detail
    assert found.detail_zh
    assert (repeats_allowed(found) == 0) is lasting


@pytest.mark.parametrize("endpoint", [PLAIN, SECURE])
def test_a_proxy_that_wants_a_password(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    with refusing(407) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.origin)
        found = failure(endpoint)
    assert_told(found, PROXY_PASSWORD.en)
    assert len(proxy.asked) == 1


def test_a_proxy_that_refuses_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(403) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        assert_told(failure(SECURE), "refuses to connect to this host")


def test_a_proxy_that_is_not_there_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    assert_told(failure(PLAIN), "could not be reached", lasting=False)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "socks"])
def test_socks(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:10808")
    assert_told(failure(PLAIN), "a socks proxy")


@pytest.mark.parametrize("value", ["http://", "http://proxy:port", "http://:8080", '"http://["'])
def test_what_is_no_address_of_a_proxy(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    assert_told(failure(PLAIN), "is no address of a proxy")


def test_a_proxy_of_an_unknown_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "ftp://127.0.0.1:21")
    assert_told(failure(PLAIN), "of an unknown kind")


def test_a_proxy_that_speaks_no_tls_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(400) as proxy:
        proxy.greeting = http(400, b"Bad Request")
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin.replace("http://", "https://"))
        assert_told(failure(SECURE), "speaks no TLS itself")


def test_a_port_without_tls() -> None:
    with refusing(400) as server:
        server.greeting = http(400, b"Bad Request")
        assert_told(failure(server.base_url.replace("http://", "https://")), "http:// instead")


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
        limits = Limits(time.monotonic() + 60.0)
        with pytest.raises(AttemptError) as raised:
            exchange(Transport(), settings, chat_request({}, "chat"), Collected(), limits)
    assert_told(raised.value.failure, "https:// instead")


def test_a_gateway_that_is_not_there_is_told_as_before() -> None:
    found = failure(f"http://127.0.0.1:{closed_port()}/v1")
    assert (found.kind, found.detail, found.final) == (kinds.CONNECT_FAILED, "", False)


@pytest.mark.parametrize("around", ["'{}'", '"{}"', " {} ", "“{}”", "{}"])
def test_quotes_around_a_proxy_are_not_meant(monkeypatch: pytest.MonkeyPatch, around: str) -> None:
    with RawServer(sending(http(200, b"{}"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", around.format(proxy.origin))
        Transport().post(Settings(PLAIN, "sk-1", "m"), "chat/completions", {}).close()
    assert [asked.path for asked in proxy.asked] == [f"{PLAIN}/chat/completions"]
    assert unquoted(around.format("x")) == "x"


def test_every_cause_is_there_in_both_languages_and_says_what_to_change() -> None:
    for cause in CAUSES:
        assert cause.sentence.en.endswith(".")
        assert cause.sentence.zh.endswith("。")
        assert "PROXY" in cause.sentence.en or "http://" in cause.sentence.en
    assert cause_of(ValueError("anything")) is None


def test_no_password_of_a_proxy_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:pass%20word-1234@[/")
    monkeypatch.setenv("HTTPS_PROXY", "'http://me:pass%20word-1234@127.0.0.1:1'")
    assert set(proxy_passwords()) == {"pass%20word-1234", "pass word-1234"}
    for endpoint in (PLAIN, SECURE):
        assert "word-1234" not in repr(failure(endpoint))
