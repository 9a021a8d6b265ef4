"""The other instances, as admission knows them, reached through the operator's Redis."""

from engine.admission import InstanceShare, KeyLimits, KeyRef, Lease, LeaseDenied, Limiter, RouteRef
from engine.cluster.connection import Connection
from engine.cluster.leases import Leases
from engine.cluster.notices import Notices


class RedisInstances:
    """Strict limits are kept together; what was found out of a key is told in the background.

    Args:
        connection: the operator's Redis.
    """

    def __init__(self, connection: Connection) -> None:
        self._leases = Leases(connection)
        self.limiter = Limiter(other_instances=self)
        self._notices = Notices(connection, self.limiter)

    @property
    def share(self) -> InstanceShare:
        """What this instance keeps to if the others cannot be asked."""
        return self._leases.share

    def entered(self, routes: tuple[RouteRef, ...]) -> None:
        """A call is under way for which these may matter."""
        self._notices.entered(routes)

    def left(self, routes: tuple[RouteRef, ...]) -> None:
        """It has ended."""
        self._notices.left(routes)

    def lease(self, key_ref: KeyRef, limits: KeyLimits, tokens: int = 0) -> Lease | LeaseDenied:
        """May an attempt be sent with this key, whose owner set at least one limit?"""
        return self._leases.lease(key_ref, limits, tokens)

    def heard_retry_after(self, route: RouteRef, seconds: float, cause: str) -> None:
        """The server told to wait so long."""
        self._notices.heard_retry_after(route, seconds, cause)

    def admitted(self, route: RouteRef) -> None:
        """A call was admitted in spite of such a wait, of the model or of its key: it is over."""
        self._notices.admitted(route)

    def refused(self, key_ref: KeyRef, reason: str) -> None:
        """The server refused this key, or its quota is used up."""
        self._notices.refused(key_ref, reason)

    def woken(self, key_ref: KeyRef) -> None:
        """The key works after all."""
        self._notices.woken(key_ref)
