"""What is put before a text to embed."""

from collections.abc import Mapping

from models.text_embedding.prefixes import with_prefix


def test_texts_get_it_and_images_do_not() -> None:
    parts: list[str | Mapping[str, str]] = ["a", {"text": "b"}, {"image": "aGk="}]
    assert with_prefix("query: ", parts) == [
        "query: a",
        {"text": "query: b"},
        {"image": "aGk="},
    ]
