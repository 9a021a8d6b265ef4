"""What admission asks of the other nodes and tells them. Alone, a node asks nobody."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.admission.routes import Limits, Share


class Gate(NamedTuple):
    """A key at an endpoint, the key as its hash."""

    endpoint: str
    key: str


class RouteRef(NamedTuple):
    """A model with a key at an endpoint, the key as its hash; ``None`` is every model."""

    endpoint: str
    key: str
    model: str | None

    @property
    def gate(self) -> Gate:
        """Its key."""
        return Gate(self.endpoint, self.key)

    @property
    def whole_key(self) -> "RouteRef":
        """Every model of its key."""
        return self._replace(model=None)


class Permit(Protocol):
    """The leave to send one attempt, where the owner of the key has set limits."""

    def spent(self, sent: int, answered: int) -> None:
        """What the attempt counts for, where tokens are limited; told before its end, if at all.

        Args:
            sent: tokens since it was sent, in place of those that it was permitted for.
            answered: further ones from now on.
        """

    def release(self) -> None:
        """The attempt has ended; also in a ``finally``, so it may be told twice."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Other nodes use all that the limits allow.

    Attributes:
        seconds: when to ask again; sooner if a call of this node's ends.
    """

    seconds: float


class Neighbours(Protocol):
    """The other nodes. Only ``permit`` may take time: it is asked outside of every lock."""

    @property
    def share(self) -> Share:
        """What this node keeps to if the others cannot be asked."""

    def entered(self, routes: tuple[RouteRef, ...]) -> None:
        """A call is under way for which these may matter."""

    def left(self, routes: tuple[RouteRef, ...]) -> None:
        """It has ended."""

    def permit(self, gate: Gate, limits: Limits, tokens: int = 0) -> Permit | NotNow:
        """May an attempt be sent with this key, whose owner set at least one limit?

        Args:
            gate: the key.
            limits: that its owner set.
            tokens: that the attempt counts for, where they are limited.
        """

    def told(self, route: RouteRef, seconds: float, cause: str) -> None:
        """The server told to wait so long."""

    def admitted(self, route: RouteRef) -> None:
        """A call was admitted in spite of such a wait, of the model or of its key: it is over."""

    def refused(self, gate: Gate, reason: str) -> None:
        """The server refused this key, or its quota is used up."""

    def woken(self, gate: Gate) -> None:
        """The key works after all."""


class Granted:
    """A permit that nobody else has to know of."""

    def spent(self, sent: int, answered: int) -> None:
        """Nobody counts."""

    def release(self) -> None:
        """Nothing is held."""


class Alone:
    """No other nodes: a key's limits are kept by its own gate."""

    def __init__(self) -> None:
        self.share = Share()

    def entered(self, routes: tuple[RouteRef, ...]) -> None:
        """Nobody listens."""

    def left(self, routes: tuple[RouteRef, ...]) -> None:
        """Nobody listens."""

    def permit(self, _gate: Gate, _limits: Limits, _tokens: int = 0) -> Permit | NotNow:
        """Always: the turn itself keeps to the limits."""
        return Granted()

    def told(self, route: RouteRef, seconds: float, cause: str) -> None:
        """Nobody listens."""

    def admitted(self, route: RouteRef) -> None:
        """Nobody listens."""

    def refused(self, gate: Gate, reason: str) -> None:
        """Nobody listens."""

    def woken(self, gate: Gate) -> None:
        """Nobody listens."""
