"""What happens to calls, told to whoever measures it; by default nobody does.

The engine calls `current` at a few places. Switched off this costs a call of an empty method.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.admission.other_instances import RouteRef
    from engine.errors import Failure
    from engine.settings import Settings


class Listener:
    """Is told what happens, at once, in the thread that it happens in; this one forgets it.

    Nothing here may block, and no exception may leave it.
    """

    def call_ended(self, settings: "Settings", path: str, outcome: str, seconds: float) -> None:
        """A call is over: ``answered``, ``cached``, ``abandoned`` or the name of a failure's kind.

        Args:
            settings: endpoint, keys and the model that was asked for.
            path: what was asked, below the endpoint.
            outcome: how it ended.
            seconds: since it began.
        """

    def first_content(self, settings: "Settings", path: str, seconds: float) -> None:
        """The first content of a stream was handed on, so many seconds after the call began."""

    def gave_up(self, settings: "Settings", failure: "Failure") -> None:
        """A call was given up; what is told of it is the kind, never the gateway's words."""

    def parts_cached(self, settings: "Settings", path: str, count: int) -> None:
        """So many parts of a batch were answered from the cache."""

    def tokens(self, settings: "Settings", result: object) -> None:
        """The gateway answered with this, and may have counted tokens for it."""

    def permit_acquired(self, route: "RouteRef", waited: float) -> None:
        """An attempt may be sent, after so many seconds in the queue."""

    def attempt_ended(self, route: "RouteRef", outcome: str) -> None:
        """An attempt is over: succeeded, rejected, failed, key_refused or model_refused."""


current = Listener()


def listen(listener: Listener) -> None:
    """From now on this one is told, in place of the one before."""
    global current  # noqa: PLW0603 - the one switch of the process
    current = listener
