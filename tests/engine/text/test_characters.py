"""Characters in halves: joined where both came, U+FFFD where one stayed alone."""

import json

import pytest

from engine.text.characters import CharacterJoiner, whole_characters, whole_value
from engine.text.json_document import parse_document

HIGH, LOW = "\ud83d", "\ude00"
FIRST, REST = (part.decode("utf-8", "surrogateescape") for part in (b"\xe4\xbd", b"\xa0"))

PIECES: dict[str, tuple[list[str], str]] = {
    "whole": (["a", "你", "😀"], "a你😀"),
    "two halves": (["a" + HIGH, LOW + "b"], "a😀b"),
    "alone in their pieces": ([HIGH, LOW], "😀"),
    "an empty piece between": ([HIGH, "", LOW], "😀"),
    "two pairs, cut twice": ([HIGH + LOW + HIGH, LOW + HIGH, LOW], "😀😀😀"),
    "a pair in one piece": ([HIGH + LOW], "😀"),
    "the second half alone": (["a", LOW, "b"], "a\ufffdb"),
    "the first half alone": ([HIGH, "b"], "\ufffdb"),
    "the first half at the end": (["a" + HIGH], "a\ufffd"),
    "two first halves": ([HIGH, HIGH + LOW], "\ufffd😀"),
    "bytes of a character": (["a" + FIRST, REST + "b"], "a你b"),
    "bytes one by one": (["\udcf0", "\udc9f", "\udc98", "\udc80"], "😀"),
    "bytes that are none": (["\udcff", "a", FIRST], "\ufffda\ufffd"),
}


@pytest.mark.parametrize(("deltas", "text"), PIECES.values(), ids=PIECES)
def test_deltas_make_whole_characters(deltas: list[str], text: str) -> None:
    joiner = CharacterJoiner()
    given = [joiner.take(delta) for delta in deltas]
    for one in given:
        one.encode()
    assert "".join(given) + joiner.rest() == text
    assert joiner.rest() == ""


def test_nothing_whole_is_held_back() -> None:
    joiner = CharacterJoiner()
    assert joiner.take("😀") == "😀"
    assert joiner.take("a" + HIGH) == "a"
    assert joiner.take(LOW) == "😀"


def test_every_text_of_a_document_is_whole() -> None:
    document = {"a" + HIGH: [{"b": HIGH + LOW}, LOW, 1, None], "c": "你"}
    assert whole_value(document) == {"a\ufffd": [{"b": "😀"}, "\ufffd", 1, None], "c": "你"}
    assert parse_document(json.dumps(document)) == whole_value(document)
    assert whole_characters("plain") == "plain"
