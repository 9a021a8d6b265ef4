"""Errors within errors: the innermost decides, for words, code, parameter and status."""

import json
from typing import Any

import pytest

from engine.errors.envelope import read_said

WORDS = "Unsupported value: 'temperature'"
INNER = {
    "message": WORDS,
    "param": "temperature",
    "code": "unsupported",
}
JSON = json.dumps({"error": INNER})
LITERAL = repr({"error": INNER})
LITELLM = "litellm.BadRequestError: OpenAIException - "
TAIL = ". Received Model Group=m\nAvailable Model Group Fallbacks=None"


def error(message: str = "it failed", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "code": 400, **more}}


NESTED: dict[str, dict[str, Any]] = {
    "metadata.raw": error(metadata={"raw": JSON, "provider_name": "X"}),
    "metadata.raw of two": error(metadata={"raw": json.dumps(error(metadata={"raw": JSON}))}),
    "cause": error(cause=JSON),
    "cause as an object": error(cause={"error": INNER}),
    "the whole message": error(JSON),
    "a list": error(json.dumps([{"error": INNER}])),
    "flat": error(json.dumps(INNER)),
    "behind a prefix": error(f"Error from provider: {JSON}"),
    "Python's client": error(f"Error code: 400 - {LITERAL}"),
    "LiteLLM": error(f"{LITELLM}{JSON}{TAIL}"),
    "LiteLLM, a Python literal": error(f"{LITELLM}Error code: 400 - {LITERAL}{TAIL}"),
    "LiteLLM, bytes": error(f"{LITELLM}b'{JSON}'{TAIL}"),
}


SETUP = {
    "which has fallbacks": "\n\nLiteLLM: model group 'gpt-x' failed with the error above and no "
    "fallback model group was found for it. Fallbacks are configured for: gpt-x.",
    "the same without its beginning": " And no fallback model group was found. Fallbacks are "
    "configured for: gpt-x, gpt-y.",
    "the end of it alone": " Fallbacks are configured for: gpt-x.",
    "in older words": " No fallback model group found for original model_group=gpt-x. "
    "Fallbacks=['gpt-x']",
}


@pytest.mark.parametrize("tail", SETUP.values(), ids=SETUP)
def test_what_litellm_tells_of_its_operators_setup_is_left_out(tail: str) -> None:
    for words in ("slow down", f"{LITELLM}slow down", f"{LITELLM}{JSON}"):
        said = read_said(error(f"{words}{tail}"))
        assert "gpt-" not in said.message
        assert "allback" not in said.message


@pytest.mark.parametrize("document", NESTED.values(), ids=NESTED)
def test_the_innermost_error_is_read(document: dict[str, Any]) -> None:
    said = read_said(document)
    # A Python literal within bytes' quotation marks keeps its backslashes.
    assert (said.message, said.param) == (INNER["message"], "temperature")
    assert "unsupported" in said.codes
    assert said.codes.index("unsupported") < said.codes.index("400")
    assert said.outer


@pytest.mark.parametrize(
    ("message", "words", "codes", "status"),
    [
        (f"{LITELLM}busy{TAIL}", "busy", ("badrequesterror", "400"), 0),
        (
            "litellm.BadRequestError: ContextWindowExceededError: OpenAIException - long",
            "long",
            ("contextwindowexceedederror", "badrequesterror", "400"),
            0,
        ),
        (
            "litellm.NotFoundError: OpenAIException - Error code: 404",
            "",
            ("notfounderror", "400"),
            404,
        ),
        ("Provider API error: no", "no", ("400",), 0),
        (
            "X: operation error Bedrock Runtime: X, https response error StatusCode: 429, "
            "RequestID: a-1, ThrottlingException: Too many requests",
            "Too many requests",
            ("throttlingexception", "400"),
            429,
        ),
        (
            "An error occurred (ValidationException) when calling the InvokeModel operation: no",
            "no",
            ("validationexception", "400"),
            0,
        ),
        (
            "No deployments available. Deployments={'a1': {'rpm': 2}}",
            "No deployments available",
            ("400",),
            0,
        ),
    ],
)
def test_prefixes_are_no_words(
    message: str, words: str, codes: tuple[str, ...], status: int
) -> None:
    said = read_said(error(message))
    assert (said.message, said.codes, said.status) == (words, codes, status)


@pytest.mark.parametrize(
    "message",
    [
        "Input should be a string, input_value={'role': 'user', 'message': 'hi'}",
        'Invalid schema: {"type": "object", "properties": {"message": {"type": "string"}}}',
        "does not support parameters: {'frequency_penalty': 0.5}",
        "unbalanced { and [",
        "{" * 50_000,
        "[{'a':" * 9_000,
    ],
)
def test_what_is_quoted_of_a_request_is_no_error(message: str) -> None:
    assert read_said(error(message)).message == message


def test_words_of_a_place_are_read_from_a_literal() -> None:
    """VLLM behind a gateway writes FastAPI's list as Python does."""
    listed = [{"type": "extra_forbidden", "loc": ("body", "thinking"), "msg": "Not permitted"}]
    said = read_said(error(repr(listed)))
    assert said.message == "thinking: Not permitted"
    assert "extra_forbidden" in said.codes


def test_a_page_as_a_cause_says_nothing() -> None:
    assert read_said(error(metadata={"raw": "<html>502</html>"})).message == "it failed"
