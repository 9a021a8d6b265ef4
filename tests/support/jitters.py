"""Chance taken out of pauses."""


def all_of(seconds: float) -> float:
    """The longest pause there may be."""
    return seconds


def half_of(seconds: float) -> float:
    """What is to be expected."""
    return seconds / 2


def never(seconds: float) -> float:
    """For pauses that are none of chance's.

    Raises:
        AssertionError: one was.
    """
    raise AssertionError(f"{seconds} s were to be jittered")
