"""Kept-alive connections that are closed once they have been idle for too long.

``requests`` keeps an idle connection until it is used again and then finds it closed by the
gateway; a request sent into it would have to be repeated without knowing whether it was billed.
"""

import functools
import ssl
import threading
import time
from collections.abc import Mapping
from queue import Empty, Full, LifoQueue
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from engine.http.body import Body
from engine.http.heads import HEADS
from engine.settings.proxies import unquoted, usable_proxies

IDLE_SECONDS = 15.0
"""A connection unused for so long is closed, before a server or a proxy does it unseen."""

CONNECTIONS_PER_HOST = 1000
"""As many as the SDK has workers: no connection is thrown away for want of room."""

_SWEEP_SECONDS = 5.0


class _Connection(HTTPConnection):
    """Sends the head of a request with the beginning of its body: the gateway is woken once."""

    _waits_for_body = False
    _head = b""

    def request(self, method: str, url: str, body: Any = None, *args: Any, **options: Any) -> None:
        """Send a request."""
        self._waits_for_body = body is not None
        try:
            super().request(method, url, body, *args, **options)
            if self._head:  # the body was empty
                self.send(b"")
        finally:
            self._waits_for_body, self._head = False, b""

    def send(self, data: Any) -> None:
        """Send bytes, or hold them back if they are a head whose body comes at once."""
        if self._waits_for_body:
            self._waits_for_body = False
            self._head = data
            return
        if self._head:
            data, self._head = self._head + data, b""
        super().send(data)

    def getresponse(self) -> Any:
        """Read status and headers, all of which may take as long as one silence may."""
        if self.sock is None or not isinstance(self.timeout, int | float):
            return super().getresponse()
        with HEADS.awaited(self.sock, self.timeout):
            return super().getresponse()


class _TLSConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _ExpiringPool(HTTPConnectionPool):
    """A pool that knows how long each of its connections has been idle."""

    ConnectionCls = _Connection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _SWEEPER.watch(self)

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)
        _SWEEPER.wake()

    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)
        if time.monotonic() - getattr(conn, "idle_since", time.monotonic()) > IDLE_SECONDS:
            conn.close()
        return conn

    def close_idle(self, now: float) -> int:
        """Close what has been idle for 15 s; returns how many idle connections are left."""
        idle: LifoQueue[Any] | None = getattr(self, "pool", None)
        if idle is None:  # the pool was closed
            return 0
        kept: list[Any] = []
        expired: list[Any] = []
        for conn in _take_all(idle):
            is_old = conn is not None and now - conn.idle_since > IDLE_SECONDS
            kept.append(None if is_old else conn)
            if is_old:
                expired.append(conn)
        for conn in reversed(kept):
            self._give_back(idle, conn)
        for conn in expired:
            conn.close()
        return sum(1 for conn in kept if conn is not None)

    @staticmethod
    def _give_back(idle: LifoQueue[Any], conn: HTTPConnection | None) -> None:
        try:
            idle.put(conn, block=False)
        except Full:
            # Others have put theirs back meanwhile.
            if conn is not None:
                conn.close()


def _take_all(idle: LifoQueue[Any]) -> list[Any]:
    everything = []
    while True:
        try:
            everything.append(idle.get(block=False))
        except Empty:
            return everything


class _ExpiringTLSPool(_ExpiringPool, HTTPSConnectionPool):
    """The same over TLS."""

    ConnectionCls = _TLSConnection

    def _validate_conn(self, conn: Any) -> None:
        # urllib3 takes these for failures of an answer, but nothing has been sent yet.
        try:
            super()._validate_conn(conn)
        except TimeoutError as error:
            raise ConnectTimeoutError(conn, "TLS handshake timed out") from error
        except ssl.SSLCertVerificationError:
            raise
        except OSError as error:
            raise NewConnectionError(conn, f"TLS handshake failed: {error}") from error


class _Sweeper:
    """Closes idle connections of all pools; its thread lives only while there are any."""

    def __init__(self) -> None:
        self._pools: WeakSet[_ExpiringPool] = WeakSet()
        self._lock = threading.Lock()
        self._running = False
        self._woken = False

    def watch(self, pool: _ExpiringPool) -> None:
        with self._lock:
            self._pools.add(pool)

    def wake(self) -> None:
        """An idle connection was put back; see that somebody looks after it."""
        with self._lock:
            self._woken = True
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._sweep, name="idle-connections", daemon=True).start()

    def _sweep(self) -> None:
        try:
            while self._look_once():
                pass
        except BaseException:
            # The next connection that is put back starts another sweep.
            with self._lock:
                self._running = False
            raise

    def _look_once(self) -> bool:
        """Wait, and close what is too old; tells whether to look again."""
        time.sleep(_SWEEP_SECONDS)
        with self._lock:
            self._woken = False
            pools = list(self._pools)
        left = sum(pool.close_idle(time.monotonic()) for pool in pools)
        with self._lock:
            self._running = bool(left or self._woken)
            return self._running


_SWEEPER = _Sweeper()


class PooledAdapter(HTTPAdapter):
    """An adapter for one host, over an expiring pool.

    It never retries: one layer retries, and it is not this.
    """

    def __init__(self) -> None:
        super().__init__(pool_connections=4, pool_maxsize=CONNECTIONS_PER_HOST, max_retries=0)
        self._pool: Any = None

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool of the host; to find it takes longer than to send a request into it."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def close(self) -> None:
        """Close the idle connections; a request that comes all the same makes a new pool."""
        self._pool = None
        super().close()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Build the pools for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _use_expiring_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Build the pools for connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        _use_expiring_pools(manager)
        return manager


class PooledSession(requests.Session):
    """A session for one host, with expiring pools."""

    def __init__(self) -> None:
        super().__init__()
        adapter = PooledAdapter()
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self._environment: dict[str, Any] = {}

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Body | None,
        timeout: tuple[float, float],
    ) -> requests.Response:
        """Send a request; the body of its answer is not read, and no redirect followed.

        ``request`` would read the proxies and the certificates out of the environment each time,
        keep cookies, which would pass from user to user, and look for a ``.netrc``.

        Raises:
            requests.RequestException: there was no answer; also urllib3's errors, and ``OSError``.
        """
        if not self._environment:
            self._environment.update(self._read_environment(url))
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.url = _written(url)
        prepared.prepare_headers(headers)
        prepared.prepare_body(body, None)
        return self.get_adapter(url).send(prepared, timeout=timeout, **self._environment)

    def _read_environment(self, url: str) -> Mapping[str, Any]:
        found = self.merge_environment_settings(url, {}, True, None, None)
        verify = found["verify"]
        return {
            **found,
            "proxies": usable_proxies(url, found["proxies"]),
            "verify": unquoted(verify) if isinstance(verify, str) else verify,
        }


@functools.lru_cache(maxsize=1024)
def _written(url: str) -> str | None:
    """An address as it goes over the wire: with its host in ASCII, and what is odd escaped."""
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return prepared.url


def _use_expiring_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _ExpiringPool, "https": _ExpiringTLSPool}
