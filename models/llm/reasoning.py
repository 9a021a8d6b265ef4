"""Reasoning: how much of it, in each family's own words.

The dialects are those that One API, New API and their kin pass through: ``reasoning_effort``
(OpenAI, Grok, Gemini), ``thinking`` with ``type`` and ``budget_tokens``, or ``reasoning`` with
``max_tokens`` (Claude), ``thinking`` with ``type`` alone (GLM, Doubao, DeepSeek, Kimi),
``enable_thinking`` and ``thinking_budget`` (Qwen), and the same inside ``chat_template_kwargs``
(vLLM, SGLang).
"""

import re
from typing import Any

from models.errors import RefusedError

type Payload = dict[str, Any]

_DIALECTS: tuple[tuple[re.Pattern[str], tuple[str, ...], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), switches, amounts)
    for pattern, switches, amounts in (
        (r"claude", ("thinking",), ("budget_tokens",)),
        (r"qwen|qwq|qvq", ("enable_thinking",), ("thinking_budget",)),
        (r"glm|doubao|seed|deepseek|kimi|moonshot|mimo", ("thinking",), ()),
        (r"gpt|gemini|grok|(^|[/\s-])o[1-9]", (), ("reasoning_effort",)),
    )
)
"""Part of a model's name: parameters that switch thinking, and those that measure it out."""

ROOM_FOR_ANSWER = 4096
"""Tokens beside the budget if nobody says how long the answer may be."""

_SAMPLING = ("temperature", "top_p", "top_k")

_UNKNOWN = (("enable_thinking",), ("reasoning_effort",))


def dialect_of(model: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters that switch thinking on or off, and those that measure it out."""
    name = model.lower()
    for pattern, switches, amounts in _DIALECTS:
        if pattern.search(name):
            return switches, amounts
    return _UNKNOWN


def write_thinking(payload: Payload, value: Any) -> None:
    """``enabled``, ``disabled`` or another type that the model knows; an object as it is."""
    payload["thinking"] = dict(value) if isinstance(value, dict) else {"type": value}


def write_budget_tokens(payload: Payload, value: Any) -> None:
    """Claude's budget, which switches thinking on unless it was switched off.

    It is a part of max_tokens, which gateways fill in with too little; and while it thinks, Claude
    takes no sampling parameter but its defaults.

    Raises:
        InvokeBadRequestError: nothing would be left for the answer.
    """
    thinking = payload.get("thinking", {"type": "enabled"})
    if thinking.get("type") != "enabled":
        return
    for name in _SAMPLING:
        payload.pop(name, None)
    longest = payload.setdefault("max_tokens", value + ROOM_FOR_ANSWER)
    if value >= longest:
        raise RefusedError("budget_tokens", budget=value, most=longest)
    payload["thinking"] = {**thinking, "budget_tokens": value}
    # New API's Claude channel and OpenRouter read the budget here, and pass over the other place.
    payload["reasoning"] = {"max_tokens": value}


def write_enable_thinking(payload: Payload, value: Any) -> None:
    """Qwen's switch, and the same for the chat templates of vLLM and SGLang.

    Which of them stands behind a gateway cannot be seen; each ignores the other's.
    """
    payload["enable_thinking"] = value
    arguments = dict(payload.get("chat_template_kwargs") or {})
    payload["chat_template_kwargs"] = {**arguments, "enable_thinking": value}
