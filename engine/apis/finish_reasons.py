"""What a finish reason says: that an answer is whole, at its limit, filtered, or none at all."""

import re

STOP = "stop"
LENGTH = "length"
TOOL_CALLS = "tool_calls"
FILTERED = "content_filter"
FAULT = "fault"
"""Of our own: the answer broke off, and the reason says so. It never leaves the engine."""

REASONS: tuple[tuple[str, str, str], ...] = (
    (STOP, "stop", "OpenAI; Gemini's STOP"),
    (STOP, "end_turn", "Anthropic, passed on by relays of Claude"),
    (STOP, "stop_sequence", "Anthropic; text-generation-inference"),
    (STOP, "eos", "Together"),
    (STOP, "eos_token", "text-generation-inference"),
    (STOP, "complete", "Cohere"),
    (STOP, "completed", "the Responses API, Volcengine"),
    (LENGTH, "length", "OpenAI"),
    (LENGTH, "max_tokens", "Anthropic, Cohere; Gemini's MAX_TOKENS"),
    (LENGTH, "max_output_tokens", "the Responses API"),
    (LENGTH, "max_length", "Baidu, older servers"),
    (LENGTH, "model_length", "Mistral: the context is full"),
    (LENGTH, "model_context_window_exceeded", "Anthropic, Zhipu"),
    (LENGTH, "error_limit", "Cohere: the context is full"),
    (TOOL_CALLS, "tool_calls", "OpenAI"),
    (TOOL_CALLS, "tool_call", "Cohere, older servers"),
    (TOOL_CALLS, "tool_use", "Anthropic"),
    ("function_call", "function_call", "OpenAI before tools"),
    (FILTERED, "content_filter", "OpenAI, Azure"),
    (FILTERED, "refusal", "Anthropic: classifiers took the answer"),
    (FILTERED, "content_filtered", "Amazon Bedrock"),
    (FILTERED, "guardrail_intervened", "Amazon Bedrock"),
    (FILTERED, "sensitive", "Zhipu"),
    (FILTERED, "error_toxic", "Cohere"),
    (FILTERED, "safety", "Gemini"),
    (FILTERED, "recitation", "Gemini"),
    (FILTERED, "blocklist", "Gemini"),
    (FILTERED, "prohibited_content", "Gemini"),
    (FILTERED, "spii", "Gemini: personal data"),
    (FILTERED, "language", "Gemini: a language that it does not speak"),
    (FILTERED, "image_safety", "Gemini"),
    (FILTERED, "image_prohibited_content", "Gemini"),
    (FILTERED, "image_recitation", "Gemini"),
    (FAULT, "error", "OpenRouter, vLLM"),
    (FAULT, "network_error", "Zhipu: the model failed"),
    (FAULT, "insufficient_system_resource", "DeepSeek: interrupted for want of resources"),
    (FAULT, "abort", "vLLM, SGLang: the request was taken out"),
    (FAULT, "user_cancel", "Cohere"),
    (FAULT, "malformed_function_call", "Gemini"),
    (FAULT, "malformed_response", "Gemini"),
    (FAULT, "unexpected_tool_call", "Gemini"),
    (FAULT, "too_many_tool_calls", "Gemini"),
    (FAULT, "missing_thought_signature", "Gemini"),
    ("", "null", "DashScope: as long as the answer goes on"),
    ("", "none", "null, written by Python"),
    ("", "unspecified", "Gemini's FINISH_REASON_UNSPECIFIED"),
)
"""What a reason means, the reason in lower case, and who says it. Meaning nothing is ``""``."""

_WORDS = re.compile(r"[\s-]+|(?<=[a-z])(?=[A-Z])")
"""What parts the words of a reason, however it is spelt."""

_KNOWN = {word: meaning for meaning, word, _ in REASONS}

# In this order: `max_tokens_error` would be a fault, `content_filter_error` a filter.
_UNKNOWN = (
    (
        FILTERED,
        re.compile(r"filter|safety|sensitive|prohibit|moderat|recitation|blocked|guardrail"),
    ),
    (
        FAULT,
        re.compile(
            r"error|fail|abort|cancel|interrupt|time_?out|timed_out|insufficient|unavailable"
            r"|disconnect|overload|exception|malformed|preempt|killed"
        ),
    ),
    (LENGTH, re.compile(r"length|max_\w*token|token_limit|context_window")),
    (TOOL_CALLS, re.compile(r"^(?:tool|function)_?(?:call|use)")),
)
"""Families of words, for reasons that nobody has documented yet."""


def read_reason(reason: str) -> str:
    """What a finish reason means, in OpenAI's words; ``FAULT`` if the answer is not whole.

    Empty if it says nothing. A reason of unknown meaning is given back as it is: the server ended
    the answer on purpose, and nothing in the reason says that something is amiss.
    """
    word = _WORDS.sub("_", reason.strip().rpartition(".")[2]).lower().removeprefix("finish_reason_")
    known = _KNOWN.get(word)
    if known is not None or not word:
        return known or ""
    return next((meaning for meaning, words in _UNKNOWN if words.search(word)), reason)
