"""Embedding requests, and what of an answer is believed."""

import base64
import math
import struct
from typing import Any

import pytest

from engine.apis.embeddings import embeddings_request, parse_embeddings
from engine.apis.json_answer import MalformedError
from engine.compat.rules import COMPAT_RULES, rule_for
from engine.errors import Failure, kinds

A, B = [0.5, -0.25], [0.125, 1.0]


def entry(vector: Any, index: object = None) -> dict[str, Any]:
    found = {"object": "embedding", "embedding": vector}
    return found if index is None else {**found, "index": index}


def answer(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"object": "list", "data": list(entries), **more}


def in_base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def test_the_request_is_in_base64_and_sends_nothing_that_was_not_asked_for() -> None:
    request = embeddings_request("m", ["a", "b"])
    assert request.path == "embeddings"
    assert request.payload == {"model": "m", "input": ["a", "b"], "encoding_format": "base64"}
    assert request.waits_for_recovery


def test_the_request_has_what_was_asked_for() -> None:
    request = embeddings_request("m", ["a"], dimensions=256, user="u")
    assert (request.payload["dimensions"], request.payload["user"]) == (256, "u")


@pytest.mark.parametrize(
    "data",
    [
        (entry(A, 0), entry(B, 1)),
        (entry(B, 1), entry(A, 0)),
        (entry(in_base64(B), 1), entry(in_base64(A), 0)),
        (entry(in_base64(A), 0), entry(B, 1)),
        (entry(A), entry(B)),
        # One API's Gemini channel.
        (entry(A, 0), entry(B, 0)),
    ],
)
def test_vectors_stand_in_the_order_of_their_texts(data: tuple[dict[str, Any], ...]) -> None:
    assert parse_embeddings(answer(*data), 2).vectors == [A, B]


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({}, "no list “data”"),
        ({"data": None}, "no list “data”"),
        ({"data": [1, 2]}, "1 vectors for 2 inputs"),
        ({"data": ["x", None]}, "no list “data”"),
        (answer(), "0 vectors for 2 inputs"),
        (answer(entry(A, 0)), "1 vectors for 2 inputs"),
        (answer(entry(A, 0), entry(B, 1), entry(B, 2)), "3 vectors for 2 inputs"),
        (answer(entry(A, 1), entry(B, 1)), "index 1 twice"),
        (answer(entry(A, 0), entry(B, 2)), "index 2, but 2 inputs"),
        (answer(entry(A, 0), entry(B, -1)), "index -1"),
        (answer(entry(A, 0), entry(B, "b")), "no index"),
        (answer(entry(A, 0), entry(B, 0.5)), "no index"),
        ({"embeddings": [A]}, "1 vectors for 2 inputs"),
        ({"embedding": A}, "1 vectors for 2 inputs"),
        (answer(entry(A, 0), entry(B, True)), "no index"),
        (answer(entry(A, 0), entry(B)), "no index"),
        (answer(entry(A, 0), entry([0.0, 0.0], 1)), "is zero"),
        (answer(entry(A, 0), entry(in_base64([0.0, 0.0]), 1)), "is zero"),
        (answer(entry(A, 0), entry([0.5, math.nan], 1)), "not finite"),
        (answer(entry(A, 0), entry(in_base64([math.nan, 1.0]), 1)), "not finite"),
        (answer(entry(A, 0), entry([math.inf, -math.inf], 1)), "not finite"),
        (answer(entry(A, 0), entry([], 1)), "is empty"),
        (answer(entry(A, 0), entry("", 1)), "is empty"),
        (answer(entry(A, 0), entry(None, 1)), "neither"),
        (answer(entry(A, 0), entry(["a", "b"], 1)), "neither"),
        (answer(entry(A, 0), entry([None, 1.0], 1)), "neither"),
        (answer(entry(A, 0), entry("no vector!", 1)), "neither"),
        (answer(entry(A, 0), entry("AAAA", 1)), "neither"),
        (answer(entry(A, 0), entry([0.5], 1)), "differ in length"),
    ],
)
def test_what_dify_would_put_to_wrong_texts_is_refused(document: dict[str, Any], what: str) -> None:
    with pytest.raises(MalformedError, match=what):
        parse_embeddings(document, 2)


def test_dimensions_are_those_that_were_asked_for() -> None:
    assert parse_embeddings(answer(entry(A, 0)), 1, dimensions=2).vectors == [A]
    with pytest.raises(MalformedError, match="2 numbers, but 3 were asked for"):
        parse_embeddings(answer(entry(A, 0)), 1, dimensions=3)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 6, "total_tokens": 7}, 6),
        ({"total_tokens": 7}, 7),
        ({"prompt_tokens": 0, "total_tokens": 7}, 7),
        ({"prompt_tokens": 0, "total_tokens": 0}, 0),
        ({"prompt_tokens": "six"}, 0),
        ({"prompt_tokens": "6"}, 6),
        ({"input_tokens": 6}, 6),
        ({}, 0),
        (None, 0),
    ],
)
def test_tokens_as_far_as_they_were_counted(usage: object, tokens: int) -> None:
    assert parse_embeddings(answer(entry(A, 0), usage=usage), 1).tokens == tokens


@pytest.mark.parametrize(
    "document",
    [
        {"embeddings": [A, B]},
        {"embeddings": [{"values": A}, {"values": B}]},
        {"embeddings": {"float": [A, B]}, "id": "x"},
        {
            "output": {
                "embeddings": [{"text_index": 1, "embedding": B}, {"text_index": 0, "embedding": A}]
            }
        },
        {"vectors": [A, B], "base_resp": {"status_code": 0}},
        {"data": [A, B]},
        {"data": {"data": [entry(A, 0), entry(B, 1)]}, "code": 0},
        answer(entry(A, "0"), entry(B, "1")),
        answer(entry(B, "2"), entry(A, "1")),
        answer(entry(A, 1), entry(B, 2)),
        answer(entry(A, 0.0), entry(B, 1.0)),
        answer(entry([A], 0), entry([B], 1)),
        answer(entry([str(one) for one in A], 0), entry(B, 1)),
        answer(entry(str(A), 0), entry(B, 1)),
        answer(entry("\n".join(in_base64(A)), 0), entry(f"{in_base64(B)}\r\n", 1)),
        answer(entry(in_base64(A).rstrip("="), 0), entry(B, 1)),
    ],
)
def test_shapes_of_other_apis(document: dict[str, Any]) -> None:
    assert parse_embeddings(document, 2).vectors == [A, B]


@pytest.mark.parametrize(
    "document",
    [{"embedding": A}, {"embedding": {"values": A}}, {"embeddings": [A]}, {"data": A}],
)
def test_one_vector_alone(document: dict[str, Any]) -> None:
    assert parse_embeddings(document, 1).vectors == [A]


def test_a_bare_list_is_an_answer() -> None:
    reader = embeddings_request("m", ["a", "b"]).reader(200, {})
    reader.feed(b"[[0.5, -0.25], [0.125, 1.0]]", [])
    assert reader.close([]).vectors == [A, B]


def test_32_bits_are_read_as_they_were_written() -> None:
    values = [0.1, -1e-30, 3.4e38, 7.0]
    (vector,) = parse_embeddings(answer(entry(in_base64(values), 0)), 1).vectors
    assert vector == list(struct.unpack("<4f", struct.pack("<4f", *values)))


@pytest.mark.parametrize(
    ("words", "status", "is_revised"),
    [
        ("Unsupported parameter: 'encoding_format'. Only float is supported.", 400, True),
        (
            "json: cannot unmarshal string into Go struct field OpenAIEmbeddingResponseItem.data."
            "embedding of type []float64",
            500,
            True,
        ),
        (
            "json: cannot unmarshal string into Go struct field Request.input of type int",
            500,
            False,
        ),
        ("the upstream failed", 500, False),
    ],
)
def test_who_refuses_base64_is_asked_for_numbers(words: str, status: int, is_revised: bool) -> None:
    failure = Failure(kinds.SERVER_ERROR if status == 500 else kinds.BAD_REQUEST, status, words)
    payload = embeddings_request("m", ["a"]).payload
    found = rule_for(failure, payload, frozenset())
    assert (found in COMPAT_RULES) is is_revised
    if found:
        assert found.apply(payload) == {"model": "m", "input": ["a"]}
