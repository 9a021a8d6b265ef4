"""The library's connections, with a limit for the name as well. Imported when they are needed."""

import socket
from typing import Any

from redis.connection import Connection, SSLConnection

from engine.cluster.resolver import Resolver


class PlainConnection(Connection):
    """A connection whose host is looked up in bounded time."""

    def __init__(self, *, resolver: Resolver, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._resolver = resolver

    def _connect(self) -> socket.socket:
        self._resolver.check(self.host)
        return super()._connect()  # type: ignore[no-any-return,no-untyped-call]


class TlsConnection(SSLConnection, PlainConnection):
    """The same through TLS."""
