"""What a prompt asks of a model, so that a fallback model that cannot take it is passed over."""

from collections.abc import Sequence
from dataclasses import dataclass

from dify_plugin.entities.model import AIModelEntity, ModelFeature, ModelPropertyKey
from dify_plugin.entities.model.message import (
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageTool,
)

from models.llm.messages import estimate_prompt_tokens

TOOL_FEATURES = frozenset({ModelFeature.TOOL_CALL, ModelFeature.MULTI_TOOL_CALL})


@dataclass(frozen=True, slots=True)
class Needs:
    """What a prompt needs.

    Attributes:
        vision: it holds images.
        tools: it offers tools.
        tokens: its size, estimated.
    """

    vision: bool
    tools: bool
    tokens: int

    def met_by(self, schema: AIModelEntity) -> bool:
        """Whether a model whose schema is known can take it."""
        features = frozenset(schema.features or ())
        context = schema.model_properties.get(ModelPropertyKey.CONTEXT_SIZE)
        return (
            (not self.vision or ModelFeature.VISION in features)
            and (not self.tools or bool(features & TOOL_FEATURES))
            and (not isinstance(context, int) or self.tokens < context)
        )


def prompt_needs(
    messages: Sequence[PromptMessage], tools: Sequence[PromptMessageTool] | None
) -> Needs:
    """Look a prompt over."""
    return Needs(
        vision=any(
            isinstance(part, ImagePromptMessageContent)
            for message in messages
            if isinstance(message.content, list)
            for part in message.content
        ),
        tools=bool(tools),
        tokens=estimate_prompt_tokens(messages, tools),
    )
