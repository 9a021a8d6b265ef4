"""Which parameter a refusal is about: by its name, another name of it, or its family."""

import functools
import re
from collections.abc import Mapping

from engine.errors import Failure
from engine.errors.kinds import BAD_REQUEST, CONTENT_REFUSED, CONTEXT_TOO_LONG

_BAD_REQUEST_STATUSES = frozenset({400, 422})

_ORDINARY_WORDS = frozenset({"user", "stop", "seed", "thinking", "verbosity"})
"""Parameters that an error may mention without meaning them."""

_OTHER_NAMES: Mapping[str, str] = {
    # OpenAI's Responses API and Gemini, vLLM and TGI, Anthropic of old, Ollama.
    "max_tokens": "max_(?:completion_|output_|new_)?tokens|num_predict",
    "max_completion_tokens": "max_(?:completion_|output_|new_)?tokens",
    # Anthropic and Gemini, DashScope, Cohere.
    "stop": "stop_(?:sequences?|words?|tokens?)|停止词",
    "reasoning_effort": "(?:thinking|reasoning)_level|reasoning\\W{1,3}effort",
    "thinking_budget": "thinking_budget|budget_tokens|budget -?\\d+ is invalid",
    "parallel_tool_calls": "parallel_(?:tool|function)_call(?:s|ing)?",
    "temperature": "温度",
}
"""Names that providers have for what we send under OpenAI's."""

_THINKING = re.compile(
    r"(?:\bnot support(?:ed)?|unsupported|(?:not|n't) (?:available|enabled|allowed|have)|\binvalid"
    r"|\bno)\b.{0,40}\b(?:thinking|reasoning)\b"
    r"|\b(?:thinking|reasoning)\b(?: (?:\w+ ){0,3}|\W)(?:is |are |can)?"
    r"(?:not|n't|invalid|unsupported|disabled)"
    r"|only (?:works|supported|available) (?:in|with) (?:non-)?(?:thinking|reasoning)"
    r"|不支持.{0,10}(?:思考|推理)|(?:思考|推理).{0,10}(?:不支持|不可用)",
    re.IGNORECASE,
)
_PENALTY = re.compile(
    r"(?<!presence[ _])(?<!frequency[ _])(?<!repetition[ _])\bpenalt(?:y|ies)\b|惩罚", re.IGNORECASE
)
_FAMILIES: Mapping[str, re.Pattern[str]] = {
    "reasoning_effort": _THINKING,
    "thinking": _THINKING,
    "enable_thinking": _THINKING,
    "thinking_budget": _THINKING,
    "presence_penalty": _PENALTY,
    "frequency_penalty": _PENALTY,
    "repetition_penalty": _PENALTY,
}
"""What is refused without a name: Gemini's "Penalty is not enabled", "Thinking level ..."."""


def is_bad_request(failure: Failure) -> bool:
    """By its status, or by what it says where the status tells nothing.

    New API had perhaps begun the answer with pings; LiteLLM of old says 500.
    """
    return failure.status in _BAD_REQUEST_STATUSES or failure.kind is BAD_REQUEST


def names(failure: Failure, parameter: str) -> bool:
    """Whether a refusal is about this parameter."""
    if not is_bad_request(failure) or failure.after_content:
        return False
    if failure.kind in (CONTEXT_TOO_LONG, CONTENT_REFUSED):
        return False
    return _is_named(failure, parameter) or _is_of_refused_family(failure, parameter)


def _is_named(failure: Failure, parameter: str) -> bool:
    return (
        f"{failure.param}.".startswith(f"{parameter}.")
        or _mention_of(parameter).search(failure.words) is not None
    )


def _is_of_refused_family(failure: Failure, parameter: str) -> bool:
    """Whether its family is refused, and none of it by name."""
    family = _FAMILIES.get(parameter)
    if family is None or family.search(failure.words) is None:
        return False
    return not any(_is_named(failure, name) for name, its in _FAMILIES.items() if its is family)


@functools.cache
def _mention_of(parameter: str) -> re.Pattern[str]:
    """How an error names a parameter, in camel case too (xAI).

    A word that is also an ordinary one stands in quotes, or is said to be a parameter.
    """
    name = _spelled(re.escape(parameter))
    if parameter in _ORDINARY_WORDS:
        pattern = (
            rf"['\"`“.]{name}(?![a-z_])|(?<![a-z_]){name}['\"`”.:]\S"
            rf"|(parameter|argument|field|input)s?(\ssupplied)?\W{{1,4}}{name}(?![a-z_])|^{name}:"
            rf"|(parameter|argument)s? not supported[^.:]{{0,30}}: ?{name}(?![a-z_])"
            rf"|(?<![a-z_]){name}\s?(参数|字段)|(参数|字段)\W{{0,4}}{name}(?![a-z_])"
        )
    else:
        pattern = rf"(?<![a-z_]){name}{'(?:ing)?' if parameter == 'stream' else ''}(?![a-z_])"
    if parameter in _OTHER_NAMES:
        pattern += rf"|(?<![a-z_])(?:{_spelled(_OTHER_NAMES[parameter])})(?![a-z_])"
    return re.compile(pattern, re.IGNORECASE)


def _spelled(name: str) -> str:
    """In snake case, in camel case, or in words."""
    return name.replace("_", "[_ -]?")
