"""Moderation: the whole text is judged, in pieces, and every verdict counts."""

from typing import Any

import pytest

from engine.apis.json_answer import MalformedError
from engine.client import Client
from engine.operations.moderate import (
    OVERLAP,
    moderate,
    moderation_request,
    parse_moderation,
    pieces_of,
)
from engine.settings import Settings
from tests.support.raw_server import RawServer, sending


def verdicts(*flagged: object) -> dict[str, Any]:
    return {"id": "modr-1", "results": [{"flagged": one} for one in flagged]}


def test_a_single_delta_is_sent_as_a_text() -> None:
    assert moderation_request("m", ["a"]).payload == {"model": "m", "input": "a"}
    request = moderation_request("m", ["a", "b"], user="u")
    assert request.payload == {"model": "m", "input": ["a", "b"]}
    assert (request.path, request.user) == ("moderations", "u")


@pytest.mark.parametrize(
    ("flagged", "result"),
    [((False, False), False), ((False, True), True), ((True, False), True), ((True, True), True)],
)
def test_one_flagged_delta_flags_the_text(flagged: tuple[bool, ...], result: bool) -> None:
    assert parse_moderation(verdicts(*flagged), 2) is result


@pytest.mark.parametrize("flagged", [True, False])
def test_a_verdict_may_be_written_otherwise(flagged: bool) -> None:
    for document in (
        verdicts(str(flagged)),
        {"results": {"flagged": flagged}},
        {"flagged": flagged, "categories": {}},
        {"output": verdicts(flagged)},
    ):
        assert parse_moderation(document, 1) is flagged


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({}, "no list “results”"),
        (verdicts(), "0 verdicts on 2"),
        (verdicts(False), "1 verdicts on 2"),
        (verdicts(False, False, False), "3 verdicts on 2"),
        (verdicts(False, None), "neither true nor false"),
        ({"results": [{"categories": {}}, {"flagged": True}]}, "neither true nor false"),
        ({"results": [{"categories": {"hate": True}}, {"flagged": False}]}, "neither true nor"),
        (verdicts(False, "no"), "neither true nor false"),
        # A verdict that is missing beside one that is true says nothing about the text either.
        (verdicts(True, 0), "neither true nor false"),
    ],
)
def test_a_verdict_that_is_none_is_refused(document: dict[str, Any], what: str) -> None:
    with pytest.raises(MalformedError, match=what):
        parse_moderation(document, 2)


@pytest.mark.parametrize("length", [0, 1, 1999, 2000, 2001, 3800, 3801, 12_345])
def test_deltas_hold_the_whole_text(length: int) -> None:
    text = "".join(chr(0x4E00 + at % 5000) for at in range(length))
    pieces = pieces_of(text)
    assert all(len(piece) <= 2000 for piece in pieces)
    joined = pieces[0]
    for piece in pieces[1:]:
        assert joined.endswith(piece[:OVERLAP])
        assert len(piece) > OVERLAP, "it would add nothing"
        joined += piece[OVERLAP:]
    assert joined == text


def test_a_sentence_at_the_seam_is_whole_in_one_of_the_deltas() -> None:
    sentence = "x" * OVERLAP
    for start in range(1700, 2100, 50):
        text = "." * start + sentence + "." * 2000
        assert any(sentence in piece for piece in pieces_of(text))


def test_short_deltas_overlap_less() -> None:
    assert pieces_of("abcdefgh", longest=4) == ["abcd", "cdef", "efgh"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_is_asked_about_a_blank_text(text: str) -> None:
    with RawServer(sending()) as server:
        assert moderate(Client(), Settings(server.origin, "k", "m"), text) is False
        assert server.asked == []
