"""The SDK's own OpenAI-compatible class, with the one thing that official plugins add.

They ask the server for the usage of a stream; without it the class would download a
vocabulary to count the tokens itself.
"""

from collections.abc import Generator
from typing import Any, override

from dify_plugin import OAICompatLargeLanguageModel
from dify_plugin.entities.model.llm import LLMResult, LLMResultChunk
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool


class SdkClassLargeLanguageModel(OAICompatLargeLanguageModel):
    """Leave everything to the class."""

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
    ) -> LLMResult | Generator[LLMResultChunk, None, None]:
        if stream:
            model_parameters = {**model_parameters, "stream_options": {"include_usage": True}}
        return super()._invoke(
            model, credentials, prompt_messages, model_parameters, tools, stop, stream, user
        )
