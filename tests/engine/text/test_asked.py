"""Where a request holds the question that tells the language of its reader."""

import pytest

from engine.text.asked import asked_text

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,你好"}}

PAYLOADS: dict[str, tuple[dict[str, object], str]] = {
    "chat": ({"messages": [{"role": "user", "content": "hi"}]}, "hi"),
    "the last question": (
        {
            "messages": [
                {"role": "system", "content": "你是助手"},
                {"role": "user", "content": "first"},
                {"role": "assistant", "content": "answer"},
                {"role": "user", "content": "last"},
                {"role": "tool", "content": "工具"},
            ]
        },
        "last",
    ),
    "parts": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "see"}, PICTURE]}]},
        "see",
    ),
    "a picture alone": (
        {
            "messages": [
                {"role": "user", "content": "before"},
                {"role": "user", "content": [PICTURE]},
            ]
        },
        "before",
    ),
    "no user": ({"messages": [{"role": "system", "content": "summarise"}]}, "summarise"),
    "Responses": (
        {
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "q"}]},
                {"type": "function_call_output", "output": "o"},
            ]
        },
        "q",
    ),
    "embeddings": ({"input": ["one", "two"]}, "one two"),
    "embeddings with pictures": ({"input": [{"text": "t"}, {"image": "iVBOR"}]}, "t"),
    "rerank": ({"query": "q", "documents": ["d"]}, "q"),
    "speech or moderation": ({"input": "say it"}, "say it"),
    "completion or transcription": ({"prompt": "p"}, "p"),
    "nothing": ({"model": "m", "messages": []}, ""),
}


@pytest.mark.parametrize(("payload", "text"), PAYLOADS.values(), ids=PAYLOADS)
def test_what_is_asked(payload: dict[str, object], text: str) -> None:
    assert asked_text(payload) == text


def test_of_a_long_document_the_beginning_is_enough() -> None:
    assert len(asked_text({"input": ["x" * 1_000_000] * 3})) == 20_000
