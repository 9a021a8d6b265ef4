"""The request that Dify's question becomes: messages, tools, parameters, in the wire's words."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dify_plugin.entities.model import ModelFeature
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool

from engine import Mode, mentioning_json
from models.errors import RefusedError
from models.llm.capabilities import PARAMETERS
from models.llm.form import ChatForm
from models.llm.messages import prompt_text, wire_messages
from models.llm.structured import check_response_format
from models.llm.tools import as_functions, wire_tools

logger = logging.getLogger("gateway")

TOOL_FEATURES = frozenset({ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL})
"""A model with one of them calls tools."""


@dataclass(frozen=True, slots=True)
class Question:
    """What Dify asks; nothing of it is ever changed.

    Attributes:
        messages: the conversation.
        parameters: checked (``parameters``).
        tools: offered to the model.
        stop: texts at which the answer ends.
        user: on whose behalf; may be empty.
    """

    messages: Sequence[PromptMessage]
    parameters: Mapping[str, Any]
    tools: Sequence[PromptMessageTool] = ()
    stop: Sequence[str] = ()
    user: str = ""


def chat_payload(
    model: str, form: ChatForm, features: frozenset[ModelFeature], question: Question
) -> dict[str, Any]:
    """The body of a chat or completion request; a copy of all that it takes.

    Raises:
        InvokeBadRequestError: it holds what the model cannot take.
    """
    payload: dict[str, Any] = {"model": model}
    if form.mode == "completion":
        payload["prompt"] = prompt_text(question.messages)
    else:
        payload["messages"] = wire_messages(question.messages, features, form.mode)
    if question.tools:
        check_tools(features)
        payload["tools"] = wire_tools(question.tools)
    write_parameters(payload, question.parameters, form.mode)
    payload = mentioning_json(payload)
    if form.function_calls and "messages" in payload:
        payload = as_functions(payload)
    if question.stop:
        payload["stop"] = list(question.stop)
    if question.user:
        payload["user"] = question.user
    # Also for blocking calls: a proxy cuts an answer that is silent for 100 s.
    return {**payload, "stream": True, "stream_options": {"include_usage": True}}


def write_parameters(
    payload: dict[str, Any], parameters: Mapping[str, Any], mode: Mode = "chat"
) -> None:
    """Write parameters in the order of the table; what it does not know, as it is.

    What an app has saved of a chat model, and the Responses API has no word for, would be refused
    there one by one: it is left out, and that is logged.
    """
    payload |= {name: value for name, value in parameters.items() if name not in PARAMETERS}
    for name, row in PARAMETERS.items():
        if name not in parameters:
            continue
        if row.chat_only and mode == "responses":
            what = "%s: %s is left out, as the Responses API has no word for it"
            logger.info(what, payload["model"], name)
        else:
            row.put(payload, parameters[name])
    check_response_format(payload)


def check_tools(features: frozenset[ModelFeature]) -> None:
    """Refuse tools that would be dropped.

    Raises:
        InvokeBadRequestError: the model is not set up for them.
    """
    if not features & TOOL_FEATURES:
        raise RefusedError("no_tools")
