"""The plugin without its queue: every call gets its turn at once. The floor for a lone call.

All else is the same code in the same kind of process, so the difference is the queue's cost.
"""

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from engine.admission import Admission, Call


class OpenTurn:
    """A turn that nobody counts."""

    position = 0

    def first_byte(self) -> None:
        """Nobody wants to know."""

    succeeded = rejected = failed = first_byte

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to give back."""


class OpenTicket:
    """A place before an open door."""

    def acquire(self, *, anew: bool = False) -> OpenTurn:  # noqa: ARG002 - as `Ticket` has it
        """Go in."""
        return OpenTurn()


def enter(_admission: Admission, _call: Call) -> AbstractContextManager[OpenTicket]:
    """In place of `Admission.enter`."""
    return nullcontext(OpenTicket())


if __name__ == "__main__":
    import main as plugin

    Admission.enter = enter  # type: ignore[method-assign,assignment]
    plugin.main()
