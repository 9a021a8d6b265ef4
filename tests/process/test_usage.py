"""Tokens and prices as Dify is told them."""

import json
from decimal import Decimal

import pytest

from devtools import Json
from tests.process.rig import Rig, succeeded
from tests.process.scripted import Scripted, chunk, streaming


def counting(usage: Json) -> bytes:
    return b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n"


@pytest.mark.parametrize(
    ("usage", "prompt", "completion"),
    [
        ({"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}, 11, 7),
        # OpenAI and most others: cached within the prompt, reasoning within the completion.
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 50,
                "total_tokens": 150,
                "prompt_tokens_details": {"cached_tokens": 80},
                "completion_tokens_details": {"reasoning_tokens": 40},
            },
            100,
            50,
        ),
        # Gemini behind some gateways: thoughts beside the completion, as the total tells.
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 10,
                "total_tokens": 150,
                "completion_tokens_details": {"reasoning_tokens": 40},
            },
            100,
            50,
        ),
        # Claude's own fields behind others: the cache beside the prompt.
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 10,
                "total_tokens": 115,
                "cache_read_input_tokens": 80,
                "cache_creation_input_tokens": 20,
            },
            105,
            10,
        ),
        (
            {"prompt_tokens": 5, "completion_tokens": 10, "cache_read_input_tokens": 80},
            85,
            10,
        ),
    ],
)
def test_all_tokens_are_counted_once(
    rig: Rig, usage: Json, prompt: int, completion: int, stream: bool
) -> None:
    answer = streaming(chunk("yes"), chunk(finish="stop"), counting(usage), b"data: [DONE]\n\n")
    with Scripted(answer) as server:
        session = rig.chat("m", stream=stream, fields={"endpoint_url": server.base_url})
        told = succeeded(session).usage
    assert told is not None
    assert (told["prompt_tokens"], told["completion_tokens"]) == (prompt, completion)
    assert told["total_tokens"] == prompt + completion


def test_the_price_that_was_typed(rig: Rig, stream: bool) -> None:
    """The simulator counts 11 and 7 tokens."""
    session = rig.chat("openai/ok", stream=stream, fields={"pricing": "2.5, 10 CNY"})
    told = succeeded(session).usage
    assert told is not None
    prompt, completion = 11 * Decimal("0.0000025"), 7 * Decimal("0.00001")
    step = Decimal("0.0000001")
    assert Decimal(told["prompt_price"]) == prompt.quantize(step, "ROUND_HALF_UP")
    assert Decimal(told["completion_price"]) == completion
    assert Decimal(told["total_price"]) == Decimal(told["prompt_price"]) + completion
    assert Decimal(told["prompt_unit_price"]) == Decimal("2.5")
    assert told["currency"] == "CNY"


def test_no_price_without_one(rig: Rig, stream: bool) -> None:
    told = succeeded(rig.chat("openai/ok", stream=stream)).usage
    assert told is not None
    assert Decimal(told["total_price"]) == 0
