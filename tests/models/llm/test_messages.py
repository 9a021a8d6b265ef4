"""Dify's conversation on the wire; nothing of it is changed."""

import copy
from typing import Any

import pytest
from dify_plugin.entities.model import ModelFeature
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    AudioPromptMessageContent,
    DocumentPromptMessageContent,
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageTool,
    SystemPromptMessage,
    TextPromptMessageContent,
    ToolPromptMessage,
    UserPromptMessage,
    VideoPromptMessageContent,
)
from dify_plugin.errors.model import InvokeBadRequestError

from models.llm.messages import (
    estimate_prompt_tokens,
    prompt_text,
    wire_messages,
)
from models.llm.tools import wire_tools

NOTHING: frozenset[ModelFeature] = frozenset()
VISION = frozenset({ModelFeature.VISION})
EVERYTHING = frozenset(ModelFeature)
TEXT = TextPromptMessageContent(data="look")
IMAGE = ImagePromptMessageContent(format="png", base64_data="AAAA", mime_type="image/png")
SHARP = ImagePromptMessageContent(
    format="png",
    url="https://files.example.com/a.png",
    mime_type="image/png",
    detail=ImagePromptMessageContent.DETAIL.HIGH,
)
AUDIO = AudioPromptMessageContent(format="mp3", base64_data="AAAA", mime_type="audio/mpeg")
DOCUMENT = DocumentPromptMessageContent(
    format="pdf", base64_data="AAAA", mime_type="application/pdf"
)
VIDEO = VideoPromptMessageContent(format="mp4", base64_data="AAAA", mime_type="video/mp4")
TOOL = PromptMessageTool(name="f", description="does f", parameters={"type": "object"})


def call(arguments: str = '{"x":1}') -> AssistantPromptMessage.ToolCall:
    function = AssistantPromptMessage.ToolCall.ToolCallFunction(name="f", arguments=arguments)
    return AssistantPromptMessage.ToolCall(id="a", type="function", function=function)


WIRE_CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}

WIRED: dict[str, tuple[PromptMessage, dict[str, Any]]] = {
    "system": (SystemPromptMessage(content="be"), {"role": "system", "content": "be"}),
    "user": (UserPromptMessage(content="hi"), {"role": "user", "content": "hi"}),
    "name": (
        UserPromptMessage(content="hi", name="li"),
        {"role": "user", "content": "hi", "name": "li"},
    ),
    "no content": (UserPromptMessage(content=None), {"role": "user", "content": ""}),
    "parts of text alone": (
        UserPromptMessage(content=[TEXT, TEXT]),
        {"role": "user", "content": "looklook"},
    ),
    "image": (
        UserPromptMessage(content=[TEXT, IMAGE, SHARP]),
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {
                    "type": "image_url",
                    "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"},
                },
                {
                    "type": "image_url",
                    "image_url": {"url": "https://files.example.com/a.png", "detail": "high"},
                },
            ],
        },
    ),
    "assistant": (AssistantPromptMessage(content="yes"), {"role": "assistant", "content": "yes"}),
    "thoughts": (
        AssistantPromptMessage(content="<think>\na\nb\n</think>\n\nyes <think>c</think>no"),
        {"role": "assistant", "content": "yes no"},
    ),
    "thoughts alone": (
        AssistantPromptMessage(content="<think>a</think>"),
        {"role": "assistant", "content": ""},
    ),
    "a user's own tags stay": (
        UserPromptMessage(content="<think>a</think>b"),
        {"role": "user", "content": "<think>a</think>b"},
    ),
    "tool call": (
        AssistantPromptMessage(content="", tool_calls=[call()]),
        {"role": "assistant", "content": None, "tool_calls": [WIRE_CALL]},
    ),
    "text and tool call": (
        AssistantPromptMessage(content="wait", tool_calls=[call()]),
        {"role": "assistant", "content": "wait", "tool_calls": [WIRE_CALL]},
    ),
    "tool's answer": (
        ToolPromptMessage(content="42", tool_call_id="a", name="f"),
        {"role": "tool", "content": "42", "tool_call_id": "a", "name": "f"},
    ),
}


@pytest.mark.parametrize(("message", "wire"), WIRED.values(), ids=WIRED)
def test_message(message: PromptMessage, wire: dict[str, Any]) -> None:
    before = copy.deepcopy(message)
    assert wire_messages([message], VISION) == [wire]
    assert message == before, "nothing of the caller's is changed"


def test_wire_shares_nothing_with_what_dify_sent() -> None:
    message = UserPromptMessage(content=[TEXT, IMAGE])
    wire = wire_messages([message], VISION)
    content: Any = wire[0]["content"]
    content.append("mine")
    content[0]["text"] = "mine"
    assert message.content == [TEXT, IMAGE]
    assert TEXT.data == "look"


@pytest.mark.parametrize(
    ("part", "kind"),
    [(IMAGE, "image"), (AUDIO, "audio"), (DOCUMENT, "document"), (VIDEO, "video")],
)
def test_what_the_model_cannot_take_is_refused_and_not_dropped(part: Any, kind: str) -> None:
    others = EVERYTHING - {ModelFeature("vision" if kind == "image" else kind)}
    for features in (NOTHING, others):
        with pytest.raises(InvokeBadRequestError, match=f"not set up for {kind} input"):
            wire_messages([UserPromptMessage(content=[TEXT, part])], features)


URL = "https://files.example.com/a/report.pdf?sign=1"


@pytest.mark.parametrize(
    ("part", "wire"),
    [
        (AUDIO, {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}),
        (
            AudioPromptMessageContent(format=".WAV", base64_data="AAAA", mime_type="audio/x-wav"),
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        ),
        (
            AudioPromptMessageContent(format="mpga", base64_data="AAAA", mime_type="audio/mpeg"),
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        ),
        (VIDEO, {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}}),
        (
            DOCUMENT,
            {
                "type": "file",
                "file": {
                    "filename": "document.pdf",
                    "file_data": "data:application/pdf;base64,AAAA",
                },
            },
        ),
        (
            DocumentPromptMessageContent(format="pdf", url=URL, mime_type="application/pdf"),
            {"type": "file", "file": {"filename": "report.pdf", "file_data": URL}},
        ),
        (
            DocumentPromptMessageContent(
                format="md", base64_data="5L2g5aW9", mime_type="text/markdown", filename="a.md"
            ),
            {"type": "text", "text": "a.md:\n\n你好"},
        ),
    ],
)
def test_what_the_model_takes(part: Any, wire: dict[str, Any]) -> None:
    message = UserPromptMessage(content=[TEXT, part])
    (sent,) = wire_messages([message], EVERYTHING)
    assert sent["content"] == [{"type": "text", "text": "look"}, wire]


def test_what_cannot_be_sent_at_all_is_told() -> None:
    by_address = AudioPromptMessageContent(format="mp3", url=URL, mime_type="audio/mpeg")
    with pytest.raises(InvokeBadRequestError, match="MULTIMODAL_SEND_FORMAT=base64"):
        wire_messages([UserPromptMessage(content=[by_address])], EVERYTHING)
    damaged = DocumentPromptMessageContent(
        format="txt", base64_data="no base64", mime_type="text/plain", filename="a.txt"
    )
    with pytest.raises(InvokeBadRequestError, match=r"a\.txt is not valid base64"):
        wire_messages([UserPromptMessage(content=[damaged])], EVERYTHING)


def test_tools() -> None:
    assert wire_tools([TOOL]) == [
        {
            "type": "function",
            "function": {"name": "f", "description": "does f", "parameters": {"type": "object"}},
        }
    ]


def test_prompt_of_a_completion_model() -> None:
    messages: list[PromptMessage] = [
        SystemPromptMessage(content="be"),
        UserPromptMessage(content=[TEXT]),
        AssistantPromptMessage(content="<think>a</think>yes"),
        UserPromptMessage(content=""),
    ]
    assert prompt_text(messages) == "be\n\nlook\n\nyes"
    with pytest.raises(InvokeBadRequestError, match="image input"):
        prompt_text([UserPromptMessage(content=[TEXT, IMAGE])])


@pytest.mark.parametrize(
    ("messages", "tokens"),
    [
        ([], 0),
        ([UserPromptMessage(content="abcd")], 5),
        ([UserPromptMessage(content="abcd"), SystemPromptMessage(content="你好")], 11),
        ([UserPromptMessage(content=[TEXT, IMAGE])], 4 + 1 + 85),
        ([UserPromptMessage(content=[SHARP])], 4 + 765),
        ([AssistantPromptMessage(content="", tool_calls=[call()])], 4 + 1 + 2),
        ([AssistantPromptMessage(content="<think>" + "a" * 400 + "</think>")], 4),
    ],
)
def test_tokens_of_a_prompt(messages: list[PromptMessage], tokens: int) -> None:
    assert estimate_prompt_tokens(messages, None) == tokens
    assert estimate_prompt_tokens(messages, [TOOL]) > tokens
