"""Dify's prompt messages and tools in the wire format of OpenAI's chat completions."""

import re
from collections.abc import Sequence

from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageContent,
    PromptMessageTool,
    TextPromptMessageContent,
    ToolPromptMessage,
)
from dify_plugin.errors.model import InvokeBadRequestError

from gateway.explain import LABEL
from gateway.tokens import TOKENS_PER_IMAGE, TOKENS_PER_MESSAGE, estimate

type Wire = dict[str, object]

_THINKING = re.compile(r"<think>.*?</think>\s*", re.DOTALL)


def wire_messages(messages: Sequence[PromptMessage], *, vision: bool) -> list[Wire]:
    """Convert a conversation; nothing of it is changed.

    Args:
        messages: as Dify sent them.
        vision: whether the model takes images.

    Raises:
        InvokeBadRequestError: a message holds what the model cannot take.
    """
    return [_wire_message(message, vision=vision) for message in messages]


def wire_tools(tools: Sequence[PromptMessageTool]) -> list[Wire]:
    """Convert the tools that are offered to the model."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in tools
    ]


def prompt_text(messages: Sequence[PromptMessage]) -> str:
    """The prompt of a completion model: all texts, a blank line between messages.

    Raises:
        InvokeBadRequestError: a message holds more than text.
    """
    for message in messages:
        for part in _parts(message):
            if not isinstance(part, TextPromptMessageContent):
                raise _cannot_take(part)
    return "\n\n".join(text for text in map(_text_of, messages) if text)


def estimate_prompt_tokens(
    messages: Sequence[PromptMessage], tools: Sequence[PromptMessageTool] | None
) -> int:
    """Tokens of a prompt, estimated locally."""
    tokens = sum(_estimate_message(message) for message in messages)
    for tool in tools or ():
        tokens += estimate(tool.model_dump_json())
    return tokens


def _wire_message(message: PromptMessage, *, vision: bool) -> Wire:
    wire: Wire = {"role": message.role.value, "content": _content(message, vision=vision)}
    if message.name:
        wire["name"] = message.name
    if isinstance(message, ToolPromptMessage):
        wire["tool_call_id"] = message.tool_call_id
    if isinstance(message, AssistantPromptMessage) and message.tool_calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in message.tool_calls
        ]
        wire["content"] = wire["content"] or None
    return wire


def _content(message: PromptMessage, *, vision: bool) -> str | list[Wire]:
    parts = _parts(message)
    if all(isinstance(part, TextPromptMessageContent) for part in parts):
        return _text_of(message)
    return [_wire_part(part, vision=vision) for part in parts]


def _wire_part(part: PromptMessageContent, *, vision: bool) -> Wire:
    if isinstance(part, TextPromptMessageContent):
        return {"type": "text", "text": part.data}
    if isinstance(part, ImagePromptMessageContent) and vision:
        return {
            "type": "image_url",
            "image_url": {"url": part.data, "detail": part.detail.value},
        }
    raise _cannot_take(part)


def _cannot_take(part: PromptMessageContent) -> InvokeBadRequestError:
    kind = getattr(part, "type", "file")
    return InvokeBadRequestError(
        f"{LABEL}: this model is not set up to take {kind} input, so the call was not sent. "
        f"Choose a model that takes it, or switch it on in the model's settings if it can."
    )


def _parts(message: PromptMessage) -> Sequence[PromptMessageContent]:
    return message.content if isinstance(message.content, list) else ()


def _text_of(message: PromptMessage) -> str:
    text = message.get_text_content()
    if isinstance(message, AssistantPromptMessage) and "<think>" in text:
        # Dify sends the thoughts of earlier turns back; models take them for their answer.
        return _THINKING.sub("", text)
    return text


def _estimate_message(message: PromptMessage) -> int:
    tokens = TOKENS_PER_MESSAGE + estimate(_text_of(message))
    for part in _parts(message):
        if isinstance(part, ImagePromptMessageContent):
            tokens += TOKENS_PER_IMAGE[part.detail.value]
    if isinstance(message, AssistantPromptMessage):
        for call in message.tool_calls:
            tokens += estimate(call.function.name) + estimate(call.function.arguments)
    return tokens
