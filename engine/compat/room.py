"""Whether a prompt that is said to be too long would fit with a shorter answer."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping

from engine.errors import Failure
from engine.errors.kinds import CONTEXT_TOO_LONG

_NUMBER = re.compile(r"(?<![\w.-])\d[\d,]*(?!\w|\.\d)")
_OF_THE_ANSWER = re.compile(
    r"max_?(?:completion|output|new|total)?_?tokens|completion|\boutput\b|requested|\btotal\b"
    r"|exceeded model token limit|回答|输出",
    re.IGNORECASE,
)
_NAMED = re.compile(r"max_?(?:completion|output|new|total)?_?tokens", re.IGNORECASE)
_FIGURES = 3
"""A context, a prompt and an answer. With fewer, a limit that is named is worth one request."""

_SMALLEST = 16
"""Tokens; smaller numbers are no context's and no prompt's."""


def fits_without_answer(failure: Failure, payload: Mapping[str, object], limit: str) -> bool:
    """Whether the prompt alone fits, going by the figures that the refusal tells.

    Vendors word it in many ways, but the figures are the same: the context, the prompt, the answer
    that was asked for, or the sum of the last two. Without any figures it is worth one request.

    Args:
        failure: of what was sent.
        payload: what was sent.
        limit: the field that limits the answer.
    """
    asked = payload.get(limit)
    if failure.kind is not CONTEXT_TOO_LONG or failure.after_content:
        return False
    if not isinstance(asked, int) or _OF_THE_ANSWER.search(failure.words) is None:
        return False
    numbers = [int(number.replace(",", "")) for number in _NUMBER.findall(failure.words)]
    figures = Counter(number for number in numbers if number >= _SMALLEST)
    if not figures or (len(figures) < _FIGURES and _NAMED.search(failure.words)):
        return True
    return any(
        _fits(context, other, answer)
        # A gateway may have asked for another answer than it was asked for.
        for answer in ({asked} if asked in figures else {asked, *figures})
        # An answer as long as the context is told twice.
        for context, other in itertools.permutations((figures - Counter([answer])), 2)
        # Else it is no context, but the prompt of a sum.
        if context + answer not in figures
    )


def _fits(context: int, other: int, answer: int) -> bool:
    """Whether the other figure, the prompt or the sum of both, leaves room without the answer."""
    is_prompt = other < context < other + answer and other != answer
    is_sum = other - answer <= context < other
    return answer <= context and (is_prompt or is_sum)
