"""What admission asks of the other instances and tells them. Alone, an instance asks nobody."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.admission.routes import InstanceShare, KeyLimits


class KeyRef(NamedTuple):
    """A key at an endpoint, the key as its hash."""

    endpoint: str
    key: str


class RouteRef(NamedTuple):
    """A model with a key at an endpoint, the key as its hash; ``None`` is every model."""

    endpoint: str
    key: str
    model: str | None

    @property
    def key_ref(self) -> KeyRef:
        """Its key."""
        return KeyRef(self.endpoint, self.key)

    @property
    def whole_key(self) -> "RouteRef":
        """Every model of its key."""
        return self._replace(model=None)


class Lease(Protocol):
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
class LeaseDenied:
    """Other instances use all that the limits allow.

    Attributes:
        seconds: when to ask again; sooner if a call of this instance's ends.
    """

    seconds: float


class OtherInstances(Protocol):
    """The other instances. Only ``lease`` may take time: it is asked outside of every lock."""

    @property
    def share(self) -> InstanceShare:
        """What this instance keeps to if the others cannot be asked."""

    def entered(self, routes: tuple[RouteRef, ...]) -> None:
        """A call is under way for which these may matter."""

    def left(self, routes: tuple[RouteRef, ...]) -> None:
        """It has ended."""

    def lease(self, key_ref: KeyRef, limits: KeyLimits, tokens: int = 0) -> Lease | LeaseDenied:
        """May an attempt be sent with this key, whose owner set at least one limit?

        Args:
            key_ref: the key.
            limits: that its owner set.
            tokens: that the attempt counts for, where they are limited.
        """

    def heard_retry_after(self, route: RouteRef, seconds: float, cause: str) -> None:
        """The server told to wait so long."""

    def admitted(self, route: RouteRef) -> None:
        """A call was admitted in spite of such a wait, of the model or of its key: it is over."""

    def refused(self, key_ref: KeyRef, reason: str) -> None:
        """The server refused this key, or its quota is used up."""

    def woken(self, key_ref: KeyRef) -> None:
        """The key works after all."""


class LocalLease:
    """A permit that nobody else has to know of."""

    def spent(self, sent: int, answered: int) -> None:
        """Nobody counts."""

    def release(self) -> None:
        """Nothing is held."""


class NoOtherInstances:
    """No other instances: a key's limits are kept by its own state."""

    def __init__(self) -> None:
        self.share = InstanceShare()

    def entered(self, routes: tuple[RouteRef, ...]) -> None:
        """Nobody listens."""

    def left(self, routes: tuple[RouteRef, ...]) -> None:
        """Nobody listens."""

    def lease(self, _key_ref: KeyRef, _limits: KeyLimits, _tokens: int = 0) -> Lease | LeaseDenied:
        """Always: the permit itself keeps to the limits."""
        return LocalLease()

    def heard_retry_after(self, route: RouteRef, seconds: float, cause: str) -> None:
        """Nobody listens."""

    def admitted(self, route: RouteRef) -> None:
        """Nobody listens."""

    def refused(self, key_ref: KeyRef, reason: str) -> None:
        """Nobody listens."""

    def woken(self, key_ref: KeyRef) -> None:
        """Nobody listens."""
