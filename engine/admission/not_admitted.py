"""Why a call got no turn."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a call got no turn."""

    DEADLINE = "deadline"
    """Its time to wait ran out."""
    FULL = "full"
    """Waiting calls hold too much memory, and it was the newest of those that hold most."""
    HOPELESS = "hopeless"
    """So many are ahead that its turn cannot come in time, even at the best rate seen."""
    SHUT = "shut"
    """Nothing was let in for a minute, nor the latest probe."""
    TOLD = "told"
    """The server told to wait longer than the call may."""
    RESTING = "resting"
    """Each of its keys was refused or used up within the last five minutes."""


class NoTurn(Exception):  # noqa: N818 - it is an outcome, named like queue.Empty
    """The call got no turn; the fields say why, as far as they apply.

    Attributes:
        reason: Why.
        waiting: Calls waiting for the same endpoint, model and keys.
        ahead: Those of them that would be served before it.
        wait: Seconds that the server told to wait, from now.
        cause: The failure that began this wait, as the text that came with it.
        of_key: This wait holds for every model of the key.
        rate: Best rate seen within ten minutes, calls a second.
        closed_for: Seconds for which nothing has been let in.
        resting: Position of each resting key, and why it rests.
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
        self.closed_for = detail.closed_for
        self.resting = detail.resting


@dataclass(frozen=True, slots=True)
class Detail:
    """What is known beside the reason: fields of ``NoTurn``, in its units."""

    ahead: int = 0
    wait: float | None = None
    cause: str = ""
    of_key: bool = False
    rate: float | None = None
    closed_for: float | None = None
    resting: tuple[tuple[int, str], ...] = ()
