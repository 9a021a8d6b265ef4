"""Which fallback models can take a prompt."""

import pytest
from dify_plugin.entities.model import AIModelEntity, ModelFeature
from dify_plugin.entities.model.message import (
    AudioPromptMessageContent,
    DocumentPromptMessageContent,
    ImagePromptMessageContent,
    PromptMessageContentUnionTypes,
    PromptMessageTool,
    TextPromptMessageContent,
    UserPromptMessage,
    VideoPromptMessageContent,
)

from models.likeness import Catalogue
from models.llm.needs import prompt_needs
from models.llm.schema import customizable_schema

PARTS: dict[ModelFeature, PromptMessageContentUnionTypes] = {
    ModelFeature.VISION: ImagePromptMessageContent(format="png", url="u", mime_type="image/png"),
    ModelFeature.AUDIO: AudioPromptMessageContent(format="mp3", url="u", mime_type="audio/mpeg"),
    ModelFeature.VIDEO: VideoPromptMessageContent(format="mp4", url="u", mime_type="video/mp4"),
    ModelFeature.DOCUMENT: DocumentPromptMessageContent(
        format="pdf", url="u", mime_type="application/pdf"
    ),
}
TEXT = TextPromptMessageContent(data="look")
TOOL = PromptMessageTool(name="f", description="", parameters={})


def model(*features: ModelFeature, context: int = 8192) -> AIModelEntity:
    schema = customizable_schema("m", {"context_size": str(context)}, Catalogue(()))
    return schema.model_copy(update={"features": list(features)})


@pytest.mark.parametrize("feature", PARTS)
def test_input_of_each_kind(feature: ModelFeature) -> None:
    needs = prompt_needs([UserPromptMessage(content=[TEXT, PARTS[feature]])], None)
    assert needs.met_by(model(feature))
    assert not needs.met_by(model(*(set(PARTS) - {feature})))


def test_all_kinds_at_once() -> None:
    needs = prompt_needs([UserPromptMessage(content=[part]) for part in PARTS.values()], None)
    assert needs.met_by(model(*PARTS))
    for feature in PARTS:
        assert not needs.met_by(model(*(set(PARTS) - {feature})))


def test_text_needs_nothing() -> None:
    for message in (UserPromptMessage(content="hi"), UserPromptMessage(content=[TEXT])):
        assert prompt_needs([message], None).met_by(model())


def test_tools_and_length() -> None:
    needs = prompt_needs([UserPromptMessage(content="word " * 1000)], [TOOL])
    assert needs.met_by(model(ModelFeature.TOOL_CALL))
    assert needs.met_by(model(ModelFeature.MULTI_TOOL_CALL))
    assert not needs.met_by(model(ModelFeature.VISION))
    assert not needs.met_by(model(ModelFeature.TOOL_CALL, context=500))
