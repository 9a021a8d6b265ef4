"""How many tokens a text has, roughly: local, at once, without a vocabulary to download."""

import bisect
import math

ASCII_CHARACTERS_PER_TOKEN = 4.0
"""Of English, on average."""

OTHER_TOKENS_PER_CHARACTER = 0.8
"""Chinese costs 0.6 to 1.3 tokens a character in current vocabularies, accented Latin less."""

TOKENS_PER_MESSAGE = 4
"""Of what separates messages and names their roles."""

TOKENS_PER_IMAGE = {"low": 85, "high": 765}
"""OpenAI's price of an image of ordinary size, by detail."""


def estimate(text: str) -> int:
    """Tokens of a text; 0 only for an empty one."""
    return math.ceil(weigh(text))


def cut(text: str, tokens: int) -> str:
    """The longest beginning of a text that has at most so many tokens."""
    fits = bisect.bisect_right(
        range(1, len(text) + 1), float(tokens), key=lambda length: weigh(text[:length])
    )
    return text[:fits]


def weigh(text: str) -> float:
    """Tokens of a piece of text, not rounded, so that pieces of any cut add up to the same.

    Linear, at the speed of the C library.
    """
    plain = len(text.encode("ascii", "ignore"))
    return plain / ASCII_CHARACTERS_PER_TOKEN + (len(text) - plain) * OTHER_TOKENS_PER_CHARACTER
