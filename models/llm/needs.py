"""What a prompt asks of a model, so that a fallback model that cannot take it is passed over."""

from collections.abc import Sequence
from dataclasses import dataclass

from dify_plugin.entities.model import AIModelEntity, ModelFeature, ModelPropertyKey
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool

from models.llm.capabilities import INPUTS
from models.llm.messages import estimate_prompt_tokens
from models.llm.payload import TOOL_FEATURES


@dataclass(frozen=True, slots=True)
class Needs:
    """What a prompt needs.

    Attributes:
        inputs: the features of what it holds besides text.
        tools: it offers tools.
        tokens: its size, estimated.
    """

    inputs: frozenset[ModelFeature]
    tools: bool
    tokens: int

    def met_by(self, schema: AIModelEntity) -> bool:
        """Whether a model whose schema is known can take it."""
        features = frozenset(schema.features or ())
        context = schema.model_properties.get(ModelPropertyKey.CONTEXT_SIZE)
        return (
            self.inputs <= features
            and (not self.tools or bool(features & TOOL_FEATURES))
            and (not isinstance(context, int) or self.tokens < context)
        )


def prompt_needs(
    messages: Sequence[PromptMessage], tools: Sequence[PromptMessageTool] | None
) -> Needs:
    """Look a prompt over."""
    parts = {
        type(part)
        for message in messages
        if isinstance(message.content, list)
        for part in message.content
    }
    return Needs(
        inputs=frozenset(
            feature for part in parts & INPUTS.keys() for feature in INPUTS[part].features
        ),
        tools=bool(tools),
        tokens=estimate_prompt_tokens(messages, tools),
    )
