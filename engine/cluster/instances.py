"""The other nodes, as admission knows them, reached through the operator's Redis."""

from engine.admission import Admission, Gate, Limits, NotNow, Permit, RouteRef, Share
from engine.cluster.connection import Connection
from engine.cluster.leases import Leases
from engine.cluster.notices import Notices


class Nodes:
    """Strict limits are kept together; what was found out of a key is told in the background.

    Args:
        connection: the operator's Redis.
    """

    def __init__(self, connection: Connection) -> None:
        self._leases = Leases(connection)
        self.admission = Admission(neighbours=self)
        self._notices = Notices(connection, self.admission)

    @property
    def share(self) -> Share:
        """What this node keeps to if the others cannot be asked."""
        return self._leases.share

    def entered(self, routes: tuple[RouteRef, ...]) -> None:
        """A call is under way for which these may matter."""
        self._notices.entered(routes)

    def left(self, routes: tuple[RouteRef, ...]) -> None:
        """It has ended."""
        self._notices.left(routes)

    def permit(self, gate: Gate, limits: Limits, tokens: int = 0) -> Permit | NotNow:
        """May an attempt be sent with this key, whose owner set at least one limit?"""
        return self._leases.permit(gate, limits, tokens)

    def told(self, route: RouteRef, seconds: float, cause: str) -> None:
        """The server told to wait so long."""
        self._notices.told(route, seconds, cause)

    def admitted(self, route: RouteRef) -> None:
        """A call was admitted in spite of such a wait, of the model or of its key: it is over."""
        self._notices.admitted(route)

    def refused(self, gate: Gate, reason: str) -> None:
        """The server refused this key, or its quota is used up."""
        self._notices.refused(gate, reason)

    def woken(self, gate: Gate) -> None:
        """The key works after all."""
        self._notices.woken(gate)
