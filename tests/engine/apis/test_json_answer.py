"""An answer that is one JSON document: whole and right, or a failure that may be repeated."""

import pytest

from engine.apis import json_answer
from engine.apis.json_answer import MalformedError, json_reader
from engine.errors import AttemptError, Failure, kinds
from tests.support.details import details


def number(document: dict[str, object]) -> int:
    value = document.get("number")
    if not isinstance(value, int):
        raise MalformedError("no_text")
    return value


def read(*chunks: bytes, status: int = 200) -> int:
    reader = json_reader(number)(status, {"Content-Type": "application/json"})
    for chunk in chunks:
        reader.feed(chunk, [])
        assert not reader.content
    return reader.close([])


def failure(*chunks: bytes) -> Failure:
    with pytest.raises(AttemptError) as raised:
        read(*chunks)
    assert not raised.value.failure.after_content
    return raised.value.failure


def test_document_in_deltas() -> None:
    assert read(b'\n{"num', b'ber": 7, "text": "\xe4\xbd', b'\xa0"}\n') == 7


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", kinds.MALFORMED_ANSWER),
        (b" \n", kinds.MALFORMED_ANSWER),
        (b'{"number": ', kinds.MALFORMED_ANSWER),
        (b"[7]", kinds.MALFORMED_ANSWER),
        (b"seven", kinds.MALFORMED_ANSWER),
        (b'{"number": "7"}', kinds.MALFORMED_ANSWER),
        (b"<!DOCTYPE html><title>New API</title>", kinds.WRONG_URL),
        (b'{"error": {"message": "x", "code": "rate_limit_exceeded"}}', kinds.RATE_LIMITED),
    ],
)
def test_what_is_no_answer(body: bytes, kind: kinds.Kind) -> None:
    assert failure(body).kind is kind


def test_a_list_where_one_may_be() -> None:
    reader = json_reader(lambda document: document["numbers"], name_of_list="numbers")(200, {})
    reader.feed(b"[7, 8]", [])
    assert reader.close([]) == [7, 8]


def test_failure_says_what_is_wrong() -> None:
    assert details(failure(b"{}")) == "It has no text."


def test_body_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_answer, "MAX_DOCUMENT_BYTES", 10)
    assert failure(b'{"number"', b": 1234567}").kind is kinds.MALFORMED_ANSWER


def test_cut_may_be_repeated() -> None:
    cut = json_reader(number)(200, {}).cut("IncompleteRead")
    assert (cut.kind, cut.after_content, cut.note) == (kinds.TRUNCATED, False, "IncompleteRead")


@pytest.mark.parametrize(
    "body",
    [
        b'{"number": 7, "code": 0, "message": "ok"}',
        b'{"number": 7, "code": "20000", "msg": "Request succeeded"}',
        b'{"number": 7, "success": true, "message": ""}',
        b'{"number": 7, "base_resp": {"status_code": 0, "status_msg": "success"}}',
        b'{"number": 7, "error": null}',
    ],
)
def test_what_a_vendor_says_beside_an_answer_is_no_error(body: bytes) -> None:
    assert read(body) == 7


TOLD = {
    "vLLM": (
        b'{"object": "error", "message": "maximum context length is 512 tokens", "code": 400}',
        kinds.CONTEXT_TOO_LONG,
        "maximum context length is 512 tokens",
    ),
    "a code and words": (b'{"code": 429, "msg": "too many"}', kinds.RATE_LIMITED, "too many"),
    "words alone": (b'{"message": "no such thing"}', kinds.SERVER_ERROR, "no such thing"),
    "a type beside": (b'{"object": "x", "detail": "not here"}', kinds.MALFORMED_ANSWER, "not here"),
    "no success": (b'{"success": false, "number": 7, "message": "x"}', kinds.SERVER_ERROR, "x"),
    "MiniMax": (
        b'{"number": 7, "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}',
        kinds.RATE_LIMITED,
        "rate limit",
    ),
}


@pytest.mark.parametrize(("body", "kind", "words"), TOLD.values(), ids=TOLD)
def test_an_error_in_a_200_keeps_the_servers_words(
    body: bytes, kind: kinds.Kind, words: str
) -> None:
    found = failure(body)
    assert (found.kind, found.words) == (kind, words)
