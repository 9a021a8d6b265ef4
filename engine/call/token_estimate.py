"""Tokens that a request is expected to take, and those that its answer was counted for."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.admission import Tokens
from engine.request import Request
from engine.text.tokens import TOKENS_PER_IMAGE, weigh

_READ = frozenset(
    {
        *("messages", "prompt", "instructions", "input", "query", "documents"),
        *("tools", "functions", "response_format", "text"),
    }
)
"""Fields of a request that the model reads; the others say how it answers."""

_MEDIA = frozenset({"url", "image_url", "image", "data", "file_data", "file_url"})
"""Fields whose text is a file or leads to one."""

_MAX_ANSWER = ("max_completion_tokens", "max_output_tokens", "max_tokens")


@dataclass(frozen=True, slots=True)
class CountsInAdvance:
    """Models whose vendor counts ``max_tokens`` when the request comes, whatever the answer is.

    Attributes:
        models: pattern of the beginning of names, in small letters, without a vendor in front.
        source: where the vendor says so.
    """

    models: str
    source: str


COUNTED_IN_ADVANCE: tuple[CountsInAdvance, ...] = (
    CountsInAdvance(
        r"(?:chat)?gpt-(?!oss)|o\d|codex-|computer-use-",
        "developers.openai.com, guides/rate-limits; learn.microsoft.com, Azure OpenAI quota: the "
        "limit is of the tokens that a request may take at most, and nothing is given back",
    ),
)
"""Everybody else counts the answer when it is there, or gives back what was counted too much
(Anthropic, Bedrock, Databricks, Groq, LiteLLM): to reserve ``max_tokens`` there would leave most of
a limit unused, as few answers are as long as they may be."""


def expected_tokens(model: str, payload: Mapping[str, object]) -> Tokens:
    """Tokens that a request is expected to take, by its fields that the model reads.

    Args:
        model: the name that the gateway knows it by.
        payload: the body that is sent.
    """
    read = [value for name, value in payload.items() if name in _READ]
    prompt = math.ceil(sum(_weight(value) for value in read))
    return Tokens(prompt, _reserved(model, payload))


def used_tokens[Result](request: Request[Result], result: Result) -> Tokens | None:
    """Tokens as the gateway counted them; ``None`` if it did not."""
    usage = request.used(result)
    return None if usage is None else Tokens(usage.prompt_tokens, usage.completion_tokens)


def _reserved(model: str, payload: Mapping[str, object]) -> int:
    name = model.lower().rpartition("/")[2]
    if not any(re.match(row.models, name) for row in COUNTED_IN_ADVANCE):
        return 0
    asked = [payload.get(field) for field in _MAX_ANSWER]
    return max((most for most in asked if isinstance(most, int)), default=0)


def _weight(value: object, name: str = "") -> float:
    if isinstance(value, str):
        return TOKENS_PER_IMAGE["high"] if name in _MEDIA else weigh(value)
    if isinstance(value, Mapping):
        return sum(weigh(key) + _weight(inner, key) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return sum(_weight(inner) for inner in value)
    return 0.0 if value is None else 1.0
