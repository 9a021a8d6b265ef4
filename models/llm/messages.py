"""Dify's prompt messages in the wire format of OpenAI's chat completions."""

from collections.abc import Sequence

from dify_plugin.entities.model import ModelFeature
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageContent,
    PromptMessageTool,
    TextPromptMessageContent,
    ToolPromptMessage,
)

from engine import TOKENS_PER_IMAGE, TOKENS_PER_MESSAGE, Message, Mode, asked_text, estimate
from models.errors import RefusedError
from models.llm.capabilities import INPUTS, Input
from models.llm.parts import Wire, wire_text
from models.llm.replay import replay, replay_items, turn_begins
from models.llm.thoughts import without_thoughts

_INPUTS_NAMED = frozenset({"image", "audio", "video", "document"})


def wire_messages(
    messages: Sequence[PromptMessage], features: frozenset[ModelFeature], mode: Mode = "chat"
) -> list[Wire]:
    """Convert a conversation; nothing of it is changed.

    Args:
        messages: as Dify sent them.
        features: what the model takes.
        mode: the API that is asked; it decides which reasoning goes along.

    Raises:
        InvokeBadRequestError: a message holds what the model cannot take.
    """
    if mode == "responses":
        return [replay_items(one, _wire_message(one, features)) for one in messages]
    turn = turn_begins(messages)
    return [
        replay(message, _wire_message(message, features), in_turn=position >= turn)
        for position, message in enumerate(messages)
    ]


def input_of(part: PromptMessageContent, features: frozenset[ModelFeature]) -> Input:
    """What a part holds besides text, and how it is sent.

    Raises:
        InvokeBadRequestError: the model does not take it.
    """
    row = INPUTS.get(type(part))
    if row is None or row.input is None or not features.issuperset(row.features):
        raise _cannot_take(part)
    return row.input


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


def last_question(messages: Sequence[PromptMessage]) -> str:
    """Return the text that the user said last; it tells the language of the reader."""
    said = [{"role": one.role.value, "content": one.get_text_content()} for one in messages]
    return asked_text({"messages": said})


def estimate_prompt_tokens(
    messages: Sequence[PromptMessage], tools: Sequence[PromptMessageTool] | None
) -> int:
    """Tokens of a prompt, estimated locally."""
    tokens = sum(_estimate_message(message) for message in messages)
    for tool in tools or ():
        tokens += estimate(tool.model_dump_json())
    return tokens


def _wire_message(message: PromptMessage, features: frozenset[ModelFeature]) -> Wire:
    wire: Wire = {"role": message.role.value, "content": _content(message, features)}
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


def _content(message: PromptMessage, features: frozenset[ModelFeature]) -> str | list[Wire]:
    parts = _parts(message)
    if all(isinstance(part, TextPromptMessageContent) for part in parts):
        return _text_of(message)
    return [_wire_part(part, features) for part in parts]


def _wire_part(part: PromptMessageContent, features: frozenset[ModelFeature]) -> Wire:
    if isinstance(part, TextPromptMessageContent):
        return wire_text(part)
    return input_of(part, features).wire(part)


def _cannot_take(part: PromptMessageContent) -> RefusedError:
    kind = str(getattr(part, "type", "file"))
    named = kind if kind in _INPUTS_NAMED else "file"
    return RefusedError("input_type", type=Message(f"refusals.input_type.{named}"))


def _parts(message: PromptMessage) -> Sequence[PromptMessageContent]:
    return message.content if isinstance(message.content, list) else ()


def _text_of(message: PromptMessage) -> str:
    text = message.get_text_content()
    return without_thoughts(text) if isinstance(message, AssistantPromptMessage) else text


def _estimate_message(message: PromptMessage) -> int:
    tokens = TOKENS_PER_MESSAGE + estimate(_text_of(message))
    for part in _parts(message):
        if isinstance(part, ImagePromptMessageContent):
            tokens += TOKENS_PER_IMAGE[part.detail.value]
    if isinstance(message, AssistantPromptMessage):
        for call in message.tool_calls:
            tokens += estimate(call.function.name) + estimate(call.function.arguments)
    return tokens
