"""What the commands' exit codes mean."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended.

    Attributes:
        OK: an error was explained; a gateway works.
        PROBLEM: something about the gateway has to be put right: address, key, models.
        USAGE: the command line, or what was typed, cannot be used.
        NOT_RECOGNISED: the text holds no error of a gateway or a model call that is known.
        BUSY: the gateway was reached, but is saturated or out of order at this moment.
        UNREACHABLE: no connection to the gateway.
        INTERRUPTED: stopped from the keyboard.
    """

    OK = 0
    PROBLEM = 1
    USAGE = 2
    NOT_RECOGNISED = 3
    BUSY = 4
    UNREACHABLE = 5
    INTERRUPTED = 130
