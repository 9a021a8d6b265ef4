"""The gateway's answer as Dify's chunks."""

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from dify_plugin.entities.model.llm import LLMResultChunk, LLMResultChunkDelta, LLMUsage
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    PromptMessage,
    PromptMessageTool,
)

from engine import AnswerEvent, Answering, ContentKind, Delta, Finish, KeepAlive, Replayed, weigh
from models.errors import RefusedError
from models.lines import fits
from models.llm.messages import estimate_prompt_tokens
from models.llm.replay import kept
from models.llm.thoughts import ThinkTags, with_beginning

SURELY_SHORT = 500_000
"""Characters of text; none of them takes more than six bytes, as a control character does."""

type Priced = Callable[[int, int], LLMUsage]
"""Prices tokens of prompt and completion."""

NO_PRICE = dict.fromkeys(
    (
        "prompt_unit_price",
        "prompt_price",
        "completion_unit_price",
        "completion_price",
        "total_price",
    ),
    Decimal(0),
)
"""Of an answer that was paid for before."""


class ChunkWriter:
    """Turns the events of one answer into chunks.

    Args:
        model: that was asked.
        messages: the conversation, counted where the gateway does not count.
        tools: offered to the model.
        priced: makes Dify's usage of token counts.
    """

    def __init__(
        self,
        model: str,
        messages: Sequence[PromptMessage],
        tools: Sequence[PromptMessageTool],
        priced: Priced,
    ) -> None:
        self._messages = messages
        self._tools = tools
        self._priced = priced
        self._think = ThinkTags()
        self._reasoning: list[str] = []
        self._answering = model
        self._replayed = False
        self._index = 0
        self._tokens = 0.0

    def stream(self, events: Iterator[AnswerEvent[Finish]]) -> Iterator[LLMResultChunk]:
        """Hand on what arrives; the last chunk carries tool calls, usage and finish reason.

        What was received is handed on, with the reasoning closed, before a failure goes out.
        """
        try:
            for event in events:
                if isinstance(event, Finish):
                    yield self._last(event, self._think.close())
                elif isinstance(event, KeepAlive):
                    yield self._chunk("")
                elif isinstance(event, Answering):
                    self._answering = event.model
                elif isinstance(event, Replayed):
                    self._replayed = True
                else:
                    yield self._chunk(self._text(event))
        except Exception:
            if closing := self._think.close():
                yield self._chunk(closing)
            raise

    def block(self, events: Iterator[AnswerEvent[Finish]]) -> Iterator[LLMResultChunk]:
        """Collect the answer into one chunk."""
        texts: list[str] = []
        for event in events:
            if isinstance(event, Answering):
                self._answering = event.model
            elif isinstance(event, Replayed):
                self._replayed = True
            elif isinstance(event, Delta):
                texts.append(self._text(event))
            elif isinstance(event, Finish):
                texts.append(self._think.close())
                yield self._last(event, with_beginning("".join(texts)))

    def _text(self, delta: Delta) -> str:
        self._tokens += weigh(delta.text)
        if delta.content_kind is ContentKind.REASONING:
            self._reasoning.append(delta.text)
        return self._think.text(delta)

    def _last(self, finish: Finish, text: str) -> LLMResultChunk:
        chunk = self._chunk(text)
        chunk.system_fingerprint = finish.fingerprint or None
        chunk.delta.message.tool_calls = [
            AssistantPromptMessage.ToolCall(
                id=call.id,
                type="function",
                function=AssistantPromptMessage.ToolCall.ToolCallFunction(
                    name=call.name, arguments=call.arguments
                ),
            )
            for call in finish.tool_calls
        ]
        chunk.delta.message.opaque_body = kept(finish, "".join(self._reasoning))
        chunk.delta.usage = self._usage(finish)
        chunk.delta.finish_reason = finish.reason
        return _of_one_line(chunk)

    def _usage(self, finish: Finish) -> LLMUsage:
        prompt, completion = 0, 0
        if finish.usage is not None:
            prompt, completion = finish.usage.prompt_tokens, finish.usage.completion_tokens
        else:
            for call in finish.tool_calls:
                self._tokens += weigh(call.name) + weigh(call.arguments)
        usage = self._priced(
            prompt or estimate_prompt_tokens(self._messages, self._tools),
            completion or math.ceil(self._tokens),
        )
        return usage.model_copy(update=NO_PRICE) if self._replayed else usage

    def _chunk(self, text: str) -> LLMResultChunk:
        message = AssistantPromptMessage(content=text, tool_calls=[])
        chunk = LLMResultChunk(
            model=self._answering, delta=LLMResultChunkDelta(index=self._index, message=message)
        )
        self._index += 1
        return chunk


def _of_one_line(chunk: LLMResultChunk) -> LLMResultChunk:
    """The chunk, if it can be handed on: each is one line for the daemon, which is never too long.

    Streamed text comes in small pieces; a whole answer, tool calls and kept reasoning do not.

    Raises:
        InvokeBadRequestError: it is too long.
    """
    message = chunk.delta.message
    is_text = message.opaque_body is None and not message.tool_calls
    if is_text and len(str(message.content)) < SURELY_SHORT:
        return chunk
    if fits(chunk):
        return chunk
    chunk.delta.message.opaque_body = None
    if fits(chunk):
        return chunk
    raise RefusedError("answer_too_large")
