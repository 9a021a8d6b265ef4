"""Embeddings through the process: batches, order, cut texts, images, and the line's limit."""

import json

import pytest

from devtools import Json, Session, predefined
from devtools.wire import LINE_LIMIT
from simulator.results import vector_of
from tests.process.rig import Rig, error_of, succeeded

TEXTS = [f"chunk {number}" for number in range(40)]


def form(rig: Rig, **fields: str) -> Json:
    return predefined(rig.simulator.base_url, rig.key, **fields)


def embed(rig: Rig, model: str, texts: list[str], **fields: str) -> Session:
    return rig.plugin.embed(model, texts, credentials=form(rig, **fields))


def sizes(rig: Rig) -> list[int]:
    return [len(body["input"]) for body in rig.bodies()]


def test_a_predefined_model_needs_only_the_providers_form(rig: Rig) -> None:
    model = "text-embedding-3-small"
    session = succeeded(embed(rig, model, TEXTS))
    assert session.value["model"] == model
    assert session.value["embeddings"] == [vector_of(text) for text in TEXTS]
    assert sizes(rig) == [32, 8]


@pytest.mark.parametrize(
    "model", ["openai/index-reversed", "one-api/index-all-zero", "new-api/vectors-as-numbers"]
)
def test_each_vector_stands_at_its_text(rig: Rig, model: str) -> None:
    session = succeeded(embed(rig, model, TEXTS, max_chunks="16"))
    assert session.value["embeddings"] == [vector_of(text) for text in TEXTS]
    assert sizes(rig) == [16, 16, 8]


def test_request_as_it_goes_out(rig: Rig) -> None:
    fields = {"dimensions": "8", "endpoint_model_name": "openai/ok"}
    session = succeeded(embed(rig, "Mine", ["a"], **fields))
    assert session.value["embeddings"] == [vector_of("a", 8)]
    assert rig.bodies() == [
        {
            "model": "openai/ok",
            "input": ["a"],
            "encoding_format": "base64",
            "dimensions": 8,
            "user": "u1",
        }
    ]


PREFIXES = '{"document_prefix": "passage: ", "query_prefix": "query: ", "task": "t"}'


@pytest.mark.parametrize(
    ("input_type", "before"), [("document", "passage: "), ("query", "query: ")]
)
def test_what_a_model_wants_to_read_before_a_text(rig: Rig, input_type: str, before: str) -> None:
    """Under the names of openai_api_compatible's form; they are no fields of the request."""
    credentials = form(rig, extra_body=PREFIXES)
    session = rig.plugin.embed(
        "openai/ok", ["a", "b"], credentials=credentials, input_type=input_type
    )
    texts = [f"{before}a", f"{before}b"]
    assert succeeded(session).value["embeddings"] == [vector_of(text) for text in texts]
    (body,) = rig.bodies()
    assert body["input"] == texts
    assert body["task"] == "t"
    assert not {"document_prefix", "query_prefix"} & body.keys()


def test_a_prefix_that_is_no_text_is_refused(rig: Rig) -> None:
    error = error_of(embed(rig, "openai/ok", ["a"], extra_body='{"query_prefix": 1}'))
    assert error.error_type == "InvokeBadRequestError"
    assert "query_prefix must be a text in quotes" in error.message
    assert rig.seen() == []


def test_vectors_of_another_dimension_than_was_typed_are_refused(rig: Rig) -> None:
    error = error_of(embed(rig, "openai/dimensions-8", ["a"], dimensions="16"))
    assert error.error_type == "InvokeServerUnavailableError"
    assert "8 numbers, but 16 were asked for" in error.message


def test_a_batch_that_is_refused_is_halved_not_failed(rig: Rig) -> None:
    session = succeeded(embed(rig, "new-api/batch-2", TEXTS[:8], max_chunks="8"))
    assert session.value["embeddings"] == [vector_of(text) for text in TEXTS[:8]]
    assert sizes(rig) == [8, 4, 2, 2, 2, 2]
    succeeded(embed(rig, "new-api/batch-2", TEXTS[:8], max_chunks="8"))
    assert sizes(rig)[6:] == [2, 2, 2, 2]


def test_base64_that_is_refused_is_not_asked_for_again(rig: Rig) -> None:
    for _ in range(2):
        session = succeeded(embed(rig, "rix/refuses-encoding_format", TEXTS[:2]))
        assert session.value["embeddings"] == [vector_of(text) for text in TEXTS[:2]]
    assert ["encoding_format" in body for body in rig.bodies()] == [True, False, False]


def test_dimensions_that_a_model_cannot_do_are_told_not_dropped(rig: Rig) -> None:
    error = error_of(embed(rig, "openai/refuses-dimensions", ["a"], dimensions="8"))
    assert error.error_type == "InvokeBadRequestError"
    assert "dimensions" in error.message


def test_a_long_text_is_cut_and_that_is_logged_without_it(rig: Rig) -> None:
    text = "geheim " * 1000
    succeeded(embed(rig, "openai/ok", [text], context_size="100"))
    ((sent,),) = [body["input"] for body in rig.bodies()]
    assert text.startswith(sent)
    assert len(sent) == 400
    lines = [line.message for line in rig.plugin.logs if "is cut to about 100" in line.message]
    assert lines
    assert "geheim" not in rig.plugin.output


def test_tokens_are_estimated_where_they_are_not_counted(rig: Rig) -> None:
    usage = succeeded(embed(rig, "one-api/ok-no-usage", ["abcd", "abcdefgh"])).value["usage"]
    assert (usage["tokens"], usage["total_tokens"]) == (3, 3)
    assert usage["latency"] > 0


def test_tokens_of_texts_are_counted_at_once(rig: Rig) -> None:
    session = rig.plugin.invoke(
        "get_text_embedding_num_tokens",
        model_type="text-embedding",
        model="m",
        credentials=form(rig),
        # The SDK's count takes long texts for one token a character, and downloads a vocabulary.
        texts=["abcd", "你好", "", "a" * 200_000],
    )
    assert succeeded(session).value == {"num_tokens": [1, 2, 0, 50_000]}
    assert rig.seen() == []


def test_images_beside_texts(rig: Rig) -> None:
    contents = [("a cat", "text"), ("aGk=", "image")]
    session = rig.plugin.invoke(
        "invoke_multimodal_embedding",
        model_type="text-embedding",
        model="openai/ok",
        credentials=form(rig, vision_support="support"),
        documents=[{"content": content, "content_type": kind} for content, kind in contents],
        input_type="document",
    )
    assert succeeded(session).value["embeddings"] == [vector_of("a cat"), vector_of("aGk=")]
    assert [body["input"] for body in rig.bodies()] == [[{"text": "a cat"}, {"image": "aGk="}]]


def test_the_schema_says_how_many_texts_to_send(rig: Rig) -> None:
    """Dify sends one text a call where it says nothing."""
    for name, typed, batch in (
        ("mine", {}, 16),
        ("text-embedding-v4", {}, 10),
        ("text-embedding-3-small", {}, 32),
        ("mine", {"max_chunks": "24"}, 24),
        ("mine", {"max_chunks": "500"}, 64),
    ):
        value = rig.plugin.schema(name, form(rig, **typed), "text-embedding").wait().value
        assert value["model_schema"]["model_properties"]["max_chunks"] == batch


@pytest.mark.parametrize(("dimensions", "batch"), [(4096, 32), (4096, 64)])
def test_the_largest_batch_stays_under_the_daemons_line(
    rig: Rig, dimensions: int, batch: int
) -> None:
    """A longer line kills the process and every call in it; the harness counts it a violation."""
    model = f"openai/long-numbers-{dimensions}"
    texts = [f"chunk {number}" for number in range(batch)]
    session = succeeded(embed(rig, model, texts, max_chunks="64"))
    vectors = session.value["embeddings"]
    assert (len(vectors), {len(vector) for vector in vectors}) == (batch, {dimensions})
    line = len(json.dumps(session.value, separators=(",", ":")))
    assert LINE_LIMIT // 2 < line < LINE_LIMIT
    assert rig.plugin.violations == []


def test_more_than_a_line_is_an_error_that_says_what_to_type(rig: Rig) -> None:
    texts = [f"chunk {number}" for number in range(64)]
    error = error_of(embed(rig, "openai/long-numbers-8192", texts, max_chunks="64"))
    assert error.error_type == "InvokeBadRequestError"
    assert "lower Max Chunks per Request. Enter at most 39:" in error.message
    # The process lives.
    succeeded(embed(rig, "openai/ok", ["a"]))
