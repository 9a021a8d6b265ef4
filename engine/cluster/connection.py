"""The operator's Redis: asked briefly, left alone when it does not answer, never needed."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.cluster.breaker import Breaker
from engine.cluster.resolver import Resolver

if TYPE_CHECKING:
    from redis import Redis

VARIABLE = "RESILIENT_GATEWAY_REDIS_URL"
"""Of the environment: where the operator's Redis is."""

SCHEMES = ("redis", "rediss")

SECONDS = 0.1
"""Nobody notices so much; it is paid a few times, until the breaker opens."""

CONNECTIONS = 64
"""At once, from this process."""

logger = logging.getLogger("gateway")


class UnavailableError(Exception):
    """Redis did not answer, or is left alone for a while because it did not."""


class Connection:
    """Redis behind a breaker. The library is imported and a connection made at the first command.

    Args:
        url: where it is, with the password in it; never printed.
        breaker: when to leave it alone.
        seconds: to connect, to wait for a free connection, and for each command's answer.
    """

    def __init__(self, url: str, breaker: Breaker | None = None, seconds: float = SECONDS) -> None:
        self._url = url
        self._seconds = seconds
        self._breaker = breaker or Breaker()
        self._lock = threading.Lock()
        self._redis: Redis | None = None

    @property
    def given_up(self) -> bool:
        """Redis did not answer lately, and has not answered since."""
        return self._breaker.is_open

    def run[Answer](self, command: "Callable[[Redis], Answer]") -> Answer:
        """Run a command.

        Raises:
            UnavailableError: there is no answer, whatever the reason.
        """
        if not self._breaker.admits():
            raise UnavailableError
        try:
            answer = command(self.redis)
        except Exception as error:  # noqa: BLE001 - whatever it is, no call may fail by it
            # Its text may hold the address.
            if pause := self._breaker.failed():
                logger.warning(
                    "Redis does not answer (%s) and is left alone for %.0f s; calls go on without",
                    type(error).__name__,
                    pause,
                )
            raise UnavailableError from None
        if self._breaker.succeeded():
            logger.info("Redis answers again")
        return answer

    def insist[Answer](self, command: "Callable[[Redis], Answer]") -> Answer:
        """Run a command that may run twice, once more if there is no answer.

        A machine that was busy for a tenth of a second is no Redis that has gone.

        Raises:
            UnavailableError: there is no answer, whatever the reason.
        """
        was_given_up = self.given_up
        try:
            return self.run(command)
        except UnavailableError:
            if was_given_up:
                raise
        return self.run(command)

    @property
    def redis(self) -> "Redis":
        """The client, made once; it connects with the first command."""
        with self._lock:
            if self._redis is None:
                self._redis = self._new_client()
            return self._redis

    def _new_client(self) -> "Redis":
        from redis import BlockingConnectionPool, Redis  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.connection import parse_url  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        from engine.cluster.sockets import PlainConnection, TlsConnection  # noqa: PLC0415

        options = dict(parse_url(self._url))  # type: ignore[no-untyped-call]
        has_tls = urlsplit(self._url).scheme == "rediss"
        # After the URL's own options: a limit of ours is not to be lifted there.
        options |= {
            "connection_class": TlsConnection if has_tls else PlainConnection,
            "resolver": Resolver(self._seconds),
            "socket_connect_timeout": self._seconds,
            "socket_timeout": self._seconds,
            "retry": Retry(NoBackoff(), 0),
            "retry_on_timeout": False,
            "protocol": 2,
            "decode_responses": False,
        }
        pool = BlockingConnectionPool(  # type: ignore[no-untyped-call]
            max_connections=CONNECTIONS, timeout=self._seconds, **options
        )
        return Redis(connection_pool=pool)


def from_environment(environment: Mapping[str, str]) -> Connection | None:
    """The Redis that the operator named, if he did.

    Only here: what a form holds may come from anybody, and Dify's own ``REDIS_*`` is not ours.
    """
    url = environment.get(VARIABLE, "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        logger.warning(
            "%s is no redis:// or rediss:// URL; this node works alone, without Redis", VARIABLE
        )
        return None
    return Connection(url)
