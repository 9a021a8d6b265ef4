"""What a request is expected to take of the tokens of a minute, and what its answer was counted."""

from typing import Any

import pytest

from engine.admission import Tokens
from engine.apis.chat.request import chat_request
from engine.apis.embeddings import Embeddings, embeddings_request
from engine.apis.rerank import rerank_request
from engine.apis.text_answer import Finish
from engine.apis.usage import Usage
from engine.call.token_estimate import expected_tokens, used_tokens
from engine.text.tokens import TOKENS_PER_IMAGE, estimate

TEXT = "the quick brown fox " * 40


def chat(content: object, **more: object) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": content}], **more}


def prompt_of(payload: dict[str, Any]) -> int:
    return expected_tokens("m", payload).prompt


@pytest.mark.parametrize(
    "payload",
    [
        chat(TEXT),
        {"prompt": TEXT},
        {"input": TEXT},
        {"input": [TEXT]},
        {"query": "", "documents": [TEXT]},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": TEXT}]}]},
        {"instructions": TEXT},
        chat("", tools=[{"function": {"name": "f", "description": TEXT}}]),
    ],
)
def test_whatever_the_model_reads_is_estimated(payload: dict[str, Any]) -> None:
    assert estimate(TEXT) <= prompt_of(payload) <= estimate(TEXT) + 20


def test_what_it_does_not_read_is_not() -> None:
    assert prompt_of(chat("hi", user="u" * 4_000, metadata={"trace": "t" * 4_000})) < 10


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 400_000}},
        {"type": "input_audio", "input_audio": {"data": "A" * 400_000, "format": "wav"}},
        {"type": "file", "file": {"file_data": "A" * 400_000, "filename": "a.pdf"}},
    ],
)
def test_a_file_counts_as_an_image_and_not_by_its_bytes(part: dict[str, Any]) -> None:
    image = TOKENS_PER_IMAGE["high"]
    assert image <= prompt_of(chat([{"type": "text", "text": "what?"}, part])) <= image + 40


@pytest.mark.parametrize(
    ("model", "fields", "reserved"),
    [
        ("gpt-5.4-mini", {"max_completion_tokens": 900}, 900),
        ("openai/gpt-4o", {"max_tokens": 800}, 800),
        ("o4-mini", {"max_output_tokens": 700}, 700),
        ("gpt-4o", {}, 0),
        ("gpt-4o", {"max_tokens": None}, 0),
        ("openai/gpt-oss-120b", {"max_tokens": 800}, 0),
        ("claude-opus-5", {"max_tokens": 800}, 0),
        ("deepseek-v4-flash", {"max_tokens": 800}, 0),
    ],
)
def test_max_tokens_is_reserved_where_the_vendor_counts_so(
    model: str, fields: dict[str, Any], reserved: int
) -> None:
    assert expected_tokens(model, chat("hi", **fields)).answer == reserved


@pytest.mark.parametrize("mode", ["chat", "completion", "responses"])
def test_the_usage_of_an_answer_is_what_it_took(mode: Any) -> None:
    request = chat_request(chat("hi"), mode)
    assert used_tokens(request, Finish("stop", (), Usage(7, 5))) == Tokens(7, 5)
    assert used_tokens(request, Finish("stop", (), None)) is None


def test_embeddings_take_what_was_counted_for_their_texts() -> None:
    request = embeddings_request("m", ["a", "b"])
    assert used_tokens(request, Embeddings([[1.0], [1.0]], 9)) == Tokens(9, 0)
    assert used_tokens(request, Embeddings([[1.0], [1.0]], 0)) is None


def test_where_nothing_is_counted_the_estimate_stays() -> None:
    assert used_tokens(rerank_request("m", "q", ["a"]), []) is None
