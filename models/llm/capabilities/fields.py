"""The fields of a custom model's form that declare capabilities."""

from collections.abc import Mapping

CALLING = "function_calling_type"
STREAMED_CALLING = "stream_function_calling"
STRUCTURED = "structured_output_support"
THOUGHT = "agent_thought_support"

SUPPORT = ("support",)
SUPPORTED = ("supported",)
THINKS = ("supported", "only_thinking_supported")

CHOICES: Mapping[str, tuple[str, ...]] = {
    CALLING: ("tool_call", "function_call", "no_call"),
    STREAMED_CALLING: ("supported", "not_supported"),
    "vision_support": ("support", "no_support"),
    "audio_support": ("support", "no_support"),
    "video_support": ("support", "no_support"),
    "document_support": ("support", "no_support"),
    STRUCTURED: ("supported", "not_supported"),
    THOUGHT: ("supported", "only_thinking_supported", "not_supported"),
}
"""Their values: those of ``openai_api_compatible``."""
