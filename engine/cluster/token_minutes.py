"""Tokens of a minute over several instances: each attempt takes its own, and Redis adds them up."""

from typing import TYPE_CHECKING, cast

from engine.admission import KeyRef
from engine.cluster.connection import Connection
from engine.cluster.names import name_of
from engine.cluster.scripts import CORRECT_TOKENS, TAKE_TOKENS

if TYPE_CHECKING:
    from redis import Redis

MINUTE_MS = 61_000
"""Milliseconds that count as a minute: one second for clocks and the network."""

MAX_WAIT_SECONDS = 1.0
"""An instance that was told to wait asks again after so long at most: answers may take less than
they were expected to."""

SAVING_MS = 3_000
"""Milliseconds that others leave the tokens to an instance that was refused, since it last
asked."""


class TokenMinutes:
    """What the calls with each key took, on all instances, within the last minute.

    Args:
        connection: the operator's Redis.
        instance: this process, by a name that no other has.
    """

    def __init__(self, connection: Connection, instance: str) -> None:
        self._connection = connection
        self._instance = instance

    def take(self, key_ref: KeyRef, limit: int, call: str, tokens: int) -> float:
        """Count a call; tells how many seconds to wait instead if the minute is full.

        Raises:
            UnavailableError: Redis does not answer.
        """
        names = [*_names(key_ref), name_of("saves", key_ref)]
        arguments: list[str | int] = [limit, self._instance, call, tokens, MINUTE_MS, SAVING_MS]

        def take(redis: "Redis") -> int:
            return cast("int", redis.register_script(TAKE_TOKENS)(names, arguments))

        return min(MAX_WAIT_SECONDS, self._connection.insist(take) / 1000)

    def correct(self, key_ref: KeyRef, call: str, sent: int, answered: int) -> None:
        """A call that was counted took other tokens.

        Args:
            key_ref: its key.
            call: its name.
            sent: tokens since it was sent.
            answered: further ones from now on.

        Raises:
            UnavailableError: Redis does not answer; then the estimate counts until it is old.
        """
        arguments: list[str | int] = [call, sent, answered, f"{call}:answer", MINUTE_MS]

        def correct(redis: "Redis") -> None:
            redis.register_script(CORRECT_TOKENS)(_names(key_ref), arguments)

        self._connection.insist(correct)


def _names(key_ref: KeyRef) -> list[str]:
    return [name_of("tokens", key_ref), name_of("tokens-of", key_ref)]
