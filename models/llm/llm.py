"""Chat and completion models: Dify's request in, the gateway's answer out."""

import functools
import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any, override

from dify_plugin import LargeLanguageModel
from dify_plugin.entities.model import AIModelEntity, ModelFeature
from dify_plugin.entities.model.llm import LLMResultChunk, LLMResultChunkDelta, LLMUsage
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    PromptMessage,
    PromptMessageTool,
    UserPromptMessage,
)
from dify_plugin.errors.model import InvokeError

from gateway.answer import Finish
from gateway.chat import chat_request
from gateway.check import check_model
from gateway.client import AnswerEvent, Answering, Pulse, shared_client
from gateway.pieces import Channel, Piece
from gateway.settings import Settings, parse_settings
from gateway.tokens import weigh
from models.errors import (
    ERROR_MAPPING,
    as_invoke_error,
    only_credential_errors,
    only_invoke_errors,
)
from models.likeness import Catalogue
from models.llm.form import ChatForm, parse_form
from models.llm.messages import estimate_prompt_tokens, prompt_text, wire_messages, wire_tools
from models.llm.needs import TOOL_FEATURES, Needs, prompt_needs
from models.llm.parameters import check_parameters
from models.llm.schema import customizable_schema

CHECK_TOKENS = 16


class ResilientLargeLanguageModel(LargeLanguageModel):
    """A chat or completion model behind a gateway."""

    @override
    def _invoke(
        self,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        model_parameters: dict[str, Any],
        tools: list[PromptMessageTool] | None = None,
        stop: list[str] | None = None,
        stream: bool = True,
        user: str | None = None,
    ) -> Generator[LLMResultChunk, None, None]:
        """Ask the model; a blocking call yields exactly one chunk, as Dify reads no second one."""
        with only_invoke_errors():
            settings, form = parse_settings(credentials, model), parse_form(credentials)
            features = self._features(model, credentials)
            if settings.fallback_models:
                needs = prompt_needs(prompt_messages, tools)
                settings = replace(settings, fallback_models=self._fitting(settings, needs))
            payload = _payload(settings, form, features, prompt_messages, model_parameters, tools)
            if stop:
                payload["stop"] = list(stop)
            if user:
                payload["user"] = user
            writer = _ChunkWriter(self, model, credentials, prompt_messages, tools)
            events = shared_client().ask(settings, chat_request(payload, form.mode), live=stream)
            yield from writer.stream(events) if stream else writer.block(events)

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by one short request.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        with only_credential_errors():
            settings, form = parse_settings(credentials, model), parse_form(credentials)
            payload = _payload(
                settings, form, frozenset(), [UserPromptMessage(content="ping")], {}, None
            )
            payload["max_tokens"] = CHECK_TOKENS
            check_model(shared_client(), settings, chat_request(payload, form.mode))

    @override
    def get_num_tokens(
        self,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        tools: list[PromptMessageTool] | None = None,
    ) -> int:
        """Tokens of a prompt, estimated locally and at once."""
        return estimate_prompt_tokens(prompt_messages, tools)

    @override
    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        """Describe a customizable model; never raises."""
        return customizable_schema(model, credentials, self._catalogue)

    @functools.cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self.predefined_models())

    @property
    @override
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return ERROR_MAPPING

    @override
    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        return as_invoke_error(error)

    @override
    def _validate_and_filter_model_parameters(
        self, model: str, model_parameters: dict[str, Any], credentials: dict[str, Any]
    ) -> dict[str, Any]:
        return check_parameters(self.get_parameter_rules(model, credentials), model_parameters)

    def _fitting(self, settings: Settings, needs: Needs) -> tuple[str, ...]:
        """The fallback models that can take the prompt, as far as they are known."""
        known = {schema.model: schema for schema in self.predefined_models()}
        return tuple(
            name
            for name in settings.fallback_models
            if name != settings.model and (name not in known or needs.met_by(known[name]))
        )

    def _features(self, model: str, credentials: Mapping[str, Any]) -> frozenset[ModelFeature]:
        schema = self.get_model_schema(model, credentials)
        return frozenset(schema.features or ()) if schema else frozenset()


def _payload(
    settings: Settings,
    form: ChatForm,
    features: frozenset[ModelFeature],
    messages: list[PromptMessage],
    parameters: Mapping[str, object],
    tools: list[PromptMessageTool] | None,
) -> dict[str, object]:
    """The request, without what only some calls have; a copy of all that it takes."""
    payload: dict[str, object] = {"model": settings.model, **parameters}
    if "response_format" in payload:
        payload["response_format"] = {"type": payload["response_format"]}
    if form.mode == "completion":
        payload["prompt"] = prompt_text(messages)
    else:
        payload["messages"] = wire_messages(messages, vision=ModelFeature.VISION in features)
        if tools and features & TOOL_FEATURES:
            payload["tools"] = wire_tools(tools)
    # Also for blocking calls: a proxy cuts an answer that is silent for 100 s.
    return {**payload, "stream": True, "stream_options": {"include_usage": True}}


class _ThinkTags:
    """Wraps reasoning in the tag that Dify folds away."""

    def __init__(self) -> None:
        self._open = False

    def text(self, piece: Piece) -> str:
        """The piece as Dify's text."""
        opens = piece.channel is Channel.REASONING and not self._open
        closes = self.close() if piece.channel is Channel.TEXT else ""
        self._open = self._open or opens
        return f"{'<think>\n' if opens else closes}{piece.text}"

    def close(self) -> str:
        """What ends the reasoning, if it is open."""
        was_open, self._open = self._open, False
        return "\n</think>" if was_open else ""


class _ChunkWriter:
    """Turns the events of one answer into Dify's chunks."""

    def __init__(
        self,
        owner: ResilientLargeLanguageModel,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        tools: list[PromptMessageTool] | None,
    ) -> None:
        self._owner = owner
        self._model = model
        self._credentials = credentials
        self._prompt_messages = prompt_messages
        self._tools = tools
        self._think = _ThinkTags()
        self._answering = model
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
                elif isinstance(event, Pulse):
                    yield self._chunk("")
                elif isinstance(event, Answering):
                    self._answering = event.model
                else:
                    self._tokens += weigh(event.text)
                    yield self._chunk(self._think.text(event))
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
            elif isinstance(event, Piece):
                self._tokens += weigh(event.text)
                texts.append(self._think.text(event))
            elif isinstance(event, Finish):
                texts.append(self._think.close())
                yield self._last(event, "".join(texts))

    def _last(self, finish: Finish, text: str) -> LLMResultChunk:
        calls = [
            AssistantPromptMessage.ToolCall(
                id=call.id,
                type="function",
                function=AssistantPromptMessage.ToolCall.ToolCallFunction(
                    name=call.name, arguments=call.arguments
                ),
            )
            for call in finish.tool_calls
        ]
        chunk = self._chunk(text, calls)
        chunk.system_fingerprint = finish.fingerprint or None
        chunk.delta.usage = self._usage(finish)
        chunk.delta.finish_reason = finish.reason
        return chunk

    def _usage(self, finish: Finish) -> LLMUsage:
        prompt, completion = 0, 0
        if finish.usage is not None:
            prompt, completion = finish.usage.prompt_tokens, finish.usage.completion_tokens
        else:
            for call in finish.tool_calls:
                self._tokens += weigh(call.name) + weigh(call.arguments)
        return self._owner._calc_response_usage(
            self._model,
            self._credentials,
            prompt or estimate_prompt_tokens(self._prompt_messages, self._tools),
            completion or math.ceil(self._tokens),
        )

    def _chunk(
        self, text: str, calls: list[AssistantPromptMessage.ToolCall] | None = None
    ) -> LLMResultChunk:
        message = AssistantPromptMessage(content=text, tool_calls=calls or [])
        chunk = LLMResultChunk(
            model=self._answering, delta=LLMResultChunkDelta(index=self._index, message=message)
        )
        self._index += 1
        return chunk
