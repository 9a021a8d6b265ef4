"""An LLM that answers at once, without a server: what the SDK itself costs."""

from collections.abc import Generator, Mapping
from typing import Any, override

from dify_plugin import LargeLanguageModel
from dify_plugin.entities.model.llm import (
    LLMResult,
    LLMResultChunk,
    LLMResultChunkDelta,
    LLMUsage,
)
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    PromptMessage,
    PromptMessageTool,
)
from dify_plugin.errors.model import InvokeError

WORDS = ("Hello", " from", " nobody.")


class BareLargeLanguageModel(LargeLanguageModel):
    """Say the same three words to everyone."""

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
            return self._chunks(model)
        return LLMResult(
            model=model,
            message=AssistantPromptMessage(content="".join(WORDS)),
            usage=LLMUsage.empty_usage(),
        )

    @staticmethod
    def _chunks(model: str) -> Generator[LLMResultChunk, None, None]:
        for index, word in enumerate(WORDS):
            last = index == len(WORDS) - 1
            yield LLMResultChunk(
                model=model,
                delta=LLMResultChunkDelta(
                    index=index,
                    message=AssistantPromptMessage(content=word),
                    finish_reason="stop" if last else None,
                    usage=LLMUsage.empty_usage() if last else None,
                ),
            )

    @override
    def get_num_tokens(
        self,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        tools: list[PromptMessageTool] | None = None,
    ) -> int:
        return len(prompt_messages)

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        pass

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return {}
