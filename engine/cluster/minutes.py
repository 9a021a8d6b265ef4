"""Requests of a minute over several instances, counted in Redis by the library `limits`."""

import time
from typing import TYPE_CHECKING

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from engine.admission import KeyRef
from engine.cluster.connection import Connection
from engine.cluster.names import PREFIX, name_of

MINUTE = 61
"""Seconds that count as a minute: one for clocks and the network."""

MIN_WAIT_SECONDS = 0.05
"""Seconds until an instance that was told to wait asks again, at least."""

if TYPE_CHECKING:
    from redis import Redis


class Minutes:
    """How many requests went out with each key, on all instances, within the last minute.

    Raises:
        UnavailableError: Redis cannot be used at all.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._limiter = connection.run(_limiter)

    def take(self, key_ref: KeyRef, limit: int) -> float:
        """Count one request; tells how many seconds to wait instead if the minute is full.

        Raises:
            UnavailableError: Redis does not answer.
        """
        item = RateLimitItemPerSecond(limit, MINUTE)
        name = name_of("key", key_ref)
        if self._connection.insist(lambda _: self._limiter.hit(item, name)):
            return 0.0
        window = self._connection.run(lambda _: self._limiter.get_window_stats(item, name))
        return max(MIN_WAIT_SECONDS, window.reset_time - time.time())


def _limiter(redis: "Redis") -> MovingWindowRateLimiter:
    # The URL is not used: the connections are ours.
    pool, prefix = redis.connection_pool, f"{PREFIX}minute"
    return MovingWindowRateLimiter(
        RedisStorage("redis://", connection_pool=pool, key_prefix=prefix)
    )
