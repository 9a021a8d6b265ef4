"""Reasoning that a provider wants to see again while its tools are at work.

DeepSeek, Kimi and GLM refuse a tool's result without the ``reasoning_content`` that led to the
call; Claude (through OpenRouter or LiteLLM) wants its signed blocks, Gemini the call's signature.
Newer Difys keep them for us in ``opaque_body``; for older ones the thoughts in the text have to do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    PromptMessage,
    UserPromptMessage,
)

from engine import REASONING_ITEMS, Finish
from models.llm.parts import Wire
from models.llm.thoughts import thoughts_in

_CHAT = "chat_completions"
_RESPONSES = "responses"
"""Whose blocks they are: another API has other ones."""

_SIGNED = ("reasoning_details", "thinking_blocks")


def kept(finish: Finish, reasoning: str) -> dict[str, Any] | None:
    """What to give Dify to keep; ``None`` if nobody will ask for it."""
    body: dict[str, Any] = dict(finish.reasoning_blocks)
    if finish.tool_calls and reasoning:
        body["reasoning_content"] = reasoning
    if REASONING_ITEMS in body:
        return {_RESPONSES: {REASONING_ITEMS: body[REASONING_ITEMS]}}
    if extra := {call.id: call.extra_content for call in finish.tool_calls if call.extra_content}:
        body["extra_content"] = extra
    return {_CHAT: body} if body else None


def turn_begins(messages: Sequence[PromptMessage]) -> int:
    """Where the turn under way begins: at the last message of a person."""
    asked = [i for i, message in enumerate(messages) if isinstance(message, UserPromptMessage)]
    return asked[-1] if asked else 0


def replay(message: PromptMessage, wire: Wire, *, in_turn: bool) -> Wire:
    """A wire message with the reasoning that belongs to it.

    Reasoning in plain text is for the turn under way only: afterwards it costs tokens, and some
    models refuse it.
    """
    if not isinstance(message, AssistantPromptMessage):
        return wire
    body = _kept_body(message, _CHAT)
    said = {**wire, **{name: body[name] for name in _SIGNED if name in body}}
    extra = body.get("extra_content")
    calls = wire.get("tool_calls")
    if not isinstance(calls, list):
        return said
    if isinstance(extra, Mapping):
        said["tool_calls"] = [
            {**call, "extra_content": extra[call["id"]]} if call["id"] in extra else call
            for call in calls
        ]
    reasoning = body.get("reasoning_content") or thoughts_in(message.get_text_content())
    if in_turn and reasoning:
        said["reasoning_content"] = reasoning
    return said


def replay_items(message: PromptMessage, wire: Wire) -> Wire:
    """A wire message for the Responses API, with the items of reasoning that belong to it."""
    if not isinstance(message, AssistantPromptMessage):
        return wire
    items = _kept_body(message, _RESPONSES).get(REASONING_ITEMS)
    return {**wire, REASONING_ITEMS: items} if items else wire


def _kept_body(message: AssistantPromptMessage, api: str) -> Mapping[str, Any]:
    whole = message.opaque_body
    body = whole.get(api) if isinstance(whole, dict) else None
    return body if isinstance(body, dict) else {}
