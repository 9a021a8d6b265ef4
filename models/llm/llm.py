"""Chat and completion models: Dify's request in, the gateway's answer out."""

import functools
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any, override

from dify_plugin import LargeLanguageModel
from dify_plugin.entities.model import AIModelEntity, ModelFeature
from dify_plugin.entities.model.llm import LLMResultChunk
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool, UserPromptMessage

from engine import Settings, chat_request, check_model, parse_settings, shared_client
from models.adapter import GatewayModel
from models.errors import (
    RefusedError,
    as_invoke_error,
    only_credential_errors,
    only_invoke_errors,
)
from models.llm.beside import MAX_WAIT_SECONDS, is_beside_an_answer
from models.llm.chunks import ChunkWriter
from models.llm.form import parse_form
from models.llm.messages import estimate_prompt_tokens, last_question
from models.llm.needs import Needs, prompt_needs
from models.llm.parameters import check_parameters
from models.llm.payload import Question, chat_payload
from models.llm.schema import customizable_schema

CHECK_TOKENS = 16
"""The longest answer when a form is saved: it costs next to nothing."""


class ResilientLargeLanguageModel(GatewayModel, LargeLanguageModel):
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
        with only_invoke_errors(credentials, lambda: last_question(prompt_messages)):
            settings, form = parse_settings(credentials, model), parse_form(credentials)
            if not (stream or tools or stop) and is_beside_an_answer(
                prompt_messages, model_parameters, user
            ):
                wait = min(settings.max_retry_seconds, MAX_WAIT_SECONDS)
                settings = replace(settings, max_retry_seconds=wait)
            features = self._features(model, credentials)
            if settings.fallback_models:
                needs = prompt_needs(prompt_messages, tools)
                settings = replace(settings, fallback_models=self._fitting(settings, needs))
            question = Question(
                prompt_messages, model_parameters, tools or (), stop or (), user or ""
            )
            payload = chat_payload(settings.model, form, features, question)
            if form.mode == "responses" and self._thinks(model, credentials):
                # Chat models tell their thoughts unasked; these only if they are asked to.
                payload.setdefault("reasoning", {"summary": "auto"})
            priced = functools.partial(self._calc_response_usage, model, credentials)
            writer = ChunkWriter(model, prompt_messages, question.tools, priced)
            events = shared_client().stream(settings, chat_request(payload, form.mode), live=stream)
            yield from writer.stream(events) if stream else writer.block(events)

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by one short request.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        with only_credential_errors(credentials):
            settings, form = parse_settings(credentials, model), parse_form(credentials)
            ping = Question([UserPromptMessage(content="ping")], {"max_tokens": CHECK_TOKENS})
            payload = chat_payload(settings.model, form, frozenset(), ping)
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

    @override
    def _validate_and_filter_model_parameters(
        self, model: str, model_parameters: dict[str, Any], credentials: dict[str, Any]
    ) -> dict[str, Any]:
        try:
            return check_parameters(self.get_parameter_rules(model, credentials), model_parameters)
        except RefusedError as error:
            # The SDK asks this before the question is known, and maps nothing of it.
            raise as_invoke_error(error) from None

    def _fitting(self, settings: Settings, needs: Needs) -> tuple[str, ...]:
        """The fallback models that can take the prompt, as far as they are known."""
        others = [name for name in settings.fallback_models if name != settings.model]
        like = {name: self._catalogue.like(name) for name in others}
        return tuple(
            name for name, schema in like.items() if schema is None or needs.met_by(schema)
        )

    def _thinks(self, model: str, credentials: dict[str, Any]) -> bool:
        rules = self.get_parameter_rules(model, credentials)
        return any(rule.name == "reasoning_effort" for rule in rules)

    def _features(self, model: str, credentials: Mapping[str, Any]) -> frozenset[ModelFeature]:
        schema = self.get_model_schema(model, credentials)
        return frozenset(schema.features or ()) if schema else frozenset()
