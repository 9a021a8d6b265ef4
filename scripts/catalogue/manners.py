"""Which parameters the chat models of a vendor take, and in which range.

A manner holds what one vendor accepts for one generation of its models, at every value between
the bounds and in every combination: where a vendor refuses two parameters together, one of them
is left out. Sources: the vendors' API references, and where those are silent the YAML of Dify's
official plugins (2026-08-21). What these offer and gateways drop without a word is left out, such
as Qwen's `enable_search` and `repetition_penalty`: New API's request has no place for them.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Range:
    """The bounds of a number, and what the vendor uses if it is not sent."""

    low: float
    default: float
    high: float


@dataclass(frozen=True, slots=True)
class Manner:
    """The parameters of a chat model; what is `None` or false, it refuses or ignores.

    Attributes:
        limit: the field that bounds the answer.
        top_k: the vendor's default, or Dify's where the vendor names none; 0 if it is refused or,
            as with Gemini, gateways do not hand it on.
        penalties: presence_penalty and frequency_penalty, from -2 to 2.
        verbosity: low, medium, high.
        switch: the parameter that switches thinking off and on, if it can be; on by default.
        budget: it thinks as long as `budget_tokens` says, and not at all without.
        caching: only what is marked is cached; the others cache by themselves.
    """

    limit: str = "max_tokens"
    temperature: Range | None = None
    top_p: Range | None = None
    top_k: int = 0
    penalties: bool = False
    verbosity: bool = False
    switch: Literal["", "thinking", "enable_thinking"] = ""
    budget: bool = False
    caching: bool = False


_TOP_P = Range(0.01, 1, 1)
"""0 is refused by some vendors and means nothing to the others."""

MANNERS: dict[str, Manner] = {
    # OpenAI's reasoning models refuse sampling parameters and `max_tokens` by that name.
    "gpt": Manner(limit="max_completion_tokens", verbosity=True),
    "o-series": Manner(limit="max_completion_tokens"),
    "gpt-sampled": Manner(temperature=Range(0, 1, 2), top_p=_TOP_P, penalties=True),
    # Weights that several hosts serve: only what all of them take.
    "open": Manner(temperature=Range(0, 1, 2), top_p=_TOP_P),
    # Since Opus 4.7 sampling parameters are refused; before, temperature and top_p together.
    # `reasoning_effort` is left out: New API turns it into a thinking budget, which is refused as
    # well. A gateway's own names say it instead, as in `claude-opus-4-8-high`.
    "claude": Manner(caching=True),
    "claude-sampled": Manner(temperature=Range(0, 1, 1), top_k=50, budget=True, caching=True),
    # Since 3.5 sampling parameters are refused or without effect.
    "gemini": Manner(),
    "gemini-sampled": Manner(temperature=Range(0, 1, 2), top_p=Range(0.01, 0.95, 1)),
    "deepseek": Manner(temperature=Range(0, 1, 2), top_p=_TOP_P, switch="thinking"),
    # Temperatures of 2 and top_p of 0 are refused; 3.8 counts temperatures below 0.6 as 0.6.
    "qwen": Manner(temperature=Range(0.6, 0.6, 1.99), top_p=Range(0.01, 0.95, 1), top_k=20),
    "qwen-switched": Manner(
        temperature=Range(0, 0.7, 1.99),
        top_p=Range(0.01, 0.8, 1),
        top_k=20,
        switch="enable_thinking",
    ),
    "qwen-sampled": Manner(temperature=Range(0, 0.7, 1.99), top_p=Range(0.01, 0.8, 1), top_k=20),
    # Since K2.5 every sampling value but the fixed one is refused.
    "kimi": Manner(limit="max_completion_tokens"),
    "kimi-switched": Manner(switch="thinking"),
    "glm": Manner(),
    "glm-switched": Manner(switch="thinking"),
    "glm-sampled": Manner(
        temperature=Range(0, 1, 1), top_p=Range(0.01, 0.95, 1), switch="thinking"
    ),
    "doubao": Manner(),
    "minimax": Manner(temperature=Range(0, 1, 2), top_p=Range(0.01, 0.95, 1)),
    # A temperature of 0 is refused.
    "minimax-sampled": Manner(temperature=Range(0.01, 1, 1), top_p=Range(0.01, 0.95, 1)),
    # Penalties and stop words are refused by the reasoning ones.
    "grok": Manner(temperature=Range(0, 1, 2), top_p=_TOP_P),
    "mistral": Manner(temperature=Range(0, 0.7, 1), top_p=_TOP_P, penalties=True),
}
