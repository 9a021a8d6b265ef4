"""HTTP to a gateway: one pooled session for each endpoint and key, no retries, no surprises."""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as urllib3_errors

from engine.errors import AttemptError, Failure, Kind
from engine.errors.kinds import (
    BAD_REQUEST,
    CAUSES,
    CONNECT_FAILED,
    CONNECTION_LOST,
    NO_ANSWER,
    TLS_FAILED,
    WRONG_URL,
)
from engine.errors.messages import cause_message, message
from engine.http.body import Body, form_body, json_body
from engine.http.causes import cause_of
from engine.http.pool import PooledSession
from engine.request import Upload
from engine.settings import Settings

CONNECT_SECONDS = 10.0
"""To connect, for each address of the host."""

READ_SECONDS = 300.0
"""Between bytes: a model that thinks may be silent for minutes."""

MAX_SESSIONS = 256
"""Endpoints and keys that hold connections; those unused for longest go."""

SESSION_IDLE_SECONDS = 600.0
"""After so long without a request a session goes, and its connections with it."""

_MAX_REDIRECTS = 3
_PROXY_WANTS_PASSWORD = 407
_USER_AGENT = "resilient-gateway/0.1.0"

_KINDS_OF_ERRORS: tuple[tuple[tuple[type[Exception], ...], Kind], ...] = (
    ((requests.exceptions.ReadTimeout, urllib3_errors.ReadTimeoutError), NO_ANSWER),
    ((requests.exceptions.SSLError,), TLS_FAILED),
    ((requests.exceptions.ConnectTimeout,), CONNECT_FAILED),
    (
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            urllib3_errors.LocationValueError,
        ),
        WRONG_URL,
    ),
    ((requests.exceptions.InvalidHeader,), BAD_REQUEST),
)


class Transport:
    """Sends requests over kept-alive connections; safe under 1,000 threads or greenlets."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[tuple[str, str], tuple[PooledSession, float]] = OrderedDict()
        self._lock = threading.Lock()

    def post(
        self,
        settings: Settings,
        path: str,
        payload: Mapping[str, object],
        *,
        upload: Upload | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> requests.Response:
        """Send JSON or a form; returns as soon as the status and headers of the answer are here.

        The body is not read: the caller reads ``response.raw`` and closes the response.

        Args:
            settings: endpoint and key.
            path: below the endpoint, such as ``chat/completions``.
            payload: the JSON body, or the fields of a form.
            upload: the file of the form.
            connect_seconds: limit for connecting (to each address of the host), and for sending
                each piece of the body.
            read_seconds: limit for each silence.

        Raises:
            AttemptError: there was no answer; its failure says in which phase.
        """
        body = form_body(_form_fields(payload), upload) if upload else json_body(_encode(payload))
        return self._send(settings, "POST", path, body, (connect_seconds, read_seconds))

    def get(
        self,
        settings: Settings,
        path: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> requests.Response:
        """Like ``post``, without a body."""
        return self._send(settings, "GET", path, None, (connect_seconds, read_seconds))

    def _send(
        self,
        settings: Settings,
        method: str,
        path: str,
        body: Body | None,
        timeout: tuple[float, float],
    ) -> requests.Response:
        url = f"{settings.endpoint}/{path}"
        headers = _headers(settings, body)
        began = time.monotonic()
        for _ in range(_MAX_REDIRECTS):
            try:
                response = self._session(settings).ask(method, url, headers, body, timeout)
            except (requests.RequestException, urllib3_errors.HTTPError, OSError) as error:
                raise AttemptError(failure_of(error, time.monotonic() - began)) from None
            if response.status_code == _PROXY_WANTS_PASSWORD:
                response.close()
                raise AttemptError(_refused_by_proxy())
            target = _same_place(method, url, response)
            if target is None:
                return response
            response.close()
            url = target
        raise AttemptError(Failure(WRONG_URL, response.status_code, note="too many redirects"))

    def _session(self, settings: Settings) -> PooledSession:
        key = (settings.origin, settings.key_digest)
        now = time.monotonic()
        with self._lock:
            session, _ = self._sessions.pop(key, (None, 0.0))
            session = session or PooledSession()
            self._sessions[key] = (session, now)
            aged = self._aged(now)
        for old in aged:
            old.close()
        return session

    def _aged(self, now: float) -> list[PooledSession]:
        """Take out what was not used for long, or is one too many; the oldest come first."""
        aged = []
        while self._sessions:
            oldest, (session, used) = next(iter(self._sessions.items()))
            if len(self._sessions) <= MAX_SESSIONS and now - used <= SESSION_IDLE_SECONDS:
                break
            del self._sessions[oldest]
            aged.append(session)
        return aged


def _refused_by_proxy() -> Failure:
    behind = cause_message("proxy_password")
    return Failure(CONNECT_FAILED, _PROXY_WANTS_PASSWORD, cause=behind, final=True)


def failure_of(error: Exception, seconds: float) -> Failure:
    """Which failure a connection's error is, by the phase it happened in.

    Args:
        error: raised by ``requests`` or ``urllib3`` before any byte of an answer.
        seconds: since the attempt began.
    """
    note = type(error).__name__
    found = cause_of(error)
    if found is None:
        return Failure(_kind_of(error), seconds=seconds, note=note)
    return Failure(
        CAUSES[found.name],
        seconds=seconds,
        note=note,
        cause=cause_message(found.name),
        final=found.lasting,
    )


def _kind_of(error: Exception) -> Kind:
    text = str(error)
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE" not in text.upper():
        # The handshake was over: the request may have arrived.
        return CONNECTION_LOST
    for types, kind in _KINDS_OF_ERRORS:
        if isinstance(error, types):
            return kind
    # What is left is a plain ConnectionError: of connecting, or of a connection that broke.
    cause = error.args[0] if error.args else None
    return CONNECT_FAILED if isinstance(cause, urllib3_errors.MaxRetryError) else CONNECTION_LOST


def _headers(settings: Settings, body: Body | None) -> dict[str, str]:
    headers = {
        "Accept": "text/event-stream, application/json, */*;q=0.5",
        # A compressed stream arrives in blocks, not as it is written.
        "Accept-Encoding": "identity",
        "Connection": "keep-alive",
        "User-Agent": _USER_AGENT,
        **dict(settings.extra_headers),
        "Authorization": f"Bearer {settings.api_key}",
    }
    if body is not None:
        headers["Content-Type"] = body.content_type
    return headers


def _form_fields(payload: Mapping[str, object]) -> list[tuple[str, bytes]]:
    """The fields of a form: text as it is, a list as a field that is repeated, the rest as JSON."""
    return [
        (name, item.encode("utf-8", "replace") if isinstance(item, str) else _encode(item))
        for name, value in payload.items()
        for item in (value if isinstance(value, list) else [value])
        if item is not None
    ]


def _encode(value: object) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        fact = message("facts.not_json_parameter", problem=str(error))
        raise AttemptError(Failure(BAD_REQUEST, facts=(fact,))) from None
    return text.encode("utf-8", "replace")


def _same_place(method: str, url: str, response: requests.Response) -> str | None:
    """Where a redirect leads if it may be followed.

    Only to the same scheme, host and port, as the key would go along; a POST only where it
    stays one (RFC 9110 15.4.8 and 15.4.9).
    """
    followed = {307, 308} if method == "POST" else {301, 302, 307, 308}
    if response.status_code not in followed:
        return None
    target = urljoin(url, response.headers.get("Location", ""))
    here, there = urlsplit(url), urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc) or target == url:
        return None
    return target
