"""The plugin without its queue: every call gets its permit at once. The floor for a lone call.

All else is the same code in the same kind of process, so the difference is the queue's cost.
"""

from types import TracebackType
from typing import Self

from engine.admission import AdmissionRequest, Limiter


class OpenPermit:
    """A permit that nobody counts."""

    position = 0

    def first_byte(self) -> None:
        """Nobody wants to know."""

    def succeeded(self, _tokens: object = None) -> None:
        """Nobody wants to know."""

    rejected = failed = first_byte

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to give back."""


class OpenQueue:
    """A place before an open door."""

    def acquire(self, *, anew: bool = False) -> OpenPermit:  # noqa: ARG002 - as `QueuedCall` has it
        """Go in."""
        return OpenPermit()

    def leave(self) -> None:
        """There was no place."""


def enter(_limiter: Limiter, _call: AdmissionRequest) -> OpenQueue:
    """In place of `Limiter.enter`."""
    return OpenQueue()


if __name__ == "__main__":
    import main as plugin

    Limiter.enter = enter  # type: ignore[method-assign,assignment]
    plugin.main()
