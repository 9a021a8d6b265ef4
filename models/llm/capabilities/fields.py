"""The fields of a custom model's form that declare capabilities."""

from collections.abc import Mapping

CALLING = "function_calling_type"
STREAMED_CALLING = "stream_function_calling"
STRUCTURED = "structured_output_support"
THOUGHT = "agent_thought_support"

VISION = "vision_support"
VIDEO = "video_support"

SUPPORT = ("support",)
SUPPORTED = ("supported",)
THINKS = ("supported", "only_thinking_supported")

UNSTREAMED = "tool_call_unstreamed"
"""Tools are supported, but no tool call can be read while an answer streams."""

WITH_VIDEO = "support_video"
"""Images are taken, and videos too; the form asks both at once."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    CALLING: ("tool_call", UNSTREAMED, "function_call", "no_call"),
    STREAMED_CALLING: ("supported", "not_supported"),
    VISION: ("support", WITH_VIDEO, "no_support"),
    "audio_support": ("support", "no_support"),
    VIDEO: ("support", "no_support"),
    "document_support": ("support", "no_support"),
    STRUCTURED: ("supported", "not_supported"),
    THOUGHT: ("supported", "only_thinking_supported", "not_supported"),
}
"""Their values: those of ``openai_api_compatible``, and ``UNSTREAMED`` and ``WITH_VIDEO``, each of
which says of two of its fields what the form asks once."""
