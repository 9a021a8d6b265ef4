"""The rows of what a model takes besides text, and of what it does besides answering."""

from dify_plugin.entities.model import ModelFeature
from dify_plugin.entities.model.message import (
    AudioPromptMessageContent,
    DocumentPromptMessageContent,
    ImagePromptMessageContent,
    VideoPromptMessageContent,
)

from models.llm.capabilities.fields import (
    CALLING,
    STREAMED_CALLING,
    STRUCTURED,
    SUPPORT,
    SUPPORTED,
    THINKS,
    THOUGHT,
    VIDEO,
    VISION,
)
from models.llm.capabilities.row import Capability, Input
from models.llm.parts import wire_audio, wire_document, wire_image, wire_video

ABILITIES: tuple[Capability, ...] = (
    # What a prompt may hold.
    Capability(
        "vision",
        (ModelFeature.VISION,),
        VISION,
        SUPPORT,
        input=Input(ImagePromptMessageContent, wire_image),
    ),
    Capability(
        "audio",
        (ModelFeature.AUDIO,),
        "audio_support",
        SUPPORT,
        input=Input(AudioPromptMessageContent, wire_audio),
        chat_only=True,
    ),
    Capability(
        "video",
        (ModelFeature.VIDEO,),
        VIDEO,
        SUPPORT,
        input=Input(VideoPromptMessageContent, wire_video),
        chat_only=True,
    ),
    Capability(
        "document",
        (ModelFeature.DOCUMENT,),
        "document_support",
        SUPPORT,
        input=Input(DocumentPromptMessageContent, wire_document),
    ),
    # What it may do besides answering.
    Capability("tool_call", (ModelFeature.TOOL_CALL,), CALLING, ("tool_call", "function_call")),
    Capability("multi_tool_call", (ModelFeature.MULTI_TOOL_CALL,), CALLING, ("tool_call",)),
    Capability(
        "stream_tool_call",
        (ModelFeature.STREAM_TOOL_CALL,),
        STREAMED_CALLING,
        SUPPORTED,
    ),
    Capability("structured_output", (ModelFeature.STRUCTURED_OUTPUT,), STRUCTURED, SUPPORTED),
    Capability("agent_thought", (ModelFeature.AGENT_THOUGHT,), THOUGHT, THINKS),
)
