"""Why a call was not admitted."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a call was not admitted."""

    DEADLINE = "deadline"
    """Its time to wait ran out."""
    FULL = "full"
    """Waiting calls hold too much memory, and it was the newest of those that hold most."""
    HOPELESS = "hopeless"
    """So many are ahead that its turn cannot come in time, even at the best rate seen."""
    CIRCUIT_OPEN = "circuit_open"
    """Nothing was admitted for a minute, nor the latest probe."""
    RETRY_AFTER = "retry_after"
    """The server told to wait longer than the call may."""
    EJECTED = "ejected"
    """Each of its keys was refused or used up within the last five minutes."""


class NotAdmitted(Exception):  # noqa: N818 - it is an outcome, named like queue.Empty
    """The call was not admitted; the fields say why, as far as they apply.

    Attributes:
        reason: Why.
        waiting: Calls waiting for the same endpoint, model and keys.
        ahead: Those of them that would be served before it.
        wait: Seconds that the server told to wait, from now.
        cause: The failure that began this wait, as the text that came with it.
        of_key: This wait holds for every model of the key.
        rate: Best rate seen within ten minutes, calls a second.
        open_seconds: Seconds for which nothing has been admitted.
        ejected: Position of each ejected key, and why it cools down.
    """

    def __init__(self, reason: Reason, *, waiting: int = 0, detail: "Detail | None" = None) -> None:
        detail = detail or Detail()
        super().__init__(reason.value)
        self.reason = reason
        self.waiting = waiting
        self.ahead = detail.ahead
        self.wait = detail.wait
        self.cause = detail.cause
        self.of_key = detail.of_key
        self.rate = detail.rate
        self.open_seconds = detail.open_seconds
        self.ejected = detail.ejected


@dataclass(frozen=True, slots=True)
class Detail:
    """What is known beside the reason: fields of ``NotAdmitted``, in its units."""

    ahead: int = 0
    wait: float | None = None
    cause: str = ""
    of_key: bool = False
    rate: float | None = None
    open_seconds: float | None = None
    ejected: tuple[tuple[int, str], ...] = ()
