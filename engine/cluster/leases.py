"""Strict limits over several instances: each attempt needs a lease, which Redis counts."""

import contextlib
import logging
import threading
import uuid
from typing import TYPE_CHECKING, cast

from engine.admission import InstanceShare, KeyLimits, KeyRef, Lease, LeaseDenied
from engine.cluster.connection import Connection, UnavailableError
from engine.cluster.names import PREFIX, name_of
from engine.cluster.scripts import RENEW_LEASES, TAKE_LEASE
from engine.cluster.token_minutes import TokenMinutes

if TYPE_CHECKING:
    from redis import Redis

    from engine.cluster.minutes import Minutes

LEASE_SECONDS = 30.0
"""A lease of which nothing more is heard ends after so long: its instance has died."""

RENEW_SECONDS = 10.0
"""How often all are renewed: two renewals in a row may fail."""

ASK_AGAIN_SECONDS = 0.05
"""How often an instance asks that was told to wait; a slot is empty for half of it on average."""

FORGOTTEN_SECONDS = 1.0
"""An instance that waits and has not asked for so long has gone, and others need not wait for
it."""

MAX_LOST = 10_000
"""Leases that are remembered while they cannot be given back."""

INSTANCES = f"{PREFIX}nodes"

logger = logging.getLogger("gateway")


class Leases:
    """The leases that this process holds.

    Args:
        connection: the operator's Redis.
        lease_seconds: how long a lease lasts of which nothing more is heard.
        renew_seconds: how often all of them are renewed.
    """

    def __init__(
        self,
        connection: Connection,
        lease_seconds: float = LEASE_SECONDS,
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:
        self._connection = connection
        self._lease_ms = round(lease_seconds * 1000)
        self._renew_seconds = renew_seconds
        self._instance = uuid.uuid4().hex[:16]
        self._lock = threading.Lock()
        self._held: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        self._renewing = False
        self._asked = False
        self._instances = 1
        self._alone = False
        self.share = InstanceShare()
        self._minutes: Minutes | None = None
        self._tokens = TokenMinutes(connection, self._instance)

    def lease(self, key_ref: KeyRef, limits: KeyLimits, tokens: int = 0) -> Lease | LeaseDenied:
        """A lease for one attempt, its tokens, and a place in the minute, as there are limits.

        Without Redis this instance keeps to its own part of the limits, which its permits do
        anyway.
        """
        self._keep_renewing()
        lease = _Lease(self, key_ref)
        try:
            if self._alone:
                self._renew()
            most = limits.max_concurrency
            if most is not None and not self._take(key_ref, lease, most):
                return LeaseDenied(ASK_AGAIN_SECONDS)
            if limits.tokens_per_minute is not None and tokens:
                wait = self._tokens.take(key_ref, limits.tokens_per_minute, lease.id, tokens)
                if wait:
                    lease.release()
                    return LeaseDenied(wait)
                lease.counts_tokens = True
            if limits.requests_per_minute is not None:
                wait = self._minute().take(key_ref, limits.requests_per_minute)
                if wait:
                    lease.spent(0, 0)
                    lease.release()
                    return LeaseDenied(wait)
        except UnavailableError:
            if self._go_alone():
                self._lose(lease)
                return LeaseDenied(
                    0.0
                )  # this permit was given by the whole limit; now a part counts
            if limits.max_concurrency is not None:
                self._hold(lease)
        except BaseException:  # killed while it waited
            self._lose(lease)
            raise
        return lease

    def give_back(self, lease: "_Lease") -> None:
        """An attempt has ended."""
        with self._lock:
            is_held = lease.id in self._held
        if is_held:
            self._lose(lease)
            if not self._alone:
                self._forget()

    def correct(self, lease: "_Lease", sent: int, answered: int) -> None:
        """An attempt took other tokens than it was permitted for."""
        with contextlib.suppress(UnavailableError):
            self._tokens.correct(lease.key_ref, lease.id, sent, answered)

    def _take(self, key_ref: KeyRef, lease: "_Lease", most: int) -> bool:
        names = [lease.name, name_of("waiting", key_ref), name_of("asked", key_ref), INSTANCES]
        arguments: list[str | int] = [
            most,
            self._instance,
            lease.id,
            self._lease_ms,
            round(FORGOTTEN_SECONDS * 1000),
        ]

        def take(redis: "Redis") -> list[int]:
            return cast("list[int]", redis.register_script(TAKE_LEASE)(names, arguments))

        answer = self._connection.insist(take)
        taken, self._instances = bool(answer[0]), max(1, answer[1])
        if taken:
            self._hold(lease)
        return taken

    def _hold(self, lease: "_Lease") -> None:
        with self._lock:
            self._held[lease.id] = lease.name

    def _lose(self, lease: "_Lease") -> None:
        """It is to be given back; also one whose answer was lost, for it may have been given."""
        with self._lock:
            self._held.pop(lease.id, None)
            self._lost[lease.id] = lease.name
            if len(self._lost) > MAX_LOST:  # Redis is away for long: they run out by themselves
                self._lost.pop(next(iter(self._lost)))

    def _go_alone(self) -> bool:
        """Redis has failed; tells whether this call is the one that found out."""
        with self._lock:
            if self._alone:
                return False
            self._alone = True
            self.share.instances = self._instances
        logger.warning(
            "Redis failed: this node keeps to the strict limits divided by the nodes last seen "
            "(%d), and the limits may be exceeded until it answers again",
            self._instances,
        )
        return True

    # Renewal

    def _keep_renewing(self) -> None:
        with self._lock:
            self._asked = True
            if self._renewing:
                return
            self._renewing = True
        threading.Thread(target=self._renew_for_ever, name="leases", daemon=True).start()

    def _renew_for_ever(self) -> None:
        pause = threading.Event()
        try:
            while not self._ends():
                try:
                    self._renew()
                except UnavailableError:
                    self._go_alone()
                pause.wait(self._renew_seconds)
        except BaseException:  # killed: the next call starts another
            self._renewing = False
            raise

    def _ends(self) -> bool:
        """Whether nothing was asked for since the last time, and nothing is left to do."""
        with self._lock:
            asked, self._asked = self._asked, False
            self._renewing = asked or bool(self._held or self._lost)
            return not self._renewing

    def _renew(self) -> None:
        """Renew all leases, and give back what could not be before."""
        with self._lock:
            held = dict(self._held)
        names = [INSTANCES, *held.values()]
        arguments: list[str | int] = [self._instance, self._lease_ms, *held]

        def renew(redis: "Redis") -> int:
            return cast("int", redis.register_script(RENEW_LEASES)(names, arguments))

        self._instances = max(1, self._connection.insist(renew))
        with self._lock:
            self._alone = False
            self.share.instances = 1
            # Given back meanwhile, and renewed after that.
            self._lost |= {lease: held[lease] for lease in held.keys() - self._held.keys()}
        self._forget()

    def _forget(self) -> None:
        """Give back what is held no more."""
        with self._lock:
            lost, self._lost = self._lost, {}

        def remove(redis: "Redis") -> None:
            pipeline = redis.pipeline(transaction=False)
            for lease, name in lost.items():
                pipeline.zrem(name, lease)
            pipeline.execute()

        if not lost:
            return
        try:
            self._connection.run(remove)
        except UnavailableError:
            with self._lock:
                self._lost |= lost

    def _minute(self) -> "Minutes":
        if self._minutes is None:
            # Imported when a form first has such a limit.
            from engine.cluster.minutes import Minutes  # noqa: PLC0415

            # Not made under the lock, for Redis is asked; of two made at once one is used.
            made = Minutes(self._connection)
            with self._lock:
                self._minutes = self._minutes or made
        return self._minutes


class _Lease:
    """One attempt's leave."""

    def __init__(self, leases: Leases, key_ref: KeyRef) -> None:
        self._leases = leases
        self.key_ref = key_ref
        self.name = name_of("leases", key_ref)
        self.id = uuid.uuid4().hex
        self.counts_tokens = False

    def spent(self, sent: int, answered: int) -> None:
        """It took so many tokens since it was sent, and further ones that count from now on."""
        if self.counts_tokens:
            self.counts_tokens = False
            self._leases.correct(self, sent, answered)

    def release(self) -> None:
        """The attempt has ended; may be told twice."""
        self._leases.give_back(self)
