"""The way to the gateway, step by step: name, connection, certificate."""

import contextlib
import os
import socket
import ssl
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests.utils

from cli.check.outcome import Outcome, Verdict
from cli.check.wire import CONNECT_LIMIT
from cli.check.words import SAY
from engine.errors import Language
from engine.errors.kinds import CONNECT_FAILED, TLS_FAILED

DAYS_BEFORE_EXPIRY = 21
"""A certificate that ends within so many days is worth a word."""

_PORTS = {"https": 443, "http": 80}


def check_address(endpoint: str, language: Language) -> list[Outcome]:
    """Look the name up, connect, and shake hands; what fails is the last line."""
    parts = urlsplit(endpoint)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if proxy := requests.utils.select_proxy(
        endpoint, requests.utils.get_environ_proxies(endpoint, no_proxy=None)
    ):
        through = urlsplit(proxy).hostname or "?"
        text = SAY["proxy"].say(language).format(proxy=through)
        return [Outcome("dns", Verdict.SKIPPED, text)]
    began = time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return [_unreached("dns", SAY["no_name"].say(language).format(host=host), error, language)]
    addresses = list(dict.fromkeys(str(address[4][0]) for address in found))
    text = f"{host} → {', '.join(addresses[:3])}"
    lines = [Outcome("dns", Verdict.OK, text, seconds=time.monotonic() - began)]
    began = time.monotonic()
    try:
        connection = socket.create_connection((host, port), timeout=CONNECT_LIMIT)
    except OSError as error:
        text = SAY["no_connection"].say(language).format(port=port)
        return [*lines, _unreached("connect", text, error, language)]
    text = SAY["connected"].say(language).format(port=port)
    lines.append(Outcome("connect", Verdict.OK, text, seconds=time.monotonic() - began))
    with connection:
        return [*lines, _handshake(connection, host, parts.scheme, language)]


def _handshake(connection: socket.socket, host: str, scheme: str, language: Language) -> Outcome:
    if scheme != "https":
        return Outcome("tls", Verdict.NOTE, SAY["no_tls"].say(language))
    authorities = os.environ.get("REQUESTS_CA_BUNDLE") or requests.utils.DEFAULT_CA_BUNDLE_PATH
    began = time.monotonic()
    try:
        context = ssl.create_default_context(cafile=authorities)
        with context.wrap_socket(connection, server_hostname=host) as secured:
            version, certificate = secured.version(), secured.getpeercert() or {}
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "verify_message", "") or str(error)
        texts = TLS_FAILED.texts(language)
        text = f"{texts.headline} ({reason[:120]})"
        return Outcome("tls", Verdict.UNREACHED, text, texts.remedy, TLS_FAILED.name)
    seconds = time.monotonic() - began
    days = _days_left(str(certificate.get("notAfter", "")))
    text = SAY["certificate"].say(language).format(version=version, days=days)
    verdict = Verdict.OK if days is None or days > DAYS_BEFORE_EXPIRY else Verdict.NOTE
    return Outcome("tls", verdict, text, seconds=seconds)


def _days_left(date: str) -> int | None:
    with contextlib.suppress(ValueError):
        end = datetime.fromtimestamp(ssl.cert_time_to_seconds(date), UTC)
        return (end - datetime.now(UTC)).days
    return None


def _unreached(name: str, text: str, error: Exception, language: Language) -> Outcome:
    reason = getattr(error, "strerror", None) or type(error).__name__
    remedy = CONNECT_FAILED.texts(language).remedy
    return Outcome(name, Verdict.UNREACHED, f"{text} ({reason})", remedy, CONNECT_FAILED.name)
